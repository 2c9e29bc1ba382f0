"""Writes the pages of docs/reference that follow from the code: ``uv run python tools/reference.py``. Says nothing of its own.

Kinds of facts, roles, verbs, pages, figures, the words of rules and the commands are declared in the sources; these pages are
printed from there, English and Chinese side by side. ``--check`` changes nothing and fails when a page is out of date.
"""

import inspect
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import django

from bulou.basis.kinds import FORBIDDEN, GROUPS, Field, Kind
from bulou.basis.options import OPTIONS
from bulou.basis.words import ANSWERS, COUNTING, FIELD, LISTS, STATUS, UNIT, Word
from bulou.protocol.read import MEASURE_DUTIES, TEMPLATES, shipped
from bulou.protocol.readings import MET, READINGS
from bulou.protocol.relations import RELATIONS

DOCS = Path(__file__).resolve().parent.parent / "docs" / "reference"
MADE = "<!-- Made by tools/reference.py from the sources: change those, then run it. -->"

#: The words of a rule, in the order in which an edition gives them. A test holds them against what editions may say.
RULE_WORDS: dict[str, Word] = {
    "on": Word("从哪种事实开始;某项等于一个值或其中之一", "the kind of fact it starts from, with equality or one of a list in its fields"),
    "key": Word("一件事是什么:按哪些项归为一个单元(事件总在其中)",
                "what makes it one case: the fields that name its cell, beside the incident"),
    "each": Word("谁:一种关系,或开始事实的一项", "whom it is about: a relation, or a field of the fact it starts from"),
    "mode": Word("`at_opening` 开始时在其中的人;`while_open` 其间在其中的人",
                 "`at_opening`: whoever was in the relation when it opened; `while_open`: whoever is in it meanwhile"),
    "given": Word("先决条件:某读数成立;不成立时为受阻,看得见", "what must hold first: a reading; until then the duty is blocked, in sight"),
    "must": Word("做到什么:一种事实,或一个读数", "what shows that it was done: a kind of fact, or a reading"),
    "turns": Word("几次:`once`、`{ days = […] }`、`{ every = \"12 h\" }`", 'how often: `once`, `{ days = […] }`, `{ every = "12 h" }`'),
    "from": Word("从何时起算:开始事实的一项(默认发生时刻)或一个读数",
                 "where its clock starts: a field of the opening fact (its hour by default) or a reading"),
    "within": Word("时限:小时照数;日在当地当日24:00止", "by when: hours are hours; days end at 24:00 of the local day"),
    "until": Word("到何时终止:时长、开始事实的一项、一种事实或读数,先到为准",
                  "when it ends: a length, a field of the opening fact, a kind of fact or a reading; the first of them"),
    "after": Word("建在哪些规则之上:超时多久,或结束前多久仍缺", "the rules it builds on: overdue by so long, or missing so long before their end"),
    "answers": Word("由谁答复:地域的一级,或一种职能", "who answers: a level of territory, or a function"),
    "name": Word("规则的名字", "the rule's name"),
    "title": Word("给人看的名字,中英文", "its name for people, in both languages"),
    "source": Word("数字从哪里来", "where the number comes from"),
    "url": Word("来源网址;`official` 必须有", "the source's address; `official` needs one"),
    "status": Word("来源核实到什么程度", "how far the source was checked"),
}  # fmt: skip


def use(module: str) -> Any:
    """A module that wants Django set up first."""
    return import_module(f"bulou.{module}")


