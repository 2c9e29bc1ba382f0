"""What the files of other systems become before anything is entered: people, links, visits to contacts, tests, areas. Opens no ledger.

Every row of a source is a ``Row`` with its fate; what of it has no place in a fact stays in ``Row.left`` with its heading and its words.
"""

import datetime
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from bulou.lists.dates import WRITINGS, read_dates, writing_of
from bulou.lists.headings import JOIN, fold
from bulou.lists.table import Table

#: Ways in which people write that something is not there.
NOTHING = frozenset(
    ("", "na", "n/a", "nan", "null", "none", "-", "--", "—", "/", "无", "不详", "未知", "暂无", "unknown", "missing", "nat", "#n/a", "<na>")
)
#: Days before and after which a date is a slip of the pen, not history.
EARLIEST, LATEST = "1700-01-01", "2100-01-01"


class Row(NamedTuple):
    """One row of a source. ``fate``: ready, refused (nothing of it may be entered), repeated (says nothing new) or aside (nobody's).

    ``what``: case, contact, link …; ``key``: its id there; ``field``, ``zh``, ``en``: which field is wrong and what would be right.
    """

    file: str
    number: int
    what: str
    key: str
    fate: str
    field: str = ""
    zh: str = ""
    en: str = ""
    left: Mapping[str, str] = {}


class Person(NamedTuple):
    """Someone of a list; ``role`` case, contact or participant. Days in ``on`` are ``YYYY-MM-DD`` or with an hour, by: infected, onset, exposed_from,
    exposed_until, reported, diagnosed, admitted, outcome_on, died_on, last_contact. ``age`` is as written; ``area`` the words for where."""

    row: int
    key: str
    role: str
    name: str
    sex: str
    on: Mapping[str, str]
    age: str = ""
    born_on: str | None = None
    phone: str | None = None
    address: str | None = None
    document: str | None = None
    area: tuple[str, ...] = ()
    status: str = "confirmed"
    severity: str | None = None
    outcome: str = ""
    hospital: str | None = None
    source: str | None = None


class Link(NamedTuple):
    """``target`` was exposed to ``source`` (keys of people), in a place or way said by ``words``; ``on`` the last day, if it is known."""

    row: int
    source: str
    target: str
    words: str = ""
    on: str | None = None
    began: str | None = None


class Watch(NamedTuple):
    """One visit or call to someone under follow-up: ``outcome`` as the ledger says it (seen, symptoms, or a word of the list "attempt")."""

    row: int
    key: str
    person: str
    on: str
    outcome: str


class Test(NamedTuple):
    """One specimen of a person: when it was taken and when its result came."""

    row: int
    key: str
    person: str
    taken: str
    resulted: str | None
    result: str | None


class Site(NamedTuple):
    """An area (``nature`` area, under ``parent`` by its code) or a facility (``nature`` of the list "place", ``within`` areas by name)."""

    row: int
    key: str
    name: str
    nature: str
    parent: str | None = None
    level: str = ""
    lon: float | None = None
    lat: float | None = None
    within: tuple[str, ...] = ()


class Reading(NamedTuple):
    """All that was read from the files of one system, in their order; ``aliases``: other ids of a person, and the key they stand for."""

    system: str
    rows: list[Row]
    people: list[Person]
    links: list[Link]
    watches: list[Watch]
    tests: list[Test]
    sites: list[Site]
    aliases: dict[str, str]

    def days(self) -> list[str]:
        """Every day that is told, in order."""
        told = [d[:10] for p in self.people for d in p.on.values()]
        told += [d[:10] for link in self.links for d in (link.on, link.began) if d]
        told += [w.on[:10] for w in self.watches] + [t.taken[:10] for t in self.tests]
        return sorted(told)


def reading(system: str) -> Reading:
    """An empty reading, to be filled."""
    return Reading(system, [], [], [], [], [], [], {})


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, dict[str, tuple[str, ...]]]:
    """The words of peers.toml."""
    raw = tomllib.loads((resources.files("bulou.lists") / "peers.toml").read_text(encoding="utf-8"))
    return {of: {code: tuple(said) for code, said in words.items()} for of, words in raw.items()}


@lru_cache(maxsize=8)
def _values(of: str) -> dict[str, str]:
    return {_plain(said): code for code, words in vocabulary()[of].items() for said in (*words, code)}


def _plain(value: str) -> str:
    return re.sub(r"[\s_\-/.]+", " ", value.strip().lower()).strip()


#: What Go.Data puts before a value of a list of choices.
_TOKEN = re.compile(r"^LNG_(?:REFERENCE_DATA_CATEGORY|REFERENCE_DATA|QUESTIONNAIRE|OUTBREAK|CASE|CONTACT)?_*", re.IGNORECASE)


