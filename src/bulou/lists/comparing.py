"""Two to eight lists laid side by side: who is in which, who differs, who is there twice. Pure; never drops a row, never guesses.

Every row of every list ends in exactly one place: it is a person's first row in that list, a further row of the same person, or it
could not be read as a person and says why. So for each list *rows = people + further rows + not read*, and the regions (who is in
which lists) add up to the distinct people. What cannot be known (a document number that a spreadsheet spoiled, two records that may
be one person) is counted as it stands and put into review, and the count is given as a range.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from bulou.basis.words import DIFFERENCE, TIE, Word
from bulou.identity.documents import read_document
from bulou.identity.linking import USUAL, Linked, Records, Thresholds, Tie, link
from bulou.identity.names import alike
from bulou.identity.phones import phones
from bulou.lists import sameness
from bulou.lists.columns import DATES, Mapped
from bulou.lists.decided import with_decisions
from bulou.lists.partitions import Classed, divide

#: The fewest and the most lists that are laid side by side: beyond eight, who is in which can no longer be shown so that it is read.
FEWEST, MOST = 2, 8
#: How lists are called where their names are too long.
LETTERS = "ABCDEFGH"
#: Fields of a list that tell who someone is, and what is told of them.
FIELDS = ("name", "document", "phone", "address", "born_on", "sex", "area", "state", "code_of", "household", "count", *DATES)


class NotRead(NamedTuple):
    """A row that could not be read as a person: its number in its source, what stands in it, and why."""

    row: int
    text: str
    why: Word


class Listed(NamedTuple):
    """One list, its columns recognised: for each field one text per row (``None``: nothing there), and each row's number in its source.

    ``unread`` are rows that are in the source and no person's (totals, blank names). ``notices`` are sentences about the source.
    """

    name: str
    numbers: Sequence[int]
    fields: Mapping[str, Sequence[str | None]]
    unread: Sequence[NotRead] = ()
    notices: Sequence[Word] = ()

    @property
    def rows(self) -> int:
        return len(self.numbers) + len(self.unread)


class Person(NamedTuple):
    """One person as the lists have them: ``mask`` says in which lists (bit 0 is the first), ``records`` index the comparison's rows.

    ``area`` is the one area where they count (``""``: none is stated, and no address names one). ``registered``: on the register or not, ``None`` where
    no register was given.
    """

    number: int
    mask: int
    records: tuple[int, ...]
    area: str
    registered: bool | None


class Region(NamedTuple):
    """Those who are in exactly these lists."""

    mask: int
    people: list[int]


class Difference(NamedTuple):
    """One person of whom two lists say different things in one field: what each record says, as it is written."""

    person: int
    field: str
    said: tuple[tuple[int, str], ...]


class Division(NamedTuple):
    """What one list's column (``state`` or ``area``) divides its people into."""

    list: int
    field: str
    classed: Classed


class Review(NamedTuple):
    """Something that a person must look at: two records that may be one (``second`` set), or one record with a spoiled document.

    ``weight`` orders the queue, the most consequential first: a positive, then what would change who is in which list.
    """

    why: str
    word: Word
    first: int
    second: int | None
    probability: float | None
    detail: str
    weight: int


#: The fields of which two lists may say different things, in the order in which they matter to whoever must act tonight.
DIFFERING: dict[str, Word] = {f: w for f, w in DIFFERENCE.items() if f not in ("absent", "twice", "not_registered")}
#: Why a record with a document that is no key stands in review.
SPOILED = Word("证件号已被表格软件改坏,不能用来认人", "the document number was spoiled by a spreadsheet and identifies nobody")

_TOTALS = {"合计", "总计", "小计", "共计", "总数", "汇总", "total", "subtotal", "sum", "grandtotal"}
_HEADS = {"姓名", "名字", "name", "fullname", "身份证号", "证件号码", "证件号"}
NO_PERSON = Word("既无姓名也无证件、电话", "neither a name nor a document nor a phone")
A_TOTAL = Word("合计行", "a row of totals")
A_HEAD = Word("重复的表头", "the heading again")


