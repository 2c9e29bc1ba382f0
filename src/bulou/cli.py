"""The command line: ``bulou …``. One small function per command; what a command needs is imported when it runs.

Commands end with 0 when all is well, 1 when there is something to see to, 2 when they were called wrongly.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bulou.protocol.lint import Mistake
    from bulou.protocol.rules import Edition

LANGS = click.Choice(["zh", "en", "both"])
Command = Callable[..., Any]


def use(module: str) -> Any:
    """A module of Bulou, imported when a command needs it: ``bulou --help`` reads neither Django nor the editions.

    Nothing imports the command line, so no knot is hidden here.
    """
    return import_module(f"bulou.{module}")


def _language() -> str:
    """The language of the terminal: Chinese where it says so, else English."""
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if told.lower().startswith("zh") else "en"


def _lang(command: Command) -> Command:
    return click.option("--lang", type=LANGS, default=_language, show_default="the terminal's", help="Language of what is printed.")(
        command
    )


def _json(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, in both languages.")(command)


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@click.group()
@click.version_option(package_name="bulou")
def main() -> None:
    """Bulou (不漏, "no one missed"): the working system of an epidemic command centre."""


# --- protocol -----------------------------------------------------------------------------------------------------------
@main.group()
def protocol() -> None:
    """Protocol editions: check them, read them as sentences, compare them."""


@protocol.command("lint")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_lang
@_json
@click.pass_context
def protocol_lint(ctx: click.Context, files: tuple[Path, ...], lang: str, as_json: bool) -> None:
    """Tell every mistake in FILES (by default the editions that come with Bulou): file, line, rule, key, what would be right."""
    read = use("protocol.read")
    mistakes: list[Mistake] = []
    checked = list(files) or _shipped_files()
    for path in checked:
        try:
            read.read_file(path)
        except read.Broken as broken:
            mistakes.extend(broken.mistakes)
    if as_json:
        _print_json([m._asdict() for m in mistakes])
    else:
        for mistake in mistakes:
            for each in ("zh", "en") if lang == "both" else (lang,):
                click.echo(mistake.text(each))
        click.echo(_tally(len(checked), len(mistakes), lang), err=True)
    ctx.exit(1 if mistakes else 0)


def _tally(files: int, mistakes: int, lang: str) -> str:
    if lang == "zh":
        return f"{files} 个文件,{mistakes} 处错误"
    return f"{files} file{'' if files == 1 else 's'}, {mistakes} mistake{'' if mistakes == 1 else 's'}"


def _shipped_files() -> list[Path]:
    return sorted(Path(str(resources.files("bulou.protocol") / "editions")).glob("*/*.toml"))


@protocol.command("explain")
@click.argument("edition")
@click.option("--rule", "name", help="Only the rule of this name.")
@_lang
@_json
@click.pass_context
def protocol_explain(ctx: click.Context, edition: str, name: str | None, lang: str, as_json: bool) -> None:
    """Tell each rule of EDITION (an id such as covid19/cn-7, or a file) as one plain sentence."""
    found = _edition(ctx, edition, lang)
    sentences = use("protocol.explain").explain(found, name)
    if not sentences:
        raise click.UsageError(f"{found.id} has no rule {name}{_near(name, [r.name for r in found.rules])}")
    if as_json:
        _print_json([s._asdict() for s in sentences])
        return
    click.echo(f"{found.id}  {found.word.zh if lang == 'zh' else found.word.en}")
    for sentence in sentences:
        click.echo(f"\n{sentence.rule}")
        for each in ("zh", "en") if lang == "both" else (lang,):
            click.echo(f"  {getattr(sentence, each)}")


@protocol.command("diff")
@click.argument("was")
@click.argument("now")
@_json
@click.pass_context
def protocol_diff(ctx: click.Context, was: str, now: str, as_json: bool) -> None:
    """Tell what differs between the editions WAS and NOW (ids or files): rules word by word, and the tables."""
    changes = use("protocol.diff").diff(_edition(ctx, was, "en"), _edition(ctx, now, "en"))
    if as_json:
        _print_json([c._asdict() for c in changes])
    else:
        for change in changes:
            click.echo(str(change))
    ctx.exit(1 if changes else 0)


def _edition(ctx: click.Context, told: str, lang: str) -> "Edition":
    """The edition that someone named: a file that exists, or the id of one that comes with Bulou."""
    read = use("protocol.read")
    path = Path(told)
    if path.is_file():
        try:
            found: Edition = read.read_file(path)
            return found
        except read.Broken as broken:
            for mistake in broken.mistakes:
                click.echo(mistake.text("zh" if lang == "zh" else "en"), err=True)
            ctx.exit(1)
    known: dict[str, Edition] = read.shipped()
    if told not in known:
        there = ", ".join(known)
        raise click.UsageError(f"{told} is neither a file nor an edition that comes with Bulou{_near(told, known)} (there are {there})")
    return known[told]


def _near(word: str | None, known: Iterable[str]) -> str:
    return str(use("protocol.lint").near(word, known).en)


# --- running ------------------------------------------------------------------------------------------------------------
@main.command("demo")
@click.option("--port", default=8000, show_default=True, help="The port to serve on.")
@click.option("--browser/--no-browser", default=True, show_default=True, help="Open a browser at the board.")
@click.option("--reset", is_flag=True, help="Make the demo anew, forgetting what was entered in it.")
def demo(port: int, browser: bool, reset: bool) -> None:
    """Work with a real outbreak: Pidu district, December 2020, with a made-up register around it."""
    serving = use("web.demo")
    try:
        serving.run(port, browser=browser, reset=reset)
    except serving.CannotStart as why:
        raise click.ClickException(str(why)) from None


# --- the ledger ---------------------------------------------------------------------------------------------------------
def _ledger(demo: bool) -> Any:
    """The connection to the ledger of this home (or of its demo, or of ``DATABASE_URL``); it must be there already."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bulou.web.settings")
    if demo:
        os.environ["BULOU_HOME"] = str(use("web.home").home() / "demo")
        os.environ.pop("DATABASE_URL", None)
    import_module("django").setup()
    connection = import_module("django.db").connection
    where = connection.settings_dict["NAME"]
    there = connection.vendor != "sqlite" or ":memory:" in str(where) or "mode=memory" in str(where) or Path(where).is_file()
    if not there or "entry" not in connection.introspection.table_names():
        raise click.UsageError(f"there is no ledger at {where}: set BULOU_HOME or DATABASE_URL, or say --demo for the demo's")
    return connection


