"""Households and the people in them, after published tables of size, generations and ages. Names nobody and places nobody.

Every household is of a type (who lives in it) and has one person of reference, the wife where there is a couple; the ages of the others
stand in a gap to hers. Which ages of reference each type has is fitted to the table of ages (``fit``), by the rule of Richardson and Lucy
(Richardson WH, J Opt Soc Am 1972;62:55-9): the gaps are ours (a model), the marginals are the published ones.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bulou.exercise.chance import Chance, Floats, Ints, shares, table
from bulou.exercise.parameters import Parameters, Unfit, read

#: Who somebody is in their household. The order is kept for ever: files hold the numbers.
ROLES = (
    "alone", "wife", "husband", "child", "grandmother", "grandfather", "great_grandparent", "relative", "mate", "dormitory", "care",
    "grandchild", "parent",
)  # fmt: skip
(ALONE, WIFE, HUSBAND, CHILD, GRANDMOTHER, GRANDFATHER, GREAT, RELATIVE, MATE, DORMITORY, CARE, GRANDCHILD, PARENT) = range(13)
#: Ages are 0 to 104.
OLDEST = 104
FIVES = np.minimum(np.arange(OLDEST + 1) // 5, 20)
#: How many people share a room of a dormitory and of a home for the old; of the people in collective households those in the latter.
ROOM, CARE_ROOM, IN_CARE = 6, 3, 0.045

# Gaps in years (model): what is drawn, and with which weights.
_HUSBAND = table(range(-3, 9), [1, 2, 4, 8, 12, 14, 12, 9, 6, 4, 2, 1])
_SIBLING = table(range(2, 6), [3, 4, 2, 1])
_GRAND = table(range(20, 37), [1, 3, 6, 9, 12, 13, 12, 10, 8, 6, 5, 4, 3, 2, 2, 1, 1])
_GREAT = table(range(20, 33), [2, 5, 8, 10, 10, 8, 6, 4, 3, 2, 1, 1, 1])
_SKIPPED = table(range(44, 63), [1, 2, 4, 6, 8, 9, 10, 10, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1])
_RELATIVE = table(range(-8, 9), [1] * 17)
_MATE = table(range(-6, 7), [1, 1, 2, 2, 3, 4, 4, 4, 3, 2, 2, 1, 1])
#: A child has one year of mother's age at birth, 20 and more; of several, three years more for each elder one.
_BIRTH_UNTIL = 43


class Type(NamedTuple):
    """Who lives in a household of this type; the first is the person of reference."""

    roles: tuple[int, ...]
    weight: float
    least: int
    most: int


class People(NamedTuple):
    """Everyone, in the order of their households; arrays of one length."""

    household: Ints
    role: NDArray[np.uint8]
    age: NDArray[np.uint8]
    male: NDArray[np.bool_]
    #: Day of birth, in days since 1970-01-01.
    born: NDArray[np.int32]
    twin: NDArray[np.bool_]


class Households(NamedTuple):
    """Every household: how many people, which type, the age of the one of reference. Collective ones are rooms."""

    size: Ints
    type: Ints
    reference: Ints
    collective: NDArray[np.bool_]


def types(p: Parameters) -> list[Type]:
    """The types that the table of sizes and generations asks for, with how often they are; then rooms of dormitories and of homes."""
    found: list[Type] = []
    rows = p.households["by_size_and_generations"]
    tens = zip(range(10, 15), p.households["ten_and_more"], strict=True)
    sizes = [(s, rows[s - 1], 1.0) for s in range(1, 10)] + [(s, rows[9], part) for s, part in tens]
    for size, row, part in sizes:
        three, four = row[2] * part, (row[3] + row[4]) * part
        for weight, roles in (*_one(size, row[0] * part), *_two(size, row[1] * part), (three, _three(size)), (four, _four(size))):
            if weight > 0:
                found.append(_type(roles, weight))
    return [*found, Type((DORMITORY,), 0.0, 15, 59), Type((CARE,), 0.0, 60, OLDEST)]


def _type(roles: tuple[int, ...], weight: float) -> Type:
    children = roles.count(CHILD)
    least = 20 + 3 * (children - 1) if children else 44 if GRANDCHILD in roles else 20 if WIFE in roles else 18
    # Of three generations the eldest would be older than anyone is, where she of reference is too old herself.
    most = 42 if GREAT in roles else 62 if GRANDMOTHER in roles else 95 if len(roles) > 1 else OLDEST
    return Type(roles, float(weight), least, max(most, least))


def _one(size: int, weight: float) -> list[tuple[float, tuple[int, ...]]]:
    if size == 1:
        return [(weight, (ALONE,))]
    if size == 2:
        return [(0.86 * weight, (WIFE, HUSBAND)), (0.14 * weight, (ALONE, MATE))]
    return [(weight, (ALONE, *(MATE,) * (size - 1)))]


def _two(size: int, weight: float) -> list[tuple[float, tuple[int, ...]]]:
    if size == 1:
        return []
    if size == 2:
        return [(0.72 * weight, (PARENT, CHILD)), (0.28 * weight, (ALONE, GRANDCHILD))]
    if size == 3:
        return [(0.93 * weight, (WIFE, HUSBAND, CHILD)), (0.07 * weight, (WIFE, HUSBAND, GRANDCHILD))]
    return [(weight, _filled(size, (WIFE, HUSBAND)))]


def _filled(size: int, roles: tuple[int, ...]) -> tuple[int, ...]:
    """Children, at most three, and then relatives, until there are ``size``."""
    children = min(3, size - len(roles))
    return (*roles, *(CHILD,) * children, *(RELATIVE,) * (size - len(roles) - children))


def _three(size: int) -> tuple[int, ...]:
    if size < 3:
        return ()
    if size == 3:
        return (PARENT, CHILD, GRANDMOTHER)
    return _filled(size, (WIFE, HUSBAND, GRANDMOTHER) if size == 4 else (WIFE, HUSBAND, GRANDMOTHER, GRANDFATHER))


def _four(size: int) -> tuple[int, ...]:
    if size < 4:
        return ()
    if size == 4:
        return (PARENT, CHILD, GRANDMOTHER, GREAT)
    return _filled(size, (WIFE, HUSBAND, GRANDMOTHER, GREAT) if size == 5 else (WIFE, HUSBAND, GRANDMOTHER, GRANDFATHER, GREAT))


# --- the fit to the table of ages --------------------------------------------------------------------------------------
def _shift(ages: Floats, gaps: Sequence[int] | Ints, weights: Floats) -> Floats:
    """Rows by age of reference, columns by age: every age moved by each gap, with its weight, held inside 0 to OLDEST."""
    found = np.zeros_like(ages)
    for gap, weight in zip((int(g) for g in gaps), weights, strict=True):
        part = weight * ages
        if gap >= 0:
            found[:, gap:] += part[:, : OLDEST + 1 - gap]
            for age in range(OLDEST + 1 - gap, OLDEST + 1):
                found[:, OLDEST] += part[:, age]
        else:
            found[:, :gap] += part[:, -gap:]
            for age in range(-gap):
                found[:, 0] += part[:, age]
    return found


def _weights(of: object) -> Floats:
    upto = of.upto  # type: ignore[attr-defined]
    return np.diff(np.r_[0.0, upto])


def _births(children: int) -> tuple[Ints, Floats]:
    """The mother's age when the youngest of so many was born: from, to and most often (model)."""
    least = 20 + 3 * (children - 1)
    years = np.arange(least, _BIRTH_UNTIL)
    mode = 27 + 2 * (children - 1)
    return years, 1.0 / (1.0 + np.abs(years - mode) / 2.5) ** 2


