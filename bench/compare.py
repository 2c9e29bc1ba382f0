"""Eight dirty lists of 50,000 rows from files to a workbook, beside pandas on the document and Splink alone, same rows, same run. Asserts nothing.

The lists are those of the tests (`tests/lists/dirty.py`) at full size: made up, every trap of the field in them, the answer known. All three sides get the same
files. pandas is told every encoding and every heading by hand and merges on the document as text, on name and phone where there is none; Splink gets the rows
that we read, as its tutorial has it.
"""

import json
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import ground
from link import alone, judged
from tests.lists import dirty

from bulou.lists.columns import apply, recognise
from bulou.lists.comparing import Comparison, Listed, _records, compare, of_mapped
from bulou.lists.findings import Findings
from bulou.lists.reading import read_file, read_pasted
from bulou.lists.sheets import sheets
from bulou.lists.writing import write

try:
    import pandas
except ImportError:
    pandas = None

At = tuple[int, int]


def read(made: dirty.Dirty, paths: list[Path]) -> list[Listed]:
    """Every file as a list; one heading that nobody would guess is said, as a clerk would."""
    found = []
    for form, path in zip(made.forms, paths, strict=True):
        table = read_file(path)[0] if form.form not in ("chat", "pasted") else read_pasted(path.read_text(encoding="utf-8"), path.name)
        mapping = recognise(table)
        if "code_of" in form.columns and "code_of" not in mapping.fields:
            mapping = mapping.corrected("code_of", table.columns.index(form.columns["code_of"]))
        found.append(of_mapped(apply(table, mapping)))
    return found


