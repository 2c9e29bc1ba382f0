"""``bulou import``: files of the systems that people use today, into one incident, with a receipt of every row. Enters no half row."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bulou.cli.terminal import as_json, lang, ledger, of_demo, print_json, progress, use

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_WRITTEN = click.Path(dir_okay=False, path_type=Path)
#: Rows that are told one by one on the terminal; all of them stand in the receipt.
SHOWN = 20
_FATES = {
    "entered": ("录入", "entered"), "same": ("已有", "there already"), "differs": ("与先前不同,未改", "differ from before, not changed"),
    "refused": ("未录", "refused"), "repeated": ("重复", "repeated"), "aside": ("不是数据行", "no data"), "kept": ("仅存于回执", "kept in the receipt only"),
}  # fmt: skip
_WHAT = {
    "case": ("病例", "cases"), "contact": ("接触者", "contacts"), "link": ("关联", "links"), "follow-up": ("随访", "follow-ups"),
    "test": ("检测", "tests"), "area": ("区域", "areas"), "place": ("场所", "places"), "event": ("事件", "events"), "team": ("队伍", "teams"),
    "participant": ("参与者", "participants"),
}  # fmt: skip


@click.group("import")
def import_() -> None:
    """Files of other systems into an incident: every row gets its fate, the same file twice changes nothing."""


def _shared(command: Any) -> Any:
    """The options of every import."""
    for option in reversed((
        click.option("--incident", metavar="ID", help="The incident that it goes into: its id, or its name as written."),
        click.option("--new-incident", metavar="NAME", help="Opens an incident for it: a historical record, in which nobody owes anything."),
        click.option("--live", is_flag=True, help="The new incident is an outbreak of today: people come onto the register, duties follow."),
        click.option("--disease", metavar="CODE", help="Of a new incident: covid19, measles, ebola, mers …"),
        click.option("--area", metavar="CODE", help="Where people stay whose row names no known area; of a new incident its area. Default: the centre's."),
        click.option("--dates", type=click.Choice(["dmy", "mdy"]), help="How dates are written, where nothing in the file tells day from month."),
        click.option("--dry-run", is_flag=True, help="Only say what would become of every row: enter nothing."),
        click.option("--receipt", "receipt", type=_WRITTEN, help="Where the receipt goes (JSON lines). An unfinished one is resumed."),
        of_demo, lang, as_json, click.pass_context,
    )):  # fmt: skip
        command = option(command)
    return command


@import_.command("linelist")
@click.argument("file", type=_FILE)
@click.option("--links", type=_FILE, help="A list of who exposed whom: columns from and to, and where known place and date.")
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook; without it the first.")
@click.option("--map", "map_", type=_WRITTEN, help="Where the mapping of columns is kept (JSON): read if it is there, written otherwise.")
@click.option("--column", "columns", multiple=True, metavar="FIELD=HEADING", help='Which column is which: --column "onset=date onset".')
@_shared
def linelist(
    ctx: click.Context, file: Path, links: Path | None, sheet: str | None, map_: Path | None, columns: tuple[str, ...], dates: str | None,
    demo: bool, **to: Any,
) -> None:  # fmt: skip
    """A line list: one row a case, with id, onset, sex, hospital, source and dates under the headings of the trade."""
    lists = use("lists.linelist")
    told = _told(lists, map_, columns, dates)
    connection = ledger(demo)
    zone = use("kit.centre").centre().protocol.zone
    try:
        table = _table(file, sheet)
        found, used = lists.read(table, _table(links, None) if links else None, told, zone.key)
    except ValueError as wrong:
        raise click.UsageError(f"{file.name}: {wrong}") from None
    if map_ and not to["dry_run"] and not map_.exists():
        map_.write_text(used.to_json(), encoding="utf-8")
    if not to["as_json"]:
        _tell_columns(table, used, to["lang"])
    _import(ctx, connection, found, [p for p in (file, links) if p], used.to_json(), **to)


def _told(lists: Any, map_: Path | None, columns: Sequence[str], dates: str | None) -> Any:
    told = lists.Columns()
    if map_ and map_.exists():
        try:
            told = lists.Columns.from_json(map_.read_text(encoding="utf-8"))
        except ValueError as wrong:
            raise click.UsageError(f"{map_}: {wrong}") from None
    for each in columns:
        field, mark, heading = each.partition("=")
        part = "link" if field in ("from", "to") else "case"
        if not mark or field not in lists.fields(part):
            raise click.UsageError(
                f'--column "{each}": write FIELD=HEADING, with a field of {", ".join((*lists.fields("case"), "from", "to"))}'
            )
        told = told._replace(**{part: {**getattr(told, part), field: heading}})
    return told._replace(dates={**told.dates, "*": dates}) if dates else told


def _table(path: Path, sheet: str | None) -> Any:
    tables = use("lists.reading").read_file(path)
    if sheet is not None and sheet not in [t.sheet for t in tables]:
        raise click.UsageError(f'{path.name}: there is no sheet "{sheet}"; there are {", ".join(t.sheet for t in tables)}')
    found = next(t for t in tables if sheet in (None, t.sheet))
    told = use("kit.centre")
    if not told.drill() and any(told.EXERCISE in cell for row in (found.columns, *found.rows) for cell in row):
        raise ValueError("it is a file of an exercise: a real ledger never takes it in")
    return found


def _tell_columns(table: Any, used: Any, lang: str) -> None:
    words = ", ".join(f"{field} = {heading}" for field, heading in {**used.case, **used.link}.items())
    held = set(used.case.values())
    rest = ", ".join(c for c in table.columns if c not in held)
    for each in ("zh", "en") if lang == "both" else (lang,):
        click.echo(f"列:{words}" if each == "zh" else f"columns: {words}", err=True)
        if rest:
            click.echo(f"留在回执里的列:{rest}" if each == "zh" else f"kept in the receipt only: {rest}", err=True)


@import_.command("sormas")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@_shared
def sormas(ctx: click.Context, files: tuple[Path, ...], dates: str | None, demo: bool, **to: Any) -> None:
    """Files of SORMAS: cases, contacts, events, participants, facilities, communities, in its own column names, with one or two header rows."""
    _system(ctx, "sormas", files, dates, demo, **to)


@import_.command("godata")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--areas", "grows", is_flag=True, help="Take the locations into the tree of areas, below the area of the import.")
@_shared
def godata(ctx: click.Context, paths: tuple[Path, ...], dates: str | None, demo: bool, **to: Any) -> None:
    """Files of Go.Data, or folders of them: cases, contacts, follow-ups, relationships, laboratory results, events, locations, teams."""
    files = [f for p in paths for f in (sorted(x for x in p.iterdir() if x.suffix.lower() in _SUFFIXES) if p.is_dir() else [p])]
    if not files:
        raise click.UsageError(f"{paths[0]}: the folder has no file of {', '.join(sorted(_SUFFIXES))}")
    _system(ctx, "godata", files, dates, demo, whole=[p for p in paths if p.is_file()], **to)


#: What is read of a folder.
_SUFFIXES = {".csv", ".tsv", ".txt", ".json", ".xlsx", ".xls", ".ods"}


def _system(
    ctx: click.Context, name: str, files: Sequence[Path], dates: str | None, demo: bool, whole: Sequence[Path] | None = None, **to: Any
) -> None:
    """Reads files of a system and enters them; of a folder, what is not the system's is told and left."""
    reader, connection = use(f"lists.{name}"), ledger(demo)
    zone, given = use("kit.centre").centre().protocol.zone.key, []
    for path in files:
        try:
            reader.read([(path.name, path.read_bytes())], zone, dates)
        except ValueError as wrong:
            if whole is None or path in whole:
                raise click.UsageError(str(wrong)) from None
            word = f"未读 {path.name}:{wrong}" if to["lang"] == "zh" else f"not read: {wrong}"
            click.echo(word, err=True)
        else:
            given.append(path)
    if not given:
        raise click.UsageError("no file of the folder could be read")
    found = reader.read([(path.name, path.read_bytes()) for path in given], zone, dates)
    _import(ctx, connection, found, given, f"{dates} {to.get('grows')}", **to)


