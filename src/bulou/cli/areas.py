"""``bulou areas``: the tree of areas from files, with boundaries and local units. Enters nothing while a row is wrong."""

from pathlib import Path
from typing import Any

import click

from bulou.cli.terminal import as_json, lang, ledger, of_demo, print_json, use

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def areas() -> None:
    """The tree of areas: load it from files, again and again."""


@areas.command("load")
@click.argument("files", nargs=-1, type=_FILE)
@click.option("--root", help="Only this area, what lies below it and what lies above it.")
@click.option("--level", help="The level of local codes whose rows do not say one: grid, group, compound, phase, building, stair.")
@click.option("--codes", "codes", multiple=True, type=_FILE, help="A CSV of outdated codes: old, new and, where known, date.")
@click.option("--boundaries", multiple=True, type=_FILE, help="GeoJSON with a code on each feature; outdated codes are joined too.")
@click.option("--grids", multiple=True, type=_FILE, help="A CSV of local units below official areas: parent, name, level, unit or code.")
@click.option("--check", "only_check", is_flag=True, help="Only say what would be done and what is wrong: change nothing.")
@of_demo
@lang
@as_json
@click.pass_context
def load(
    ctx: click.Context, files: tuple[Path, ...], root: str | None, level: str | None, codes: tuple[Path, ...], boundaries: tuple[Path, ...],
    grids: tuple[Path, ...], only_check: bool, demo: bool, lang: str, as_json: bool,
) -> None:  # fmt: skip
    """Load the areas of FILES: CSV with columns for code and name, and for parent where the code's beginning is not its parent.

    All or nothing: every bad row is named, with what would be right. Loading the same files again changes nothing.
    """
    if not (files or codes or boundaries or grids):
        raise click.UsageError("name at least one file: a CSV of areas, or --codes, --boundaries, --grids")
    known = use("basis.words").AREA_LEVEL
    if level is not None and level not in known:
        raise click.UsageError(f"--level {level}: there is no such level (there are {', '.join(known)})")
    ledger(demo)
    loading = use("kit.loading")
    read = loading.read(*([(path.name, path.read_bytes()) for path in paths] for paths in (files, codes, boundaries, grids)))
    if only_check:
        plan, entered = loading.look(read, root, level), None
    else:
        plan, entered = loading.load(read, by="areas", source="file", root=root, level=level)
    if as_json:
        print_json({
            **{k: getattr(plan, k) for k in ("new", "changed", "same", "outside", "recoded", "bounded")},
            "facts": len(entered.new) if entered else 0, "entry": entered.seq if entered else None,
            "bad": [b._asdict() for b in plan.bad], "notices": [n._asdict() for n in plan.notices],
        })  # fmt: skip
    else:
        _tell(plan, entered, lang, only_check)
    ctx.exit(2 if plan.bad else 0)


def _tell(plan: Any, entered: Any, lang: str, only_check: bool) -> None:
    for each in ("zh", "en") if lang == "both" else (lang,):
        for told in (*plan.notices[:50], *plan.bad):
            click.echo(told.text(each), err=told in plan.bad)
        if len(plan.notices) > 50:
            more = len(plan.notices) - 50
            click.echo(f"另有 {more:,} 条提示" if each == "zh" else f"and {more:,} more notices")
        click.echo(_summary(plan, entered, each, only_check), err=bool(plan.bad))


def _summary(plan: Any, entered: Any, lang: str, only_check: bool) -> str:
    facts = len(entered.new) if entered else 0
    if plan.bad:
        if lang == "zh":
            return f"{len(plan.bad):,} 行有误,未载入任何内容"
        return f"{len(plan.bad):,} row{'' if len(plan.bad) == 1 else 's'} wrong: nothing was loaded"
    if lang == "zh":
        what = f"新增区域 {plan.new:,},变更 {plan.changed:,},不变 {plan.same:,},范围外 {plan.outside:,};代码变更 {plan.recoded:,},边界 {plan.bounded:,}"
        return f"{what};{'仅检查,未录入' if only_check else f'录入事实 {facts:,} 条'}"
    what = f"areas: {plan.new:,} new, {plan.changed:,} changed, {plan.same:,} as they were, {plan.outside:,} outside the root"
    rest = f"{plan.recoded:,} codes changed, {plan.bounded:,} boundaries"
    return f"{what}; {rest}; {'only checked, nothing entered' if only_check else f'{facts:,} facts entered'}"
