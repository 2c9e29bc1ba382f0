"""What the register of a city knows, and in what it is wrong: every trap with its share and the truth beside it. Changes no truth.

The register has a record for everyone but those on no register, and a second one for some. Record numbers below the number of people are
of the person of that number; those from there on are the second ones.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bulou.exercise.chance import Chance, Ints
from bulou.exercise.days import City
from bulou.exercise.names import Letters, Text, documents, people_names, phones, slipped, text
from bulou.exercise.parameters import TRAPS
from bulou.exercise.places import NONE
from bulou.exercise.population import CHILD, GRANDFATHER, GRANDMOTHER, GREAT, HUSBAND, WIFE
from bulou.identity.documents import PROVINCES

#: From this age on people have a phone of their own.
OWN_PHONE = 12
#: Of those registered elsewhere: within the same place and in another province (communique no. 7: 116,945,747 of 492,762,506 within a city).
WITHIN = 0.237


class Truth(NamedTuple):
    """Of everyone: name, document, phone ('' for none)."""

    name: Text
    document: Letters
    phone: Letters
    has_phone: NDArray[np.bool_]


class Records(NamedTuple):
    """What the register knows, a column each; ``person`` is whose record it is, which the register does not know."""

    record: Ints
    person: Ints
    name: Text
    document: Text
    phone: Text
    registered_area: Text


class Trap(NamedTuple):
    """One trap: who is in it, who else (the twin, the parent, whose phone it is), which record; what is true, what the register says."""

    trap: NDArray[np.uint8]
    person: NDArray[np.uint32]
    other: NDArray[np.uint32]
    record: NDArray[np.uint32]
    truth: Text
    register: Text


def truth(city: City) -> Truth:
    """Names and numbers of everyone."""
    people, chance = city.people, Chance(city.seed)
    after = np.isin(people.role, (HUSBAND, CHILD, GRANDFATHER))
    name = people_names(chance, people.household, after, people.twin)
    province = city.ground.lands[0].code[:2]
    if province not in PROVINCES:
        province = "50"
    who = np.arange(len(people.age))
    return Truth(name, documents(province, people.born, people.male), phones(who), people.age >= OWN_PHONE)


def register(city: City, known: Truth) -> tuple[Records, Trap, dict[str, int]]:
    """The register's records, every trap that was laid, and of how many people each share was taken (0: laid while the city was built)."""
    laying = _Laying(city, known)
    return (*laying.done(), laying.able)


