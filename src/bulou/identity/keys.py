"""Records as columns of whole numbers for linking: every value folded once however often it occurs. Decides nothing.

Records are put into an order that their contents alone decide, so that the order in which rows were given cannot matter later.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bulou.identity import names
from bulou.identity.days import read_day, weak
from bulou.identity.documents import Document, day_in, read_document, read_kind, series, sex_in
from bulou.identity.phones import fold_phone, phones, plausible

Numbers = NDArray[np.int64]


class Column(NamedTuple):
    """One field of all records: ``code[i]`` points into ``values``, which are distinct; -1 where nothing is."""

    code: Numbers
    values: list[str]

    def text(self, i: int) -> str | None:
        found = int(self.code[i])
        return None if found < 0 else self.values[found]


class Keys(NamedTuple):
    """All that is compared, in the order of contents; ``given[i]`` is where record i stood in what was given."""

    given: Numbers
    source: Numbers  #: which list
    name: Column  #: folded
    written: Column  #: names as written
    phone: Column  #: folded and plausible
    born: Column  #: as written, else as the person's own document says
    born_said: Column  #: as written
    address: Column  #: folded
    sex: Column
    area: Column
    document: Column  #: values that may serve as a key: a record's own, and not refused
    said: Column  #: documents as written
    documents: list[Document | None]  #: of each distinct writing in ``said``
    verdict: NDArray[np.str_]  #: of each record's document, "" for none
    series: Numbers  #: of a sound document: numbers in one series exclude each other; -1 for none
    unnamed: NDArray[np.bool_]  #: records of those who have no name yet
    weak: NDArray[np.bool_]  #: birth on 1 January
    dialled: tuple[Numbers, Numbers]  #: records and every number of theirs, as codes of their own; empty where nobody has a second


def column(values: Sequence[str | None]) -> Column:
    """A field as codes in the order of its values."""
    known = sorted({v for v in values if v})
    place: dict[str | None, int] = {v: i for i, v in enumerate(known)}
    return Column(np.fromiter((place.get(v, -1) if v else -1 for v in values), np.int64, len(values)), known)


def folded(of: Column, fold: Callable[[str], str | None]) -> Column:
    """Another reading of a column, made once for each distinct value."""
    made = [fold(v) or None for v in of.values]
    new = column(made)
    table = np.append(new.code, -1)
    return Column(table[of.code], new.values)


def fold_address(text: str) -> str:
    """An address for comparing: NFKC, traditional to simple, letters and digits and characters only."""
    return re.sub(r"[\W_]+", "", names.simple(unicodedata.normalize("NFKC", text))).casefold()


def numbers_in(address: str) -> str:
    """The numbers of an address in their order: house, building, stair, flat."""
    return "-".join(re.findall(r"\d+", unicodedata.normalize("NFKC", address)))


def prepare(records: Sequence[Sequence[str | None] | Sequence[int]], kinds_said: Sequence[str | None] | None = None) -> Keys:
    """Folds the columns of :class:`bulou.identity.linking.Records` (its first ten, in their order), and the kinds of documents if said."""
    lists, rows, *texts = records
    n = len(lists)
    if kinds_said is not None:
        if len(kinds_said) != n:
            raise ValueError(f"columns of records differ in length: {n} rows, {len(kinds_said)} kinds of documents")
        told = {k: read_kind(k) for k in set(kinds_said)}
        texts[1] = [f"{d}{_SAID}{told[k]}" if d and told[k] else d for d, k in zip(texts[1], kinds_said, strict=True)]  # type: ignore[assignment]
    if any(len(one) != n for one in records):
        raise ValueError(f"columns of records differ in length: {[len(one) for one in records]}")
    raw = [column(one) for one in texts]  # type: ignore[arg-type]
    where = (np.asarray(rows, np.int64).reshape(n), np.asarray(lists, np.int64).reshape(n))
    given = np.lexsort((*where, *(one.code for one in reversed(raw))))
    name, said, phone, address, born, sex, area, code_of = (Column(one.code[given], one.values) for one in raw)
    documents = [_read(v) for v in said.values]
    born = folded(born, _day)
    own = _own(said, documents, born, name, phone, code_of)
    usable = folded(Column(np.where(own, said.code, -1), said.values), _usable(dict(zip(said.values, documents, strict=True))))
    verdicts = np.array([d.verdict if d else "" for d in documents] + [""])
    kinds = column([series(d) if d and d.verdict == "sound" and d.kind != "temporary" else None for d in documents])
    inside = column([day_in(d.value) if d and len(d.value) == 18 and d.verdict == "sound" else None for d in documents])
    inside_sex = column([sex_in(d.value) if d and len(d.value) == 18 and d.verdict == "sound" else None for d in documents])
    written = born
    born, sex = _filled(born, inside, said, own), _filled(_stated(sex), inside_sex, said, own)
    return Keys(
        given, where[1][given], folded(name, names.fold), name, folded(phone, lambda v: v if plausible(v := fold_phone(v) or "") else None), born, written,
        folded(address, fold_address), sex, area, usable, said, documents, np.where(own, verdicts[said.code], ""),
        np.where(own, np.append(kinds.code, -1)[said.code], -1), _flags(name, names.unnamed), _flags(born, weak), _dialled(phone),
    )  # fmt: skip


#: Between a written number and its said kind, where both are one value of a column; no keyboard has it.
_SAID = "\x1f"


def _read(said: str) -> Document | None:
    text, _, kind = said.partition(_SAID)
    return read_document(text, kind or None)


def _usable(read: dict[str, Document | None]) -> Callable[[str], str | None]:
    def value(written: str) -> str | None:
        found = read[written]
        return found.value if found and found.verdict != "refused" else None

    return value


def _dialled(phone: Column) -> tuple[Numbers, Numbers]:
    """Each record beside each number in its cell, where any cell holds several: a second telephone tells as much as the first."""
    each = [[v] if len(v) == 11 and v.isdecimal() else [p for p in phones(v) if plausible(p)] for v in phone.values]
    if all(len(one) < 2 for one in each):  # the usual case costs nothing
        return np.empty(0, np.int64), np.empty(0, np.int64)
    place = {p: i for i, p in enumerate(sorted({p for one in each for p in one if plausible(p)}))}
    pairs = [(i, place[p]) for i, c in enumerate(phone.code.tolist()) if c >= 0 for p in each[c] if p in place]
    return np.array([i for i, _ in pairs], np.int64), np.array([c for _, c in pairs], np.int64)


def _day(written: str) -> str | None:
    found = read_day(written)
    return found.value if found else None


def _stated(sex: Column) -> Column:
    return folded(sex, lambda v: v if v in ("female", "male", "other") else None)


def _flags(of: Column, test: Callable[[str], bool]) -> NDArray[np.bool_]:
    return np.array([bool(test(v)) for v in of.values] + [False])[of.code]


#: What a column for another's code says where it was one's own.
_OWN = frozenset(["本人", "本人码", "自己", "自己的", "无", "否", "没有", "-", "/", "—", "0", "no", "none", "self", "own", "n"])


def _own(said: Column, documents: list[Document | None], born: Column, name: Column, phone: Column, code_of: Column) -> NDArray[np.bool_]:
    """Whether the document is that of the person in the row. Where another's code was shown it is that other's, unless it says the birth."""
    own = np.array([d is not None for d in documents] + [False])[said.code]
    for i in np.flatnonzero(own & (code_of.code >= 0)).tolist():
        document, shown = documents[said.code[i]], code_of.text(i) or ""
        mine = phone.text(i)
        if document is None or shown.strip().casefold() in _OWN or (mine and fold_phone(shown) == fold_phone(mine)):
            continue
        if names.alike(shown, name.text(i) or "") in names.COMPATIBLE:
            continue
        proved = document.verdict == "sound" and len(document.value) == 18 and day_in(document.value) == born.text(i)
        read = read_document(shown)
        another = read is not None and read.verdict in ("sound", "checksum") and read.value != document.value
        own[i] = proved or another
    return own


def _filled(of: Column, inside: Column, said: Column, own: NDArray[np.bool_]) -> Column:
    """A field where it is written, else as the person's own sound document says."""
    found = np.where(own, np.append(inside.code, -1)[said.code], -1)
    known = sorted(set(of.values) | set(inside.values))
    place = {v: i for i, v in enumerate(known)}
    here = np.array([place[v] for v in of.values] + [-1], np.int64)[of.code]
    there = np.array([place[v] for v in inside.values] + [-1], np.int64)[found]
    return Column(np.where(here >= 0, here, there), known)


