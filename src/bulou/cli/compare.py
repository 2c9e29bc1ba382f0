"""``bulou compare``: two to eight lists laid side by side, without a server. Reads the files that it is given and writes only what it is told to."""

import gc
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bulou.cli.terminal import as_json, lang, print_json, use

if TYPE_CHECKING:
    from bulou.basis.words import Word
    from bulou.lists.bridge import Bridge
    from bulou.lists.columns import Mapping
    from bulou.lists.comparing import Comparison, Listed
    from bulou.lists.definitions import Counted, Definition
    from bulou.lists.table import Table

#: Headings that are told where none was recognised.
SHOWN = 20
#: What linking tells of its way.
_STEPS = {"read": ("读入", "reading"), "documents": ("证件", "documents"), "names and phones": ("姓名与电话", "names and phones"),
          "undecided": ("未定的", "the undecided"), "review": ("排出待核", "what to review"), "done": ("完成", "done")}  # fmt: skip
_FILE = click.Path(dir_okay=False, path_type=Path)
_READ = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("compare")
@click.argument("files", nargs=-1, type=_READ)
@click.option(
    "--pasted",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="A text pasted from a chat group or a document, as one more list; - reads it from the terminal.",
)
@click.option("--register", type=_READ, help="A list of everyone who should be there: who is not on it is told, and who is only on it.")
@click.option("--out", type=_FILE, help="The workbook (.xlsx) to write the names into.")
@click.option("--template", type=_READ, help="The city's own workbook (.xlsx), empty: everyone is written into a copy of it, each once.")
@click.option("--filled", type=_FILE, help="Where the filled copy of --template goes (.xlsx).")
@click.option("--map", "map_", type=_FILE, help="Where recognised columns are kept (JSON): read if it is there, written at the end.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="LIST:FIELD=HEADING",
    help='Says which column is which where it was not recognised: --column "A:phone=联系方式". Kept in --map.',
)
@click.option(
    "--definition", "definitions", multiple=True, type=_READ, help="How others count (TOML or JSON): each list is counted so too."
)
@click.option(
    "--ours", metavar="CODE", help="Which of the definitions is our own: the bridge leads from it to each other; without it everyone, once."
)
@click.option("--day", metavar="YYYY-MM-DD", help="The day that definitions count until; without it the latest in the lists.")
@click.option(
    "--bridge",
    "bridges",
    multiple=True,
    metavar="A:B",
    help="The bridge from one list to another; without it from the first to the second of two.",
)
@click.option("--since", metavar="MOMENT", help='The cut-off of the list that a bridge starts from: "2022-08-11 20:00".')
@click.option(
    "--figure", "figures", multiple=True, metavar="A=N", help="The figure that was published with a list, where it is not its rows."
)
@click.option(
    "--cause",
    "causes",
    multiple=True,
    metavar="CODE=N",
    help='What someone says of a bridge, a term and how many: "other_cut_off=3"; of several bridges "A:B:other_cut_off=3".',
)
@click.option("--check", "checks", multiple=True, metavar="SUM", help='A figure and its parts: "208429 = 10050 + 139682 + 58377 + 227".')
@click.option(
    "--names", type=click.Choice(["full", "masked"]), default="full", show_default=True, help="Names and numbers in the workbook."
)
@lang
@as_json
@click.pass_context
def compare(
    ctx: click.Context,
    files: tuple[Path, ...],
    pasted: tuple[Path, ...],
    register: Path | None,
    out: Path | None,
    template: Path | None,
    filled: Path | None,
    map_: Path | None,
    columns: tuple[str, ...],
    definitions: tuple[Path, ...],
    ours: str | None,
    day: str | None,
    bridges: tuple[str, ...],
    since: str | None,
    figures: tuple[str, ...],
    causes: tuple[str, ...],
    checks: tuple[str, ...],
    names: str,
    lang: str,
    as_json: bool,
) -> None:
    """Lay 2 to 8 lists side by side: how many people, who is only in one, who differs, who is there twice, each with names and rows.

    FILES are lists as they are: XLSX, XLS, ODS, CSV (GBK or UTF-8), text. Their columns are recognised. They are called A, B, C … in
    the order given. Ends with 0 when all agree, 1 when there is something to see to.
    """
    with _uncollected():
        agrees = _compare(
            files,
            pasted,
            register,
            out,
            template,
            filled,
            map_,
            columns,
            definitions,
            ours,
            day,
            bridges,
            since,
            figures,
            causes,
            checks,
            names,
            lang,
            as_json,
        )
    ctx.exit(0 if agrees else 1)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles: a run holds millions of small things, none of them in a cycle, and ends soon. A third faster."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _compare(
    files: tuple[Path, ...], pasted: tuple[Path, ...], register: Path | None, out: Path | None, template: Path | None, filled: Path | None,
    map_: Path | None, columns: tuple[str, ...], definitions: tuple[Path, ...], ours: str | None, day: str | None, bridges: tuple[str, ...],
    since: str | None, figures: tuple[str, ...], causes: tuple[str, ...], checks: tuple[str, ...], names: str, lang: str, as_json: bool,
) -> bool:  # fmt: skip
    """Reads, compares, writes, says; whether there is nothing to see to."""
    speak = _Speaker("zh" if lang == "zh" else "en")
    if (template is None) != (filled is None):
        raise click.UsageError(speak("--template 与 --filled 要一起用", "--template and --filled go together"))
    for option, path in (("--out", out), ("--filled", filled)):
        if path is not None and path.suffix.lower() != ".xlsx":
            raise click.UsageError(speak(f"{option} {path}:应是 .xlsx 文件", f"{option} {path} should be a file that ends in .xlsx"))
        if path is not None and not path.absolute().parent.is_dir():
            raise click.UsageError(speak(f"{option} {path}:没有这个文件夹", f"{option} {path}: there is no such folder"))
    sums = _sums(checks, speak)
    counting = _definitions(definitions, speak)
    if ours and ours not in {d.code for d in counting}:
        there = ", ".join(d.code for d in counting)
        raise click.UsageError(
            speak(f"--ours {ours}:没有这一口径;有 {there}", f"--ours {ours}: there is no such definition; there are {there}")
        )
    mappings = _remembered(map_, speak)
    comparing = use("lists.comparing")
    read = _Lists(speak, mappings, columns)
    for path in (*files, *pasted):
        read.add(path, path in pasted)
    if not comparing.FEWEST <= len(read.lists) <= comparing.MOST:
        raise click.UsageError(
            speak(f"有 {len(read.lists)} 张名单:可以比 2 至 8 张", f"these are {len(read.lists)} lists: from 2 to 8 can be compared")
        )
    read.all_columns_used()
    said = _figures(figures, len(read.lists), speak)
    pairs = [_pair(b, len(read.lists), speak) for b in bridges] or ([(0, 1)] if len(read.lists) == 2 else [])
    said_of = _causes(causes, pairs, speak)
    known = read.records(register) if register else None
    speak.doing("比对", "comparing", sum(x.rows for x in read.lists))
    found = comparing.compare(read.lists, known, progress=speak.linking)
    between = use("lists.bridge").between
    steps = [between(found, a, b, since=since, said=(said.get(a), said.get(b)), causes=said_of.get((a, b))) for a, b in pairs]
    counted, differences = _counted(found, counting, ours, day, speak)
    answer = use("lists.findings").Findings(found, speak.lang, names == "masked", [*steps, *differences], counted, sums)
    copy = _filled(template, answer, speak) if template else None
    if out is not None:
        speak.doing("写出", "writing", len(found.people))
        use("lists.writing").write(out, use("lists.sheets").sheets(answer), speak.lang)
    if filled is not None and copy is not None:
        _whole(filled, copy.data)
    if map_ is not None:
        _keep(map_, read.used, mappings)
    if as_json:
        print_json(answer.as_data())
    else:
        for each in ("zh", "en") if lang == "both" else (speak.lang,):
            for line in answer._replace(lang=each).lines():
                click.echo(line)
        if out is not None:
            click.echo(speak(f"已写 {out}:先看「结果」和「待核」", f"written: {out}; begin with the sheets Result and To review"))
        else:
            click.echo(speak("要名单请加 --out 结果.xlsx", "for the names add --out result.xlsx"))
        if copy is not None:
            left = "、".join(copy.unfilled) if speak.lang == "zh" else ", ".join(copy.unfilled)
            click.echo(
                speak(
                    f"已填 {filled}:{copy.rows:,} 行" + (f";未填的列:{left}" if left else ""),
                    f"filled: {filled}, {copy.rows:,} rows" + (f"; columns left empty: {left}" if left else ""),
                )
            )
    return bool(answer.agrees())