def ages_given(type_: Type) -> Floats:
    """How many people of each age (columns, 0 to OLDEST) a household of the type has, by the age of reference (rows)."""
    own = np.eye(OLDEST + 1)
    grand = _shift(own, _GRAND.values, _weights(_GRAND))
    total = np.zeros_like(own)
    children = type_.roles.count(CHILD)
    youngest, found = None, 0
    for role in type_.roles:
        if role == CHILD:
            if youngest is None:
                youngest = _youngest(children)
                at = youngest
            else:
                at = _shift(at, _SIBLING.values, _weights(_SIBLING))
            found += 1
            total += at
        elif role == HUSBAND:
            total += _shift(own, _HUSBAND.values, _weights(_HUSBAND))
        elif role == GRANDMOTHER:
            total += grand
        elif role == GRANDFATHER:
            total += _shift(grand, _HUSBAND.values, _weights(_HUSBAND))
        elif role == GREAT:
            total += _shift(grand, _GREAT.values, _weights(_GREAT))
        elif role == GRANDCHILD:
            total += _shift(own, -_SKIPPED.values, _weights(_SKIPPED))
        elif role in (RELATIVE, MATE):
            of = _RELATIVE if role == RELATIVE else _MATE
            moved = _shift(own, of.values, _weights(of))
            moved[:, 18] += np.cumsum(moved[:, :18], axis=1)[:, -1]
            moved[:, :18] = 0
            total += moved
        else:
            total += own
    return total