def cell(text: object) -> str:
    """Text in one cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    heads = list(heads)
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(map(cell, row)) + " |"
    yield ""


def told(thing: Any) -> str:
    """A docstring as one paragraph of Markdown."""
    return " ".join(inspect.cleandoc(thing.__doc__ or "").split()).replace("``", "`")


def listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{w}`" for w in words)


def head(title: str, zh: str, text: str) -> Iterator[str]:
    yield from (MADE, "", f"# {title} · {zh}", "", text, "")


# --- kinds of facts ---------------------------------------------------------------------------------------------------
def _type(field: Field) -> str:
    said = {"id": "id", "code": "code"}.get(field.type, field.type)
    if field.ref:
        said += " of " + ("anything" if field.ref == "any" else f"an {field.ref}" if field.ref[0] in "aeio" else f"a {field.ref}")
    return said + (f", one of [`{field.words}`](../../GLOSSARY.md)" if field.words else "")


def _default(kind: Kind, field: Field) -> str:
    defaults: Mapping[str, object] = getattr(kind.body, "_field_defaults", {})
    if field.name not in defaults:
        return "may be none" if field.optional else "required"
    value = defaults[field.name]
    return "may be absent" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}` when absent"


def kinds() -> Iterator[str]:
    """Every kind of fact with its fields."""
    found: Mapping[str, Kind] = use("basis.facts") and use("basis.kinds").KINDS
    yield from head(
        "Kinds of facts", "事实的种类",
        f"All {len(found)} kinds of fact, with the fields of their bodies. Beside its body every fact has an envelope: id, kind, `at` (when "
        "it happened), incident, entry, origin, device. *Counts for*: whose duties a fact may discharge "
        "([semantics](semantics.md#facts-and-entries)). *Masked*: how those see the field who need not know it.",
    )  # fmt: skip
    yield from table(("kind", "中文", "counts for", "rules may start from it"), (
        (f"[`{k.name}`](#{_anchor(k)})", k.word.zh, k.scope, "yes" if k.opens else "") for k in found.values()
    ))  # fmt: skip
    yield f"Groups read as one: {'; '.join(f'`{name}` is {listed(of)}' for name, of in GROUPS.items())}."
    yield ""
    yield f"No rule may read {listed(sorted(FORBIDDEN))}, whatever kind carries it."
    yield ""
    for k in found.values():
        yield f"## {k.name} {k.word.zh}"
        yield ""
        yield told(k.body)
        yield ""
        yield from table(("field", "中文", "English", "type", "absence", "masked"), (
            (f"`{f.name}`", FIELD[f.name].zh if f.name in FIELD else "", FIELD[f.name].en if f.name in FIELD else "", _type(f),
             _default(k, f), f.mask or "")
            for f in k.fields
        ))  # fmt: skip


def _anchor(kind: Kind) -> str:
    return f"{kind.name} {kind.word.zh}".replace(".", "").replace(" ", "-")


# --- roles, verbs, pages ----------------------------------------------------------------------------------------------
def everyone() -> Iterator[str]:
    """Roles and verbs, each seen from the other."""
    found, verbs = use("register.roles").roles(), use("kit.verb").VERBS
    yield from head(
        "Roles and verbs", "角色与可做的事",
        "A **role** is data (`src/bulou/register/roles.toml`): the desks it sees, the verbs it may do, the fields it sees unmasked, what it "
        "answers for; always within the areas of the post. A **verb** ends in one fact of its kind, or in a reason why not.",
    )  # fmt: skip
    yield from table(("role", "中文", "English", "sees", "answers for", "sees unmasked", "may"), (
        (f"`{r.code}`", r.word.zh, r.word.en, ", ".join(sorted(r.sees)), ", ".join(r.answers) or "—", ", ".join(sorted(r.unmasked)) or "nothing",
         listed(sorted(v for v in r.verbs if v in verbs)) or "nothing")
        for r in found.values()
    ))  # fmt: skip
    later = sorted({v for r in found.values() for v in r.verbs} - set(verbs))
    if later:
        yield f"Granted in `roles.toml` and without a form yet: {listed(later)}."
        yield ""
    yield "## Verbs · 可做的事"
    yield ""
    yield from table(("verb", "中文", "English", "desk", "enters", "asks for", "said before doing", "who may"), (
        (f"`{v.name}`", v.word.zh, v.word.en, v.desk, f"[`{v.kind}`](kinds.md)", ", ".join(v.fields), v.warning.en if v.warning else "",
         ", ".join(r.word.en for r in found.values() if v.name in r.verbs) or "nobody")
        for v in verbs.values()
    ))  # fmt: skip


def pages() -> Iterator[str]:
    """Pages and sheets by address."""
    all_pages, sheets = use("kit.page").PAGES, use("kit.sheet").SHEETS
    yield from head(
        "Pages and sheets", "页面与表",
        "Every page is declared with `@page`, every list with `sheet(…)`; a list has its files beside it "
        "(`.csv`, `.xlsx`, `.json`, `.jsonl`, `.parquet`). All are within the viewer's areas, "
        "and at the two hours looked at. `?about=` and `?known=` in any address look back.",
    )  # fmt: skip
    yield from table(("page", "address", "中文", "English", "desk", "key", "only for those who may"), (
        (f"`{p.name}`", f"/{p.path}", p.word.zh, p.word.en, p.desk, p.shortcut or "", f"`{p.verb}`" if p.verb else "")
        for p in all_pages.values()
    ))  # fmt: skip
    yield "## Sheets · 表"
    yield ""
    yield from table(("sheet", "address", "中文", "English", "columns", "filters"), (
        (f"`{s.name}`", f"/{s.url} and /{s.desk}/{s.name}.…", s.word.zh, s.word.en, ", ".join(c.word.en for c in s.columns),
         ", ".join(n.word.en for n in s.narrows))
        for s in sheets.values()
    ))  # fmt: skip


def interface() -> Iterator[str]:
    """The routes for programs: lists with their filters and orders, verbs with what they ask for."""
    sheets, verbs = use("kit.sheet").SHEETS, use("kit.verb").VERBS
    module = use("kit.httpverbs")
    yield from head(
        "The interface for programs", "程序接口",
        "Under `/api/v1/`; described by itself at `/api/v1/openapi.json`. How to use it: [Use the interface for programs](../how-to/use-the-api.md).",
    )  # fmt: skip
    yield "## Lists · 清单"
    yield ""
    yield "`GET lists/NAME` with any of its filters, `sort`, `cursor`, `about`, `known`; `GET lists/NAME/KEY` is one row."
    yield ""
    yield from table(("list", "中文", "English", "columns", "filters", "ordered by"), (
        (f"`{s.name}`", s.word.zh, s.word.en, ", ".join(f"`{c.name}`" for c in s.columns), ", ".join(f"`{n.name}`" for n in s.narrows),
         ", ".join(f"`{c.name}`" for c in s.columns if c.sort))
        for s in sheets.values()
    ))  # fmt: skip
    yield "## Verbs · 动作"
    yield ""
    yield (
        "`POST verbs/NAME` with `id`, `content`, and where it matters `at`, `incident`, `device`, `device_at`; "
        "`POST verbs/NAME/many` with `rows`. In brackets: may be left out."
    )
    yield ""
    routed = [v for v in verbs.values() if v.name not in module.SHOWN_FIRST]
    yield from table(("verb", "中文", "English", "fact", "content"), (
        (f"`{v.name}`", v.word.zh, v.word.en, f"`{v.kind}`", ", ".join(_asked(n, f) for n, f in module.fields_of(v).items())) for v in routed
    ))  # fmt: skip
    yield "## Verbs shown before they are done · 先出示、再办理"
    yield ""
    yield (
        "`POST verbs/NAME` as above, one at a time: the first answer says what follows and gives a `code`, the same body with that `code` does it. "
        "By somebody signed in, or by their own token with its PIN in `X-Pin`."
    )
    yield ""
    shown, confirmed = use("kit.httpconfirm"), use("kit.confirming").CONFIRMED
    yield from table(("verb", "中文", "English", "fact", "content"), (
        (f"`{v.name}`", v.word.zh, v.word.en, f"`{v.kind}`", ", ".join(_asked(n, f) for n, f in shown.fields(confirmed[v.name]).items()))
        for v in verbs.values() if v.name in module.SHOWN_FIRST
    ))  # fmt: skip
    yield "## Other questions · 其他"
    yield ""
    yield from table(("route", "中文", "English", "what"), (
        (f"`POST {r.path.lstrip('/')}`", r.word.zh, r.word.en, r.note.en) for r in use("kit.httproutes").ROUTES.values()
    ))  # fmt: skip


def _asked(name: str, asked: Any) -> str:
    return f"[`{name}`]" if asked.optional else f"`{name}`"


# --- figures ----------------------------------------------------------------------------------------------------------
def figures() -> Iterator[str]:
    """The figures of the board."""
    found, headings = use("desks.command.figures").FIGURES, use("desks.command.figures").HEADINGS
    clocks = LISTS["clock"]
    yield from head(
        "Figures of the board", "态势数字",
        "A figure is the size of a set: it opens to the names behind it (`/board/<name>`), and its bridge from yesterday says what was "
        "learned late, taken back, new, and gone. What figures do not claim: [what figures claim](../explanation/figures.md).",
    )  # fmt: skip
    for code, word in headings.items():
        yield f"## {word.en} · {word.zh}"
        yield ""
        yield from table(("figure", "中文", "English", "unit", "counted", "clock", "definition", "定义"), (
            (f"`{f.name}`", f.word.zh, f.word.en, UNIT[f.meaning.unit].en, COUNTING[f.meaning.counting].en, clocks[f.meaning.clock].en,
             f.meaning.definition.en, f.meaning.definition.zh)
            for f in found.values() if f.heading == code
        ))  # fmt: skip


# --- the words of rules -----------------------------------------------------------------------------------------------
def rules() -> Iterator[str]:
    """The vocabulary of editions."""
    yield from head(
        "The words of rules", "规则用词",
        "An edition is a TOML file. Its sections are shorthand for rules of twelve words; `[[rule]]` gives all twelve itself. What each word "
        "means is shown case by case in the [handbook](handbook.md); how to write an edition: [a new disease](../how-to/new-disease.md).",
    )  # fmt: skip
    yield from table(("word", "meaning", "含义"), ((f"`{name}`", word.en, word.zh) for name, word in RULE_WORDS.items()))
    yield "## Duties of the sections · 各节的任务"
    yield ""
    yield "A section such as `[recall.single]` fills in `within`, `source` and `status`; the rest is this template."
    yield ""
    yield from table(("section", "中文", "English", "starts from", "each", "must", "answers"), (
        (f"`[{name}]`", t["title"]["zh"], t["title"]["en"], _start(name, t), t.get("each", ""), _must(t), t.get("answers", ""))
        for name, t in TEMPLATES.items()
    ))  # fmt: skip
    yield "Inside a `[[measure]]`, for people of its ring and the orders made for them:"
    yield ""
    yield from table(("duty", "中文", "English", "starts from", "must", "answers"), (
        (f"`{name}`", t["title"]["zh"], t["title"]["en"], _start(name, t) or "the order or the judgement", _must(t) or "the measure's placement",
         t.get("answers", ""))
        for name, t in MEASURE_DUTIES.items()
    ))  # fmt: skip
    yield "## Readings · 读数"
    yield ""
    yield "May be named in `from`, `given`, `until` and `must`."
    yield ""
    yield from table(("reading", "中文", "it is so when", "asked of a key with", "only for rules on"), (
        (r.name, r.word.zh, r.word.en, r.needs, f"`{r.on}`" if r.on else "") for r in READINGS.values()
    ))  # fmt: skip
    yield f"In rules on duties `must` is `{MET}`."
    yield ""
    yield "## Relations · 关系"
    yield ""
    yield from table(("each", "中文", "English", "they are", "asked of a key with"), (
        (r.name, r.word.zh, r.word.en, r.subject, r.needs) for r in RELATIONS.values()
    ))  # fmt: skip
    yield "Besides these, `each` may be a field of the opening fact: the tube, person, zone or incident itself."
    yield ""
    for title, words in (("Who answers · 由谁答复", ANSWERS), ("Status of a source · 来源核实", STATUS)):
        yield f"## {title}"
        yield ""
        yield from table(("word", "中文", "English"), ((f"`{code}`", w.zh, w.en) for code, w in words.items()))
    yield "## Editions that come with Bulou · 随附方案"
    yield ""
    yield from table(("edition", "中文", "English", "rules", "in force from"), (
        (f"`{e.id}`", e.word.zh, e.word.en, len(e.rules), e.valid_from) for e in shipped().values()
    ))  # fmt: skip


def _start(name: str, template: Mapping[str, Any]) -> str:
    on = template.get("on")
    if on is None:
        return "`zone.drawn`" if name.startswith("zone.") else ""
    rest = ", ".join(f"{k} {' or '.join(v) if isinstance(v, (list, tuple, set, frozenset)) else v}" for k, v in on.items() if k != "kind")
    return f"`{on['kind']}`" + (f" ({rest})" if rest else "")


def _must(template: Mapping[str, Any]) -> str:
    must = template.get("must", "")
    return f"`{must['kind']}`" if isinstance(must, Mapping) else str(must)


# --- commands ---------------------------------------------------------------------------------------------------------
def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by the words with which it is called."""
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from commands(below, f"{path} {name}")
    else:
        yield path, command