# --- what every import shares -----------------------------------------------------------------------------------------
def _import(
    ctx: click.Context, connection: Any, found: Any, files: Sequence[Path], mapping: str, *, incident: str | None, new_incident: str | None,
    live: bool, disease: str | None, area: str | None, dry_run: bool, receipt: Path | None, lang: str, as_json: bool, grows: bool = False,
) -> None:  # fmt: skip
    desk, centre = use("desks.tracing.importing"), use("kit.centre").centre()
    target = _target(connection, incident, new_incident, live, disease, area)._replace(grows=grows)
    named = [{"name": p.name, "sha256": hashlib.sha256(p.read_bytes()).hexdigest()} for p in files]
    head = {
        "import": found.system,
        "files": named,
        "incident": target.incident.hex(),
        "mapping": hashlib.sha256(mapping.encode()).hexdigest(),
    }
    digest = hashlib.sha256(repr(sorted(head.items(), key=str)).encode()).hexdigest()[:16]
    paper = desk.Paper(receipt or use("web.home").home() / "receipts" / f"{found.system}-{digest}.jsonl", head)
    shown: list[Any] = []
    if dry_run:
        for outcome in desk.plan(desk.facts_of(found, target, centre)):
            paper.count[f"{outcome.row.what} {outcome.fate}"] += 1
            if outcome.fate in ("refused", "differs") and len(shown) < SHOWN:
                shown.append(outcome)
    else:
        try:
            desk.run(found, target, centre, paper, by="import", tell=progress(("导入", "import"), lang, ("行", "rows")))
        except desk.Unfit as unfit:
            raise click.UsageError(str(unfit)) from None
        shown = list(_refused(paper.path))
    wrong = sum(n for what, n in paper.count.items() if what.rsplit(" ", 1)[-1] in ("refused", "differs"))
    if as_json:
        counted: dict[str, dict[str, int]] = {}
        for what, n in sorted(paper.count.items()):
            counted.setdefault(what.rsplit(" ", 1)[0], {})[what.rsplit(" ", 1)[1]] = n
        print_json(
            {"incident": target.incident.hex(), "dry_run": dry_run, "rows": counted, "receipt": None if dry_run else str(paper.path)}
        )
    else:
        for each in ("zh", "en") if lang == "both" else (lang,):
            _tell(paper, target, shown, wrong, dry_run, each)
    ctx.exit(1 if wrong else 0)