def _youngest(children: int) -> Floats:
    years, weights = _births(children)
    found = np.zeros((OLDEST + 1, OLDEST + 1))
    for r in range(int(years[0]), OLDEST + 1):
        have = weights * (years <= r)
        have = have / np.cumsum(have)[-1]
        for b, w in zip(years, have, strict=True):
            if w:
                found[r, r - b] += w
    return found


def fit(all_: Sequence[Type], p: Parameters, rounds: int = 120) -> Floats:
    """For each type the chance of each age of reference, such that everyone's ages together are as the table says."""
    target = np.asarray(p.ages["five_years"], dtype=np.float64)
    target = target / np.cumsum(target)[-1]
    weight = np.asarray([t.weight for t in all_])
    made = np.stack([ages_given(t) for t in all_])
    by_five = np.zeros((len(all_), OLDEST + 1, 21))
    for age in range(OLDEST + 1):
        by_five[:, :, FIVES[age]] += made[:, :, age]
    allowed = np.stack([(np.arange(OLDEST + 1) >= t.least) & (np.arange(OLDEST + 1) <= t.most) for t in all_])
    chance: Floats = np.where(allowed, np.stack([_first(t) for t in all_]), 0.0)
    chance = chance / np.cumsum(chance, axis=1)[:, -1:]
    many = np.cumsum(by_five, axis=2)[:, :, -1]
    people = np.cumsum(weight * np.asarray([len(t.roles) for t in all_]))[-1]
    for _ in range(rounds):
        each = (weight[:, None] * chance)[:, :, None] * by_five
        have = np.cumsum(each.reshape(-1, 21), axis=0)[-1] / people
        ratio = target / np.maximum(have, 1e-12)
        chance = chance * (np.cumsum(by_five * ratio, axis=2)[:, :, -1] / many)
        chance = chance / np.cumsum(chance, axis=1)[:, -1:]
    return chance


def _first(type_: Type) -> Floats:
    """Where the fit starts: couples with children about 38, with grandparents about 36; others anywhere."""
    ages = np.arange(OLDEST + 1)
    if CHILD in type_.roles:
        return 1.0 / (1.0 + (np.abs(ages - 37) / 9.0) ** 2)
    if GRANDCHILD in type_.roles:
        return 1.0 / (1.0 + (np.abs(ages - 60) / 6.0) ** 2)
    if type_.roles == (DORMITORY,):
        return 1.0 / (1.0 + (np.abs(ages - 20) / 5.0) ** 2)
    return np.ones(OLDEST + 1)


# --- drawing -----------------------------------------------------------------------------------------------------------
class Plan(NamedTuple):
    """How many households of each type there are, how many people live in rooms, and the chances of each age of reference."""

    types: list[Type]
    #: Of each type but the last two, so many households.
    counts: Ints
    #: People in dormitories and in homes for the old.
    rooms: tuple[int, int]
    chances: Floats


def plan(p: Parameters, people: int) -> Plan:
    """So many households of each type that there are exactly ``people`` in them: quotas, nothing is drawn."""
    all_ = types(p)
    families = [t for t in all_ if t.weight]
    weight = np.asarray([t.weight for t in families])
    size = np.asarray([len(t.roles) for t in families])
    in_rooms = round(p.households["collective"] * people)
    mean = float(np.cumsum(weight * size)[-1] / np.cumsum(weight)[-1])
    counts = shares(max(1, round((people - in_rooms) / mean)), weight)
    _to_the_person(counts, families, people - in_rooms)
    old = round(IN_CARE * in_rooms)
    return Plan(families + all_[-2:], counts, (in_rooms - old, old), _fitted(p.text))