def listed(
    name: str,
    numbers: Sequence[int],
    fields: Mapping[str, Sequence[str | None]],
    unread: Sequence[NotRead] = (),
    notices: Sequence[Word] = (),
) -> Listed:
    """A list with its rows sorted into people and others: a row without name, document and phone, a total, a heading are set aside."""
    known = {f: v for f, v in fields.items() if f in FIELDS}
    keys = [known[f] for f in ("name", "document", "phone") if f in known]
    if not keys:
        raise ValueError(f"{name}: no column tells who someone is (a name, a document or a phone)")
    keep, aside = list[int](), list[NotRead]()
    names = known.get("name")
    for i, number in enumerate(numbers):
        why = None
        if not any(column[i] and column[i].strip() for column in keys):  # type: ignore[union-attr]  # just looked at
            why = NO_PERSON
        elif names is not None and names[i]:
            said = sameness.plain(names[i] or "").rstrip(":：")
            why = A_TOTAL if said in _TOTALS or said.startswith(("合计", "总计", "小计")) else A_HEAD if said in _HEADS else None
        if why is None:
            keep.append(i)
        else:
            aside.append(NotRead(number, " ".join(v for c in known.values() if (v := c[i])), why))
    if aside:
        known = {f: [c[i] for i in keep] for f, c in known.items()}
        numbers = [numbers[i] for i in keep]
    return Listed(name, numbers, known, (*unread, *aside), notices)


#: Rows of a source that are its frame and nobody's row: they are not counted among its rows.
FRAME = {"header", "title", "blank", "joined", "sender"}


def of_mapped(mapped: Mapped, name: str = "") -> Listed:
    """A list that was read and mapped, ready for comparing."""
    columns: dict[str, Sequence[str | None]] = {
        f: getattr(mapped, f) for f in ("name", "document", "phone", "address", "born_on", "sex", "area", "state", "code_of", "household")
    }
    columns |= {"count": mapped.counted, **mapped.at}
    if others := mapped.more.get("phone"):  # a second telephone is one more number of the same cell
        columns["phone"] = [" / ".join(dict.fromkeys(filter(None, cells))) or None for cells in zip(mapped.phone, *others, strict=True)]
    used = {f: c for f, c in columns.items() if any(c)}
    table = mapped.table
    unread = [
        NotRead(a.number, " ".join(filter(None, a.cells)), ASIDE.get(a.code, Word(a.code, a.code)))
        for a in table.aside
        if a.code not in FRAME
    ]
    notices = [Word(n.zh, n.en) for n in (*table.notices, *mapped.notices)]
    return listed(name or table.name, mapped.number, used, unread, notices)


#: Why a row was set aside when its list was read.
ASIDE: dict[str, Word] = {
    "total": A_TOTAL,
    "header_again": A_HEAD,
    "note": Word("说明文字", "a remark"),
    "chatter": Word("看不出是人", "does not look like a person"),
    "example": Word("接龙的例子", "the example of a group's list"),
}


