"""``bulou visits``: bulk visits into the lake and out of it, and who was near the cases of an incident by them. Each question names who asks by what right."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from bulou.cli.terminal import as_json, lang, ledger, of_demo, print_json, progress, saying, use

_SOURCES = ("payment", "ticket", "camera", "register", "telecom")
#: Rows that are told one by one on the terminal; all of them stand in the receipt.
_SHOWN = 20
_INCIDENT = click.option("--incident", required=True, metavar="ID", help="The incident: its id, or its name as written.")
_BASIS = click.option(
    "--basis",
    required=True,
    metavar="TEXT",
    help="By what right: the number of the request and who approved it. No names of people looked for.",
)
_BY = click.option("--by", "post", required=True, metavar="POST", help="The post that does it; one person with an account holds it now.")


@click.group("visits")
def visits() -> None:
    """Bulk visits: loaded for one incident, asked with a legal basis, deleted by the edition's window. They live in the lake and nowhere else."""


def _eyes(post: str, lang: str) -> Any:
    try:
        found = use("desks.tracing.lakekeeping").eyes_of(post)
    except use("kit.verb").Refused as why:
        raise _wrong(why, lang) from None
    found.language = "en" if lang == "en" else "zh"
    return found


def _wrong(why: Any, lang: str) -> click.UsageError:
    def said(each: str) -> str:
        return "; ".join((f"--{p.field}: " if p.field else "") + (p.zh if each == "zh" else p.en) for p in why.problems)

    return click.UsageError("\n".join(said(each) for each in (("zh", "en") if lang == "both" else (lang,))))


def _unreadable(why: Any, lang: str) -> click.UsageError:
    return click.UsageError(
        "\n".join(w.zh if each == "zh" else w.en for each in (("zh", "en") if lang == "both" else (lang,)) for w in why.words)
    )


def _incident(look: Any, told: str) -> Any:
    known = use("kit.incidents").incidents(look)
    found = next((i for i in known if i.id.hex() == told.replace("-", "").lower() or told in (i.name, i.name_en)), None)
    if found is None:
        raise click.UsageError(f"--incident {told}: there is no such incident; give its id or its name as written")
    return found


@visits.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_INCIDENT
@_BASIS
@click.option("--source", required=True, type=click.Choice(_SOURCES), help="What recorded the visits.")
@click.option("--error", metavar="TEXT", help="How often the source itself says that it is wrong; stands beside every candidate.")
@_BY
@of_demo
@lang
@as_json
@click.pass_context
def load(
    ctx: click.Context,
    file: Path,
    incident: str,
    basis: str,
    source: str,
    error: str | None,
    post: str,
    demo: bool,
    lang: str,
    as_json: bool,
) -> None:
    """Take FILE (Parquet, CSV, TSV) into the lake: person, place, from, to; where known space, carriage, row, crew, kind (of place).

    Every row is taken, or refused with its field and what would be right, in a receipt. The same file twice changes nothing; one that was stopped
    goes on. People and places are ids of the register; a document number finds the one person who has it. Ends with 1 where rows were refused.
    """
    ledger(demo)
    keeping, store = use("desks.tracing.lakekeeping"), use("lake.store")
    look = _eyes(post, lang)
    try:
        done = keeping.load(
            look,
            file,
            _incident(look, incident),
            keeping.Told(source, basis, error),
            tell=progress(("载入", "loading"), lang, ("天", "days")),
        )
    except use("kit.verb").Refused as why:
        raise _wrong(why, lang) from None
    except use("questions.visits").Unreadable as why:
        raise _unreadable(why, lang) from None
    except (store.Busy, store.Broken) as why:
        raise click.ClickException(str(why)) from None
    one = done.load
    if as_json:
        print_json({**one._asdict(), "before": done.before, "receipt": str(done.receipt)})
    else:
        say = saying(lang, err=False)
        for row in _some(done.receipt) if not done.before else ():
            saying(lang)(f"第 {row['row']} 行 {row['field']}:{row['zh']}", f"row {row['row']} {row['field']}: {row['en']}")
        if done.before:
            say("这份文件先前已载入,未作改动", "this file had been taken in before: nothing changed")
        days = f"{one.days[0]} – {one.days[-1]}" if one.days else "—"
        say(
            f"收入 {one.taken:,} 行,拒收 {one.refused:,} 行;{days};回执 {done.receipt}",
            f"{one.taken:,} rows taken, {one.refused:,} refused; {days}; receipt {done.receipt}",
        )
    ctx.exit(1 if one.refused else 0)