def cli() -> Iterator[str]:
    """The command line."""
    yield from head(
        "The command line", "命令行",
        "Commands end with 0 when all is well, 1 when there is something to see to, 2 when they were called wrongly. From a checkout: "
        "`uv run bulou …`.",
    )  # fmt: skip
    for path, command in commands(use("cli").main, "bulou"):
        context = click.Context(command, info_name=path)
        yield f"## {path}"
        yield ""
        yield " ".join((command.help or "").split())
        yield ""
        yield "```"
        yield path + " " + " ".join(command.collect_usage_pieces(context))
        yield "```"
        yield ""
        options = [p.get_help_record(context) for p in command.params]
        rows = [(f"`{record[0]}`", re.sub(r" +", " ", record[1])) for record in options if record]
        if rows:
            yield from table(("option", "what it does"), rows)


# --- assessment -------------------------------------------------------------------------------------------------------
def assess() -> Iterator[str]:
    """The methods of ``bulou assess``."""
    methods = use("cli.assess").METHODS
    yield from head(
        "Assessment on the command line", "命令行评估",
        "`bulou assess METHOD`: files in, files out, no server and no ledger. A file is CSV or TSV in UTF-8 or GBK whose first line names the "
        "columns; rows may stand in any order and other columns are passed over. `--out` writes the answer whole or not at all (`.csv`, `.tsv`, "
        "`.json`); without it it is printed, and what it rests on goes to standard error. `--json` prints all of it: inputs with their hashes, "
        "parameters with their sources, notes, rows. Ends with 0; with 2 when a file or an option means nothing, told by file, row, column and what "
        "would be right; with 3 when the data do not carry an answer. Undefined values are empty. All options: [the command line](cli.md).",
    )  # fmt: skip
    for name, command in methods.items():
        said = command.said
        yield f"## bulou assess {name}"
        yield ""
        yield f"{said.about.en} {said.about.zh}"
        yield ""
        yield f"**Limits · 局限.** {said.limits.en} {said.limits.zh}"
        yield ""
        yield f"**Paper · 文献.** {said.paper}"
        yield ""
        for option, columns in said.reads.items():
            yield from table((f"in `{option}`", "meaning", "含义"), ((f"`{c.name}`", c.word.en, c.word.zh) for c in columns))
        yield from table(("out", "meaning", "含义"), ((f"`{c.name}`", c.word.en, c.word.zh) for c in said.gives))
        for function in said.functions:
            module, _, name_ = function.rpartition(".")
            text = inspect.cleandoc(getattr(use(f"assessment.{module}"), name_).__doc__ or "")
            yield f"`bulou.assessment.{function}`: " + " ".join(text.split()).replace("``", "`")
            yield ""