_demo = click.option("--demo", is_flag=True, help="The demo's ledger, not the centre's.")


def _progress(words: tuple[str, str], lang: str) -> Callable[[int, int], None]:
    """Tells how far something has come, on standard error: one line that is written over, or one for each tenth."""
    said, terminal = -1, sys.stderr.isatty()

    def tell(done: int, total: int) -> None:
        nonlocal said
        tenth = 10 * done // total if total else 10
        if terminal or tenth != said:
            text = f"{words[0]}:{done:,} / {total:,} 条记录" if lang == "zh" else f"{words[1]}: {done:,} of {total:,} entries"
            click.echo(("\r" if terminal else "") + text, err=True, nl=not terminal or done >= total)
        said = tenth

    return tell


@main.command("rebuild")
@click.option("--check", "only_check", is_flag=True, help="Only compare: change nothing, end with 1 where something differs.")
@_demo
@_lang
@click.pass_context
def rebuild(ctx: click.Context, only_check: bool, demo: bool, lang: str) -> None:
    """Make duties and every table of now again from the facts alone. Nobody can enter anything meanwhile."""
    _ledger(demo)
    rebuilding, protocol = use("duties.rebuild"), use("kit.centre").centre().protocol
    if not only_check:
        rebuilding.rebuild(protocol, progress=_progress(("重建", "rebuild"), lang))
        return
    differences = rebuilding.check(protocol, progress=_progress(("比对", "check"), lang))
    for found in differences:
        for each in ("zh", "en") if lang == "both" else (lang,):
            many = len(found.unduly), len(found.missing)
            click.echo(
                f"{found.table}:{many[0]:,} 行无事实依据,缺 {many[1]:,} 行"
                if each == "zh"
                else f"{found.table}: {many[0]:,} rows that no fact gives, {many[1]:,} rows missing"
            )
    if not differences:
        click.echo("各表与事实一致" if lang == "zh" else "every table is what the facts give")
    ctx.exit(1 if differences else 0)


@main.command("verify")
@_demo
@_lang
@_json
@click.pass_context
def verify(ctx: click.Context, demo: bool, lang: str, as_json: bool) -> None:
    """Read the hash chain from the first entry on: is every entry and fact still as it was entered? Note the hash elsewhere."""
    connection = _ledger(demo)
    found = use("evidence.verify").verify(connection, _progress(("核验", "verify"), lang))
    if as_json:
        wrong = [
            {"entry": t.entry, "fact": t.fact.hex() if t.fact else None, "wrong": t.wrong.en, "wrong_zh": t.wrong.zh} for t in found.wrong
        ]
        _print_json({"entries": found.entries, "facts": found.facts, "hash": found.hash.hex(), "wrong": wrong})
    else:
        for t in found.wrong:
            for each in ("zh", "en") if lang == "both" else (lang,):
                of = f" ({t.fact.hex()})" if t.fact else ""
                click.echo(f"记录 {t.entry}{of}:{t.wrong.zh}" if each == "zh" else f"entry {t.entry}{of}: {t.wrong.en}")
        click.echo(_verified(found, lang))
    ctx.exit(1 if found.wrong else 0)


def _verified(found: Any, lang: str) -> str:
    if lang == "zh":
        return f"{found.entries:,} 条记录,{found.facts:,} 条事实,{len(found.wrong):,} 处不符;末条哈希 {found.hash.hex()}"
    return f"{found.entries:,} entries, {found.facts:,} facts, {len(found.wrong):,} not as entered; hash at the end {found.hash.hex()}"
