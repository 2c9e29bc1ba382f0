"""``bulou rings``: who was near a case, and near whoever was near, by an edition's own words, from files. Enters nothing, judges nobody."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from bulou.basis.words import LISTS, Word
from bulou.cli.assess.reading import Table, Wrong, read
from bulou.cli.protocol import edition_of
from bulou.cli.terminal import as_json, lang, print_json, use

if TYPE_CHECKING:
    from bulou.basis.time import Instant
    from bulou.protocol.rules import Edition
    from bulou.questions.exposure import Case, Way
    from bulou.questions.rings import Found
    from bulou.questions.visits import More

_READ = click.Path(exists=True, dir_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_RINGS = ("close", "secondary", "general", "co_exposed")
_TIME = Word("本地时间,如 2020-12-07 21:00,或日期", "a local time as 2020-12-07 21:00, or a day")
#: What a sentence of why may go on with: behind whom, an assumed end, more exposures, a case as well; in Chinese and English.
_MORE = (
    (",经密接 ", ";停留结束时刻为推定", ";另有暴露 ", ";本人也是病例 "),
    (", behind ", "; an end was assumed", "; more exposures: ", "; is a case as well: "),
)
#: Ids that are told before "and so many more".
_TOLD = 8


@click.command("rings")
@click.option("--visits", required=True, type=click.Path(exists=True, path_type=Path),
              help="Visits: a Parquet or CSV file, a folder of Parquet files, or an exercise's city. Columns: person, place, from, to (empty: not known); "
              "where known space, carriage, row, crew, kind (of place).")  # fmt: skip
@click.option("--cases", "cases_", required=True, type=_READ,
              help="Cases: case, person, onset or specimen (or from, where a person decided the window), until (isolated), last_negative.")  # fmt: skip
@click.option("--edition", required=True, metavar="EDITION", help="An edition's id, as covid19/cn-9, or its file.")
@click.option("--out", type=_FILE, help="The candidates (.csv, .tsv or .parquet), whole or not at all; without it they are printed.")
@click.option("--all", "all_", type=_FILE, help="Every exposure, those of weaker rings as well, in another file.")
@click.option(
    "--places", type=_READ, help="Kinds of places: place, kind. Not needed where the visits say them, nor for an exercise's city."
)
@click.option("--households", type=_READ, help="Households: person, household.")
@click.option("--meetings", type=_READ, help="Meetings that somebody told: a, b, setting, from, to.")
@click.option("--isolated", type=_READ, help="When contacts were isolated: person, at.")
@click.option(
    "--risk",
    type=_READ,
    help="Close contacts at higher or lower risk: person, risk (higher or lower). Where an edition asks behind higher risk alone, whoever is not in it counts as higher.",
)
@click.option("--same-people", type=_READ, help="Ids that are one person: id, same_as.")
@click.option("--same-places", type=_READ, help="Ids that are one place: id, same_as.")
@click.option(
    "--ring",
    "rings_",
    multiple=True,
    type=click.Choice(_RINGS),
    help="Only this ring; several may be given. All that the edition has without it.",
)
@click.option("--minutes", type=click.IntRange(0, 1440), default=0, show_default=True,
              help="Minutes together that are asked where the edition gives none; 0: any time.")  # fmt: skip
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="The time zone of local times.")
@lang
@as_json
@click.pass_context
def rings(
    ctx: click.Context, /, visits: Path, cases_: Path, edition: str, out: Path | None, all_: Path | None, lang: str, as_json: bool, minutes: int, zone: str,
    rings_: tuple[str, ...], **files: Path | None,
) -> None:  # fmt: skip
    """Find who was near a case by an edition's own words: close contacts, those behind them, general contacts and people exposed at the same place.

    One row a person and case: case, person, ring, place, first, last, minutes, why. They are candidates: a named person judges, or excludes with a
    reason. Exactly the minutes counts; stays that are split add up; a stay without an end lasts until the next or the end of the day, and is marked.
    """
    found_edition = edition_of(ctx, edition, lang)
    try:
        local = _zone(zone)
        for path in (out, all_):
            _may_write(path, [p for p in (visits, cases_, *files.values()) if p is not None])
        only = rings_ or _RINGS
        # a stricter ring that is not asked for still takes its people out of the weaker ones
        by = use("questions.exposure").ways(found_edition, minutes, _RINGS[: 1 + max(map(_RINGS.index, only))])
        cases, more = _cases(cases_, local), _more(files, local)
        found = _find(visits, cases, more, by, local)
    except Wrong as why:
        _stop(why.words, lang, as_json)
    except use("questions.visits").Unreadable as why:
        _stop(why.words, lang, as_json)
    sentences = {w.number: _said(use("questions.exposure").told(w), lang) for w in by}
    writing = partial(found.write, zone=local, why=sentences, words=_MORE[0] if lang == "zh" else _MORE[1], only=only)
    shown = None if out is None and as_json else _write(out, writing, lang, as_json)
    if all_ is not None:
        _write(all_, partial(writing, everything=True), lang, as_json)
    _tell(found_edition, by, found, only, shown, out, lang, as_json)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise Wrong(
            [Word(f"--zone {name}:没有这个时区,应如 Asia/Shanghai", f"--zone {name}: there is no such zone, should be as Asia/Shanghai")]
        ) from None


def _may_write(path: Path | None, read_: Sequence[Path]) -> None:
    """Refuses a file that could not be written, or that is read, before anything is computed."""
    if path is None:
        return
    if not path.absolute().parent.is_dir():
        raise Wrong([Word(f"{path}:没有这个文件夹", f"{path}: there is no such folder")])
    if path.suffix.lower() not in (".csv", ".tsv", ".parquet"):
        raise Wrong([Word(f"{path}:应以 .csv、.tsv 或 .parquet 结尾", f"{path} should end in .csv, .tsv or .parquet")])
    if path.exists() and any(p.exists() and path.samefile(p) for p in read_):
        raise Wrong([Word(f"{path}:正是要读的文件,请换一个名字", f"{path} is a file that is read: choose another name")])


def _cases(path: Path, zone: ZoneInfo) -> "list[Case]":
    """The cases; each needs the hour of its onset or specimen, or the beginning of its window."""
    case = use("questions.exposure").Case
    table = read(path)
    names, people = table.text("case"), table.text("person")
    table.distinct("case", names)
    times = {c: _times(table, c, zone) for c in ("onset", "specimen", "from", "until", "last_negative")}
    found = []
    for i, (name, person) in enumerate(zip(names, people, strict=True)):
        onset, specimen, since, until, negative = (times[c][i] for c in times)
        anchor = onset if onset is not None else specimen
        if anchor is None and since is None:
            right = Word("时间:onset、specimen、from 至少写一项", "a time: one of onset, specimen and from at least")
            raise table.wrong(i, next((c for c in ("onset", "specimen", "from") if table.has(c)), "onset"), right)
        if until is not None and since is not None and until <= since:
            raise table.wrong(i, "until", Word("晚于 from 的时间", "later than from"))
        found.append(case(name, person, anchor, since, until, negative))
    return found


def _times(table: Table, name: str, zone: ZoneInfo, *, empty: bool = True) -> "list[Instant | None]":
    """A column of local times; a column that is not there says nothing."""
    if empty and not table.has(name):
        return [None] * len(table)

    def one(text: str) -> "tuple[Instant | None] | None":
        try:
            return (use("basis.time").parse_local(text, zone),) if text else (None,) if empty else None
        except ValueError:
            return None

    return [t[0] for t in table.column(name, one, _TIME)]


def _more(files: dict[str, Path | None], zone: ZoneInfo) -> "More":
    """What is told beside the visits."""
    more, meeting = use("questions.visits").More, use("questions.memory").Meeting

    def pairs(option: str, one: str, other: str) -> list[tuple[str, str]] | None:
        path = files[option]
        if path is None:
            return None
        table = read(path, empty=True)
        return list(zip(table.text(one), table.text(other), strict=True))

    kinds = pairs("places", "place", "kind")
    if kinds is not None and files["places"] is not None:
        table = read(files["places"], empty=True)
        table.column("kind", lambda x: x if x in LISTS["place"] else None, use("questions.visits").kinds_word())
        table.distinct("place", table.text("place"))
    meetings = []
    if (path := files["meetings"]) is not None:
        table = read(path, empty=True)
        right = Word(f"其中之一:{'、'.join(LISTS['setting'])}", f"one of {', '.join(LISTS['setting'])}")
        settings = table.column("setting", lambda x: x if x in LISTS["setting"] else None, right)
        starts, stops = (_times(table, c, zone, empty=False) for c in ("from", "to"))
        for i, (start, stop) in enumerate(zip(starts, stops, strict=True)):
            assert start is not None
            assert stop is not None
            if stop < start:
                raise table.wrong(i, "to", Word("不早于 from 的时间", "no earlier than from"))
            meetings.append(meeting(table.text("a")[i], table.text("b")[i], settings[i], start, stop))
    isolated = []
    if (path := files["isolated"]) is not None:
        table = read(path, empty=True)
        isolated = [(p, t) for p, t in zip(table.text("person"), _times(table, "at", zone, empty=False), strict=True) if t is not None]
    risk = pairs("risk", "person", "risk") or []
    if (path := files["risk"]) is not None:
        read(path, empty=True).column("risk", lambda x: x if x in ("higher", "lower") else None, Word("higher 或 lower", "higher or lower"))
    found: More = more(
        kinds, pairs("households", "person", "household"), meetings, isolated, pairs("same_people", "id", "same_as") or (),
        pairs("same_places", "id", "same_as") or (), risk,
    )  # fmt: skip
    return found


def _find(path: Path, cases: "list[Case]", more: "More", by: "list[Way]", zone: ZoneInfo) -> "Found":
    """Reads the visits and asks."""
    visits, duckdb = use("questions.visits"), use("questions.rings").duckdb
    con = duckdb.connect()
    source = visits.source(con, path, zone)
    if source.person != "VARCHAR":
        visits.check_ids(con, "--cases", [c.person for c in cases], source.person)
    tables = visits.tables(con, source, more, zone)
    found: Found = use("questions.rings").find(tables, cases, by, zone)
    return found


def _write(out: Path | None, writing: Callable[[str], int], lang: str, as_json: bool) -> int:
    """The rows into a file that is there whole or not at all, or onto the terminal; how many they are."""
    if out is None:
        with TemporaryDirectory() as folder:
            made = Path(folder) / "rings.csv"
            rows = writing(str(made))
            click.echo(made.read_text(encoding="utf-8"), nl=False)
        return rows
    part = out.with_name(f".{out.stem}.part{out.suffix}")
    try:
        rows = writing(str(part))
        part.replace(out)
    except OSError as wrong:
        _stop([Word(f"{out}:写不了({wrong.strerror})", f"{out}: cannot be written ({wrong.strerror})")], lang, as_json)
    finally:
        part.unlink(missing_ok=True)
    return rows


def _said(word: Word, lang: str) -> str:
    return {"zh": word.zh, "en": word.en}.get(lang, f"{word.zh} / {word.en}")


def _stop(words: Sequence[Word], lang: str, as_json: bool) -> NoReturn:
    """Says what is wrong and ends with 2."""
    for each in ("zh", "en") if lang == "both" else (lang,):
        for word in words:
            click.echo(_said(word, each), err=True)
    if as_json:
        print_json({"command": "rings", "exit": 2, "error": [w._asdict() for w in words]})
    raise click.exceptions.Exit(2)


def _some(ids: Sequence[object]) -> str:
    return ", ".join(map(str, ids[:_TOLD])) + (f" … ({len(ids):,})" if len(ids) > _TOLD else "")


def _notes(edition: "Edition", by: "list[Way]", found: "Found") -> list[Word]:
    """What whoever reads the candidates must know: what is not checked, what was not asked and what nobody knows."""
    notes = []
    if not by:
        notes.append(Word(f"{edition.id} 没有写这些圈的暴露判定", f"{edition.id} says no exposure for these rings"))
    if loose := [w for w in by if w.status == "unverified"]:
        notes.append(
            Word(
                f"{len(by)} 种问法中有 {len(loose)} 种来源未核实",
                f"{len(loose)} of {len(by)} ways of asking rest on a source that nobody has checked",
            )
        )
    if untimed := [w for w in by if not w.timed and w.shares not in ("household", "meeting")]:
        n = max(w.least for w in untimed) // 60_000_000
        notes.append(
            Word(
                f"{len(untimed)} 种问法方案未写分钟数:按 {n} 分钟(0 为任何时长)",
                f"{len(untimed)} ways have no minutes in the edition: {n} were asked (0: any time)",
            )
        )
    if silent := found.silent():
        notes.append(
            Word(
                f"{len(silent)} 例病例在时段内没有任何停留记录:{_some(silent)}",
                f"{len(silent)} cases have no visit in their window: {_some(silent)}",
            )
        )
    if kindless := found.kindless():
        notes.append(
            Word(
                f"{len(kindless)} 处场所种类不明,方案无从问起:{_some(kindless)}",
                f"{len(kindless)} places have no kind, so nothing was asked there: {_some(kindless)}",
            )
        )
    if unplaced := found.unplaced():
        people = sum(u.people for u in unplaced)
        where = _some([f"{u.case} @ {u.place}: {u.people}" for u in unplaced])
        notes.append(
            Word(
                f"空间不明,无法分远近,须询问:{people:,} 人次({where})",
                f"near or far cannot be told for want of a space, ask: {people:,} times somebody ({where})",
            )
        )
    return notes


def _tell(
    edition: "Edition", by: "list[Way]", found: "Found", only: Sequence[str], shown: int | None, out: Path | None, lang: str, as_json: bool
) -> None:
    """How many are in which ring, and what must be known of it."""
    counted = {ring: n for ring, n in found.counted().items() if ring in only}
    notes = _notes(edition, by, found)
    if as_json:
        value: dict[str, Any] = {
            "command": "rings", "edition": edition.id, "hash": edition.hash, "rows": shown, "people": counted, "notes": [n._asdict() for n in notes],
            "silent": found.silent(), "kindless": found.kindless(), "unplaced": [u._asdict() for u in found.unplaced()],
            "ways": [w._asdict() for w in by],
        }  # fmt: skip
        if out is None:
            value["candidates"] = [{**c._asdict(), "exposure": c.exposure._asdict()} for c in found.candidates() if c.ring in only]
            value["rows"] = len(value["candidates"])
        print_json(value)
        return
    for each in ("zh", "en") if lang == "both" else (lang,):
        parts = [f"{_said(LISTS['ring'][r], each)} {n:,}" for r, n in counted.items()]
        unit = "人" if each == "zh" else "people"
        click.echo(f"{edition.id}: {'; '.join(parts) or '0'} ({unit})", err=True)
        for note in notes:
            click.echo(_said(note, each), err=True)
        if out is not None:
            click.echo(f"已写 {out}:{shown:,} 行" if each == "zh" else f"written: {out}, {shown:,} rows", err=True)