def by_command(made: dirty.Dirty, paths: list[Path], out: Path) -> dict[str, Any]:
    """`bulou compare` as a clerk calls it, in a process of its own: what it prints as JSON."""
    files = [p for form, p in zip(made.forms, paths, strict=True) if form.form not in ("chat", "pasted")]
    pasted = [p for form, p in zip(made.forms, paths, strict=True) if form.form in ("chat", "pasted")]
    letter = "ABCDEFGH"[[p.name for p in files].index("网格.xlsx")]
    words = [
        *map(str, files),
        *(w for p in pasted for w in ("--pasted", str(p))),
        "--out",
        str(out),
        "--column",
        f"{letter}:code_of=代扫码人",
        "--json",
    ]
    done = subprocess.run(
        [sys.executable, "-c", "from bulou.cli import main; main()", "compare", *words], capture_output=True, text=True, check=False
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def with_pandas(made: dirty.Dirty, paths: list[Path]) -> tuple[dict[At, int], int]:
    """What a person who knows pandas does: read, name the columns, group by document, else by name and phone. The answer by row."""
    frames = []
    for i, (form, path) in enumerate(zip(made.forms, paths, strict=True)):
        if form.form.startswith("xlsx"):
            frame = pandas.read_excel(path, header=2 if form.form == "xlsx-merged" else 0, dtype=str)
            first = 4 if form.form == "xlsx-merged" else 2
        elif form.form == "chat":
            lines = path.read_text(encoding="utf-8").splitlines()[2:]
            cells = [re.match(r"\d+\. (\S.*?)\s+(1\d{10}|\S*\d{4,}\S*(?: \d+)*)?\s*(\S*)$", line) for line in lines]
            said = [c.groups() if c else (line, None, None) for c, line in zip(cells, lines, strict=True)]
            frame = pandas.DataFrame(said, columns=list(form.columns.values()))
            first = 3
        else:
            kind = {"csv-gbk": ("gb18030", ","), "pasted": ("utf-8", "\t")}.get(form.form, ("utf-8-sig", ","))
            frame, first = pandas.read_csv(path, encoding=kind[0], sep=kind[1], dtype=str), 2
        frame = frame.rename(columns={heading: field for field, heading in form.columns.items()})
        frames.append(frame.assign(list=i, row=range(first, first + len(frame))))
    rows = pandas.concat(frames, ignore_index=True)
    rows["document"] = rows["document"].str.strip().str.upper()
    key = rows["document"].where(rows["document"].notna(), rows["name"].fillna("") + "|" + rows["phone"].fillna(""))
    by_contact = rows["name"].fillna("") + "|" + rows["phone"].fillna("")
    known = rows[rows["document"].notna()].assign(contact=by_contact).drop_duplicates("contact").set_index("contact")["document"]
    key = key.where(rows["document"].notna(), by_contact.map(known).fillna(key))
    groups = key.factorize()[0]
    return {(int(i), int(n)): int(g) for i, n, g in zip(rows["list"], rows["row"], groups, strict=True)}, len(set(groups))


def answer(found: Comparison) -> tuple[dict[At, int], set[At]]:
    of = {(found.of[r], found.row[r]): p.number for p in found.people for r in p.records}
    review = {(found.of[r], found.row[r]) for x in found.review for r in (x.first, x.second) if r is not None}
    return of, review


class Bench:
    """The table, filled side by side."""

    def __init__(self, rows: int) -> None:
        self.table = ground.Table(
            f"compare: {ground.machine()}; 8 lists of about {rows:,} rows, made up, answer known",
            ("what", "seconds", "own time", "people (in truth)", "joined to another", "parted", "wrong and not in review", "precision", "recall", "target"),
        )  # fmt: skip

    def line(self, what: str, seconds: float, own: float, target: str = "") -> None:
        self.table.line(what, f"{seconds:.1f}", f"{own:.1f}", "", "", "", "", "", "", target)

    def told(
        self, what: str, seconds: float, own: float, truth: dirty.Truth, people: int, of: dict[At, int], review: set[At], target: str = ""
    ) -> None:
        """Judged on the rows of which it can be known whose they are; what nobody can know belongs into review."""
        verdict = dirty.judge(truth, {at: of.get(at, -1 - n) for n, at in enumerate(truth.person_of)}, review)
        known = truth.known
        precision, recall = judged([of.get(at, -1 - n) for n, at in enumerate(known)], list(known.values()))
        parted = sum(1 for _, b in verdict.parted if b not in review)
        self.table.line(
            what, f"{seconds:.1f}", f"{own:.1f}", f"{people:,} ({len(set(truth.person_of.values())):,})", f"{len(verdict.joined):,}",
            f"{len(verdict.parted):,}", f"{parted + len(verdict.not_in_review):,}", f"{precision:.5f}", f"{recall:.5f}", target,
        )  # fmt: skip


def measure(args: Any) -> int:
    size = 2_000 if args.small else 53_800
    made = dirty.make(seed=7, people=size)
    bench = Bench(max(len(r) for r in made.rows))
    with tempfile.TemporaryDirectory(dir=ground.folder()) as place:
        folder = Path(place)
        paths = made.write(folder)
        out = folder / "result.xlsx"
        seconds, told = ground.timed(lambda: by_command(made, paths, out))
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        peak, own = used.ru_maxrss / 2**20, used.ru_utime + used.ru_stime
        read_s, read_own, lists = ground.worked(lambda: read(made, paths))
        link_s, link_own, found = ground.worked(lambda: compare(lists))
        write_s, write_own, _ = ground.worked(lambda: write(folder / "again.xlsx", sheets(Findings(found, "zh")), "zh"))
        what = f"bulou compare, files to workbook of {out.stat().st_size / 2**20:.0f} MiB, peak {peak:.1f} GiB"
        bench.told(what, seconds, own, made.truth, len(found.people), *answer(found), target="< 60 s")
        same = bench.table.same(told["figures"][0]["number"] == len(found.people))
        bench.table.line("— its JSON tells as many people as the rows judged", "", "", "", "", "", "", "", "", same)
        bench.line("— files read, columns recognised", read_s, read_own)
        bench.line("— compared", link_s, link_own)
        bench.line(
            f"— workbook written, {len(found.review):,} to review: {found.fewest:,} to {len(found.people):,} people", write_s, write_own
        )
        if pandas is not None:
            seconds, own, (of, people) = ground.worked(lambda: with_pandas(made, paths))
            bench.told("pandas, merged on document, files told by hand, no workbook", seconds, own, made.truth, people, of, set())
        else:
            print("pandas: not measured, it is not installed", flush=True)
        at = list(zip(found.of, found.row, strict=True))
        seconds, own, person = ground.worked(lambda: alone(_records(found.of, found.row, found.values)))
        bench.told(
            "Splink alone, on rows read by us, no workbook",
            seconds,
            own,
            made.truth,
            len(set(person)),
            dict(zip(at, person, strict=True)),
            set(),
        )
    bench.table.show()
    for field in ("document", "name", "area", "state", "phone"):
        told = {made.truth.person_of[found.of[r], found.row[r]] for d in found.differences if d.field == field for r, _ in d.said}
        print(f"differing in {field}: {len(told):,}, in truth {len(made.truth.differing.get(field, set())):,}", flush=True)
    return int(bench.table.failed)


if __name__ == "__main__":
    asked_for = ground.arguments(__doc__.split("\n", maxsplit=1)[0], databases=False)
    with ground.cleaned():
        sys.exit(measure(asked_for))
