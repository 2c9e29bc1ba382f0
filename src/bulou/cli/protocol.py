"""``bulou protocol``: editions checked, read as sentences, compared."""

from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bulou.cli.terminal import as_json, lang, print_json, use

if TYPE_CHECKING:
    from bulou.duties.playing import Compared, Moved
    from bulou.protocol.lint import Mistake
    from bulou.protocol.rules import Edition


@click.group()
def protocol() -> None:
    """Protocol editions: check them, read them as sentences, compare them."""


@protocol.command("lint")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@lang
@as_json
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
        print_json([m._asdict() for m in mistakes])
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
@lang
@as_json
@click.pass_context
def protocol_explain(ctx: click.Context, edition: str, name: str | None, lang: str, as_json: bool) -> None:
    """Tell each rule of EDITION (an id such as covid19/cn-7, or a file) as one plain sentence."""
    found = edition_of(ctx, edition, lang)
    sentences = use("protocol.explain").explain(found, name)
    if not sentences:
        raise click.UsageError(f"{found.id} has no rule {name}{_near(name, [r.name for r in found.rules])}")
    if as_json:
        print_json([s._asdict() for s in sentences])
        return
    click.echo(f"{found.id}  {found.word.zh if lang == 'zh' else found.word.en}")
    for sentence in sentences:
        click.echo(f"\n{sentence.rule}")
        for each in ("zh", "en") if lang == "both" else (lang,):
            click.echo(f"  {getattr(sentence, each)}")


@protocol.command("diff")
@click.argument("was")
@click.argument("now")
@click.option("--scenarios", is_flag=True, help="Play both on the stories of the spec and tell which duties appear, disappear or move.")
@lang
@as_json
@click.pass_context
def protocol_diff(ctx: click.Context, was: str, now: str, scenarios: bool, lang: str, as_json: bool) -> None:
    """Tell what differs between the editions WAS and NOW (ids or files): rules word by word, and the tables; or, on the stories, the duties."""
    before, after = edition_of(ctx, was, lang), edition_of(ctx, now, lang)
    if scenarios:
        _on_stories(ctx, before, after, lang, as_json)
        return
    changes = use("protocol.diff").diff(before, after)
    if as_json:
        print_json([c._asdict() for c in changes])
    else:
        for change in changes:
            click.echo(str(change))
    ctx.exit(1 if changes else 0)


def _on_stories(ctx: click.Context, was: "Edition", now: "Edition", lang: str, as_json: bool) -> None:
    """Both editions played on the stories of their diseases: what is owed under one and not, or at another hour, under the other."""
    playing, stories, read = use("duties.playing"), use("protocol.stories"), use("protocol.read")
    compared = playing.Stage(stories.shipped_files(), read.shipped()).compare(was, now)
    if as_json:
        print_json({
            "was": was.id, "now": now.id, "stories": compared.stories, "skipped": compared.skipped, "same_disease": was.disease == now.disease,
            "duties": [
                {**m._asdict(), "title": m.title._asdict(), "word": m.word._asdict(), "was": [t._asdict() for t in m.was],
                 "now": [t._asdict() for t in m.now]}
                for m in compared.moved
            ],
        })  # fmt: skip
    else:
        for each in ("zh", "en") if lang == "both" else (lang,):
            _tell_stories(compared.moved, was, now, each)
            click.echo(_counted(compared, was, now, each), err=True)
    ctx.exit(1 if compared.moved else 0)


def _tell_stories(moved: "list[Moved]", was: "Edition", now: "Edition", lang: str) -> None:
    if was.disease != now.disease:
        click.echo(
            f"{was.id} 与 {now.id} 是两种病的方案:每个故事的事实,按两种病各演一遍。" if lang == "zh"
            else f"{was.id} and {now.id} are editions of different diseases: the facts of every story are taken as facts of either."
        )  # fmt: skip
    told = ""
    for each in moved:
        if each.story != told:
            told = each.story
            click.echo(f"\n{told}  {each.title.zh if lang == 'zh' else each.title.en}")
        click.echo("  " + use("duties.playing").said(each, lang))


def _counted(compared: "Compared", was: "Edition", now: "Edition", lang: str) -> str:
    kinds = [m.change for m in compared.moved]
    counts = [kinds.count("appears"), kinds.count("disappears"), kinds.count("moves")]
    if lang == "zh":
        skipped = f"(另有 {compared.skipped} 个采用多个方案或未采用方案的故事不演)" if compared.skipped else ""
        return f"{was.id} → {now.id}:{compared.stories} 个故事,新出 {counts[0]}、消失 {counts[1]}、改时 {counts[2]}{skipped}"
    skipped = f" ({compared.skipped} that adopt several editions or none are not played)" if compared.skipped else ""
    return f"{was.id} → {now.id}: {compared.stories} stories, {counts[0]} appear, {counts[1]} disappear, {counts[2]} move{skipped}"


def edition_of(ctx: click.Context, told: str, lang: str) -> "Edition":
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
