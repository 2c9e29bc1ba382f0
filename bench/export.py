"""How fast a sheet of a million rows leaves in each form, and how much memory that takes, beside pandas. Asserts nothing.

A register of made-up people, read by the sheet of people with masks, names and areas; every form in a process of its own, so that
the most memory it ever had is its own. pandas reads the same columns with one statement and writes them whole.
"""

import sqlite3
import subprocess
import sys
import time
from importlib import import_module
from typing import Any

import ground
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpRequest

from bulou.basis.ids import named_id
from bulou.basis.time import FOREVER, Instant
from bulou.desks.people.sheets import PEOPLE
from bulou.evidence.now import NEVER
from bulou.evidence.sql import insert
from bulou.kit.centre import centre
from bulou.kit.files import FORMS
from bulou.kit.looking import Looking, Moment
from bulou.kit.sheet import Listed
from bulou.register.scope import NOBODY, Scope

NOW = Instant(1_607_000_000_000_000)
AREAS = [f"510117{t:03d}{v:03d}" for t in range(1, 13) for v in range(1, 21)]
QUERY = "SELECT s.id, p.name, p.sex, p.born_on, p.phone, s.area, s.nature, s.here_from FROM stay s JOIN person p ON p.person = s.person ORDER BY s.area"


def load(people: int) -> None:
    """A register of so many people, each with one stay."""
    call_command("migrate", verbosity=0)
    with ground.without_indexes(["person", "stay", "area"]), transaction.atomic():
        insert(connection, "area", ("id", "code", "level", "name", "official", "lineage", "opened_seq", "void_seq"),
               [(i, code, "village", f"村{i}", True, f"/{code}/", 1, NEVER) for i, code in enumerate(AREAS)])  # fmt: skip
        for start in range(0, people, 10_000):
            some = range(start, min(people, start + 10_000))
            ids = [named_id("bench", str(i)) for i in some]
            insert(connection, "person", ("id", "person", "canonical", "name", "sex", "born_on", "document_kind", "phone", "since", "opened_seq", "void_seq"),
                   [(i, p, p, f"王小{i}", "female", "1980-01-01", "none", f"000{i:08d}", 1, 1, NEVER) for i, p in zip(some, ids, strict=True)])  # fmt: skip
            insert(connection, "stay", ("id", "person", "area", "nature", "here_from", "here_until", "opened_seq", "void_seq"),
                   [(i, p, AREAS[i % len(AREAS)], "residence", 1, FOREVER, 1, NEVER) for i, p in zip(some, ids, strict=True)])  # fmt: skip


def ours(ending: str) -> None:
    """Writes the sheet in one form, and prints seconds, bytes and the most memory this process had, in MiB."""
    viewer = NOBODY._replace(scope=Scope(None))
    look = Looking(viewer, Moment(NOW, NEVER - 1, NOW, live=True), "zh", settings.BULOU_ZONE, centre().protocol)
    begun, size = time.perf_counter(), 0
    with (ground.folder() / f"out.{ending}").open("wb") as out:
        for piece in Listed(PEOPLE, look, HttpRequest()).file(ending).streaming_content:
            size += out.write(piece)
            look.seen.ids.clear()  # as the middleware does once the look is written
    said(begun, size)


def theirs(ending: str) -> None:
    """The same by pandas."""
    pandas = import_module("pandas")  # only here: its memory is its own
    begun = time.perf_counter()
    frame, path = pandas.read_sql(QUERY, sqlite3.connect(connection.settings_dict["NAME"])), ground.folder() / f"theirs.{ending}"
    match ending:
        case "csv":
            frame.to_csv(path, index=False)
        case "xlsx":
            frame.to_excel(path, index=False, engine="xlsxwriter")
        case "parquet":
            frame.to_parquet(path, compression="zstd")
        case _:
            frame.to_json(path, orient="records", lines=ending == "jsonl", force_ascii=False)
    said(begun, path.stat().st_size)


def said(begun: float, size: int) -> None:
    print(time.perf_counter() - begun, size, ground.most_memory())


def measured(who: str, *endings: str) -> list[list[float]]:
    """What a process of its own says of each of these forms, in their order."""
    done = subprocess.run([sys.executable, __file__, who, *endings], stdout=subprocess.PIPE, text=True, check=True)
    return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]


def all_of(who: str, args: Any) -> dict[str, list[list[float]]]:
    """Every round of every form. A smoke run begins one process for all of them, once: thirty starts of Python took minutes."""
    if args.small:
        return {ending: [line] for ending, line in zip(FORMS, measured(who, *FORMS), strict=True)}
    return {ending: [measured(who, ending)[0] for _ in range(args.rounds)] for ending in FORMS}


def main() -> int:
    args = ground.arguments(__doc__ or "", databases=False)
    people = 5_000 if args.small else 1_000_000
    with ground.cleaned():
        load(people)
        table = ground.Table(
            f"Files of {people:,} rows ({ground.machine()})", ("form", "ours", "most memory", "size", "pandas", "its memory")
        )
        some = {who: all_of(who, args) for who in ("ours", "theirs")}
        for ending in FORMS:
            (us, size, mine), (them, _, its) = (
                [ground.median(list(v)) for v in zip(*some[who][ending], strict=True)] for who in ("ours", "theirs")
            )
            table.line(ending, f"{us:.1f} s", f"{mine:.0f} MiB", f"{size / 2**20:.1f} MiB", f"{them:.1f} s", f"{its:.0f} MiB")
        table.show()
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] in ("ours", "theirs"):
        for each in sys.argv[2:]:
            {"ours": ours, "theirs": theirs}[sys.argv[1]](each)
    else:
        sys.exit(main())
