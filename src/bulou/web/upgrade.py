"""``bulou upgrade``: a backup, then all missing migrations in one transaction under the ledger's lock, then a look at what follows from facts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from bulou.basis.time import Instant
from bulou.duties import rebuild
from bulou.duties.enter import forget
from bulou.protocol.rules import Protocol_
from bulou.web import backup
from bulou.web.home import Impossible
from bulou.web.shape import Step, migrate, one_step, standing

Progress = Callable[[str], Callable[[int, int], None]]


class Upgraded(NamedTuple):
    """Where the backup lies, the migrations that were applied, and the tables that were made again from facts."""

    backup: Path
    steps: list[Step]
    remade: list[str]


def upgrade(connection: Any, home: Path, now: Instant, protocol: Protocol_, progress: Progress) -> Upgraded | None:
    """Brings the database to the shape of this code; None where it has it. Impossible for one that a newer Bulou made."""
    found = standing(connection)
    if found.unknown:
        app, name = found.unknown[0]
        raise Impossible(
            f"数据库由更新版本的 Bulou 建立(有 {app}.{name}):请用该版本",
            f"the database was made by a newer Bulou (it has {app}.{name}): use that one",
        )
    if not found.lacking:
        return None
    kept = home / "backups"
    kept.mkdir(exist_ok=True, mode=0o700)
    folder, _manifest = backup.make(connection, home, kept, now, progress=progress("backup"))
    with one_step(connection):
        steps = migrate(connection, progress=progress("migrate"))
        differing = [d.table for d in rebuild.check(protocol, connection.alias, progress("check"))]
        if differing:
            rebuild.rebuild(protocol, connection.alias, progress("rebuild"))
    forget()
    return Upgraded(folder, steps, differing)
