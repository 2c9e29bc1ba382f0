"""Brings the catalogues of messages up to date with the sources: ``uv run python tools/messages.py``. Needs no GNU gettext.

English is the language of the sources. Messages of templates and Python go into one catalogue for each other language; what is
no longer there is dropped, what is new stands empty until someone translates it. ``--check`` changes nothing and fails when
something is missing or out of date.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent / "src" / "bulou"
LOCALES = {"zh_Hans": ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"}
KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "gettext_noop": None}


def sources() -> Iterator[tuple[Path, bytes]]:
    """Every Python file and template, as Python that Babel can read."""
    for path in sorted(ROOT.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, path.read_bytes()
    for path in sorted(ROOT.rglob("templates/**/*.html")):
        python = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        yield path, "\n".join(line.strip() for line in python.splitlines()).encode()


def extracted(locale: str) -> Catalog:
    """A catalogue of what the sources say, empty of translations."""
    catalog = Catalog(
        locale=locale, project="Bulou", version="1", charset="utf-8", fuzzy=False, msgid_bugs_address="-", last_translator="the Bulou team",
        language_team="the Bulou team", header_comment="# Messages of Bulou. Made by tools/messages.py; translated by hand. Apache-2.0.",
    )  # fmt: skip
    for path, text in sources():
        for _line, message, _comments, _context in extract("python", io.BytesIO(text), keywords=KEYWORDS):
            if message:
                catalog.add(message, locations=[(str(path.relative_to(ROOT.parent)), 0)])
    return catalog


def brought_up(locale: str, path: Path) -> tuple[Catalog, bytes]:
    """The catalogue with the translations that are still wanted, and its file."""
    fresh = extracted(locale)
    if path.exists():
        with path.open("rb") as file:
            old = read_po(file, locale=locale)
        for message in fresh:
            known = old.get(message.id[0] if isinstance(message.id, tuple) else message.id) if message.id else None
            if known and known.string:
                message.string = known.string
    buffer = io.BytesIO()
    write_po(buffer, fresh, width=0, sort_output=True, no_location=True, omit_header=False)
    lines = [line for line in buffer.getvalue().decode().splitlines() if "Date:" not in line]
    return fresh, ("\n".join(lines) + "\n").encode()


def main() -> int:
    if not settings.configured:
        settings.configure(USE_I18N=True)
    check, failed = "--check" in sys.argv, 0
    for locale, path in LOCALES.items():
        catalog, text = brought_up(locale, path)
        empty = [m.id for m in catalog if m.id and not (any(m.string) if isinstance(m.string, tuple) else m.string)]
        if check:
            stale = not path.exists() or path.read_bytes() != text
            failed += bool(empty) + stale
            if stale:
                print(f"{path}: out of date: run tools/messages.py")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
        for message in empty:
            print(f"{locale}: not translated: {message!r}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
