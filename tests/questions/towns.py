"""An edition that uses every word of an exposure, and tiny towns in which everything happens at its edge. Reads no file."""

from __future__ import annotations

import random
from zoneinfo import ZoneInfo

from bulou.basis.time import DAY, HOUR, MINUTE, SECOND, Instant, parse_local
from bulou.protocol.read import compile_edition
from bulou.questions.exposure import Case, Way, ways
from bulou.questions.memory import Asked, Meeting, Visit

ZONE = ZoneInfo("Asia/Shanghai")
HEAD = """
[edition]
id = "blue/rings"
disease = "blue"
title = { zh = "蓝", en = "Blue" }
disease_title = { zh = "蓝", en = "blue" }
authority = { zh = "无", en = "nobody" }
valid_from = "2020-01-01"

[recall.locate]
within = "1 h"
source = "made up"
status = "unverified"
"""
_END = 'criteria = { zh = "编", en = "made up" }\nsource = "made up"\nstatus = "unverified"\n'
#: Ring, setting, words of the exposure, ways of asking.
EXPOSURES = [
    ("close", "household", "look_back = 1", ['shares = "household"', 'places = ["home"], shares = "space"']),
    ("close", "work", "look_back = 1\nminutes = 15", ['places = ["worksite"], shares = "space"']),
    ("close", "vehicle", "look_back = 0\nrows = 1", [
        'places = ["bus"], shares = "rows", crew = true, minutes = 5', 'places = ["train"], shares = "carriage", crew = true',
    ]),
    ("close", "meal", "look_back = 2\nlook_ahead = 0\nafter_negative = true", ['places = ["restaurant"], shares = "space", lingers = 10']),
    ("close", "care", "minutes = 2", []),
    ("secondary", "household", "", ['shares = "household"', 'places = ["home"], shares = "space"']),
    ("secondary", "work", "minutes = 15\nhigher_risk = true", ['places = ["worksite", "restaurant"], shares = "space"']),
    ("secondary", "care", "higher_risk = true", []),
    ("general", "venue", "look_back = 1", ['places = ["worksite", "bus", "train"], shares = "place", minutes = 1']),
    ("co_exposed", "venue", "look_back = 2", ['places = ["restaurant", "market"], shares = "place"']),
]  # fmt: skip
TEXT = HEAD + "".join(
    f'\n[[exposure]]\nring = "{ring}"\nsetting = "{setting}"\n{_END}{words}\nfind = [\n'
    + "".join(f'    {{ {find}, status = "unverified" }},\n' for find in finds) + "]\n"
    for ring, setting, words, finds in EXPOSURES
)  # fmt: skip
EDITION = compile_edition(TEXT, "blue/rings.toml")
WAYS: list[Way] = ways(EDITION)
NOON = parse_local("2020-12-07 12:00", ZONE)
KINDS = {1: "home", 2: "worksite", 3: "bus", 4: "train", 5: "restaurant", 6: "market", 7: "worksite"}


def at(text: str) -> Instant:
    """A local hour of 7 December 2020, or with its day."""
    return parse_local(text if len(text) > 8 else f"2020-12-07 {text}", ZONE)


def town(seed: int) -> tuple[Asked, list[Case]]:
    """Seven people, seven places, a few cases; times lie near each other's edges, a second to either side, and about midnight and the minutes asked."""
    source = random.Random(seed)
    people = list(range(1, 8))
    edges: list[int] = [NOON, at("24:00"), at("2020-12-06 24:00")]

    def moment() -> int:
        found = source.choice(edges) + source.choice((0, 0, 1, -1)) * SECOND + source.choice((0, 0, 2, 5, 10, 15, -5, -15)) * MINUTE
        if source.random() < 0.5:
            edges.append(found)
        return found

    visits = []
    for _ in range(source.randint(6, 26)):
        start, place = moment(), source.choice((1, 2, 2, 3, 3, 4, 5, 5, 6, 7))
        stop = (
            None
            if source.random() < 0.1
            else max(start, start + source.choice((0, 1, 5, 10, 15, 15, 30)) * MINUTE + source.choice((0, 0, -1, 1)) * SECOND)
        )
        space, carriage, row = source.choice((11, 11, 12, None)), None, None
        if place in (3, 4):
            carriage, row = source.choice(("1", "1", "1", "2", None)), source.choice((1, 2, 2, 3, None))
            space = f"{carriage}/{row}" if carriage or row else None
        visits.append(Visit(source.choice(people), place, start, stop, space, carriage, row, place in (3, 4) and source.random() < 0.15))
    meetings = []
    for _ in range(source.randint(0, 5)):
        a, b = source.sample(people, 2)
        start = moment()
        meetings.append(
            Meeting(
                a,
                b,
                source.choice(("care", "household", "venue")),
                start,
                start + source.choice((1, 2, 5)) * MINUTE - source.choice((0, 1)) * SECOND,
            )
        )
    households = [(p, source.choice((1, 2, 3, 4, 5, 6))) for p in people if source.random() < 0.5]
    isolated = {p: moment() for p in people if source.random() < 0.3}
    pairs = [(source.choice(people), source.choice(people)) for _ in range(source.choice((0, 0, 0, 1, 2)))]
    same_places = [(2, 7)] if source.random() < 0.3 else []
    cases = []
    for name in "ABC"[: source.randint(1, 3)]:
        anchor = None if source.random() < 0.1 else Instant(moment() + source.choice((0, 0, DAY)))
        since = Instant(moment() - source.choice((0, HOUR))) if anchor is None or source.random() < 0.2 else None
        until = Instant(moment() + source.choice((0, HOUR, DAY))) if source.random() < 0.5 else None
        negative = Instant(moment() - HOUR) if source.random() < 0.3 else None
        cases.append(Case(name, source.choice(people[:4]), anchor, since, until, negative))
    risk = [(p, source.choice(("higher", "lower", "lower"))) for p in people if source.random() < 0.4]
    return Asked(visits, KINDS, households, meetings, isolated, pairs, same_places, risk), cases
