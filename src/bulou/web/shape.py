"""The shape of a database beside that of this code, and the one step from the old to the new. Enters no fact.

All migrations that are missing are applied in one transaction under the ledger's lock: whatever ends the process in the middle
leaves the old state, on both databases, and the step can be taken again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from bulou.evidence.append import lock

Step = tuple[str, str]


class Standing(NamedTuple):
    """What a database has: nothing at all; migrations that it lacks; migrations that this code does not know."""

    empty: bool
    lacking: list[Step]
    unknown: list[Step]

    @property
    def whole(self) -> bool:
        return not (self.empty or self.lacking or self.unknown)


def standing(connection: Any) -> Standing:
    """The shape of a database, read from what was applied to it."""
    applied = MigrationRecorder(connection).applied_migrations()
    executor = MigrationExecutor(connection)
    lacking = [(m.app_label, m.name) for m, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    unknown = sorted(step for step in applied if step not in executor.loader.disk_migrations and not _replaced(executor, step))
    return Standing(not applied, lacking, unknown)


def _replaced(executor: MigrationExecutor, step: Step) -> bool:
    return any(step in m.replaces for m in executor.loader.disk_migrations.values())


@contextmanager
def one_step(connection: Any) -> Iterator[None]:
    """A transaction under the ledger's lock in which tables may be changed."""
    # SQLite refuses to change tables while it watches foreign keys, and can only be told so before a transaction begins.
    connection.disable_constraint_checking()
    try:
        with transaction.atomic(using=connection.alias):
            lock(connection)
            yield
    finally:
        connection.enable_constraint_checking()


def migrate(connection: Any, targets: list[Step] | None = None, progress: Callable[[int, int], None] | None = None) -> list[Step]:
    """Applies what is missing (up to ``targets``); inside ``one_step``. Returns what was applied."""
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    plan = executor.migration_plan(targets if targets is not None else executor.loader.graph.leaf_nodes())
    done = 0

    def hear(action: str, *_: Any, **__: Any) -> None:
        nonlocal done
        if action == "apply_success":
            done += 1
            if progress:
                progress(done, len(plan))

    executor.progress_callback = hear
    executor.migrate([(m.app_label, m.name) for m, _ in plan] or [], plan=plan)
    return [(m.app_label, m.name) for m, _ in plan]