def bare(value: str) -> str:
    """A value without the token before it: the words after the last known one of a category stay."""
    return _TOKEN.sub("", value.strip()) if value.strip().upper().startswith("LNG_") else value.strip()


def meaning(of: str, value: str) -> str | None:
    """The code of ours that a value means, or None. A token may stand before it: then its longest ending that is known counts."""
    known = _values(of)
    text = _plain(bare(value))
    found = known.get(text)
    if found is None and value.strip().upper().startswith("LNG_"):
        parts = text.split()
        found = next((known[t] for i in range(len(parts)) if (t := " ".join(parts[i:])) in known), None)
    return found


def setting(words: str) -> str:
    """Which setting the words for an exposure mean; "other" where none is told."""
    text = bare(words).lower().replace("_", " ")
    return next((code for code, said in vocabulary()["setting"].items() if any(w in text for w in said)), "other")


def said(value: str) -> bool:
    """Whether a cell says anything."""
    return value.strip().lower() not in NOTHING


def key_of(value: str) -> str:
    """An id as it is compared: without case, spaces at its ends and the ".0" of a program that took it for a number."""
    text = value.strip().strip("'\"")
    return re.sub(r"^(\d+)\.0$", r"\1", text).casefold()


class Days(NamedTuple):
    """A column of dates: what was read, and the codes of how it is written."""

    values: list[str | None]
    writing: str | None


def days(table: Table, column: int, zone: str, told: str | None = None, borrowed: str | None = None) -> Days:
    """The dates of a column. ``told``: day or month first as a person says; ``borrowed``: as the rest of the list is written."""
    raw = [row[column].strip() if said(row[column]) else "" for row in table.rows]
    read, _ = read_dates(raw, table.columns[column], table.numbers, writing=borrowed, zone=zone, told=told)
    return Days([d.removesuffix(" 00:00") if d and EARLIEST <= d[:10] <= LATEST else None for d in read], told or borrowed)


def writing(table: Table, columns: Sequence[int]) -> str | None:
    """How the dates of a list are written, where one of its columns tells and none says otherwise."""
    found = {writing_of([row[c].strip() for row in table.rows]) for c in columns} - {None}
    return next(iter(found)) if len(found) == 1 and found <= set(WRITINGS) else None


DATE_ZH, DATE_EN = (
    "应为日期,如 2020-01-31;日与月分不清时请说明 --dates dmy 或 mdy",
    ("should be a date such as 2020-01-31; where day and month cannot be told apart say --dates dmy or mdy"),
)


def leaf(heading: str) -> str:
    """The heading of a column without what stands above it, folded."""
    return fold(heading.rsplit(JOIN, maxsplit=1)[-1])


class Tables(NamedTuple):
    """A line list as columns for the analysis wing: lists of one length each, ``None`` where nothing is told.

    ``cases``: key, label, sex, age (as written), outcome, hospital, and the days (``YYYY-MM-DD``) by their names in ``Person.on``.
    ``links``: source and target (keys), setting, words, and ``interval``: whole days from the source's onset to the target's.
    """

    cases: dict[str, list[str | None]]
    links: dict[str, list[str | int | None]]


#: The days of a case, in the order of an illness.
DAYS = ("exposed_from", "exposed_until", "infected", "onset", "diagnosed", "reported", "admitted", "outcome_on", "died_on")


def tables(found: Reading) -> Tables:
    """The cases of a reading, and its links between people that it knows."""
    cases = [p for p in found.people if p.role == "case"]
    columns: dict[str, list[str | None]] = {
        "key": [p.key for p in cases], "label": [found.rows[p.row].key for p in cases], "sex": [p.sex for p in cases],
        "age": [p.age or None for p in cases], "outcome": [p.outcome or None for p in cases], "hospital": [p.hospital for p in cases],
    }  # fmt: skip
    columns |= {day: [d[:10] if (d := p.on.get(day)) else None for p in cases] for day in DAYS}
    onset = {p.key: datetime.date.fromisoformat(d[:10]) for p in found.people if (d := p.on.get("onset"))}
    people = {p.key for p in found.people}
    pairs = [(found.aliases.get(x.source, x.source), found.aliases.get(x.target, x.target), x.words) for x in found.links]
    known = [pair for pair in pairs if pair[0] in people and pair[1] in people]
    return Tables(columns, {
        "source": [s for s, _, _ in known], "target": [t for _, t, _ in known], "setting": [setting(w) for _, _, w in known],
        "words": [w or None for _, _, w in known],
        "interval": [(onset[t] - onset[s]).days if s in onset and t in onset else None for s, t, _ in known],
    })  # fmt: skip
