"""What commands share: the language of the terminal, JSON, progress, the ledger. Holds no command.

A command imports what it needs when it runs, so that ``bulou --help`` reads neither Django nor the editions.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

LANGS = click.Choice(["zh", "en", "both"])
Command = Callable[..., Any]


def use(module: str) -> Any:
    """A module of Bulou, imported when a command needs it: ``bulou --help`` reads neither Django nor the editions.

    Nothing imports the command line, so no knot is hidden here.
    """
    return import_module(f"bulou.{module}")


def language() -> str:
    """The language of the terminal: Chinese where it says so, else English."""
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if told.lower().startswith("zh") else "en"


def lang(command: Command) -> Command:
    return click.option("--lang", type=LANGS, default=language, show_default="the terminal's", help="Language of what is printed.")(command)


def as_json(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, in both languages.")(command)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def saying(lang: str, err: bool = True) -> Callable[[str, str], None]:
    """Tells what happens, on standard error unless it is the answer itself, in the language of the terminal (or both)."""

    def say(zh: str, en: str) -> None:
        for text in {"zh": (zh,), "en": (en,)}.get(lang, (zh, en)):
            click.echo(text, err=err)

    return say


def refusal(wrong: Any, lang: str) -> click.UsageError:
    """What is wrong with what was asked, as the terminal says it: in its language, or in both."""
    return click.UsageError({"zh": wrong.zh, "en": wrong.en}.get(lang, str(wrong)))


def site() -> Any:
    """The site set up, and the connection to its database, which may be empty."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bulou.web.settings")
    import_module("django").setup()
    return import_module("django.db").connection


def ledger(demo: bool) -> Any:
    """The connection to the ledger of this home (or of its demo, or of ``DATABASE_URL``); it must be there already."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bulou.web.settings")
    if demo:
        os.environ["BULOU_HOME"] = str(use("web.home").home() / "demo")
        os.environ.pop("DATABASE_URL", None)
    import_module("django").setup()
    connection = import_module("django.db").connection
    where = connection.settings_dict["NAME"]
    there = connection.vendor != "sqlite" or ":memory:" in str(where) or "mode=memory" in str(where) or Path(where).is_file()
    if not there or "entry" not in connection.introspection.table_names():
        raise click.UsageError(f"there is no ledger at {where}: set BULOU_HOME or DATABASE_URL, or say --demo for the demo's")
    return connection


of_demo = click.option("--demo", is_flag=True, help="The demo's ledger, not the centre's.")


def progress(words: tuple[str, str], lang: str, unit: tuple[str, str] = ("条记录", "entries")) -> Callable[[int, int], None]:
    """Tells how far something has come, on standard error: one line that is written over, or one for each tenth."""
    said, terminal = -1, sys.stderr.isatty()

    def tell(done: int, total: int) -> None:
        nonlocal said
        tenth = 10 * done // total if total else 10
        if terminal or tenth != said:
            text = f"{words[0]}:{done:,} / {total:,} {unit[0]}" if lang == "zh" else f"{words[1]}: {done:,} of {total:,} {unit[1]}"
            click.echo(("\r" if terminal else "") + text, err=True, nl=not terminal or done >= total)
        said = tenth

    return tell


#: Of each part of a long piece of work its word and the unit it is counted in, in Chinese and English.
Parts = Mapping[str, tuple[tuple[str, str], tuple[str, str]]]


def parts(of: Parts, lang: str) -> Callable[[str, int, int], None]:
    """Tells how far each part of a piece of work has come, as ``progress`` does."""
    tell: dict[str, Callable[[int, int], None]] = {}

    def say(part: str, done: int, total: int) -> None:
        words, unit = of[part]
        tell.setdefault(part, progress(words, lang, unit))(done, total)

    return say