@dataclass(frozen=True)
class Comparison:
    """Lists side by side. Everything asked of it is worked out once, when it is first asked.

    ``values[f][i]`` is field ``f`` of record ``i`` as written; ``of[i]`` its list, ``row[i]`` its number in the source. Records of the
    register, where one was given, stand behind those of the lists (from ``size`` on) and in no figure of theirs.
    """

    lists: tuple[Listed, ...]
    of: list[int]
    row: list[int]
    values: Mapping[str, list[str | None]]
    linked: Linked
    people: list[Person]
    size: int
    #: How many records of the register belong to nobody in the lists; ``None`` where no register was given.
    only_register: list[int] | None = field(default=None)
    #: By what records were joined and asked about.
    thresholds: Thresholds = USUAL
    #: By the number of a register's record, how consequential a mistake about it is.
    heavy: Mapping[int, int] = field(default_factory=dict)

    # --- who is in which ------------------------------------------------------------------------------------------------
    @property
    def everywhere(self) -> int:
        return (1 << len(self.lists)) - 1

    @cached_property
    def regions(self) -> list[Region]:
        """Every combination of lists that someone is in: in all first, then by how many lists, then by letter."""
        found: dict[int, list[int]] = {}
        for p in self.people:
            found.setdefault(p.mask, []).append(p.number)
        order = sorted(found, key=lambda m: (m != self.everywhere, -m.bit_count(), [i for i in range(len(self.lists)) if m >> i & 1]))
        return [Region(m, found[m]) for m in order]

    def in_list(self, i: int) -> list[int]:
        """The people of one list."""
        return [p.number for p in self.people if p.mask >> i & 1]

    def only_in(self, i: int) -> list[int]:
        return next((r.people for r in self.regions if r.mask == 1 << i), [])

    def only_missing_in(self, i: int) -> list[int]:
        """In every other list and not in this one: the gap that a clerk looks for first."""
        return next((r.people for r in self.regions if r.mask == self.everywhere & ~(1 << i)), [])

    @cached_property
    def not_everywhere(self) -> list[int]:
        return [p.number for p in self.people if p.mask != self.everywhere]

    def person(self, number: int) -> Person:
        return self.people[number - 1]

    def rows_of(self, number: int, i: int) -> list[int]:
        """The records of one person in one list."""
        return [r for r in self.person(number).records if self.of[r] == i]

    # --- twice ----------------------------------------------------------------------------------------------------------
    @cached_property
    def twice(self) -> list[tuple[int, int, list[int]]]:
        """The same person more than once in one list: person, list, records."""
        found = list[tuple[int, int, list[int]]]()
        for p in self.people:
            if len(p.records) > p.mask.bit_count():
                rows: dict[int, list[int]] = {}
                for r in p.records:
                    rows.setdefault(self.of[r], []).append(r)
                found.extend((p.number, i, held) for i, held in rows.items() if len(held) > 1)
        return found

    # --- what differs ---------------------------------------------------------------------------------------------------
    @cached_property
    def differences(self) -> list[Difference]:
        """Of whom lists say different things, by field in the order of ``DIFFERING``. Nothing written is never a difference."""
        found = list[Difference]()
        columns = {f: self.values[f] for f in DIFFERING if f in self.values}
        several = [p for p in self.people if len(p.records) > 1]
        for f, column in columns.items():
            groups = self._speaking[f].groups if f in self._speaking else ()
            for p in several:
                said = [(r, v) for r in p.records if (v := column[r])]
                if len({v for _, v in said}) < 2:
                    continue
                for group in groups or (None,):
                    within = said if group is None else [(r, v) for r, v in said if self.of[r] in group]
                    kind = _differs(f, [v for _, v in within]) if len({v for _, v in within}) > 1 else ""
                    if kind:
                        found.append(Difference(p.number, kind, tuple(said)))
                        break
        order = {f: n for n, f in enumerate(DIFFERING)}
        found.sort(key=lambda d: (order[d.field], d.person))
        return found

    @cached_property
    def differing(self) -> dict[str, list[int]]:
        """By field, the people of whom it differs."""
        found: dict[str, list[int]] = {}
        for d in self.differences:
            found.setdefault(d.field, []).append(d.person)
        return found

    @cached_property
    def differing_people(self) -> list[int]:
        """Everyone of whom something differs that matters: the way of writing a name alone does not."""
        return sorted({d.person for d in self.differences if d.field != "name_writing"})

    @cached_property
    def _speaking(self) -> dict[str, "Speaking"]:
        found = {}
        for f, same in _VOCABULARIES.items():
            if f in self.values:
                found[f] = _speaking(self, f, same)
        return found

    @cached_property
    def unlike(self) -> list[tuple[str, int, int, int, int]]:
        """Columns that bear one name and speak of different things (a result and a class of contact are both called "state"): field,
        two lists, and of how many people they agree out of how many. What they say is not compared, and that is told."""
        return [(f, *pair) for f, s in self._speaking.items() for pair in s.unlike]

    # --- classes ---------------------------------------------------------------------------------------------------------
    @cached_property
    def divisions(self) -> list[Division]:
        """For each list, its people by its state and by its area."""
        found = list[Division]()
        for f, same in _VOCABULARIES.items():
            if f not in self.values:
                continue
            column, said = self.values[f], [dict[int, tuple[str | None, ...]]() for _ in self.lists]
            folded = {v: same(v) if v else None for v in set(column)}
            for p in self.people:
                for r in p.records:
                    there, one = said[self.of[r]], folded[column[r]]
                    there[p.number] = (*there[p.number], one) if p.number in there else (one,)
            found.extend(Division(i, f, divide(each)) for i, each in enumerate(said) if any(self.lists[i].fields.get(f, ())))
        return sorted(found, key=lambda d: d.list)

    # --- the register ---------------------------------------------------------------------------------------------------
    @cached_property
    def not_registered(self) -> list[int]:
        return [p.number for p in self.people if p.registered is False]

    # --- areas ----------------------------------------------------------------------------------------------------------
    @cached_property
    def areas(self) -> dict[str, list[int]]:
        """Everyone under the one area where they count, the largest first, without an area last."""
        found: dict[str, list[int]] = {}
        for p in self.people:
            found.setdefault(p.area, []).append(p.number)
        return dict(sorted(found.items(), key=lambda item: (not item[0], -len(item[1]), item[0])))

    @cached_property
    def area_names(self) -> dict[str, str]:
        """How each area is written most often."""
        written: dict[str, Counter[str]] = {}
        for v in self.values.get("area", ())[: self.size]:
            if v:
                written.setdefault(sameness.area(v), Counter())[v.strip()] += 1
        return {a: c.most_common(1)[0][0] for a, c in written.items() if a}

    def area_name(self, area: str, lang: str) -> str:
        return self.area_names.get(area, area) if area else ("未写区域" if lang == "zh" else "no area stated")

    # --- review ---------------------------------------------------------------------------------------------------------
    @cached_property
    def review(self) -> list[Review]:
        """What a person must look at, the most consequential first."""
        of_record, found = self._person_of, list[Review]()
        for tie in self.linked.review:
            if tie.a < self.size or tie.b < self.size:
                found.append(
                    Review(tie.why, word_of(tie), tie.a, tie.b, tie.probability, tie.detail or "", self._weight(tie.a, tie.b, of_record))
                )
        in_pair = {r for x in found for r in (x.first, x.second)}
        for r in refused(self.linked):
            if r < self.size and r not in in_pair:
                found.append(Review("spoiled", SPOILED, r, None, None, self.values["document"][r] or "", self._weight(r, None, of_record)))
        found.sort(key=lambda x: (-x.weight, x.first, x.second or -1))
        return found

    @cached_property
    def _person_of(self) -> list[int]:
        """The number of the person of each record; 0 for records of the register that are nobody's in the lists."""
        number = [0] * len(self.of)
        for p in self.people:
            for r in p.records:
                number[r] = p.number
        return number

    def person_of(self, record: int) -> int:
        return self._person_of[record]

    def _weight(self, a: int, b: int | None, of_record: list[int]) -> int:
        """Heavier: someone positive, confirmed, under an order or a close contact; then what would change who is in which lists."""
        weight, states = 0, self.values.get("state")
        for r in (a,) if b is None else (a, b):
            weight += max(_gravity(states[r]) if states else 0, self._burden.get(self.linked.person[r], 0))
        if b is not None and a < self.size and b < self.size:
            first, second = self.person(of_record[a]), self.person(of_record[b])
            weight += 10 if first.mask != second.mask else 5
        return weight

    @cached_property
    def _burden(self) -> dict[int, int]:
        """Of whoever is linked to a record of the register that is consequential (under an order, positive): how much so."""
        found: dict[int, int] = {}
        for n, weight in self.heavy.items():
            who = self.linked.person[self.size + n]
            found[who] = max(weight, found.get(who, 0))
        return found

    @cached_property
    def fewest(self) -> int:
        """How many people there would be at least, were everything in review that may be one person one person."""
        of, joined = self._person_of, dict[int, int]()

        def root(n: int) -> int:
            while joined.get(n, n) != n:
                joined[n] = joined.get(joined[n], joined[n])
                n = joined[n]
            return n

        merged = 0
        for x in self.review:
            if x.second is not None and (a := root(of[x.first])) and (b := root(of[x.second])) and a != b:
                joined[max(a, b)] = min(a, b)
                merged += 1
        return len(self.people) - merged

    # --- why two records are one person -----------------------------------------------------------------------------------
    @cached_property
    def _ties(self) -> dict[int, list[Tie]]:
        found: dict[int, list[Tie]] = {}
        for tie in self.linked.ties:
            found.setdefault(tie.a, []).append(tie)
            found.setdefault(tie.b, []).append(tie)
        return found

    def ties(self, number: int) -> list[Tie]:
        """Why the records of one person are one: a chain through all of them."""
        found = {(t.a, t.b): t for r in self.person(number).records for t in self._ties.get(r, ())}
        return list(found.values())

    def reasons(self, number: int, lang: str) -> str:
        """The reasons of a person's match in words, each once: ``same document; same name and phone``."""
        return ("；" if lang == "zh" else "; ").join(dict.fromkeys(getattr(word_of(t), lang) for t in self.ties(number)))

    # --- does it add up -----------------------------------------------------------------------------------------------------
    def reconciles(self) -> list[str]:
        """Every sum that does not close, in words; empty when all do. Asserted by tests and looked at before anything is written."""
        wrong = list[str]()
        further = Counter(i for _, i, held in self.twice for _ in held[1:])
        for i, each in enumerate(self.lists):
            people = len(self.in_list(i))
            if each.rows != people + further[i] + len(each.unread):
                wrong.append(f"{each.name}: {each.rows} rows are not {people} people + {further[i]} further + {len(each.unread)} not read")
            if people != sum(len(r.people) for r in self.regions if r.mask >> i & 1):
                wrong.append(f"{each.name}: its regions do not add up to {people}")
        for what, sizes in (("regions", [r.people for r in self.regions]), ("areas", list(self.areas.values()))):
            if sum(map(len, sizes)) != len(self.people):
                wrong.append(f"{what} do not add up to {len(self.people)}")
        return wrong