class _Speaker:
    """Says things in one language; what is under way goes to standard error."""

    def __init__(self, lang: str) -> None:
        self.lang, self._said = lang, ""

    def __call__(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def word(self, word: "Word") -> str:
        return self(word.zh, word.en)

    def doing(self, zh: str, en: str, rows: int) -> None:
        click.echo(self(f"{zh} {rows:,} 行", f"{en} {rows:,} rows"), err=True)

    def linking(self, step: str, share: float) -> None:
        if sys.stderr.isatty() or step != self._said:
            text = f"  {self(*_STEPS.get(step, (step, step)))} {share:.0%}"
            click.echo(("\r" if sys.stderr.isatty() else "") + text, err=True, nl=not sys.stderr.isatty() or share >= 1)
        self._said = step


class _Lists:
    """The lists of one run, read one after the other."""

    def __init__(self, speak: _Speaker, remembered: "list[Mapping]", columns: Sequence[str]) -> None:
        self.speak, self.remembered = speak, tuple(remembered)
        self.lists: list[Listed] = []
        self.used: list[Mapping] = []
        self.said: dict[str, dict[str, str]] = {}
        for text in columns:
            letter, _, rest = text.partition(":")
            field, _, heading = rest.partition("=")
            if letter.upper() not in set("ABCDEFGHR") or not field or not heading:
                raise click.UsageError(speak(f"--column {text}:应写作 A:phone=联系方式", f"--column {text} should be like A:phone=HEADING"))
            fields = use("lists.columns").FIELDS
            if field not in fields:
                raise click.UsageError(
                    speak(
                        f"--column {text}:没有 {field} 这一项;有 {'、'.join(fields)}",
                        f"--column {text}: there is no field {field}; there are {', '.join(fields)}",
                    )
                )
            self.said.setdefault(letter.upper(), {})[field] = heading

    def add(self, path: Path, pasted: bool) -> None:
        """Reads a file; each of its tables that holds people is a list."""
        tables = self._tables(path, pasted)
        found = 0
        for table in tables:
            name = table.name if len(tables) == 1 or not table.sheet else f"{table.name} {table.sheet}"
            mapping, mapped = self._mapped(table, "ABCDEFGH"[min(len(self.lists), 7)])
            if not self._tells_people(mapping):
                continue
            self.lists.append(use("lists.comparing").of_mapped(mapped, name))
            self.used.append(mapping)
            self._tell(table, mapping, name)
            found += 1
        if not found:
            self._no_people(path, tables)

    def records(self, path: Path) -> "list[dict[str, str | None]]":
        """The records of a register."""
        for table in self._tables(path, False):
            mapping, mapped = self._mapped(table, "R")
            if self._tells_people(mapping):
                self.used.append(mapping)
                self._tell(table, mapping, path.name)
                listed: Listed = use("lists.comparing").of_mapped(mapped, path.name)
                return [dict(zip(listed.fields, row, strict=True)) for row in zip(*listed.fields.values(), strict=True)]
        self._no_people(path, self._tables(path, False))
        return []

    @staticmethod
    def _tells_people(mapping: "Mapping") -> bool:
        return any(f in mapping.fields for f in ("name", "document", "phone", "family_name", "given_name"))

    def _tables(self, path: Path, pasted: bool) -> "list[Table]":
        self.speak.doing(f"读取 {path.name}", f"reading {path.name}", 0) if False else click.echo(
            self.speak(f"读取 {path.name}", f"reading {path.name}"), err=True
        )
        reading = use("lists.reading")
        try:
            if str(path) == "-":
                return [reading.read_pasted(sys.stdin.read(), self.speak("粘贴", "pasted"))]
            if pasted:
                return [reading.read_pasted(path.read_text(encoding="utf-8-sig"), path.name)]
            found: list[Table] = reading.read_file(path)
            return found
        except reading.Unreadable as why:
            raise click.UsageError(f"{path}: {self.speak.word(why.word)}") from why
        except UnicodeDecodeError as why:
            raise click.UsageError(self.speak(f"{path}:粘贴的文本应是 UTF-8", f"{path}: pasted text should be UTF-8")) from why
        except OSError as why:
            raise click.UsageError(f"{path}: {why.strerror}") from why

    def _mapped(self, table: "Table", letter: str) -> "tuple[Mapping, Any]":
        mod = use("lists.columns")
        mapping: Mapping = mod.recognise(table, self.remembered)
        for field, heading in self.said.get(letter, {}).items():
            if heading not in table.columns:
                there = "、".join(table.columns) if self.speak.lang == "zh" else ", ".join(table.columns)
                raise click.UsageError(
                    self.speak(
                        f"{table.name}:没有「{heading}」这一列;有 {there}", f"{table.name} has no column {heading}; there are {there}"
                    )
                )
            at = table.columns.index(heading)
            mapping = mapping.corrected(field, at)
        return mapping, mod.apply(table, mapping)

    def all_columns_used(self) -> None:
        for letter in self.said:
            if letter != "R" and "ABCDEFGH".index(letter) >= len(self.lists):
                raise click.UsageError(self.speak(f"--column {letter}:没有名单 {letter}", f"--column {letter}: there is no list {letter}"))

    def _tell(self, table: "Table", mapping: "Mapping", name: str) -> None:
        heads = {c: f for f, c in mapping.fields.items()}
        as_read = "  ".join(f"{h}={heads[c]}" if c in heads else f"({h})" for c, h in enumerate(table.columns))
        letter = "ABCDEFGH"[len(self.lists) - 1] if self.lists else ""
        click.echo(f"  {letter} {name}: {as_read}", err=True)

    def _no_people(self, path: Path, tables: "list[Table]") -> None:
        there = [c for t in tables for c in t.columns if c]
        columns = (
            self.speak("、", ", ").join(there[:SHOWN]) + (" …" if len(there) > SHOWN else "") if there else self.speak("(空)", "(empty)")
        )
        raise click.UsageError(self.speak(
            f"{path}:认不出哪一列是姓名、证件号或电话;有这些列:{columns}。请用 --column \"A:name=列名\" 指明(A 是第一张名单)",
            f'{path}: no column was recognised as a name, a document or a phone; there are: {columns}. Say which with --column "A:name=HEADING" (A is the first list)',
        ))  # fmt: skip


def _remembered(path: Path | None, speak: _Speaker) -> "list[Mapping]":
    if path is None or not path.exists():
        return []
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return [use("lists.columns").Mapping.from_json(json.dumps(each)) for each in raw]
    except (ValueError, KeyError, TypeError, AttributeError) as why:
        raise click.UsageError(
            speak(f"--map {path}:不是由 bulou compare 写出的列对应({why})", f"--map {path} is no mapping that bulou compare wrote ({why})")
        ) from why


def _keep(path: Path, used: "list[Mapping]", before: "list[Mapping]") -> None:
    """Writes the mappings of this run beside those that were there."""
    kept = {m.header: m for m in (*before, *used)}
    text = json.dumps([json.loads(m.to_json()) for m in kept.values()], ensure_ascii=False, indent=1)
    _whole(path, (text + "\n").encode())


def _whole(path: Path, data: bytes) -> None:
    """Writes a file: whole, or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _filled(template: Path, answer: Any, speak: _Speaker) -> Any:
    """The city's workbook with everyone in it."""
    try:
        return use("lists.workbook").fill(template, use("lists.sheets").values(answer))
    except use("lists.table").Unreadable as why:
        raise click.UsageError(f"--template {template}: {speak.word(why.word)}") from why


def _sums(checks: Sequence[str], speak: _Speaker) -> list[Any]:
    partitions, found = use("lists.partitions"), list[Any]()
    for text in checks:
        try:
            found.extend(partitions.typed(text))
        except partitions.NotAFigure as why:
            raise click.UsageError("--check " + speak(why.zh, str(why))) from why
    return found


def _definitions(paths: Sequence[Path], speak: _Speaker) -> "list[Definition]":
    definitions, found = use("lists.definitions"), list[Any]()
    for path in paths:
        try:
            found.extend(definitions.read(path.read_text(encoding="utf-8"), "json" if path.suffix.lower() == ".json" else "toml"))
        except (definitions.NotADefinition, UnicodeDecodeError) as why:
            raise click.UsageError(f"{path}: {why}") from why
    return found


def _counted(
    found: "Comparison", definitions: "Sequence[Definition]", ours: str | None, day: str | None, speak: _Speaker
) -> "tuple[list[tuple[str, Counted]], list[Bridge]]":
    """Every list counted by every definition, and all lists together; and the bridge from our count to each of theirs."""
    if not definitions:
        return [], []
    mod = use("lists.definitions")
    until = day or mod.last_day(found)
    if not until and any(d.clock for d in definitions):
        raise click.UsageError(
            speak("名单里没有日期:请用 --day 指明统计到哪一天", "the lists carry no date: say with --day until which day is counted")
        )
    mine = next((d for d in definitions if d.code == ours), mod.EVERYONE)
    out, steps = [], []
    for d in definitions:
        for i, x in enumerate(found.lists):
            out.append((x.name, mod.count(found, d, until, [i])))
        out.append((speak("全部名单", "all lists"), mod.count(found, d, until)))
        if d.code != mine.code:
            steps.append(mod.difference(found, mine, d, until)[2])
    return out, steps


def _causes(texts: Sequence[str], pairs: Sequence[tuple[int, int]], speak: _Speaker) -> dict[tuple[int, int], dict[str, int]]:
    """What someone says of each bridge: a term that explains something, and how many."""
    bridge = use("lists.bridge")
    codes = [c for c in bridge.TERMS if c not in bridge.UNEXPLAINED]
    found: dict[tuple[int, int], dict[str, int]] = {}
    for text in texts:
        head, _, number = text.partition("=")
        *where, code = head.split(":")
        if code not in codes or not number.strip().isdigit() or len(where) not in (0, 2):
            there = ", ".join(codes)
            raise click.UsageError(
                speak(
                    f"--cause {text}:应写作 other_cut_off=3;有 {there}", f"--cause {text} should be like other_cut_off=3; there are {there}"
                )
            )
        meant = [p for p in pairs if not where or ["ABCDEFGH"[i] for i in p] == [w.strip().upper() for w in where]]
        if len(meant) != 1:
            raise click.UsageError(
                speak(
                    f"--cause {text}:请指明哪一条衔接,如 A:B:{code}={number}", f"--cause {text}: say which bridge, like A:B:{code}={number}"
                )
            )
        of = found.setdefault(meant[0], {})
        of[code] = of.get(code, 0) + int(number)
    return found


def _letter(text: str, n: int, option: str, speak: _Speaker) -> int:
    letter = text.strip().upper()
    if len(letter) != 1 or letter not in "ABCDEFGH"[:n]:
        there = "ABCDEFGH"[:n]
        raise click.UsageError(
            speak(f"{option}:没有名单 {text};有 {'、'.join(there)}", f"{option}: there is no list {text}; there are {', '.join(there)}")
        )
    return "ABCDEFGH".index(letter)


def _pair(text: str, n: int, speak: _Speaker) -> tuple[int, int]:
    a, mark, b = text.partition(":")
    if not mark:
        raise click.UsageError(speak(f"--bridge {text}:应写作 A:B", f"--bridge {text} should be like A:B"))
    return _letter(a, n, "--bridge", speak), _letter(b, n, "--bridge", speak)


def _figures(texts: Sequence[str], n: int, speak: _Speaker) -> dict[int, int]:
    found = {}
    for text in texts:
        a, _, number = text.partition("=")
        if not number.strip().replace(",", "").isdigit():
            raise click.UsageError(speak(f"--figure {text}:应写作 A=1402", f"--figure {text} should be like A=1402"))
        found[_letter(a, n, "--figure", speak)] = int(number.replace(",", ""))
    return found
