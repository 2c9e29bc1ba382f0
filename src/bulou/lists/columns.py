"""Which column of a list is which, how sure that is, and the columns made ready for comparing. Guesses aloud; never drops a row."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bulou.lists.dates import BORN_SERIALS, SERIALS, WRITINGS, looks_like_date, read_dates, sniffed_year, writing_of
from bulou.lists.headings import field_of, fold, words
from bulou.lists.noticed import notice
from bulou.lists.table import Notice, Table

#: What a column may be, in the order in which a person is asked.
FIELDS = tuple(words())
#: The dates, in the order in which one stands for "the date" of a list that does not say which it means.
DATES = ("sampled", "resulted", "reported", "onset", "exposed", "isolated", "released", "date")
#: So many values of a column are looked at to tell what it holds.
SAMPLE = 400
#: A share of a column's values above which they speak for what it is, whatever its heading says.
PLAIN = 0.6

#: What a mapping has of what nobody said; never written to.
_NOTHING: dict[str, Any] = {}


class Mapping(NamedTuple):
    """Which column is which.

    ``fields``: a field and its column (index from 0); ``sure``: how sure, 0 to 1, for each of them (1.0: a person said so);
    ``header``: the signature of the headings it belongs to; ``also``: further columns that could be the same field (two phones);
    ``writing``: of a date field, "dmy" or "mdy" where a person said how it is written.
    """

    fields: dict[str, int]
    sure: dict[str, float]
    header: str
    also: dict[str, tuple[int, ...]] = _NOTHING
    writing: dict[str, str] = _NOTHING

    def to_json(self) -> str:
        """The mapping as text, to be stored and found again by its ``header``."""
        return json.dumps(self._asdict(), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Mapping":
        """The mapping that ``to_json`` wrote; ValueError saying what is wrong for anything else."""
        try:
            raw: dict[str, Any] = json.loads(text)
            fields = {str(k): int(v) for k, v in raw["fields"].items()}
            sure = {str(k): float(v) for k, v in raw["sure"].items()}
            also = {str(k): tuple(int(i) for i in v) for k, v in raw.get("also", {}).items()}
            writing = {str(k): str(v) for k, v in raw.get("writing", {}).items()}
            header = str(raw["header"])
        except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as wrong:
            raise ValueError('a mapping has "fields", "sure" and "header" (what to_json wrote)') from wrong
        strange = sorted((fields.keys() | also.keys()) - set(FIELDS)) + [w for w in writing.values() if w not in WRITINGS]
        if strange:
            raise ValueError(f"a mapping may name {', '.join(FIELDS)} and the writings dmy, mdy; not {', '.join(strange)}")
        return cls(fields, sure, header, also, writing)

    def corrected(self, field: str, column: int | None) -> "Mapping":
        """The mapping with a field put on another column by a person (``None``: on none); who held that column loses it."""
        fields = {f: c for f, c in self.fields.items() if f != field and c != column}
        sure = {f: s for f, s in self.sure.items() if f in fields}
        also = {f: tuple(c for c in cs if c != column) for f, cs in self.also.items() if f != field}
        if column is not None:
            fields[field], sure[field] = column, 1.0
        return self._replace(fields=fields, sure=sure, also={f: cs for f, cs in also.items() if cs})


Column = list[str | None]


class Mapped(NamedTuple):
    """A list ready for comparing: columns of one length, ``None`` where nothing is said.

    ``number``: each row's number in its source; names, documents, phones and addresses as written; ``born_on`` and the dates in ``at``
    (by field) as ``YYYY-MM-DD`` or ``YYYY-MM-DD HH:MM``, so that text sorts as time; ``sex`` male or female; ``more``: further
    columns of a field (a second phone); what was written stays in ``table.rows``.
    """

    table: Table
    mapping: Mapping
    number: list[int]
    name: Column
    document: Column
    document_kind: Column
    phone: Column
    address: Column
    born_on: Column
    sex: Column
    area: Column
    state: Column
    code_of: Column
    household: Column
    counted: Column
    at: dict[str, Column]
    notices: list[Notice]
    more: dict[str, tuple[Column, ...]] = _NOTHING

    @property
    def date(self) -> Column:
        """The one date of each row: of the first clock that the list has."""
        return next((self.at[d] for d in DATES if d in self.at), [None] * len(self.number))


def signature(columns: Sequence[str]) -> str:
    """What a mapping is remembered by: the headings, folded, in their order."""
    return "|".join(map(fold, columns))


# --- what values look like -----------------------------------------------------------------------------------------------
_SPACES = re.compile(r"[\s\-\u00ad\u200b]")
#: A whole number as a program prints it that took it for a decimal.
_DECIMAL = re.compile(r"^\d{5,}\.0$")
_DOCUMENT = re.compile(r"^(?:\d{17}[\dXxＸｘ×*]|\d{15}|[A-Za-z]{1,2}\d{6,9}|[HhMm]\d{8,10}|\d(?:\.\d+)?[eE]\+1[4-8])$")
_PHONE = re.compile(r"^(?:\+?86)?1[3-9]\d{9}$|^0\d{9,11}$")
_HAN_NAME = re.compile(r"^[㐀-鿿\U00020000-\U0003ffff]{2,4}$|^[㐀-鿿]+(?:[·•・‧∙.][㐀-鿿]+)+$")
_LATIN_NAME = re.compile(r"^[A-Za-zÀ-ɏ'’.\-]+(?:[ ,]+[A-Za-zÀ-ɏ'’.\-]+){1,4}$")
_PLACE = re.compile(r"[省市区县镇乡街道路村组栋幢号楼]")
_SEXES = {
    "男": "male", "男性": "male", "m": "male", "male": "male", "man": "male", "boy": "male", "homme": "male", "masculino": "male",
    "女": "female", "女性": "female", "f": "female", "female": "female", "woman": "female", "girl": "female", "femme": "female", "femenino": "female",
}  # fmt: skip
_NO_SEX = frozenset(("", "na", "n/a", "unknown", "未知", "不详", "/", "-", "—", "missing", "null", "none", "other", "其他"))


def _sex(value: str) -> str | None:
    return _SEXES.get(value.strip().lower().rsplit("_", 1)[-1])


class _Looks(NamedTuple):
    """Shares of a column's values, 0 to 1, that look like each thing; ``n`` of them were looked at."""

    n: int
    document: float
    phone: float
    sex: float
    date: float
    name: float
    address: float
    distinct: float