@lru_cache(maxsize=4)
def _fitted(text: str) -> Floats:
    """The fit for parameters, which does not depend on how many people there are."""
    p = read(text)
    all_ = types(p)
    families = [t for t in all_ if t.weight]
    weight = np.asarray([t.weight for t in families])
    in_families = float(np.cumsum(weight * np.asarray([len(t.roles) for t in families]))[-1])
    in_rooms = in_families * p.households["collective"] / (1 - p.households["collective"])
    rooms = [all_[-2]._replace(weight=in_rooms * (1 - IN_CARE)), all_[-1]._replace(weight=in_rooms * IN_CARE)]
    return fit([*families, *rooms], p)


def _to_the_person(counts: Ints, families: Sequence[Type], wanted: int) -> None:
    """Rounding leaves a few people too many or too few: a few households change their type, smallest first."""
    by_size = sorted(range(len(families)), key=lambda i: (len(families[i].roles), -families[i].weight))
    size = np.asarray([len(t.roles) for t in families])
    for _ in range(10_000):
        off = wanted - int((counts * size).sum())
        if not off:
            return
        if off > 0:
            counts[by_size[0] if size[by_size[0]] <= off else _of_size(size, counts, off)] += 1
        else:
            larger = next((i for i in by_size if counts[i] and size[i] > 1), None)
            counts[by_size[0] if larger is None else larger] -= 1
    raise Unfit("按所给的户规模无法凑足人数", "the sizes of households that are given do not add up to that many people")


def _of_size(size: Ints, counts: Ints, off: int) -> int:
    """Where no household is small enough to be added: take one away, so that the next round can add a larger one."""
    i = int(np.argmax(counts))
    counts[i] -= 2
    return i


def households(of: Plan, chance: Chance) -> Households:
    """Every household in an order of chance, then the rooms; ages of reference are drawn."""
    type_ = np.repeat(np.arange(len(of.counts)), of.counts)
    type_ = type_[chance.shuffled("order of households", len(type_))]
    reference = np.zeros(len(type_), np.int64)
    for i in np.unique(type_):
        these = np.flatnonzero(type_ == i)
        reference[these] = chance.pick("age of reference", these, table(np.arange(OLDEST + 1), of.chances[i]))
    sizes = np.asarray([len(t.roles) for t in of.types])[type_]
    families = len(type_)
    for number, many, room in ((len(of.counts), of.rooms[0], ROOM), (len(of.counts) + 1, of.rooms[1], CARE_ROOM)):
        full, rest = divmod(many, room)
        have = [room] * full + ([rest] if rest else [])
        type_ = np.r_[type_, np.full(len(have), number, np.int64)]
        sizes = np.r_[sizes, np.asarray(have, np.int64)]
    reference = np.r_[reference, np.zeros(len(type_) - families, np.int64)]
    return Households(sizes, type_, reference, np.arange(len(type_)) >= families)


def people(h: Households, of: Plan, p: Parameters, first_day: int, chance: Chance) -> People:
    """Everyone with role, age, sex and day of birth. ``first_day``: of the exercise, in days since 1970; ages are of that day."""
    home = np.repeat(np.arange(len(h.size)), h.size)
    n = len(home)
    who = np.arange(n)
    place = who - np.repeat(np.cumsum(h.size) - h.size, h.size)
    type_ = h.type[home]
    roles = np.zeros((len(of.types), 16), np.int64)
    for i, t in enumerate(of.types):
        roles[i, : len(t.roles)] = t.roles
        if len(t.roles) == 1:
            roles[i, :] = t.roles[0]  # everyone in a room
    role = roles[type_, place]
    age, twin = _ages(h, of, p, home, role, type_, who, chance)
    male = _sexes(role, age, who, chance)
    day = chance.below("day of birth", who, 365)
    # The elder twin's day is the younger's, a household's people being neighbours.
    before = np.flatnonzero(twin)
    if len(before):
        pair = before + 1
        day[before] = day[pair]
        same = chance.happens("twins of one sex", before, 0.64)
        male[before] = np.where(same, male[pair], ~male[pair])
    born = _born(age, day, first_day)
    return People(home, role.astype(np.uint8), age.astype(np.uint8), male, born, _with_next(twin))


def _with_next(first: NDArray[np.bool_]) -> NDArray[np.bool_]:
    both = first.copy()
    both[1:] |= first[:-1]
    return both