# --- settings ---------------------------------------------------------------------------------------------------------
def settings() -> Iterator[str]:
    """Environment variables."""
    yield from head(
        "Settings", "设置",
        "Everything a centre may set is an environment variable; the rest has one good value. Nothing is read from the checkout. Secrets are never "
        "printed and never in a backup. How they are given to a service: [run a centre](../how-to/run-a-centre.md).",
    )  # fmt: skip
    centre = [o for o in OPTIONS.values() if not o.made_by]
    others = [o for o in OPTIONS.values() if o.made_by]
    for title, these in (("At a centre · 中心", centre), ("Of demos, never at a centre · 仅用于演练", others)):
        yield f"## {title}"
        yield ""
        yield from table(("variable", "default", "meaning", "含义", ""), (
            (f"`{o.name}`", f"`{o.default}`" if o.default else "—", o.meaning.en + (f" (set by {o.made_by})" if o.made_by else ""), o.meaning.zh,
             "secret" if o.secret else "")
            for o in these
        ))  # fmt: skip


# --- lists ------------------------------------------------------------------------------------------------------------
def list_notices() -> Iterator[str]:
    """Every notice of reading, and the headings that are known."""
    said, aside, fields = use("lists.noticed").NOTICES, use("lists.noticed").ASIDE, use("lists.headings").words()
    yield from head(
        "Notices and headings of lists", "名单的提示与表头",
        "What reading and mapping a list can say, each with its row and column, and the headings by which columns are known "
        "(`src/bulou/lists/words.toml`). How lists are read: [lists](lists.md).",
    )  # fmt: skip
    for title, codes in (
        ("Rows that are nobody · 另放的行", aside),
        ("Rows and columns that are kept · 照留的行与列", [c for c in said if c not in aside]),
    ):
        yield f"## {title}"
        yield ""
        yield from table(("notice", "中文", "English", "why", "为何"), (
            (f"`{c}`", said[c].zh, said[c].en, said[c].en_why, said[c].zh_why) for c in codes
        ))  # fmt: skip
    yield "## Headings · 表头"
    yield ""
    yield "Width, case, spaces, marks and what stands in brackets do not matter. *ends*: headings that end so, unless they begin with a word for another person."
    yield ""
    yield from table(("field", "中文", "English", "headings", "ends", "when nothing better is there"), (
        (f"`{f}`", w.word.zh, w.word.en, ", ".join(sorted(w.whole)), ", ".join(sorted(w.ends)), ", ".join(sorted(w.less))) for f, w in fields.items()
    ))  # fmt: skip