def _looks(table: Table, column: int) -> _Looks:
    step = max(1, len(table.rows) // (SAMPLE * 4))
    values = [v for row in table.rows[::step] if (v := row[column])][:SAMPLE]
    if not values:
        return _Looks(0, 0, 0, 0, 0, 0, 0, 0)
    n = len(values)

    def share(test: Any) -> float:
        return sum(1 for v in values if test(v)) / n

    packed = [_SPACES.sub("", v).removesuffix(".0") for v in values]
    names = share(lambda v: _HAN_NAME.match(v) or _LATIN_NAME.match(v))
    places = share(lambda v: len(v) > 4 and len(_PLACE.findall(v)) >= 2)
    return _Looks(
        n,
        sum(1 for v in packed if _DOCUMENT.match(v)) / n,
        sum(1 for v in packed if _PHONE.match(v)) / n,
        share(_sex),
        share(looks_like_date),
        names,
        places,
        len(set(values)) / n,
    )


_AREA_RANK = (("街", 0.03), ("镇", 0.03), ("乡", 0.03), ("社区", 0.02), ("村", 0.02), ("district", 0.02), ("community", 0.02))


def _candidates(heading: str, looks: _Looks) -> list[tuple[str, float]]:
    """What a column may be, each with how sure."""
    said = field_of(heading)
    if said is None:
        return _by_content(looks)
    field, sure = said
    if looks.n >= 3:
        if (
            field not in ("document", "code_of", "household", "code")
            and looks.document > PLAIN
            and field in ("name", "phone", "address", "sex", "age")
        ):
            return [("document", 0.6)]
        if field in ("document", "name", "sex", "age") and looks.phone > PLAIN:
            return [("phone", 0.6)]
        if field in ("document", "phone", "sex") and looks.name > 0.8 and looks.sex < PLAIN:
            return [("name", 0.55)]
        if field == "document" and looks.document < 0.2:
            return [("code", 0.5)] if heading.isascii() else [("document", 0.5)]
    if field == "area":
        sure += next((more for word, more in _AREA_RANK if word in heading.lower()), 0)
    return [(field, min(sure, 0.99))]


def _by_content(looks: _Looks) -> list[tuple[str, float]]:
    if looks.n < 2:
        return []
    if looks.document > PLAIN:
        return [("document", 0.6 * looks.document)]
    if looks.phone > PLAIN:
        return [("phone", 0.6 * looks.phone)]
    if looks.sex > 0.9:
        return [("sex", 0.55)]
    if looks.date > 0.8:
        return [("date", 0.4)]
    if looks.address > PLAIN:
        return [("address", 0.45)]
    if looks.name > 0.8 and looks.distinct > 0.3:
        return [("name", 0.45 * looks.name)]
    return []


def recognise(table: Table, remembered: Iterable[Mapping] = ()) -> Mapping:
    """Which column is which, by heading and content; a remembered mapping of the same headings comes before any guess.

    A list without headings is never answered from memory: nothing tells two of them apart.
    """
    sign = signature(table.columns)
    if not all(re.fullmatch(r"\([A-Z]+\)", c) for c in table.columns):
        for known in remembered:
            if known.header == sign:
                return known
    offers: dict[str, list[tuple[float, int]]] = {}
    headed = {f for c in table.columns if (f := (field_of(c) or ("",))[0])}
    for i, column in enumerate(table.columns):
        looks = _looks(table, i)
        for field, sure in _candidates(column, looks):
            if field == "name" and sure < 0.5 and headed & {"name", "given_name", "family_name"}:
                continue  # a word of two signs is a name only where nothing else is
            offers.setdefault(field, []).append((sure - (0.2 if not looks.n and len(table.rows) > 3 else 0), i))
    fields: dict[str, int] = {}
    sure_of: dict[str, float] = {}
    also: dict[str, tuple[int, ...]] = {}
    for field, offered in offers.items():
        ranked = sorted(offered, key=lambda o: (-o[0], o[1]))
        fields[field], sure_of[field] = ranked[0][1], round(ranked[0][0], 2)
        if len(ranked) > 1:
            also[field] = tuple(i for _, i in ranked[1:])
            if ranked[0][0] - ranked[1][0] < 0.05 and field not in ("area", "phone"):
                sure_of[field] = round(min(sure_of[field], 0.7), 2)
    return Mapping(fields, sure_of, sign, also)


# --- ready for comparing -------------------------------------------------------------------------------------------------


def apply(table: Table, mapping: Mapping, year: int | None = None, zone: str = "Asia/Shanghai") -> Mapped:
    """The table's columns by field, one value per row, none dropped.

    ``year``: of dates written without one; by default the one year that the titles and other dates of the list name. ``zone``: of
    the centre, for hours that carry another.
    """
    said: list[Notice] = []
    rows, numbers = table.rows, table.numbers

    def column(field: str) -> Column:
        i = mapping.fields.get(field)
        return [None] * len(rows) if i is None else [r[i] or None for r in rows]

    plain = {f: column(f) for f in ("document", "document_kind", "phone", "address", "area", "state", "code_of", "household")}
    for field in ("document", "phone", "code_of", "household"):
        if tails := sum(1 for v in plain[field] if v and _DECIMAL.match(v)):
            plain[field] = [v[:-2] if v and _DECIMAL.match(v) else v for v in plain[field]]
            said.append(notice("decimal", column=table.columns[mapping.fields[field]], times=tails))
    if not mapping.fields.keys() & {"name", "given_name", "family_name", "document"}:
        said.append(notice("no_name_nor_document"))
    said += _doubts(table, mapping)
    dates = {f: mapping.fields[f] for f in (*DATES, "born_on") if f in mapping.fields}
    texts = {f: [r[i] for r in rows] for f, i in dates.items()}
    writings = {w for f in texts if (w := mapping.writing.get(f) or writing_of(texts[f])) in WRITINGS}
    borrowed = writings.pop() if len(writings) == 1 else None
    if year is None:
        year = sniffed_year([" ".join(a.cells) for a in table.aside if a.code in ("title", "sender")] + list(table.columns))
        year = year or sniffed_year([v for f, vs in texts.items() if f != "born_on" for v in set(vs)])
    at: dict[str, Column] = {}
    for field, values in texts.items():
        serials = BORN_SERIALS if field == "born_on" else SERIALS
        of_year = None if field == "born_on" else year
        told = mapping.writing.get(field)
        at[field], more = read_dates(values, table.columns[dates[field]], numbers, borrowed, of_year, zone, serials, told)
        said += more
    born = at.pop("born_on", None) or _born(table, mapping)
    sexes, wrong = _sexes(column("sex"), table, mapping)
    more_columns = {
        f: tuple([r[i] or None for r in rows] for i in cs)
        for f, cs in mapping.also.items()
        if f in ("document", "phone", "area", "address")
    }
    return Mapped(
        table, mapping, numbers, _names(column("name"), column("family_name"), column("given_name")), born_on=born, sex=sexes,
        counted=column("count"), at=at, notices=said + wrong + _zeros_lost(table, mapping), more=more_columns, **plain,
    )  # fmt: skip


def _doubts(table: Table, mapping: Mapping) -> list[Notice]:
    """What a person should look at: columns that do not hold what they say, and fields with two columns."""
    said = []
    for field, i in mapping.fields.items():
        known = field_of(table.columns[i])
        if mapping.sure.get(field, 1) < 1 and known and known[0] != field and field in ("document", "phone", "name"):
            word = words()[field].word
            said.append(notice("shifted", column=table.columns[i], text=f"{word.zh} {word.en}"))
    for field, others in mapping.also.items():
        if field in ("document", "name", *DATES[:-1]) and mapping.sure.get(field, 1) <= 0.7:
            word = words()[field].word
            said += [notice("ambiguous", column=table.columns[i], text=f"{word.zh} {word.en}") for i in others]
    return said


def _names(whole: Column, family: Column, given: Column) -> Column:
    """A name of one column, else of two in the order of its script."""
    made: Column = []
    for one, last, first in zip(whole, family, given, strict=True):
        if one or not (last or first):
            made.append(one)
        elif last and first:
            made.append(f"{last}{first}" if not (last + first).isascii() and _HAN_NAME.match(last + first) else f"{first} {last}")
        else:
            made.append(last or first)
    return made


def _born(table: Table, mapping: Mapping) -> Column:
    """A date of birth of three columns."""
    parts = [mapping.fields.get(f) for f in ("born_year", "born_month", "born_day")]
    if any(p is None for p in parts):
        return [None] * len(table.rows)
    made: Column = []
    for row in table.rows:
        y, m, d = (row[p] for p in parts if p is not None)
        made.append(f"{y}-{int(m):02}-{int(d):02}" if y.isdigit() and m.isdigit() and d.isdigit() and len(y) == 4 else None)
    return made


def _sexes(values: Column, table: Table, mapping: Mapping) -> tuple[Column, list[Notice]]:
    known = {v: _sex(v) for v in set(values) if v}
    wrong = [v for v in values if v and known[v] is None and v.strip().lower() not in _NO_SEX]
    made: Column = [known[v] if v else None for v in values]
    if not wrong:
        return made, []
    return made, [notice("sex_unread", column=table.columns[mapping.fields["sex"]], times=len(wrong), text=wrong[0])]


def _zeros_lost(table: Table, mapping: Mapping) -> list[Notice]:
    """Numbers one digit short of others of their column that begin with 0: codes of areas, landlines, codes of persons."""
    said = []
    for field in ("phone", "document", "code", "household", "area"):
        i = mapping.fields.get(field)
        if i is None:
            continue
        full = {len(r[i]) for r in table.rows if r[i][:1] == "0" and r[i].isdigit() and len(r[i]) > 2}
        short = [n for r, n in zip(table.rows, table.numbers, strict=True) if full and r[i].isdigit() and r[i][0] != "0" and len(r[i]) + 1 in full
                 and not _PHONE.match(r[i]) and len(r[i]) not in full]  # fmt: skip
        if short:
            said.append(notice("zeros_lost", short[0], table.columns[i], len(short)))
    return said