def _ages(
    h: Households, of: Plan, p: Parameters, home: Ints, role: Ints, type_: Ints, who: Ints, chance: Chance
) -> tuple[Ints, NDArray[np.bool_]]:
    ref = h.reference[home]
    age = ref.copy()

    def gap(purpose: str, these: Ints, of_: object) -> Ints:
        return chance.pick(purpose, these, of_)  # type: ignore[arg-type]

    rooms = np.flatnonzero(h.collective[home])
    for number in (len(of.counts), len(of.counts) + 1):
        these = rooms[type_[rooms] == number]
        if len(these):
            age[these] = chance.pick("age in a room", these, table(np.arange(OLDEST + 1), of.chances[number]))
    these = np.flatnonzero(role == HUSBAND)
    age[these] += gap("husband", these, _HUSBAND)
    grand = ref + chance.pick("grandmother", home, _GRAND)
    these = np.flatnonzero(role == GRANDMOTHER)
    age[these] = grand[these]
    these = np.flatnonzero(role == GRANDFATHER)
    age[these] = grand[these] + gap("husband", these, _HUSBAND)
    these = np.flatnonzero(role == GREAT)
    age[these] = grand[these] + gap("great-grandparent", these, _GREAT)
    these = np.flatnonzero(role == GRANDCHILD)
    age[these] -= gap("grandchild", these, _SKIPPED)
    for number, of_ in ((RELATIVE, _RELATIVE), (MATE, _MATE)):
        these = np.flatnonzero(role == number)
        age[these] = np.maximum(18, age[these] + gap("relative", these, of_))
    twin = _children(age, ref, home, role, type_, of, p, chance)
    return np.clip(age, 0, OLDEST), twin


def _children(age: Ints, ref: Ints, home: Ints, role: Ints, type_: Ints, of: Plan, p: Parameters, chance: Chance) -> NDArray[np.bool_]:
    """Ages of children in place, the youngest last; gives which elder child is the twin of the one after it."""
    many = np.asarray([t.roles.count(CHILD) for t in of.types])
    twin = np.zeros(len(age), bool)
    child = np.flatnonzero(role == CHILD)
    last = child[np.r_[home[child[1:]] != home[child[:-1]], True]] if len(child) else child
    for children in (1, 2, 3):
        these = last[many[type_[last]] == children]
        years, weights = _births(children)
        upto = np.cumsum(weights)
        # only years that she has had: the chances up to her age, as in the fit
        reach = upto[np.minimum(np.searchsorted(years, ref[these], side="right"), len(years)) - 1]
        drawn = chance.uniform("mother's age at birth", these) * reach
        age[these] = ref[these] - years[np.searchsorted(upto, drawn, side="right")]
        for elder in range(1, children):
            gap = chance.pick("between siblings", these - elder, _SIBLING)
            age[these - elder] = age[these - elder + 1] + gap
        if children > 1:
            both = these[chance.happens("twins", these, p.traps["twins"])] - 1
            age[both] = age[both + 1]
            twin[both] = True
    return twin


#: The share of men among those of a role (model; among children as at birth, 111.3 boys to 100 girls by the census of 2020).
_MEN = {CHILD: 0.527, GRANDCHILD: 0.527, PARENT: 0.36, MATE: 0.60, RELATIVE: 0.55, DORMITORY: 0.62, CARE: 0.42, GREAT: 0.38}


def _sexes(role: Ints, age: Ints, who: Ints, chance: Chance) -> NDArray[np.bool_]:
    share = np.asarray([_MEN.get(r, 0.0) for r in range(len(ROLES))])[role]
    share[(role == HUSBAND) | (role == GRANDFATHER)] = 1.0
    alone = role == ALONE
    share[alone] = np.where(age[alone] < 60, 0.64, 0.45)
    return chance.happens("sex", who, share)


def _born(age: Ints, day: Ints, first_day: int) -> NDArray[np.int32]:
    """The day of birth of someone who is ``age`` on ``first_day`` and whose birthday was ``day`` (0 to 364) days before it or earlier."""
    today = np.datetime64(first_day, "D")
    last = today - day.astype("timedelta64[D]")  # the last birthday
    month = last.astype("datetime64[M]")
    years_ago = month - (12 * age).astype("timedelta64[M]")
    back = (last - month.astype("datetime64[D]")).astype(np.int64)
    length = ((years_ago + np.timedelta64(1, "M")).astype("datetime64[D]") - years_ago.astype("datetime64[D]")).astype(np.int64)
    found: NDArray[np.int32] = (years_ago.astype("datetime64[D]").astype(np.int64) + np.minimum(back, length - 1)).astype(np.int32)
    return found