class Speaking(NamedTuple):
    """Lists whose columns of one field speak of the same thing, in groups; and the pairs that do not."""

    groups: tuple[frozenset[int], ...]
    unlike: tuple[tuple[int, int, int, int], ...]


#: Fields whose words are a list's own: two lists are compared in them only where they mostly agree.
_VOCABULARIES: dict[str, Callable[[str], str]] = {"state": sameness.state, "area": sameness.area}
#: From so many people on, lists that agree of fewer than half speak of different things.
_ENOUGH = 8


def _speaking(comparison: "Comparison", name: str, same: Callable[[str], str]) -> Speaking:
    column, of = comparison.values[name], comparison.of
    both, agree = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    for p in comparison.people:
        if p.mask.bit_count() > 1:
            said: dict[int, str] = {}
            for r in p.records:
                if v := column[r]:
                    said.setdefault(of[r], same(v))
            there = list(said.items())
            for k, (i, a) in enumerate(there):
                for j, b in there[k + 1 :]:
                    pair = (i, j) if i < j else (j, i)
                    both[pair] += 1
                    agree[pair] += a == b
    unlike = {pair for pair, n in both.items() if n >= _ENOUGH and 2 * agree[pair] < n}
    groups = list[set[int]]()
    for i in range(len(comparison.lists)):
        home = next((g for g in groups if not any((min(i, j), max(i, j)) in unlike for j in g)), None)
        if home is None:
            groups.append({i})
        else:
            home.add(i)
    return Speaking(tuple(map(frozenset, groups)), tuple((i, j, agree[i, j], both[i, j]) for i, j in sorted(unlike)))


