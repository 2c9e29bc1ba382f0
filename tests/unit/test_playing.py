"""Two editions on the same stories: what appears, disappears, moves; any two, of one disease or of two; and the command that tells it."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations

import pytest
from click.testing import CliRunner

from bulou.basis.time import HOUR, Duration
from bulou.cli import main
from bulou.duties.playing import Moved, Stage, Turn
from bulou.protocol.read import shipped
from bulou.protocol.rules import Edition
from bulou.protocol.stories import shipped_files

EDITIONS = shipped()
FILES = shipped_files()
#: Enough of the stories for every pair: the laboratory (with MERS), zones, orders, and a file of each disease.
SOME = [(f, t) for f, t in FILES if f[:2] in ("03", "06", "24", "30", "31", "32", "33")]
ALL, FEW = Stage(FILES, EDITIONS), Stage(SOME, EDITIONS)


def edition(name: str) -> Edition:
    return EDITIONS[name]


def of(story: str, was: str, now: str) -> list[tuple[str, str, str]]:
    return [(m.change, m.rule, m.who) for m in ALL.compare(edition(was), edition(now)).moved if m.story == story]


# --- what is told, worked out by hand ---------------------------------------------------------------------------------
def test_a_ring_that_is_no_more_disappears() -> None:
    """The twenty measures know no contacts of contacts: order, telling and isolation of p2 are owed no longer, nothing else changes."""
    assert of("nine-second-ring", "covid19/cn-9", "covid19/cn-20") == [
        ("disappears", f"secondary.{duty}", "p2") for duty in ("order", "place", "tell")
    ]


def test_a_story_that_comes_to_the_same_is_not_told() -> None:
    assert of("nine-eight-hours", "covid19/cn-9", "covid19/cn-20") == []


def test_orders_are_laid_as_each_edition_proposes_them() -> None:
    """Exposed on the 6th, in isolation from the 8th: 14 days end on the 20th (days 1, 4, 7 and the last), 7 on the 13th, 5 on the 11th."""
    found = {n: ALL.owed("05-orders", text("test-days"), edition(n)) for n in ("covid19/cn-7", "covid19/cn-9", "covid19/cn-20")}
    tests = {n: [t.due[5:10] for t in owed[("close.test", ("o1",), "p1")]] for n, owed in found.items()}
    assert tests == {
        "covid19/cn-7": ["12-08", "12-11", "12-14", "12-20"],
        "covid19/cn-9": ["12-08", "12-09", "12-10", "12-12", "12-13"],
        "covid19/cn-20": ["12-08", "12-09", "12-10", "12-11"],
    }


def test_an_order_that_would_be_over_before_it_began_is_not_made() -> None:
    """Found on the tenth day after exposure: fourteen days leave five, seven leave none, and nobody is isolated."""
    assert ("close.test", ("o1",), "p1") in ALL.owed("05-orders", text("found-late"), edition("covid19/cn-7"))
    assert not [w for w in ALL.owed("05-orders", text("found-late"), edition("covid19/cn-9")) if w[0].startswith("close.")]


def test_a_limit_of_one_hour_more_moves_what_it_limits_and_nothing_else() -> None:
    nine = edition("covid19/cn-9")
    place = nine.rule("close.place")
    assert place
    later = tuple(replace(r, within=Duration(place.within.micros + HOUR, None)) if r is place else r for r in nine.rules)
    found = ALL.compare(nine, replace(nine, id="covid19/cn-9", rules=later))
    assert not found.moved, "an edition is known by its id: the same id is the same edition"
    found = Stage(FILES, EDITIONS).compare(nine, renamed(replace(nine, rules=later), "covid19/other"))
    story = [m for m in found.moved if m.story == "nine-eight-hours"]
    assert [(m.change, m.rule, m.was, m.now) for m in story] == [
        ("moves", "close.place", (Turn(0, "2020-12-08 19:00"),), (Turn(0, "2020-12-08 20:00"),))
    ]


def renamed(made: Edition, id_: str) -> Edition:
    return replace(made, id=id_, rules=tuple(replace(r, edition=id_) for r in made.rules))


def text(story: str) -> dict[str, object]:
    return next(c for _, told in FILES for c in told["case"] if c["id"] == story)


# --- any two ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("one", "other"), list(combinations(EDITIONS, 2)), ids=lambda v: v)
def test_any_two_can_be_compared_and_the_other_way_round_is_the_mirror(one: str, other: str) -> None:
    there, back = FEW.compare(edition(one), edition(other)), FEW.compare(edition(other), edition(one))
    assert there.stories
    mirror = {"appears": "disappears", "disappears": "appears", "moves": "moves"}

    def key(m: Moved) -> tuple[object, ...]:
        return (m.story, m.rule, m.key, m.who)

    assert [(key(m), mirror[m.change], m.now, m.was) for m in there.moved] == [(key(m), m.change, m.was, m.now) for m in back.moved]
    assert all((m.was == ()) == (m.change == "appears") and (m.now == ()) == (m.change == "disappears") for m in there.moved)


@pytest.mark.parametrize("name", EDITIONS)
def test_an_edition_does_not_differ_from_itself(name: str) -> None:
    assert not FEW.compare(edition(name), edition(name)).moved


# --- the command ------------------------------------------------------------------------------------------------------
def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["protocol", "diff", *words, "--scenarios"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_the_command_tells_who_what_and_when() -> None:
    code, output = run("covid19/cn-9", "covid19/cn-20", "--lang", "zh")
    assert code == 1
    assert "− secondary.order 下达隔离令: p2: 12-08 22:00" in output
    assert "个采用多个方案或未采用方案的故事不演" in output
    code, output = run("covid19/cn-8", "covid19/cn-8")
    assert code == 0


def test_two_diseases_are_said_to_be_two() -> None:
    assert "editions of different diseases" in run("ebola/who", "cholera/gtfcc", "--lang", "en")[1]
    assert "两种病" in run("ebola/who", "cholera/gtfcc", "--lang", "zh")[1]


def test_the_command_as_json() -> None:
    result = CliRunner().invoke(main, ["protocol", "diff", "ebola/who", "cholera/gtfcc", "--scenarios", "--json"])
    told = json.loads(result.output)
    assert (told["was"], told["now"], told["same_disease"]) == ("ebola/who", "cholera/gtfcc", False)
    assert {d["change"] for d in told["duties"]} == {"appears", "disappears", "moves"}
    assert all(t["due"] for d in told["duties"] for t in d["was"] + d["now"])
