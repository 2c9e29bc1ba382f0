"""The stage of a play: a centre in the exercise's ledger, its posts by street and village, who sits on them, an edition in force. Before it begins.

Everything is entered as facts that say in their origin that they are an exercise's, at the first midnight; accounts and tokens are made where
every account and token is. Whoever sits on a post is made up beside the city's people: they stay at home, and nobody infects them.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from bulou.basis.facts import (
    AuthorisationSigned,
    CentreFounded,
    EditionAdopted,
    IncidentOpened,
    PersonEnrolled,
    PostEstablished,
    PostHeld,
)
from bulou.basis.ids import named_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import Clock, Instant
from bulou.duties.enter import enter
from bulou.exercise.client import Program, Site
from bulou.exercise.files import Head, key_of, read_table, title
from bulou.exercise.parameters import Unfit
from bulou.protocol.rules import Protocol_
from bulou.register import accounts, tokens
from bulou.register.roles import roles

DISEASE, EDITION = "covid19", "covid19/cn-7"
#: Tokens live so many days at most, and so does a play.
LONGEST = 60
#: Posts of the whole centre: name, role, how many.
CENTRAL = (
    ("commander", "commander", 1), ("duty", "duty_officer", 1), ("tracing-lead", "tracing_lead", 1), ("investigator", "investigator", 2),
    ("expert", "expert", 1), ("laboratory", "laboratory", 2), ("sampling-lead", "sampling_lead", 1), ("clinic", "sampler", 1),
    ("isolation", "isolation_lead", 1), ("data", "data_clerk", 1), ("auditor", "auditor", 1), ("administrator", "administrator", 1),
)  # fmt: skip
#: Those who act in person, signed in: what they do is shown before it is done.
IN_PERSON = frozenset({"commander", "tracing_lead", "administrator", "laboratory"})


class Seat(NamedTuple):
    """A post with who sits on it: its name in the play, role, area, holder."""

    name: str
    role: str
    area: str
    holder: bytes

    @property
    def post(self) -> str:
        return f"exercise.{self.name}"

    @property
    def holder_text(self) -> str:
        return to_text(self.holder)


class Stage(NamedTuple):
    """What the actors stand on."""

    seats: dict[str, Seat]
    #: By name: the program of each seat; of those who act in person a second one, signed in.
    programs: dict[str, Program]
    in_person: dict[str, Program]
    watch: bytes

    @property
    def watch_text(self) -> str:
        return to_text(self.watch)


def seats(folder: Path, head: Head) -> list[Seat]:
    """The posts of a city: one for each function, in each street a leader and a sampler, in each village where people live a leader and a
    grid officer."""
    key = key_of(head)

    def seat(name: str, role: str, area: str) -> Seat:
        return Seat(name, role, area, named_id("exercise staff", key, name))

    found = [seat(name if many == 1 else f"{name}-{n + 1}", role, head.area) for name, role, many in CENTRAL for n in range(many)]
    level = {a["code"]: (a["level"], a["parent"]) for a in read_table(folder, "areas").to_pylist()}
    lived = sorted(set(read_table(folder, "households", ["grid"])["grid"].to_pylist()))
    villages = sorted({_above(grid, ("village",), level) or grid for grid in lived})
    streets = sorted({_above(v, ("street", "town"), level) or head.area for v in villages})
    for n, street in enumerate(streets, start=1):
        found += [seat(f"town-{n}", "town_lead", street), seat(f"sampler-{n}", "sampler", street)]
    for n, village in enumerate(villages, start=1):
        found += [seat(f"village-{n}", "village_lead", village), seat(f"grid-{n}", "grid_officer", village)]
    return found


def _above(code: str, levels: tuple[str, ...], level: dict[str, tuple[str, str | None]]) -> str | None:
    at: str | None = code
    while at is not None:
        if level[at][0] in levels:
            return at
        at = level[at][1]
    return None


def facts(head: Head, found: list[Seat], at: Instant, hash_: str) -> Iterator[Fact]:
    """The centre, its posts, its edition with the standing authorisation for holds, its standing watch."""
    key, origin = key_of(head), title(head)
    commander = next(s.post for s in found if s.role == "commander")
    watch = watch_of(head)

    def fact(kind: str, name: str, body: object, incident: bytes | None = None) -> Fact:
        return Fact(named_id("exercise stage", key, kind, name), kind, at, incident, body, origin=origin)

    yield fact("centre.founded", "centre", CentreFounded(head.area, f"{head.name}指挥中心(演练)", f"Centre of {head.name} (exercise)"))
    for s in found:
        word = roles()[s.role].word
        unit = f"{s.name}"
        yield fact("post.established", s.post, PostEstablished(s.post, s.role, s.area, word.zh, word.en, unit, unit))
        yield fact("person.enrolled", s.post, PersonEnrolled(s.holder, f"演练{word.zh}", s.area))
        yield fact("post.held", s.post, PostHeld(s.post, s.holder))
    yield fact("edition.adopted", EDITION, EditionAdopted(EDITION, DISEASE, head.area, hash_, commander))
    yield fact("authorisation.signed", EDITION, AuthorisationSigned(EDITION, head.area, "hold", 24, commander))
    yield fact(
        "incident.opened", "watch", IncidentOpened(watch, DISEASE, head.area, "演练:常态监测", "exercise: standing watch", "watch"), watch
    )


def watch_of(head: Head) -> bytes:
    """The standing watch of a city's play."""
    return named_id("exercise watch", key_of(head))


def played() -> Unfit:
    """Why a home is not played in a second time."""
    return Unfit("这一家目录中的演练已经开始过:请用新的家目录", "an exercise was played in this home already: use a new one")


def build(folder: Path, head: Head, site: Site, clock: Clock, protocol: Protocol_, days: int, seed: int) -> Stage:
    """Founds the centre in the ledger in which the city's register is, and makes an account and a token for everyone who acts.

    Unfit for a ledger in which a centre stands already: a play begins once.
    """
    found = seats(folder, head)
    now = clock.now()
    made = list(facts(head, found, now, protocol.editions[EDITION].hash))
    receipt = enter(made, by="exercise", source=title(head), clock=clock, protocol=protocol)
    if receipt.refused or receipt.same:
        raise played()
    chance = Random(f"{seed} passwords")
    programs, in_person = {}, {}
    for s in found:
        user = accounts.make(s.post, s.holder)
        if s.role in IN_PERSON:
            password = f"{chance.getrandbits(80):020x}"
            accounts.set_password(user, password)
            in_person[s.name] = Program(site, account=(s.post, password))
        verbs = roles()[s.role].verbs
        programs[s.name] = Program(site, token=tokens.make(user, s.name, verbs, min(days + 2, LONGEST), now))
    return Stage({s.name: s for s in found}, programs, in_person, watch_of(head))