_GRAVE = ("阳性", "确诊", "无症状", "positive", "confirmed")


def _gravity(state: str | None) -> int:
    """How much would follow from a mistake about whoever is in this state: an infection, a close contact, anyone."""
    said = sameness.state(state) if state else ""
    return 100 if any(w in said for w in _GRAVE) and not said.startswith(("非", "未")) else 50 if said == "密接" else 0


def word_of(tie: Tie) -> Word:
    """The words of a tie's reason."""
    return TIE[tie.why]


def refused(linked: Linked) -> list[int]:
    """The records whose document number identifies nobody."""
    return [r.record for r in linked.refused]


def _differs(name: str, said: Sequence[str]) -> str:
    """The field (a key of ``DIFFERING``) in which writings that are not equal really differ, empty where they mean the same."""
    match name:
        case "state" | "sex":
            same = sameness.state if name == "state" else sameness.sex
            return name if len({w for v in said if (w := same(v))}) > 1 else ""
        case "area":
            return name if len({w for v in said if (w := sameness.area(v))}) > 1 else ""
        case "born_on" | "date" | "sampled" | "resulted" | "reported" | "onset" | "exposed" | "isolated" | "released":
            days = {w for v in said if (w := sameness.day(v))}
            first = next(iter(days), "")
            return "" if len(days) < 2 or all(sameness.same_day(first, d) for d in days) else name
        case "phone":
            cells = [
                set(phones(v)) or {sameness.plain(v)} for v in said if sameness.plain(v)
            ]  # who has two numbers may be called on either
            return name if cells and not set.intersection(*cells) else ""
        case "document":
            return name if _documents_differ(said) else ""
        case "name":
            how = {alike(said[0], v) for v in said[1:]}
            return name if how & _OTHER_NAME else "name_writing" if how - {"same"} else ""
        case _:
            folded = {w for v in said if (w := sameness.address(v))}
            first = max(folded, key=len, default="")
            return "" if all(sameness.same_address(first, w) for w in folded) else name


