"""Steps of migrations that only speak to the database: triggers that guard tables, and their taking away."""

from typing import Any

from django.db.migrations import RunPython


class OnConnection(RunPython):
    """As ``RunPython``, but what it runs is given no models: making those of every app anew for each step is most of a first start's time."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self.code(None, schema_editor)  # type: ignore[arg-type]  # no models: these steps ask for none

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if self.reverse_code is None:
            raise NotImplementedError("You cannot reverse this operation")
        self.reverse_code(None, schema_editor)  # type: ignore[arg-type]
