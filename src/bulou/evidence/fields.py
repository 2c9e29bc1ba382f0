"""Columns that are the same bytes and numbers on SQLite and PostgreSQL: 16-byte ids, instants as whole microseconds.

The same SQL and the same parameters then serve both databases, and a comparison means the same on both.
"""

from typing import Any

from django.db import models

from bulou.basis.ids import from_text, subject_of, subject_text, to_text


class IdField(models.Field):  # type: ignore[type-arg]  # generic for type checkers only
    """Sixteen bytes. Text forms (URLs, forms) are UUIDs with hyphens."""

    description = "id"

    def db_type(self, connection: Any) -> str:
        return "bytea" if connection.vendor == "postgresql" else "blob"

    def rel_db_type(self, connection: Any) -> str:
        return self.db_type(connection)

    def to_python(self, value: Any) -> bytes | None:
        if value is None or isinstance(value, bytes):
            return value
        return from_text(value) if isinstance(value, str) else bytes(value)

    def get_prep_value(self, value: Any) -> bytes | None:
        return self.to_python(super().get_prep_value(value))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return value if value is None or isinstance(value, bytes) else bytes(value)

    def value_to_string(self, obj: Any) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else to_text(value)


class SubjectField(IdField):
    """Whom or what: the 16 bytes of an id, or the UTF-8 of a code; its text form is that of ``basis.ids``."""

    description = "subject"

    def to_python(self, value: Any) -> bytes | None:
        if isinstance(value, str):
            return stored(subject_of(value))
        return value if value is None or isinstance(value, bytes) else bytes(value)

    def value_to_string(self, obj: Any) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else subject_text(value if len(value) == 16 else value.decode())


class InstantField(models.BigIntegerField):  # type: ignore[type-arg]
    """An instant: whole microseconds since 1970 UTC."""

    description = "instant"


def stored(subject: bytes | str) -> bytes:
    """A subject as a column holds it. Which of the two it was is known from the type of subject, never guessed."""
    return subject if isinstance(subject, bytes) else subject.encode()