#: Names that do not merely stand in another writing: another character, or another name.
_OTHER_NAME = {"sound", "near", "different"}


def _documents_differ(said: Sequence[str]) -> bool:
    """Two documents of one kind with different numbers. An identity card beside a passport is no difference: people have several.

    A number spoiled by a spreadsheet beside a sound one differs: it must be put right at its source.
    """
    values: dict[str, set[str]] = {}
    for v in said:
        read = read_document(v)
        if read is None:
            continue
        kind = "spoiled" if read.verdict == "refused" else read.kind
        values.setdefault(kind, set()).add(read.value if read.verdict != "checksum" else f"{read.value}?")
    return "spoiled" in values or any(len(v) > 1 for v in values.values())


_RECORD = ("name", "document", "phone", "address", "born_on", "sex", "area", "code_of")


def compare(
    lists: Sequence[Listed],
    register: Iterable[Mapping[str, str | None]] | None = None,
    *,
    thresholds: Thresholds | None = None,
    decided: Iterable[tuple[int, int, bool]] = (),
    heavy: Mapping[int, int] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Comparison:
    """Lays two to eight lists side by side.

    ``register``: records of the register, each a mapping with fields of ``FIELDS``; with it, everyone in the lists is on it or not.
    Which records are one person is decided by ``identity.linking.link``, and by people where ``decided`` says so of two records (those of
    the register stand behind those of the lists). ``heavy``: by the number of a register's record how consequential it is.

    Raises ``ValueError`` for fewer than two or more than
    eight lists.
    """
    if not FEWEST <= len(lists) <= MOST:
        raise ValueError(f"{len(lists)} lists: from {FEWEST} to {MOST} can be compared")
    of = [i for i, each in enumerate(lists) for _ in each.numbers]
    row = [n for each in lists for n in each.numbers]
    size = len(of)
    used = [f for f in FIELDS if any(f in each.fields for each in lists)]
    values = {f: [v for each in lists for v in each.fields.get(f, [None] * len(each.numbers))] for f in used}
    if register is not None:
        known = list(register)
        for f in used:
            values[f].extend(r.get(f) for r in known)
        of.extend([len(lists)] * len(known))
        row.extend(range(1, len(known) + 1))
    weights = [_gravity(v) for v in values["state"]] if "state" in values else [0] * len(of) if heavy else None
    for n, weight in (heavy or {}).items():
        if weights is not None:
            weights[size + n] = max(weight, weights[size + n])
    used_ = thresholds or USUAL
    linked = with_decisions(link(_records(of, row, values), used_, weights=weights, progress=progress), decided)
    return Comparison(
        tuple(lists), of, row, values, linked, *_people(of, linked, values, size, register is not None), used_, dict(heavy or {})
    )


def _records(of: list[int], row: list[int], values: Mapping[str, list[str | None]]) -> Records:
    nothing: list[str | None] = [None] * len(of)
    columns = {f: values.get(f, nothing) for f in _RECORD}
    for f, same in (("born_on", _birthday), ("sex", sameness.sex), ("area", sameness.area)):
        if f in values:
            columns[f] = [same(v) or None if v else None for v in values[f]]
    return Records(list=of, row=row, **columns)


def _birthday(text: str) -> str:
    """The day of a date of birth; nothing where the year is not said."""
    day = sameness.moment(text)[0]
    return "" if day.startswith("-") else day


def _people(
    of: list[int], linked: Linked, values: Mapping[str, list[str | None]], size: int, registered: bool
) -> tuple[list[Person], int, list[int] | None]:
    """The records grouped by person, in the order in which people first appear."""
    grouped: dict[int, list[int]] = {}
    for record, who in enumerate(linked.person):
        grouped.setdefault(who, []).append(record)
    people, alone = list[Person](), list[int]()
    named_in = _named_in(values.get("area", ()), values.get("address"))
    areas, dates = values.get("area"), [values[d] for d in DATES if d in values]
    for records in grouped.values():
        held = records if records[-1] < size else [r for r in records if r < size]
        if not held:
            alone.extend(records)
            continue
        mask = 0
        for r in held:
            mask |= 1 << of[r]
        on_it = len(held) < len(records) if registered else None
        area = (_where(held, areas, dates) or named_in(held)) if areas else ""
        people.append(Person(len(people) + 1, mask, tuple(held), area, on_it))
    return people, size, alone if registered else None


def _named_in(areas: Sequence[str | None], addresses: Sequence[str | None] | None) -> Callable[[list[int]], str]:
    """For who has no area stated: the area, of those that the lists state with their kind (街道, 镇 …), that an address names."""
    known = {plain: sameness.area(v) for v in set(areas) if v and (plain := sameness.plain(v)) != sameness.area(v)}
    if not known or addresses is None:
        return lambda records: ""
    pattern = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))))

    def named(records: list[int]) -> str:
        found = (pattern.search(sameness.plain(v)) for r in records if (v := addresses[r]))
        return next((known[f[0]] for f in found if f), "")

    return named


def _where(records: list[int], areas: list[str | None], dates: list[list[str | None]]) -> str:
    """The one area where a person counts: the only one named; else the latest dated; else the one that most rows name; else the first."""
    named = [(r, a) for r in records if (v := areas[r]) and (a := sameness.area(v))]
    if not named:
        return ""
    if len({a for _, a in named}) == 1:
        return named[0][1]
    dated = [
        (d, a) for r, a in named if (d := next((m for c in dates if (v := c[r]) and (m := sameness.moment(v))[0]), ("", ""))) > ("0", "")
    ]
    if len({d for d, _ in dated}) > 1:
        return max(dated)[1]
    return Counter(a for _, a in named).most_common(1)[0][0]