def _some(receipt: Path) -> Iterable[dict[str, Any]]:
    with receipt.open(encoding="utf-8") as file:
        rows = (json.loads(line) for line in file)
        yield from [r for _, r in zip(range(_SHOWN), (r for r in rows if r.get("fate") == "refused"), strict=False)]


@visits.command("status")
@of_demo
@lang
@as_json
def status(demo: bool, lang: str, as_json: bool) -> None:
    """What is in the lake: days, visits, loads with whose data they are and by what right. No visit and no person is shown."""
    ledger(demo)
    of = use("desks.tracing.lakekeeping").lake()
    days, loads = of.days(), of.loads()
    if as_json:
        print_json({"days": [d._asdict() for d in days], "loads": [each._asdict() for each in loads]})
        return
    say = saying(lang, err=False)
    for day in days:
        say(f"{day.name}:{day.visits:,} 条", f"{day.name}: {day.visits:,} visits")
    for each in loads:
        state = each.gone or ("whole" if each.whole else "not whole")
        state_zh = {"closed": "已删除", "whole": "完整", "not whole": "未完"}.get(state, state)
        say(
            f"{each.number} {each.source}({state_zh}):收入 {each.taken:,},拒收 {each.refused:,};依据 {each.basis};{each.by}",
            f"{each.number} {each.source} ({state}): {each.taken:,} taken, {each.refused:,} refused; basis {each.basis}; by {each.by}",
        )
    if not loads:
        say("湖中无停留数据", "there are no visits in the lake")


@visits.command("forget")
@click.option("--dry-run", "dry", is_flag=True, help="Only say what would be deleted.")
@of_demo
@lang
@as_json
def forget(dry: bool, demo: bool, lang: str, as_json: bool) -> None:
    """Delete what is older than the edition's window, what incidents that are over had, and rows of people excluded more than 72 hours ago.

    From every copy, at once; the watch does the same every hour. There is no way back.
    """
    ledger(demo)
    keeping = use("desks.tracing.lakekeeping")
    try:
        done = keeping.forget(use("kit.centre").centre(), by="visits forget", dry=dry)
    except use("lake.store").Busy as why:
        raise click.ClickException(str(why)) from None
    if as_json:
        print_json([{**d._asdict(), "incident": d.incident.hex()} for d in done])
        return
    tell_deleted(done, dry, lang)


def tell_deleted(done: Iterable[Any], dry: bool, lang: str) -> None:
    """What was deleted from the lake, or would be."""
    words, say = use("basis.words").LISTS["deletion"], saying(lang, err=False)
    zh, en = ("应删除", "to delete") if dry else ("已删除", "deleted")
    for each in done:
        who_zh, who_en = ("", "") if each.people is None else (f",{each.people:,} 人", f", of {each.people:,} people")
        word = words[each.cause]
        say(f"停留数据 {word.zh}:{zh} {each.visits:,} 条{who_zh}", f"visits, {word.en}: {each.visits:,} {en}{who_en}")
    if not done:
        say("停留数据:没有到期的", "visits: nothing is due")


