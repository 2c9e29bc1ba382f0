"""What every bench stands on: a database of its own, made for one run and dropped after it, and tables of results. Asserts nothing.

Importing it sets Django up, so it is imported before anything of bulou. Without ``DATABASE_URL`` the database is a file in a
folder that is removed at the end; nothing is ever read from or written to a centre's own home.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg
from django.db import connection

#: Set by the process that made the folder and the database, for those that it starts.
FOLDER = "BULOU_BENCH_FOLDER"
_MINE = FOLDER not in os.environ
_FOLDER = Path(os.environ.get(FOLDER) or tempfile.mkdtemp(prefix="bulou-bench-"))
os.environ[FOLDER] = str(_FOLDER)
os.environ["BULOU_HOME"] = str(_FOLDER)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bulou.web.settings")
#: The PostgreSQL server to measure on, if any: a URL of any database of it whose user may create others.
SERVER = "BULOU_BENCH_POSTGRES"
if os.environ.get("DATABASE_URL", "").startswith("postgres") and _MINE:
    os.environ.setdefault(SERVER, os.environ["DATABASE_URL"])
if _MINE:
    os.environ.pop("DATABASE_URL", None)
#: The tests' sampler of addresses is used by `board`.
sys.path.insert(1, str(Path(__file__).resolve().parent.parent))
django.setup()


def folder() -> Path:
    """The folder of this run."""
    return _FOLDER


def arguments(about: str, *, databases: bool = True) -> argparse.Namespace:
    """The words that every bench takes."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--small", action="store_true", help="a smoke run in seconds: the numbers mean nothing")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds; medians are printed")
    if databases:
        parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
        parser.add_argument("--duties", type=int, default=0, help="how many duties are present, where not as many as the target says")
        parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
        parser.add_argument("--only", default="", help="parts to run, with commas between; all without it")
        parser.add_argument(
            "--keep", type=Path, help="a folder: the database is kept there (or on the server) and found again by the next run"
        )
    return parser.parse_args()


@contextmanager
def cleaned() -> Iterator[None]:
    """Removes this run's folder when the process that made it is done."""
    try:
        yield
    finally:
        if _MINE:
            shutil.rmtree(_FOLDER, ignore_errors=True)


def on_each(script: str, args: argparse.Namespace) -> int:
    """Runs the script again for each database asked for, each on a database of its own that is dropped afterwards."""
    told = 0
    for name in ("sqlite", "postgresql") if args.database == "both" else (args.database,):
        if name == "postgresql" and SERVER not in os.environ:
            print(f"postgresql: not measured, neither DATABASE_URL nor {SERVER} names a server", flush=True)
            continue
        with _database(name) if args.keep is None else _kept(name, args.keep) as url:
            words = [sys.executable, script, "--child", "--database", name, "--rounds", str(args.rounds), f"--only={args.only}"]
            words += ["--duties", str(args.duties), *(["--keep", str(args.keep)] if args.keep else [])]
            told |= subprocess.run([*words, *(["--small"] if args.small else [])], env={**os.environ, "DATABASE_URL": url}).returncode
    return told


@contextmanager
def _database(vendor: str) -> Iterator[str]:
    if vendor == "sqlite":
        try:
            yield f"sqlite:///{_FOLDER / 'bench.sqlite3'}"
        finally:
            for path in _FOLDER.glob("*.sqlite3*"):
                path.unlink()
        return
    server = os.environ[SERVER]
    name = f"bulou_bench_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(server, autocommit=True) as client:
        client.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as client:
            client.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _kept(vendor: str, where: Path) -> Iterator[str]:
    """A database that outlives the run: a file of the folder, or one of the server with the folder's name. Whoever kept it removes it."""
    where.mkdir(parents=True, exist_ok=True)
    if vendor == "sqlite":
        yield f"sqlite:///{where.resolve() / 'bench.sqlite3'}"
        return
    server, name = os.environ[SERVER], f"bulou_kept_{where.name}"
    with psycopg.connect(server, autocommit=True) as client:
        if client.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            client.execute(f'CREATE DATABASE "{name}"')
    yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def machine() -> str:
    """How large this machine is, and how busy with other work; never its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f} at the start"


def most_memory() -> float:
    """The most memory that this process had, in MiB."""
    most = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(most) / 1024


def timed(what: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that a call took, and what it gave."""
    start = time.perf_counter()
    found = what()
    return time.perf_counter() - start, found


def worked(what: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds that a call took, seconds of them that this process worked itself, and what it gave.

    Where others share the machine the second tells more; what a server does for us is not in it.
    """
    before = time.process_time()
    seconds, found = timed(what)
    return seconds, time.process_time() - before, found


def median(values: list[float]) -> float:
    return statistics.median(values)


def quantile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


@contextmanager
def without_indexes(tables: list[str]) -> Iterator[None]:
    """Loads into these tables without their indexes, which are made again afterwards. Keys stay."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s) "
                "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
                [tables],
            )
        else:
            marks = ",".join(["%s"] * len(tables))
            cursor.execute(
                f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})", tables
            )
            found = cursor.fetchall()
            cursor.execute("PRAGMA synchronous=OFF")
        found = cursor.fetchall() if connection.vendor == "postgresql" else found
        for name, _ in found:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _, statement in found:
            cursor.execute(statement)
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous=NORMAL")


@dataclass
class Table:
    """Results as lines: what, ours, the other side, the ratio, the target, whether both sides said the same."""

    title: str
    heads: tuple[str, ...]
    lines: list[tuple[str, ...]] = field(default_factory=list)
    failed: bool = False

    def line(self, *cells: str) -> None:
        self.lines.append(cells)
        print("  ", *(c for c in cells if c), file=sys.stderr, flush=True)

    def same(self, equal: bool) -> str:
        """The word for a comparison; a difference makes the run fail."""
        self.failed = self.failed or not equal
        return "same" if equal else "DIFFERENT"

    def show(self) -> None:
        """As a table of Markdown, which is what ``docs/reference/measured.md`` keeps."""
        rows = [self.heads, tuple("---" for _ in self.heads), *self.lines]
        print(f"\n{self.title}\n", *(f"| {' | '.join(row)} |" for row in rows), sep="\n", flush=True)