# --- retention --------------------------------------------------------------------------------------------------------
_AFTER = {"kept": Word("长期保存", "kept"), "at": Word("发生后", "after it happened"), "incident_closed": Word("事件结束后", "after its incident was closed"),
          "departed": Word("离开或死亡后", "after the person left or died"),
          "source_over": Word("信号来源到期或关闭时", "when the source of the signals is over or closed")}  # fmt: skip
_GOES = {"none": Word("—", "—"), "all": Word("全部内容", "all of its content"), "words": Word("文字", "its words")}


def retention() -> Iterator[str]:
    """The table of retention."""
    yield from head(
        "Retention", "保存期限",
        "How long the content of each kind of fact is kept, and why; printed from `src/bulou/duties/retention.toml`. `proposed`: not yet signed by the "
        "centre's own officer for data protection. What happens when a time is over: [destroy what is no longer needed](../how-to/forget.md). Copies "
        "kept aside and what receipts of imports repeat go after 90 days, checks at doors after 14, sessions when they end.",
    )  # fmt: skip
    yield from table(("kind", "kept", "保存", "then goes", "reason", "理由", "status"), (
        (f"`{r.kind}`", (f"{r.days} days " if r.days else "") + _AFTER[r.after].en, _AFTER[r.after].zh + (f" {r.days} 天" if r.days else ""),
         _GOES[r.goes].en, r.reason.en, r.reason.zh, r.status)
        for r in use("duties.forgetting").table().values()
    ))  # fmt: skip


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "kinds.md": kinds, "roles.md": everyone, "pages.md": pages, "api.md": interface, "figures.md": figures, "rules.md": rules, "cli.md": cli, "assess.md": assess,
    "settings.md": settings, "retention.md": retention, "list-notices.md": list_notices,
}  # fmt: skip


def made(name: str) -> str:
    """What a page should say."""
    return "\n".join(PAGES[name]()).rstrip() + "\n"


def run(arguments: list[str]) -> int:
    os.environ.setdefault("BULOU_HOME", tempfile.mkdtemp(prefix="bulou-reference-"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bulou.web.settings")
    django.setup()
    use("web.urls")  # declares the pages of the shell
    stale = [n for n in PAGES if not (DOCS / n).exists() or (DOCS / n).read_text(encoding="utf-8") != made(n)]
    for name in stale:
        print(f"docs/reference/{name}")
        if "--check" not in arguments:
            (DOCS / name).write_text(made(name), encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
