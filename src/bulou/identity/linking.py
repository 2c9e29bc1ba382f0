"""Which records are one person: exact keys, numbers repaired, then probability on what is left. Never joins two records that contradict."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bulou.basis.words import TIE, Word
from bulou.identity import names
from bulou.identity.documents import Document, day_in
from bulou.identity.keys import Column, Keys, Numbers, chained, connected, joined, numbers_in, paired, prepare, rows_once

Text = str | None


class Records(NamedTuple):
    """Rows of several lists as columns of one length; a record is its index. Texts stand as written, ``None`` where nothing is.

    ``list`` and ``row`` say where a record stands and together are unique; ``born_on`` is ``YYYY-MM-DD``; ``sex`` a word of the closed
    list; ``area`` a code; ``code_of`` the name or document of the person whose code was shown, if not their own. ``document_kind`` is
    what the list says that the document is, in words or as a code; without it the shape of the number tells.
    """

    list: Sequence[int]
    row: Sequence[int]
    name: Sequence[Text]
    document: Sequence[Text]
    phone: Sequence[Text]
    address: Sequence[Text]
    born_on: Sequence[Text]
    sex: Sequence[Text]
    area: Sequence[Text]
    code_of: Sequence[Text]
    document_kind: Sequence[Text] | None = None


class Thresholds(NamedTuple):
    """What may be adjusted, and is shown beside every result; docs/explanation/identity.md says why these numbers.

    ``merge``: probability from which two records become one, where a document or a phone agrees too. ``review``: probability from
    which a person is asked. ``sharers``: with more names than this on one phone it is a landlord's or a cadre's.
    """

    merge: float = 0.99
    review: float = 0.5
    sharers: int = 4


#: What each threshold means to whoever reads a result; shown beside its value.
MEANING: dict[str, Word] = {
    "merge": Word(
        "概率达到此值、且证件或电话也一致,两条记录才自动合并",
        "from this probability two records are joined, where a document or a phone agrees too",
    ),
    "review": Word("概率达到此值就交人核对", "from this probability a person is asked"),
    "sharers": Word(
        "一个电话下的姓名多于此数,这个电话就不能用来认人", "with more names than this on one phone, the phone tells nobody from another"
    ),
}


class Tie(NamedTuple):
    """Two records that are one person, or may be: ``why`` is a word of the closed list ``tie``; ``probability`` where one was computed;
    ``detail`` says in fields what agreed and what did not (``name=sound phone=same``), for people to read."""

    a: int
    b: int
    why: str
    probability: float | None
    detail: str


class Refused(NamedTuple):
    """A record whose document number is not used; the record itself is linked by everything else."""

    record: int
    document: Document


class Linked(NamedTuple):
    """``person[i]`` numbers the person of record i, from 0 in order of first appearance. ``ties`` joined; ``review`` ask, the most
    consequential first; ``refused`` are rows whose document a spreadsheet destroyed."""

    person: list[int]
    ties: list[Tie]
    review: list[Tie]
    refused: list[Refused]


Progress = Callable[[str, float], None]

#: Why two records may be held for one person without anyone being asked; every other word of ``tie`` only asks.
JOINING = ("document", "repaired", "contact", "name_phone", "likely")
#: Names on a telephone beyond which not even candidates are looked for through it.
_CROWD = 40
#: Of groups that contradict, so many are put beside each other; more would bury the queue.
_ASKED = 4
#: Years from which one of two of a name may be the other's child.
_GENERATION = 15


#: The thresholds that are used where none are given.
USUAL = Thresholds()


def link(
    records: Records, thresholds: Thresholds = USUAL, progress: Progress | None = None, weights: Sequence[float] | None = None
) -> Linked:
    """Says which records are one person.

    In order, each step joining what the one before it left apart: one sound document and a name it may bear; a document whose check
    fails, one slip from a sound one of the same name and birth; name, phone and birth; name and a phone few share; then the
    probability of what is still undecided. After every step no group holds two sound numbers of one series, nor two names that
    cannot be one person's: where joining would do that, nobody is joined and a person is asked.

    ``weights[i]`` says how consequential record i is (under an order: more); the queue begins with the heaviest. ``progress`` is told
    the step and the share done. The answer does not depend on the order of rows.
    """
    tell = progress or (lambda step, share: None)
    tell("read", 0.0)
    keys = prepare(records[:10], records.document_kind)
    work = _Work(keys, thresholds)
    tell("documents", 0.3)
    work.documents()
    work.repaired()
    tell("names and phones", 0.5)
    work.contacts()
    tell("undecided", 0.6)
    work.undecided()
    tell("review", 0.95)
    linked = work.result(np.zeros(len(records.list)) if weights is None else np.asarray(weights, float))
    tell("done", 1.0)
    return linked


class _Asked(NamedTuple):
    why: str
    probability: float | None
    detail: str


class _Work:
    """Groups of records as they grow. Records are numbers in the order of :class:`Keys`; ``group[i]`` is the least record of i's group."""

    def __init__(self, keys: Keys, thresholds: Thresholds) -> None:
        self.keys, self.thresholds = keys, thresholds
        self.n = len(keys.given)
        self.group: Numbers = np.arange(self.n)
        self.ties: list[Tie] = []
        self.asked: dict[tuple[int, int], _Asked] = {}
        #: pairs of folded names that one sound document bears: homophones and slips are one name only then
        self.attested: set[tuple[int, int]] = set()
        #: records under a number that stands under two names: in one of them it is somebody else's
        self.disputed = np.zeros(self.n, bool)
        sharing = rows_once(keys.phone.code, keys.name.code)
        bearers = np.bincount(keys.phone.code[sharing], minlength=len(keys.phone.values) + 1)
        #: on each record's phone, how many names
        self.sharers = np.where(keys.phone.code >= 0, bearers[keys.phone.code], 0)

    # --- exact ---------------------------------------------------------------------------------------------------------
    def documents(self) -> None:
        """One number and one name; other names under one number are asked about: a child may stand under a parent's."""
        keys = self.keys
        key = np.where(np.isin(keys.verdict, ("sound", "checksum")), keys.document.code, -1)
        loose = np.where(keys.verdict == "unknown", keys.document.code, -1)
        nameless = keys.unnamed & ~self._theirs()
        ties = [chained(joined(key, np.where(nameless, -1, keys.name.code + 1)))]  # a row without a name is one more name here
        for other in (keys.born.code, keys.phone.code):  # a number of no known kind proves little: something else must agree
            ties.append(chained(joined(loose, np.where(nameless, -1, keys.name.code), other)))
        more = [tie for members in self._several_names(key, nameless) for tie in self._under_one_number(members, nameless)]
        a, b = (np.concatenate([*(t[i] for t in ties), np.array([m[i] for m in more], np.int64)]) for i in (0, 1))
        self.join(a, b, "document", "document=same")

    def _theirs(self) -> NDArray[np.bool_]:
        """The unnamed whose number is surely theirs: a certificate of birth, or a number with their day of birth in it."""
        keys = self.keys
        own = np.zeros(self.n, bool)
        for i in np.flatnonzero(keys.unnamed & (keys.document.code >= 0)).tolist():
            document = keys.documents[keys.said.code[i]]
            day = day_in(document.value) if document is not None and len(document.value) == 18 and document.verdict == "sound" else None
            own[i] = document is not None and (document.kind == "birth" or (day is not None and day == keys.born_said.text(i)))
        return own

    def _several_names(self, key: Numbers, nameless: NDArray[np.bool_]) -> Iterable[Numbers]:
        """Records of each number that stands under more than one name (no name, and "child of", are names here)."""
        name = np.where(nameless, -2, self.keys.name.code)
        known = np.flatnonzero(key >= 0)
        order = known[np.lexsort((name[known], key[known]))]
        k, m = key[order], name[order]
        starts = np.flatnonzero(np.r_[True, k[1:] != k[:-1]]) if len(k) else np.empty(0, np.int64)
        ends = np.r_[starts[1:], len(k)].astype(np.int64) if len(k) else starts
        several = (m[starts] != m[ends - 1]) | ((m[starts] == -2) & (ends - starts > 1)) if len(k) else starts
        for start, end in zip(starts[several], ends[several], strict=True) if len(k) else ():
            yield np.sort(order[start:end])

    def _under_one_number(self, members: Numbers, nameless: NDArray[np.bool_]) -> list[tuple[int, int]]:
        """Ties between names that one person may bear; the other pairs of names are asked about, once each."""
        keys = self.keys
        first: dict[int, int] = {}
        fullest = sorted(members[~nameless[members]].tolist(), key=lambda i: (-len(names.parts(keys.written.text(i) or "")), i))
        for i in fullest:  # of one name with and without its dots the one that shows its parts
            first.setdefault(int(keys.name.code[i]), i)
        blank = first.pop(-1, None)
        ties: list[tuple[int, int]] = []
        apart = False
        for x, y in combinations(sorted(first), 2):
            likeness = self._alike(first[x], first[y])
            slip = likeness == "near" and not names.has_characters(keys.name.values[x] + keys.name.values[y])
            if likeness in names.COMPATIBLE or slip:
                self.attested.add((x, y))
                ties.append((first[x], first[y]))
            else:
                apart = True
                self.disputed[members] = True
                self.ask(first[x], first[y], "other_name", None, f"document=same name={likeness}")
        bearer = min(first.values(), default=None)
        if blank is not None and bearer is not None:  # a row with a number alone is the bearer's, where there is one bearer
            if apart:
                self.ask(bearer, blank, "other_name", None, "document=same name=missing")
            else:
                ties.append((bearer, blank))
        others = [int(i) for i in members[nameless[members]]]
        for i in others:
            beside = bearer if bearer is not None else blank if blank is not None else others[0]
            if i != beside:
                self.ask(i, beside, "unnamed", None, "document=same name=unnamed")
        return ties

    def repaired(self) -> None:
        """A number whose check fails, and the one sound number one slip away that the same name bears with the same birth."""
        keys = self.keys
        place = {v: i for i, v in enumerate(keys.document.values)}
        bearers: dict[int, list[int]] = defaultdict(list)
        sound = keys.verdict == "sound"
        wanted: dict[int, list[int]] = {}
        for i in np.flatnonzero(keys.verdict == "checksum").tolist():
            document = keys.documents[keys.said.code[i]]
            if document is not None and keys.name.code[i] >= 0:
                wanted[int(i)] = [place[r] for r in document.repaired if r in place]
        targets = np.isin(keys.document.code, np.array(sorted({c for cs in wanted.values() for c in cs}), np.int64)) & sound
        for j in np.flatnonzero(targets).tolist():
            bearers[int(keys.document.code[j])].append(int(j))
        a, b = [], []
        for i, codes in wanted.items():
            found = {c: j for c in codes for j in bearers.get(c, ())[:50] if self._one_slip(i, j)}
            if len(found) == 1:
                a.append(i)
                b.append(next(iter(found.values())))
            for j in list(found.values()) if len(found) > 1 else ():
                self.ask(i, j, "possible", None, "document=near name=same")
        self.join(np.array(a, np.int64), np.array(b, np.int64), "repaired", "document=near")

    def _one_slip(self, i: int, j: int) -> bool:
        keys = self.keys
        wrong, right = keys.documents[keys.said.code[i]], keys.documents[keys.said.code[j]]
        if wrong is None or right is None or keys.unnamed[i] or self._alike(i, j) not in ("same", "order", "letters", "part"):
            return False
        if keys.born.code[i] >= 0 and keys.born.code[j] >= 0:
            return keys.born.text(i) == keys.born.text(j)
        return bool(wrong.value[6:14] == right.value[6:14])

    def contacts(self) -> None:
        """Name, phone and birth; where birth says only the year, the address as well. Then name and a phone that few share."""
        keys, most = self.keys, self.thresholds.sharers
        name = np.where(keys.unnamed, -1, keys.name.code)
        born = np.where(keys.weak, -1, keys.born.code)
        full = joined(name, keys.phone.code, born)
        only_year = joined(name, keys.phone.code, np.where(keys.weak, keys.born.code, -1), keys.address.code)
        for key in (full, only_year):
            self._join_alike(key, "contact", "name=same phone=same born=same")
        few = np.where(self.sharers <= most, keys.phone.code, -1)
        both = joined(name, few)
        # two births under one name and phone: a slip of the pen or a father and his son; the probability will say
        births = rows_once(both, np.where(keys.weak, -1, keys.born.code))
        count = np.bincount(both[births], minlength=int(both.max(initial=0)) + 2)
        self._join_alike(np.where((both >= 0) & (count[both] <= 1), both, -1), "name_phone", "name=same phone=same")
        self._second_phones(name, born, most)

    def _second_phones(self, name: Numbers, born: Numbers, most: int) -> None:
        """The same two steps over every number of a cell, where any cell holds several."""
        records, phone = self.keys.dialled
        if not len(records):
            return
        name, born = name[records], born[records]
        bearers = np.bincount(phone[rows_once(phone, name)], minlength=int(phone.max()) + 1)
        a, b = chained(joined(name, phone, born))
        self.join(records[a], records[b], "contact", "name=same phone=same born=same")
        both = joined(name, np.where(bearers[phone] <= most, phone, -1))
        count = np.bincount(both[rows_once(both, born)], minlength=int(both.max(initial=0)) + 2)
        a, b = chained(np.where((both >= 0) & (count[both] <= 1), both, -1))
        self.join(records[a], records[b], "name_phone", "name=same phone=same")

    def _join_alike(self, key: Numbers, why: str, detail: str) -> None:
        """Joins equals, first without the disputed: a number that is another's must not keep the rest of a person's rows apart."""
        self.join(*chained(np.where(self.disputed, -1, key)), why, detail)
        self.join(*chained(key), why, detail)

    # --- joining, and what forbids it ----------------------------------------------------------------------------------
    def join(self, a: Numbers, b: Numbers, why: str, detail: str, probability: Sequence[float] = (), details: Sequence[str] = ()) -> None:
        """Joins the groups of a[i] and b[i] for all i at once, but for those who would then contradict themselves."""
        apart = np.flatnonzero(self.group[a] != self.group[b])
        if not len(apart):
            return
        after = self._joined(self.group[a[apart]], self.group[b[apart]])
        wrong = self._contradicting(after, np.unique(after[a[apart]]))
        refused = np.isin(after[a[apart]], wrong)
        for i in apart[~refused].tolist():
            self.ties.append(Tie(int(a[i]), int(b[i]), why, probability[i] if probability else None, details[i] if details else detail))
        if len(wrong):
            self._ask_within(after, wrong, why, detail)
            self.group = np.where(np.isin(after, wrong), self.group, after)
        else:
            self.group = after

    def _ask_within(self, after: Numbers, wrong: Numbers, why: str, detail: str) -> None:
        """Of groups that were not joined because some contradict, which two are asked about, and in which words."""
        keys = self.keys
        inside = np.flatnonzero(np.isin(after, wrong))
        held: dict[int, dict[int, set[int]]] = defaultdict(dict)
        groups: dict[int, list[int]] = defaultdict(list)
        for i in inside.tolist():
            g = int(self.group[i])
            if g not in held:
                groups[int(after[i])].append(g)
            of = held[g]
            if keys.series[i] >= 0:
                of.setdefault(int(keys.series[i]), set()).add(int(keys.document.code[i]))
        for members in groups.values():
            for g, h in combinations(members[:_ASKED], 2):
                numbers = any(held[g][s] != held[h][s] for s in held[g].keys() & held[h].keys())
                self.ask(g, h, "other_document" if numbers else "contradicted", None, detail or f"joined={why}")

    def _joined(self, a: Numbers, b: Numbers) -> Numbers:
        """The groups after joining groups a[i] and b[i], each still named by its least record."""
        return connected(self.n, a, b)[self.group]

    def _contradicting(self, after: Numbers, touched: Numbers) -> Numbers:
        """Which of the touched groups hold two sound numbers of one series, or two names that are not one person's."""
        keys = self.keys
        is_touched = np.zeros(self.n, bool)
        is_touched[touched] = True
        here = is_touched[after]
        once = rows_once(np.where(here, after, -1), keys.series, keys.document.code)
        g, s = after[once], keys.series[once]
        wrong = set(g[1:][(g[1:] == g[:-1]) & (s[1:] == s[:-1])].tolist())
        once = rows_once(np.where(here, after, -1), keys.name.code)
        g = after[once]
        again = np.r_[False, g[1:] == g[:-1]] if len(g) else np.empty(0, bool)
        again |= np.r_[again[1:], False] if len(g) else again
        several: dict[int, list[int]] = defaultdict(list)
        for group, i in zip(g[again].tolist(), once[again].tolist(), strict=True):
            several[group].append(i)
        wrong.update(g for g, members in several.items() if any(not self._one_name(x, y) for x, y in combinations(members, 2)))
        return np.array(sorted(wrong), np.int64)

    def _alike(self, i: int, j: int) -> names.Likeness:
        return names.alike(self.keys.written.text(i) or "", self.keys.written.text(j) or "")

    def _one_name(self, i: int, j: int) -> bool:
        x, y = sorted((int(self.keys.name.code[i]), int(self.keys.name.code[j])))
        if x == y or (x, y) in self.attested:
            return True
        return self._alike(i, j) in names.COMPATIBLE - {"sound"}

    def ask(self, i: int, j: int, why: str, probability: float | None, detail: str) -> None:
        """Puts two records before a person."""
        pair = (min(i, j), max(i, j))
        before = self.asked.get(pair)
        if before is None or _RANK[why] < _RANK[before.why]:
            self.asked[pair] = _Asked(why, probability, detail)

    # --- probable ------------------------------------------------------------------------------------------------------
    def undecided(self) -> None:
        """What exact keys left apart and may yet be one person goes to Splink, if there is any."""
        a, b = self._candidates()
        if len(a):
            self._weigh(a, b)
        self._names_alone()

    def _candidates(self) -> tuple[Numbers, Numbers]:
        """Pairs of records of different groups worth weighing: not two who each have a sound number of one series, unless all else agrees."""
        keys, group = self.keys, self.group
        name = keys.name.code
        turned = _column(keys.written, names.turned)
        fifteen = self._first_fifteen()
        few = np.where(self.sharers <= self.thresholds.sharers, keys.phone.code, -1)
        strict = [(joined(name, keys.born.code, keys.address.code), _CROWD), (joined(name, few), _CROWD)]
        open_ = [
            (np.where(keys.weak, -1, keys.born.code), 400),
            (joined(turned, keys.born.code), 400),
            (joined(name, keys.phone.code), 400),
            (joined(name, keys.address.code), 400),
            (np.where(self.sharers <= _CROWD, keys.phone.code, -1), 2 * _CROWD),
            (keys.address.code, 12),
            (joined(turned, keys.area.code), 12),
            (turned, 6),
            (fifteen, 12),
            (np.where(keys.verdict == "unknown", keys.document.code, -1), 12),
        ]
        card = np.zeros(self.n, np.int64)  # what sound series a group has, as bits: two who share one are two people
        for s in np.unique(keys.series[keys.series >= 0]):
            have = np.unique(group[keys.series == s])
            card[have] |= 1 << min(int(s), 62)
        # rows that say exactly the same stand for one another: seven questions about eight of them, not twenty-eight
        said = [one.code + 1 for one in (keys.name, keys.born, keys.phone, keys.address, keys.said)]
        equal = chained(joined(*said))
        label = self._joined(group[equal[0]], group[equal[1]])
        found: list[tuple[Numbers, Numbers]] = [equal]
        for given, strictly in [(strict, True), (open_, False)]:
            found += [paired(key, label, most) for key, most in given]
            if not strictly:
                found[-len(given) :] = [self._open(card, a, b) for a, b in found[-len(given) :]]
        a, b = (np.concatenate([f[i] for f in found]) for i in (0, 1))
        apart = group[a] != group[b]
        a, b = a[apart], b[apart]
        low, high = np.minimum(a, b), np.maximum(a, b)
        pairs = np.unique(low * self.n + high)
        return pairs // self.n, pairs % self.n

    def _open(self, card: Numbers, a: Numbers, b: Numbers) -> tuple[Numbers, Numbers]:
        """Pairs of which not both have a sound number of one series."""
        meet = (card[self.group[a]] & card[self.group[b]]) == 0
        return a[meet], b[meet]

    def _first_fifteen(self) -> Numbers:
        """What a spreadsheet leaves of a long number: fifteen digits."""
        keys = self.keys
        first = [d.value[:15] if d and len(d.value) >= 16 and d.value[:15].isdecimal() else None for d in keys.documents]
        place: dict[str | None, int] = {None: -1}
        table = [place.setdefault(v, len(place) - 1) for v in first]
        return np.where(keys.verdict != "", np.array([*table, -1], np.int64)[keys.said.code], -1)

    def _weigh(self, a: Numbers, b: Numbers) -> None:
        probable: Any = import_module("bulou.identity.probable")  # takes a second: only when something is undecided
        rows, place = np.unique(np.concatenate([a, b]), return_inverse=True)
        columns = self._columns(rows)
        people = len(np.unique(self.group))
        scored = probable.score(columns, place[: len(a)], place[len(a) :], people, self._bearers())
        best: dict[tuple[int, int], int] = {}
        chance = np.round(scored.probability, 6)
        kept = np.flatnonzero(chance >= self.thresholds.review)
        left, right = rows[scored.a], rows[scored.b]
        for i in kept.tolist():
            g, h = int(self.group[left[i]]), int(self.group[right[i]])
            pair = (min(g, h), max(g, h))
            if pair not in best or chance[i] > chance[best[pair]]:
                best[pair] = int(i)
        join: list[tuple[int, int, float, str]] = []
        for i in best.values():
            x, y, p = int(left[i]), int(right[i]), float(chance[i])
            levels = {c: scored.word(c, i) for c in probable.PEOPLE}
            why = self._decide(x, y, p, levels)
            if levels["name"] != "missing":
                levels["name"] = self._alike(x, y)  # Splink has only spellings to go by
            detail = " ".join(f"{c}={w}" for c, w in levels.items() if w != "missing")
            if why == "likely":
                join.append((x, y, p, detail))
            elif why:
                self.ask(x, y, why, p, detail)
        join.sort()
        a, b = (np.array([one[i] for one in join], np.int64) for i in (0, 1))
        self.join(a, b, "likely", "", [one[2] for one in join], [one[3] for one in join])

    def _decide(self, x: int, y: int, p: float, levels: dict[str, str]) -> str | None:
        """The word for a pair above the threshold of review: joined as likely, asked about, or None for nothing to ask."""
        keys = self.keys
        likeness = self._alike(x, y) if keys.name.code[x] >= 0 and keys.name.code[y] >= 0 else "different"
        home = levels["address"] in ("same", "near")
        phone = levels["phone"] == "same"
        both = self._documents_of(x) & self._documents_of(y)
        if both and self._numbers_of(x, both) != self._numbers_of(y, both):
            met = phone and max(self.sharers[x], self.sharers[y]) <= self.thresholds.sharers  # one of the numbers may be another's
            return (
                "other_document"
                if likeness in names.COMPATIBLE - {"masked", "sound"} and (met or (levels["born"] == "same" and home))
                else None
            )
        if keys.unnamed[x] or keys.unnamed[y]:
            return "unnamed" if levels["born"] in ("same", "weak") and (home or phone) else None
        number = levels["document"] in ("same", "near", "cut")
        if levels["document"] == "cut" and likeness in names.COMPATIBLE and not (phone and p >= self.thresholds.merge):
            return "lost_digits"
        if likeness in ("different", "near", "sound"):
            if p >= self.thresholds.merge and self._one_written_worse(x, y, likeness, levels):
                self.attested.add(tuple(sorted((int(keys.name.code[x]), int(keys.name.code[y])))))  # type: ignore[arg-type]
                return "likely"
            if likeness == "different" and levels["document"] == "same":
                return "other_name"
            day = levels["born"] in ("same", "weak")
            if likeness == "different" and levels["name"] not in ("near", "alike"):  # twins, or one person whose name was replaced
                met = home + number + self._one_surname(x, y)
                return "siblings" if day and met > 1 else None
            return "siblings" if day and (home or phone) and not number else "possible"
        crowded = phone and max(self.sharers[x], self.sharers[y]) > self.thresholds.sharers
        proof = number or (phone and (not crowded or levels["born"] == "same"))
        if p >= self.thresholds.merge and proof and (levels["born"] != "different" or self._birth_misread(x, y, likeness, levels)):
            return "likely"
        if not proof and levels["born"] == "same" and home:
            return "no_document"
        return "possible"

    def _one_written_worse(self, x: int, y: int, likeness: str, levels: dict[str, str]) -> bool:
        """Names in letters under one number, of which one is the other with slips; or one part of it alone, then birth and home agree too.

        Another name beside the same number, birth and home is never one: a twin stands under the other's number like that.
        """
        keys = self.keys
        if levels["document"] != "same" or names.has_characters(keys.name.text(x) or ""):
            return False
        alone = names.lone(keys.written.text(x) or "", keys.written.text(y) or "")
        return likeness == "near" or (alone and levels["born"] == "same" and levels["address"] in ("same", "near"))

    def _one_surname(self, x: int, y: int) -> bool:
        """Names in letters that share a part: in one home, born on one day, twins, or one person under two given names."""
        a, b = (names.parts(self.keys.written.text(i) or "") for i in (x, y))
        return not names.has_characters("".join((*a, *b))) and any(len(one) > 1 and one in b for one in a)

    def _birth_misread(self, x: int, y: int, likeness: str, levels: dict[str, str]) -> bool:
        """Another birth beside the same name, number and home: a slip, unless as many years lie between as between father and son."""
        if levels["document"] != "same" or likeness not in ("same", "order", "letters") or levels["address"] not in ("same", "near"):
            return False
        a, b = (self.keys.born.text(i) or "" for i in (x, y))
        return bool(a and b) and abs(int(a[:4]) - int(b[:4])) < _GENERATION

    def _documents_of(self, i: int) -> set[int]:
        return self._sound().get(int(self.group[i]), (set(), set()))[0]

    def _numbers_of(self, i: int, series: set[int]) -> set[tuple[int, int]]:
        return {one for one in self._sound().get(int(self.group[i]), (set(), set()))[1] if one[0] in series}

    def _sound(self) -> dict[int, tuple[set[int], set[tuple[int, int]]]]:
        """Series and numbers of each group that has any, as they are when first asked in this step."""
        if not hasattr(self, "_held"):
            held: dict[int, tuple[set[int], set[tuple[int, int]]]] = {}
            for i in np.flatnonzero(self.keys.series >= 0).tolist():
                one = held.setdefault(int(self.group[i]), (set(), set()))
                one[0].add(int(self.keys.series[i]))
                one[1].add((int(self.keys.series[i]), int(self.keys.document.code[i])))
            self._held = held
        return self._held

    def _columns(self, rows: Numbers) -> dict[str, list[str | None]]:
        """What Splink compares, a row for each record, filled where it has nothing with what its group says most often."""
        keys = self.keys
        whole = {c: self._filled(getattr(keys, c), rows) for c in ("written", "phone", "born", "address", "sex", "area")}
        written = whole["written"]
        document, series = self._numbers(rows)
        return {
            "name": [names.fold(w) or None for w in written],
            "turned": [names.turned(w) if w else None for w in written],
            "spoken": [names.spoken(w) if w else None for w in written],
            "parts": [" ".join(names.parts(w)) if w else None for w in written],
            "born": [b.replace("-", "") if b else None for b in whole["born"]],
            "phone": whole["phone"],
            "address": whole["address"],
            "numbers": [numbers_in(v) if v else None for v in whole["address"]],
            "sex": whole["sex"],
            "area": whole["area"],
            "document": document,
            "series": series,
        }

    def _bearers(self) -> dict[str, dict[str, int]]:
        """How many groups have each value, over all records and not only those that are weighed."""
        keys = self.keys
        out: dict[str, dict[str, int]] = {}
        for field in ("name", "born", "phone", "address", "area", "document"):
            of: Column = getattr(keys, field)
            counts = np.bincount(of.code[rows_once(self.group, of.code)], minlength=len(of.values)).tolist()
            out[field] = dict(zip((v.replace("-", "") if field == "born" else v for v in of.values), counts, strict=True))
        return out

    def _filled(self, of: Column, rows: Numbers) -> list[str | None]:
        known = np.flatnonzero(of.code >= 0)
        many = len(of.values) + 1
        pairs, counts = np.unique(self.group[known] * many + of.code[known], return_counts=True)
        whose, what = pairs // many, pairs % many
        order = np.lexsort((what, counts, -whose))  # the last written of a group is its commonest value, of equals the greatest
        usual = np.full(self.n, -1, np.int64)
        usual[whose[order]] = what[order]
        code = np.where(of.code[rows] >= 0, of.code[rows], usual[self.group[rows]])
        return [of.values[c] if c >= 0 else None for c in code]

    def _numbers(self, rows: Numbers) -> tuple[list[str | None], list[str | None]]:
        """Numbers that say something though they are no key: wrong, cut short, of no known kind; two sound ones have been compared."""
        keys = self.keys
        document: list[str | None] = []
        series: list[str | None] = []
        for i in rows:
            code = keys.said.code[i]
            found = keys.documents[code] if code >= 0 and keys.verdict[i] else None
            digits = found.value if found else ""
            use = found is not None and not (found.verdict == "refused" and (len(digits) < 16 or not digits.isdecimal()))
            document.append(digits if use and found else None)
            series.append(
                ("id_card" if digits[:1].isdecimal() and len(digits) >= 15 else f"{found.kind}{len(digits)}") if use and found else None
            )
        return document, series

    def _names_alone(self) -> None:
        """Rows with nothing but a name, where few others bear it: a list from a chat group has nothing else."""
        keys = self.keys
        bare = (keys.name.code >= 0) & ~keys.unnamed
        for one in (keys.phone, keys.born, keys.address, keys.said):
            bare &= one.code < 0
        if not bare.any():
            return
        a, b = paired(np.where(np.isin(keys.name.code, np.unique(keys.name.code[bare])), keys.name.code, -1), self.group, 6)
        for x, y in zip(a, b, strict=True):
            if (bare[x] or bare[y]) and self.keys.source[x] != self.keys.source[y]:
                self.ask(int(x), int(y), "name_only", None, "name=same")

    # --- the answer ----------------------------------------------------------------------------------------------------
    def result(self, weights: NDArray[np.float64]) -> Linked:
        """In the numbers of the given records."""
        given, keys = self.keys.given, self.keys
        heavy = np.zeros(self.n)
        np.maximum.at(heavy, self.group, weights[given] if self.n else heavy)
        lists: dict[int, set[int]] = defaultdict(set)
        for pair in self.asked:
            for i in pair:
                lists[int(self.group[i])] = set()
        wanted = np.isin(self.group, np.array(sorted(lists), np.int64))
        for g, at in zip(self.group[wanted], self.keys.source[wanted], strict=True):
            lists[int(g)].add(int(at))
        seen: dict[tuple[int, int], tuple[tuple[float, ...], Tie]] = {}
        for (i, j), one in self.asked.items():
            g, h = sorted((int(self.group[i]), int(self.group[j])))
            if g == h:
                continue  # joined by something else since
            x, y = sorted((int(given[i]), int(given[j])))
            rank = (-(heavy[g] + heavy[h]), -len(lists[g] | lists[h]), _RANK[one.why], -(one.probability or 0), i, j)
            if (g, h) not in seen or rank < seen[g, h][0]:
                seen[g, h] = rank, Tie(x, y, one.why, one.probability, one.detail)
        review = [tie for _, tie in sorted(seen.values(), key=lambda held: held[0])]
        person = np.empty(self.n, np.int64)
        person[given] = self.group
        _, first, inverse = np.unique(person, return_index=True, return_inverse=True)
        numbered = np.empty(len(first), np.int64)
        numbered[np.argsort(first, kind="stable")] = np.arange(len(first))
        place = given.tolist()
        ties = [Tie(min(x := place[t.a], y := place[t.b]), max(x, y), t.why, t.probability, t.detail) for t in self.ties]
        refused = [
            Refused(int(given[i]), found)
            for i in range(self.n)
            if (c := keys.said.code[i]) >= 0 and (found := keys.documents[c]) and found.verdict == "refused"
        ]
        return Linked(
            [int(p) for p in numbered[inverse]], sorted(ties, key=lambda t: t[:2]), review, sorted(refused, key=lambda r: r.record)
        )


_RANK = {word: i for i, word in enumerate(TIE)}


def _column(of: Column, fold: Callable[[str], str | None]) -> Numbers:
    place: dict[str | None, int] = {None: -1}
    table = [place.setdefault(fold(v) or None, len(place) - 1) for v in of.values]
    return np.array([*table, -1], np.int64)[of.code]