class _Laying:
    """The register in the making."""

    def __init__(self, city: City, known: Truth) -> None:
        self.city, self.known, self.chance = city, known, Chance(city.seed)
        self.n = len(city.people.age)
        self.shares = city.parameters.traps
        self.traps: list[tuple[int, Ints, Ints, Ints, Text, Text]] = []
        #: Of how many people each share was drawn.
        self.able = {"two_homes": 0, "twins": 0, "pram": 0}
        self.documents = known.document.copy()
        self.phones = known.phone.copy()
        self.has_phone = known.has_phone.copy()
        self.plain_phone = known.has_phone.copy()

    def note(self, trap: str, person: Ints, other: Ints | None, truth: Text, register: Text, record: Ints | None = None) -> None:
        none = np.full(len(person), NONE, np.int64)
        self.traps.append(
            (TRAPS.index(trap), person, none if other is None else other, person if record is None else record, truth, register)
        )

    def draw(self, trap: str, of: Ints) -> Ints:
        self.able[trap] = len(of)
        return of[self.chance.happens(trap, of, self.shares[trap])]

    def done(self) -> tuple[Records, Trap]:
        missing = self.draw("unregistered", np.arange(self.n))
        self.note("unregistered", missing, None, self.known.name[missing], _blank(missing), np.full(len(missing), NONE, np.int64))
        there = np.ones(self.n, bool)
        there[missing] = False
        self._two_homes()
        self._twins()
        self._children(there)
        self._elders(there)
        self._shared(there)
        self._wrong(there)
        area = self._elsewhere(there)
        self._tails(there)
        self._prams()
        records = np.flatnonzero(there)
        again = self.draw("duplicate", records[self.city.people.age[records] >= OWN_PHONE])
        wrong = slipped(self.chance, "duplicate", again, self.known.document[again], 6, 17)
        number = self.n + np.arange(len(again))
        self.note("duplicate", again, None, text(self.known.document[again]), text(wrong), number)
        whose = np.r_[records, again]
        document = np.r_[text(self.documents[records]), text(wrong)]
        babies = (self.city.people.age[whose] < 1) & self.chance.happens("newborn without a number", whose, 0.5)
        document[babies] = ""
        phone = text(self.phones[whose])
        phone[~self.has_phone[whose]] = ""
        found = Records(np.r_[records, number], whose, self.known.name[whose], document, phone, area[whose])
        columns: list[Any] = [np.concatenate(c) for c in zip(*[(np.full(len(t[1]), t[0]), *t[1:]) for t in self.traps], strict=True)]
        order = np.lexsort((columns[1], columns[0]))
        trap, person, other, record, true, said = (c[order] for c in columns)
        u32 = np.uint32
        return found, Trap(trap.astype(np.uint8), person.astype(u32), other.astype(u32), record.astype(u32), true, said)

    def _two_homes(self) -> None:
        second = self.city.belonging.second
        these = np.flatnonzero(second != NONE)
        self.note(
            "two_homes", these, None, second[these].astype(str).astype(object), self.city.people.household[these].astype(str).astype(object)
        )

    def _twins(self) -> None:
        both = np.flatnonzero(self.city.people.twin)
        later = both[1:][np.diff(both) == 1]
        later = later[self.city.people.household[later] == self.city.people.household[later - 1]]
        later = later[self.city.people.born[later] == self.city.people.born[later - 1]]
        self.note("twins", later, later - 1, self.known.name[later], self.known.name[later - 1])

    def _of_household(self, roles: tuple[int, ...]) -> Ints:
        """For each household somebody in the last of these roles that it has; NONE where it has none."""
        found = np.full(len(self.city.households.size), NONE, np.int64)
        for role in roles:
            these = np.flatnonzero(self.city.people.role == role)
            found[self.city.people.household[these]] = these
        return found

    def _under(self, trap: str, who: Ints, whose: Ints) -> None:
        """Those in ``who`` stand in the register with another's phone."""
        mine = text(self.known.phone[who])
        mine[~self.known.has_phone[who]] = ""
        self.phones[who] = self.known.phone[whose]
        self.has_phone[who] = True
        self.plain_phone[who] = False
        self.note(trap, who, whose, mine, text(self.known.phone[whose]))

    def _children(self, there: NDArray[np.bool_]) -> None:
        parent = self._of_household((HUSBAND, 12, WIFE))[self.city.people.household]
        able = there & (self.city.people.age < OWN_PHONE) & (self.city.people.role == CHILD) & (parent != NONE)
        these = self.draw("child_under_parent", np.flatnonzero(able))
        self._under("child_under_parent", these, parent[these])

    def _elders(self, there: NDArray[np.bool_]) -> None:
        child = self._of_household((WIFE, HUSBAND))[self.city.people.household]
        able = there & (self.city.people.age >= 60) & np.isin(self.city.people.role, (GRANDMOTHER, GRANDFATHER, GREAT)) & (child != NONE)
        these = self.draw("elder_under_child", np.flatnonzero(able))
        self._under("elder_under_child", these, child[these])

    def _shared(self, there: NDArray[np.bool_]) -> None:
        """A landlord's or a foreman's phone for several of one building: the first person's of the building."""
        building = self.city.homes.building[self.city.people.household]
        first = np.zeros(int(building.max()) + 1, np.int64)
        first[building[::-1]] = np.arange(self.n)[::-1]
        landlord = first[building]
        able = there & self.plain_phone & (self.city.people.age >= 16) & (landlord != np.arange(self.n)) & self.known.has_phone[landlord]
        these = self.draw("shared_phone", np.flatnonzero(able))
        self._under("shared_phone", these, landlord[these])

    def _wrong(self, there: NDArray[np.bool_]) -> None:
        these = self.draw("wrong_number", np.flatnonzero(there & self.plain_phone))
        wrong = slipped(self.chance, "wrong number", these, self.known.phone[these], 3, 11)
        self.phones[these] = wrong
        self.note("wrong_number", these, None, text(self.known.phone[these]), text(wrong))

    def _elsewhere(self, there: NDArray[np.bool_]) -> Text:
        """Where each is registered: here, in another town of the area, or in another province. They live where they live."""
        ground = self.city.ground
        grid = self.city.homes.grid[self.city.people.household]
        villages = np.asarray(ground.villages, object)
        found: Text = villages[ground.village[grid]]
        here = found.copy()
        these = self.draw("registered_elsewhere", np.flatnonzero(there))
        provinces = np.asarray(sorted(PROVINCES - {ground.lands[0].code[:2]}), object)
        far: Text = provinces[self.chance.below("other province", these, len(provinces))]
        towns = np.asarray(ground.towns, object)
        other = (ground.town[grid[these]] + 1 + self.chance.below("other town", these, max(1, len(towns) - 1))) % len(towns)
        within = self.chance.happens("registered in another town", these, WITHIN) & (len(towns) > 1)
        found[these] = np.where(within, towns[other], far)
        self.note("registered_elsewhere", these, None, here[these], found[these])
        return found

    def _tails(self, there: NDArray[np.bool_]) -> None:
        these = self.draw("tail_000", np.flatnonzero(there & (self.city.people.age >= 1)))
        self.documents[these, 15:] = 48
        self.note("tail_000", these, None, text(self.known.document[these]), text(self.documents[these]))

    def _prams(self) -> None:
        carer = self.city.belonging.carer
        these = np.flatnonzero(carer != NONE)
        whose = carer[these].astype(np.int64)
        self.note("pram", these, whose, self.known.name[these], self.known.name[whose])


def _blank(these: Ints) -> Text:
    return np.full(len(these), "", object)