@visits.command("rings")
@_INCIDENT
@_BASIS
@_BY
@click.option("--case", "person", metavar="ID", help="Only the case of this person, by id.")
@click.option(
    "--withdraw", metavar="REASON", help="Take back the candidates of the lake that its visits no longer support, for this reason."
)
@of_demo
@lang
@as_json
@click.pass_context
def rings(
    ctx: click.Context, incident: str, basis: str, post: str, person: str | None, withdraw: str | None, demo: bool, lang: str, as_json: bool
) -> None:
    """Ask who was near the cases of an incident by the edition in force, and name them as candidates. The question is on record before its answer.

    Only what is new is entered; what the visits no longer support is told, and taken back only with --withdraw. Nobody is judged.
    """
    ledger(demo)
    asking, incidents = use("desks.tracing.lakeasking"), use("kit.incidents")
    look = _eyes(post, lang)
    of = _incident(look, incident)
    edition = incidents.edition_of(look, of)
    if edition is None:
        raise click.UsageError("no edition is in force for this incident: nothing says who is near")
    try:
        near = asking.ask(look, of, edition, basis, use("basis.ids").from_text(person) if person else None)
        entered, problems = asking.enter(look, of, near)
        back = asking.take_back(look, near.stale, withdraw) if withdraw and near.stale else 0
    except use("kit.verb").Refused as why:
        raise _wrong(why, lang) from None
    except (use("lake.store").Busy, use("lake.store").Broken) as why:
        raise click.ClickException(str(why)) from None
    counts = {ring: n for ring in use("questions.exposure").RINGS if (n := sum(c.ring == ring for c in near.answer.found))}
    if as_json:
        print_json({
            "incident": of.id.hex(), "edition": edition.id, "query": near.query.hex(), "read": near.answer.read, "people": counts, "entered": entered,
            "problems": problems, "unknown": near.unknown, "hidden": near.hidden, "silent": near.silent, "unasked": near.unasked, "kindless": near.kindless,
            "unplaced": near.unplaced, "stale": [s.fact.hex() for s in near.stale], "withdrawn": back,
        })  # fmt: skip
    else:
        _tell(near, counts, entered, problems, back, lang)
    ctx.exit(1 if problems or near.unknown or (near.stale and not back) else 0)


def _tell(near: Any, counts: dict[str, int], entered: int, problems: list[str], back: int, lang: str) -> None:
    words, say, warn = use("basis.words").LISTS["ring"], saying(lang, err=False), saying(lang)
    told_zh, told_en = (
        "、".join(f"{words[r].zh} {n:,}" for r, n in counts.items()),
        "; ".join(f"{words[r].en} {n:,}" for r, n in counts.items()),
    )
    say(
        f"查看 {near.answer.read:,} 条停留;候选 {told_zh or 0};新录入 {entered:,}",
        f"looked through {near.answer.read:,} visits; candidates: {told_en or 0}; {entered:,} newly named",
    )
    for problem in problems:
        click.echo(problem, err=True)
    for n, zh, en in (
        (len(near.unknown), "名候选不在名册,未录入:" + ", ".join(near.unknown[:8]), "candidates are on no register and not named: " + ", ".join(near.unknown[:8])),
        (near.hidden, "名候选在您的区域之外", "candidates stay outside the areas of the post"),
        (near.silent, "例病例在时段内没有停留记录", "cases have no visit in their window"),
        (near.unasked, "例病例既无发病日期也无阳性,无从确定时段", "cases have no onset and no positive sign, so no window"),
        (near.kindless, "处场所种类不明,方案无从问起", "places have no kind, so nothing was asked there"),
        (near.unplaced, "人次空间不明,无法分远近,须询问", "times somebody was at the place and nobody knows whether near: ask"),
        (len(near.unfinished), "份数据尚未载完", "loads are not whole yet"),
        (len(near.stale) - back, "名先前的候选已无停留记录支持,请复核后撤回", "candidates named earlier are not supported any more: look, then take back"),
        (back, "名候选已撤回", "candidates taken back"),
    ):  # fmt: skip
        if n:
            warn(f"{n:,} {zh}", f"{n:,} {en}")
