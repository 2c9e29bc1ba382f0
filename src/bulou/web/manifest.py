"""What a backup is: a folder of parts and a manifest that names each with its digest. Knows no database and changes nothing.

``tables/<table>.parquet`` holds a table, ``files/…`` what the home holds beside the database, ``manifest.json`` is written last:
a folder without one, or named ``….unfinished``, is none.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bulou.web.home import Impossible

FORMAT = 1
NAME = "manifest.json"
UNFINISHED = ".unfinished"
#: Folders of the home that a backup takes, and the key that it takes only when asked.
FOLDERS = ("editions", "attachments")
KEY = "secret.key"


class NotABackup(Impossible):
    """A folder that is no whole backup, or a place into which it cannot be restored."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the backup, with its SHA-256 in hexadecimal and its size in bytes; ``rows`` of a table."""

    sha256: str
    size: int
    rows: int = 0


@dataclass(slots=True)
class Manifest:
    """What a backup holds: where the ledger ended, the shape of the database, every part, the settings that are no secret."""

    made_at: int
    vendor: str
    version: str
    entry: int
    hash: str
    facts: int
    migrations: list[list[str]]
    settings: dict[str, str]
    parts: dict[str, Part] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def tables(self) -> dict[str, Part]:
        return {name[7:-8]: part for name, part in self.parts.items() if name.startswith("tables/")}

    @property
    def files(self) -> dict[str, Part]:
        return {name[6:]: part for name, part in self.parts.items() if name.startswith("files/")}

    def text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read(folder: Path) -> Manifest:
    """The manifest of a backup; NotABackup where there is none that can be used."""
    if folder.name.endswith(UNFINISHED) or not (folder / NAME).is_file():
        raise NotABackup(
            f"{folder} 不是完整的备份:备份未做完,或位置不对", f"{folder} is no whole backup: it was not finished, or lies elsewhere"
        )
    try:
        told: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if told["format"] > FORMAT:
            raise NotABackup(
                f"{folder} 由更新版本的 Bulou 所做(格式 {told['format']})", f"{folder} was made by a newer Bulou (form {told['format']})"
            )
        return Manifest(**{**told, "parts": {name: Part(**part) for name, part in told["parts"].items()}})
    except (KeyError, TypeError, json.JSONDecodeError):
        raise NotABackup(f"{folder / NAME} 读不懂", f"{folder / NAME} cannot be read") from None


def check(folder: Path, manifest: Manifest, progress: Callable[[int, int], None] | None = None) -> None:
    """Compares every part with its digest; NotABackup names the first that is not as it was written."""
    total = sum(part.size for part in manifest.parts.values())
    done = 0
    for name, part in sorted(manifest.parts.items()):
        path = folder / name
        if path.resolve() != (folder.resolve() / name) or not path.is_file():
            raise NotABackup(f"备份缺 {name}", f"the backup lacks {name}")
        if path.stat().st_size != part.size or digest(path) != part.sha256:
            raise NotABackup(f"备份中的 {name} 与清单不符", f"{name} of the backup is not as its manifest says")
        done += part.size
        if progress:
            progress(done, total)


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