def _refused(path: Path) -> Any:
    few = 0
    with path.open(encoding="utf-8") as file:
        for line in file:
            said = json.loads(line)
            if said.get("fate") in ("refused", "differs") and few < SHOWN:
                few += 1
                yield said


def _tell(paper: Any, target: Any, shown: Sequence[Any], wrong: int, dry_run: bool, lang: str) -> None:
    zh = lang == "zh"
    for one in shown:
        said = one if isinstance(one, dict) else {**one.row._asdict(), "row": one.row.number, "zh": one.zh, "en": one.en}
        where = f"{said.get('file', '')} {said['row']}"
        field = f" {said['field']}" if said.get("field") else ""
        click.echo(f"{where}{field}:{said['zh']}" if zh else f"{where}{field}: {said['en']}", err=True)
    if wrong > len(shown):
        click.echo(f"另有 {wrong - len(shown):,} 行,见回执" if zh else f"and {wrong - len(shown):,} more rows, in the receipt", err=True)
    for what, (named_zh, named_en) in _WHAT.items():
        parts = [(fate, n) for fate in _FATES if (n := paper.count.get(f"{what} {fate}", 0))]
        if parts:
            told = ("、" if zh else ", ").join(f"{_FATES[f][0]} {n:,}" if zh else f"{n:,} {_FATES[f][1]}" for f, n in parts)
            click.echo(f"{named_zh}:{told}" if zh else f"{named_en}: {told}")
    if dry_run:
        click.echo("仅试读,未录入" if zh else "only tried, nothing entered")
    else:
        kind = (
            ("历史资料,不产生任务" if target.history else "疫情")
            if zh
            else ("a historical record, no duties" if target.history else "live")
        )
        click.echo(
            f"事件 {target.incident.hex()}({kind});回执 {paper.path}"
            if zh
            else f"incident {target.incident.hex()} ({kind}); receipt {paper.path}"
        )


def _target(connection: Any, incident: str | None, new: str | None, live: bool, disease: str | None, area: str | None) -> Any:
    if (incident is None) == (new is None):
        raise click.UsageError('say where it goes: --incident ID, or --new-incident "name" with --disease')
    desk, reader = use("desks.tracing.importing"), use("evidence.reader").Reader(connection)
    tree = use("kit.loading").known_areas(reader)
    areas = desk.names_of(tree)
    founded = next((f.body.area for f in reader.standing("centre.founded")), None)
    home = area or founded or next((code for code, a in tree.items() if a.parent is None), None)
    openings = reader.standing("incident.opened")
    opened, since = {f.body.incident: f.body for f in openings}, {f.body.incident: f.at for f in openings}
    if new is not None:
        if not disease:
            raise click.UsageError("a new incident needs its disease: --disease covid19")
        if home is None or home not in tree:
            raise click.UsageError(
                f"--area {home or 'CODE'}: there is no such area in this ledger; load the areas first (bulou areas load)"
            )
        return desk.new_target(new, disease, home, live, areas, since)
    assert incident is not None
    found = next(
        (b for id_, b in opened.items() if id_.hex() == incident.replace("-", "").lower() or incident in (b.name, b.name_en)), None
    )
    if found is None:
        raise click.UsageError(f"--incident {incident}: there is no such incident; give its id or its name as written")
    if area is not None and area not in tree:
        raise click.UsageError(f"--area {area}: there is no such area in this ledger")
    return desk.Target(found.incident, found.disease, area or found.area, found.nature == "history", None, areas, since[found.incident])