def joined(*codes: Numbers) -> Numbers:
    """One code for several together; -1 where any is missing."""
    out = codes[0].copy()
    for one in codes[1:]:
        missing = (out < 0) | (one < 0)
        out = np.where(missing, -1, out * (int(one.max(initial=0)) + 2) + one)
        out = np.where(missing, -1, np.unique(out, return_inverse=True)[1])
    return out


def rows_once(*codes: Numbers) -> Numbers:
    """Records that show each combination of codes once, in the order of the codes; records where any is missing are left out."""
    known = np.flatnonzero(np.logical_and.reduce([one >= 0 for one in codes]))
    order = known[np.lexsort([one[known] for one in reversed(codes)])]
    new = np.zeros(len(order), bool)
    new[:1] = True
    for one in codes:
        new[1:] |= one[order][1:] != one[order][:-1]
    return order[new]


def chained(key: Numbers) -> tuple[Numbers, Numbers]:
    """Neighbours with one key, in the order of records: enough ties to hold every group of equals together."""
    order = np.argsort(key, kind="stable")
    held = (key[order][1:] == key[order][:-1]) & (key[order][1:] >= 0)
    return order[:-1][held], order[1:][held]


def connected(n: int, a: Numbers, b: Numbers) -> Numbers:
    """For each of n points the least that it is connected with through the edges (a[i], b[i])."""
    least = np.arange(n)
    while True:
        x, y = least[a], least[b]
        low = np.minimum(x, y)
        new = least.copy()
        np.minimum.at(new, x, low)
        np.minimum.at(new, y, low)
        new = new[new]
        if np.array_equal(new, least):
            return new
        least = new


def paired(key: Numbers, group: Numbers, most: int) -> tuple[Numbers, Numbers]:
    """Records of different groups that share a key, one pair of records for two groups; keys with more than ``most`` groups are left out."""
    known = np.flatnonzero(key >= 0)
    order = known[np.lexsort((known, group[known], key[known]))]
    k, g = key[order], group[order]
    first = np.ones(len(order), bool)
    first[1:] = (k[1:] != k[:-1]) | (g[1:] != g[:-1])
    order, k = order[first], k[first]
    starts = np.flatnonzero(np.r_[True, k[1:] != k[:-1]]) if len(k) else np.empty(0, np.int64)
    sizes = np.diff(np.r_[starts, len(k)])
    left: list[Numbers] = []
    right: list[Numbers] = []
    for size in np.unique(sizes[(sizes > 1) & (sizes <= most)]):
        at = starts[sizes == size]
        block = order[at[:, None] + np.arange(size)]
        i, j = np.triu_indices(int(size), 1)
        left.append(block[:, i].ravel())
        right.append(block[:, j].ravel())
    return (np.concatenate(left), np.concatenate(right)) if left else (np.empty(0, np.int64), np.empty(0, np.int64))
