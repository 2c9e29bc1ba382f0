"""Sheets: a noun declared once gives its list, detail, filters and files, all within the viewer's areas and at their moment.

One inherited contract test runs over every sheet: a stranger sees nothing, another area's row is not found, list and files
agree, statements stay within the baseline whatever the number of rows.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django_tables2 import RequestConfig
from django_tables2.data import TableQuerysetData

from bulou.basis.ids import to_text
from bulou.basis.time import to_datetime
from bulou.basis.words import LISTS, Word
from bulou.kit.centre import EXERCISE as EXERCISE
from bulou.kit.centre import drill
from bulou.kit.completeness import said
from bulou.kit.files import FORMS, Head, Leaving
from bulou.kit.looking import Looking

NO_ROWS = Word("没有符合条件的记录", "No rows here")
PER_PAGE = 50
#: Rows read at a time when a whole sheet is written out.
EXPORT_PART = 2000
#: The last column of files that can be put back: which row it is, and when it was taken out.
ROW, ROW_ID = Word("行号(勿改)", "Row (leave as it is)"), "row_id"
_LIST, _ABOUT, _KNOWN = Word("清单", "List"), Word("截至时间", "As of"), Word("知悉时间与条目", "Known at, and entry")
_TAKER, _FILTER, _NOTE = Word("导出人", "Taken by"), Word("筛选", "Filter"), Word("说明", "Note")
_COMPLETE = Word("登记完整程度", "How complete the register is")
_MARK, _COLUMN = Word("标记", "Mark"), Word("列", "Column")


@dataclass(frozen=True, slots=True)
class Col:
    """A column: what it says of a row, as text for this viewer. ``sort`` orders the query; ``href`` leads on; ``badge`` names
    the closed list whose word is shown as a badge. ``about``: an hour after the one asked about is not yet known and hidden."""

    name: str
    word: Word
    text: Callable[[Any, Looking], str]
    sort: tuple[str, ...] = ()
    href: Callable[[Any, Looking], str | None] | None = None
    badge: Callable[[Any, Looking], str] | None = None
    strong: bool = False
    #: Its link is something to do, not something to look at: a button.
    act: bool = False
    narrow: bool = True
    #: How it is masked, where it tells how a person is reached: a file with it unmasked needs two people.
    manner: str | None = None


@dataclass(frozen=True, slots=True)
class Narrow:
    """A filter: one of a closed list, an area with all below it, or text to search for."""

    name: str
    word: Word
    apply: Callable[[Any, str, Looking], Any]
    words: str | None = None
    area: bool = False
    choices: Callable[[Looking], Iterable[tuple[str, str]]] | None = None


def _right(text: str) -> Word | None:
    return None


class Edit(NamedTuple):
    """A column that changes when a sheet's file is put back: by which verb, as which field of its fact, and what that field is when
    another column of the same verb changes: the value of the row now, or None where the verb leaves it as it is.

    ``wrong``: what such a cell should be, where it is none of these.
    """

    column: str
    verb: str
    field: str
    value: Callable[[Any], Any]
    wrong: Callable[[str], Word | None] = _right


class Gives(NamedTuple):
    """What a row says of the body of a verb: the fields by name, and their values of one row (``incident``: the envelope's)."""

    names: tuple[str, ...]
    #: Asked once for a viewer, then for each row.
    of: Callable[[Looking], Callable[[Any], dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A noun: rows for a viewer at a moment, columns, filters, and how a row is addressed."""

    name: str
    desk: str
    word: Word
    rows: Callable[[Looking], QuerySet[Any]]
    columns: tuple[Col, ...]
    narrows: tuple[Narrow, ...] = ()
    order: str = ""
    empty: Word = NO_ROWS
    #: People named in the rows, so that their names are read in one statement.
    people: Callable[[Any], Iterable[bytes | None]] | None = None
    #: What else a part of the rows needs, read at once; kept in ``look`` by the sheet's own module.
    prepare: Callable[[list[Any], Looking], None] | None = None
    #: Under the table: what a reader must know to add these rows up.
    note: Word | None = None
    nav: int | None = None
    icon: str = "list-check"
    detail: Callable[[Any], str] | None = None
    #: How the navigation opens it: filters that most readers want first.
    opens: str = ""
    #: What its rows say of a verb that is done for many of them; None where nothing is.
    gives: Gives | None = None
    #: What its rows are about beside what they give, for programs: asked once for a viewer, then for each row. Ids and codes; None is left out.
    ids: Callable[[Looking], Callable[[Any], dict[str, Any]]] | None = None
    #: The columns that may be changed in a file that is put back, and the fields of a row (ids) by which it is then found.
    edits: tuple[Edit, ...] = ()
    key: tuple[str, ...] = ()
    #: Of rows that a file changes, each with its new values by column: why somebody must look first, or None.
    doubts: Callable[[list[tuple[Any, dict[str, Any]]]], list[Word | None]] | None = None
    #: Its rows or counts are of the register: how complete that is stands beside them, on the page and in every file.
    covers: bool = False

    @property
    def url(self) -> str:
        return f"{self.desk}/{self.name}/"


SHEETS: dict[str, Sheet] = {}


def sheet(declared: Sheet) -> Sheet:
    """Declares a sheet."""
    if declared.name in SHEETS:
        raise ValueError(f"sheet {declared.name} is declared twice")
    SHEETS[declared.name] = declared
    return declared


class _Column(tables.Column):
    """A column of django-tables2 that asks its ``Col`` for text, link and badge."""

    def __init__(self, col: Col, look: Looking) -> None:
        self.col, self.look = col, look
        super().__init__(
            verbose_name=look.say(col.word), orderable=bool(col.sort), order_by=col.sort or None, empty_values=(), accessor="pk",
            attrs={"td": {"class": "text-nowrap" if col.narrow else "wide"}, "th": {"scope": "col"}},
        )  # fmt: skip

    def render(self, record: Any) -> str:
        text = self.col.text(record, self.look)
        shown = format_html("{}", text)
        if self.col.badge:
            state = self.col.badge(record, self.look)
            if state:
                shown = format_html('<span class="st" data-state="{}">{}</span>', state, text)
        href = self.col.href(record, self.look) if self.col.href else None
        if href:
            shown = format_html('<a class="{}" href="{}">{}</a>', "btn btn-sm" if self.col.act else "", href, shown if text else "—")
        elif not text:
            shown = mark_safe('<span class="text-secondary">—</span>')
        return format_html("<strong>{}</strong>", shown) if self.col.strong else shown


class _Filter(django_filters.CharFilter):
    def __init__(self, narrow: Narrow, look: Looking) -> None:
        self.narrow, self.look = narrow, look
        super().__init__(label=look.say(narrow.word), required=False)

    def filter(self, qs: Any, value: Any) -> Any:
        return self.narrow.apply(qs, value, self.look) if value else qs

    @property
    def field(self) -> forms.Field:
        look, narrow = self.look, self.narrow
        options = None
        if narrow.words:
            options = [(code, look.say(word)) for code, word in LISTS[narrow.words].items()]
        elif narrow.choices:
            options = list(narrow.choices(look))
        elif narrow.area:
            options = area_options(look)
        label = look.say(narrow.word)
        if options is None:
            return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs={"class": "form-control"}))
        choices, widget = [("", "—"), *options], forms.Select(attrs={"class": "form-select"})
        if narrow.area:
            return _AreaField(look, label=label, required=False, choices=choices, widget=widget)
        return forms.ChoiceField(label=label, required=False, choices=choices, widget=widget)


class _AreaField(forms.ChoiceField):
    """An area of the viewer's scope. Offers streets and villages; a link may ask for any other, which is then offered too."""

    def __init__(self, look: Looking, *, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        self.look, self.offered = look, choices
        super().__init__(choices=choices, **kwargs)

    def valid_value(self, value: Any) -> bool:
        return super().valid_value(value) or (str(value) in self.look.areas.places and self.look.scope.holds(str(value)))

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        bound = super().get_bound_field(form, field_name)
        asked = bound.value()
        if asked and not super().valid_value(asked) and self.valid_value(asked):
            self.choices = [*self.offered, (asked, self.look.area(str(asked)))]
        return bound


def whole_centre(look: Looking) -> list[tuple[str, str]]:
    """The centre's own area as a choice, for whoever's areas hold all of it."""
    root = look.areas.root
    return [(root, look.areas.name(root, look.language))] if root and look.scope.holds(root) else []


def area_options(look: Looking) -> list[tuple[str, str]]:
    """The areas a viewer may narrow to: streets and towns with their villages, within their scope."""
    book, found = look.areas, []
    for town in book.below.get(book.root, []):
        inside = [v for v in book.below.get(town, []) if look.scope.holds(v)]
        if inside or look.scope.holds(town):
            found.append((town, book.name(town, look.language)))
            found += [(v, "　" + book.name(v, look.language)) for v in inside]
    return found


class _FromNearerEnd(TableQuerysetData):
    """Rows of which a page in the second half is read from the last row: the last page of a million rows costs what the first does.

    Whatever they are ordered by, the last word is the row's own key, in the direction of the first: of equal rows each is on one page.
    """

    data: Any

    def order_by(self, aliases: Any) -> None:
        super().order_by(aliases)
        by = self.data.query.order_by
        if by and "pk" not in {str(b).lstrip("-") for b in by}:
            self.data = self.data.order_by(*by, "-pk" if str(by[0]).startswith("-") else "pk")

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, slice) or key.start is None or key.stop is None or 2 * key.start <= len(self):
            return super().__getitem__(key)
        stop = min(key.stop, len(self))
        return list(self.data.reverse()[len(self) - stop : len(self) - key.start])[::-1]


class Listed:
    """A sheet as asked for by a request: filtered, ordered, and one page of it ready to be shown."""

    def __init__(self, declared: Sheet, look: Looking, request: HttpRequest) -> None:
        self.sheet, self.look = declared, look
        #: What stands in the last column of every row and in the name of a file that was let leave unmasked.
        self.watermark, self.under = "", ""
        self.query = request.GET.copy()
        filters = {n.name: _Filter(n, look) for n in declared.narrows}
        meta = type("Meta", (), {"model": None, "fields": []})
        set_ = type("Filters", (django_filters.FilterSet,), {**filters, "Meta": meta})
        self.filter = set_(request.GET, queryset=declared.rows(look))
        # A value that cannot be meant gives no rows: never all of them under a heading that says fewer.
        self.rows = self.filter.qs if self.filter.is_valid() else self.filter.queryset.none()
        columns = {c.name: _Column(c, look) for c in self.columns}
        table_meta = type("Meta", (), {"template_name": "kit/table.html", "order_by": declared.order, "orderable": True})
        table = type("Table", (tables.Table,), {**columns, "Meta": table_meta})
        self.table = table(_FromNearerEnd(self.rows), empty_text=look.say(declared.empty))

    def page(self, request: HttpRequest) -> tables.Table:
        """The table with one page of rows, everything that they name read at once."""
        RequestConfig(request, paginate=False).configure(self.table)
        # How long a page is, is not the reader's to say; beyond the end is the last page, what is no number is the first.
        self.table.paginate(per_page=PER_PAGE)
        self.table.page = self.table.paginator.get_page(request.GET.get(self.table.prefixed_page_field, 1))
        self._prepare([row.record for row in self.table.paginated_rows])
        return self.table

    def _prepare(self, rows: list[Any]) -> None:
        make_ready(self.sheet, rows, self.look)

    def part(self, sort: str, after: Any = None) -> list[Any] | None:
        """The rows of one page and one more, in this order, after the row with the key ``after``; None where that is not among them.

        By the values of that row and not by counting: a row that is entered meanwhile moves none to another page.
        """
        fields = _fields(self.sheet, sort, self.rows.model)
        rows = self.rows.order_by(*(f.order for f in fields))
        if after is not None:
            last = self.rows.filter(pk=after).values_list(*(f.name for f in fields)).first()
            if last is None:
                return None
            rows = rows.filter(_beyond(fields, last))
        found = list(rows[: PER_PAGE + 1])
        self._prepare(found[:PER_PAGE])
        return found

    def one(self, key: Any) -> Any:
        """The row with this key as the viewer sees the list, or None."""
        found = self.filter.queryset.filter(pk=key).first()
        if found is not None:
            self._prepare([found])
        return found

    @property
    def narrowed(self) -> bool:
        return any(self.query.get(n.name) for n in self.sheet.narrows)

    @property
    def columns(self) -> tuple[Col, ...]:
        """The columns chosen (``?columns=``), in the sheet's own order; all of them where none was or none is known."""
        chosen = set(self.query.getlist("columns"))
        return tuple(c for c in self.sheet.columns if c.name in chosen) or self.sheet.columns

    @property
    def chosen(self) -> list[str]:
        """The columns that were asked for, so that a filter keeps them."""
        return [] if len(self.columns) == len(self.sheet.columns) else [c.name for c in self.columns]

    @property
    def complete(self) -> Word | None:
        """How complete the register is where these rows lie (the area they are narrowed to), beside rows that are of it; else nothing."""
        if not self.sheet.covers:
            return None
        asked = next((a for n in self.sheet.narrows if n.area and (a := self.query.get(n.name))), None)
        return said(self.look, asked if asked in self.look.areas.places and self.look.scope.holds(asked) else None)

    def csv(self) -> Leaving:
        """All rows as CSV."""
        return self.file("csv")

    def file(self, ending: str) -> Leaving:
        """All rows in a form of ``FORMS``, written as they are read; both hours stand in the name of the file."""
        form = FORMS[ending]
        response = Leaving(form.write(self.head, self.parts()), content_type=form.type)
        hours = "_".join(
            f"{what}-{to_datetime(at, self.look.zone):%Y%m%dT%H%M}"
            for what, at in (("about", self.look.about), ("known", self.look.moment.known))
        )
        exercise, under = "EXERCISE_" if self._mark else "", f"_{self.under}" if self.under else ""
        response["Content-Disposition"] = f'attachment; filename="{exercise}{self.sheet.name}_{hours}{under}.{ending}"'
        return response

    @property
    def head(self) -> Head:
        """What a file of these rows says before them and of them: hours, filters, who took it, what the rows are."""
        look, sheet = self.look, self.sheet
        asked = [(look.say(n.word), self.query[n.name]) for n in sheet.narrows if self.query.get(n.name)]
        about = [
            (look.say(_LIST), look.say(sheet.word)),
            (look.say(_ABOUT), look.time(look.about)),
            (look.say(_KNOWN), f"{look.time(look.moment.known)} · {look.seq}"),
            (look.say(_TAKER), look.viewer.account),
            *((f"{look.say(_FILTER)}: {word}", value) for word, value in asked),
            *(((look.say(_NOTE), look.say(sheet.note)),) if sheet.note else ()),
            *(((look.say(_COMPLETE), look.say(self.complete)),) if self.complete else ()),
            *((look.say(_MARK), mark) for mark in self._mark),
            *((f"{look.say(_COLUMN)}: {look.say(c.word)}", c.name) for c in self.columns),
        ]
        return Head(
            look.say(sheet.word),
            (*(c.name for c in self.columns), *([ROW_ID] if sheet.edits else [])),
            (*(look.say(c.word) for c in self.columns), *([look.say(ROW)] if sheet.edits else [])),
            self._mark,
            tuple(about),
        )

    def first(self, most: int) -> list[Any]:
        """The first rows in the order asked for, with what they name."""
        rows = list(self.rows.order_by(*_order(self.sheet, self.query.get("sort", "")))[:most])
        self._prepare(rows)
        return rows

    def parts(self) -> Iterator[list[list[str]]]:
        """All rows as texts of their columns, a part at a time: as many statements for each part as for a page, no more held than one."""
        rows = self.rows.order_by(*_order(self.sheet, self.query.get("sort", "")))
        part: list[Any] = []
        for row in rows.iterator(chunk_size=EXPORT_PART):
            part.append(row)
            if len(part) == EXPORT_PART:
                yield self._texts(part)
                part = []
        yield self._texts(part)

    def _texts(self, rows: list[Any]) -> list[list[str]]:
        self.look.forget_names()
        self._prepare(rows)
        made = [[c.text(row, self.look) for c in self.columns] for row in rows]
        if self.sheet.edits:
            for row, texts in zip(rows, made, strict=True):
                texts.append(row_id(self.sheet, row, self.look))
        return made

    @property
    def _mark(self) -> tuple[str, ...]:
        """In a demo a last column that says so in every row: rows leave a file one by one, and must not be taken for real ones."""
        return ((EXERCISE,) if drill() else ()) + ((self.watermark,) if self.watermark else ())


def make_ready(declared: Sheet, rows: list[Any], look: Looking) -> None:
    """Reads at once all that these rows' columns say."""
    if declared.people:
        look.learn_names(p for row in rows for p in declared.people(row) if p is not None)
    if declared.prepare:
        declared.prepare(rows, look)


def row_id(declared: Sheet, row: Any, look: Looking) -> str:
    """Which row of a sheet this is, and the moment at which it was taken out: entry and hour."""
    return f"{'.'.join(to_text(bytes(getattr(row, name))) for name in declared.key)}@{look.seq}@{look.about}"


def _order(declared: Sheet, asked: str = "") -> tuple[str, ...]:
    """By what was asked for, where that is a column that sorts; else as the sheet is ordered."""
    for wanted in (asked, declared.order):
        found = next((c.sort for c in declared.columns if c.name == wanted.lstrip("-")), ())
        if found:
            return tuple((s[1:] if s.startswith("-") else "-" + s) if wanted.startswith("-") else s for s in found)
    return ("pk",)


class _By(NamedTuple):
    """One field of an order."""

    name: str
    down: bool
    null: bool

    @property
    def order(self) -> Any:
        # Both databases put what is not known last; where there is nothing unknown an index serves.
        last = True if self.null else None
        return F(self.name).desc(nulls_last=last) if self.down else F(self.name).asc(nulls_last=last)


def _fields(declared: Sheet, sort: str, model: Any) -> list[_By]:
    """The fields that a column is ordered by, and at last the key, so that no two rows are equal."""
    nulls = {f.name: f.null for f in model._meta.get_fields() if f.concrete}
    named = next((c.sort for c in declared.columns if c.name == sort.lstrip("-")), ())
    found = [_By(s.lstrip("-"), sort.startswith("-") != s.startswith("-"), nulls.get(s.lstrip("-"), True)) for s in named]
    return [*found, _By("pk", sort.startswith("-"), null=False)]


def _beyond(fields: list[_By], last: tuple[Any, ...]) -> Q:
    """The condition of every row that comes after one with these values."""
    found, same = Q(pk__in=[]), Q()
    for by, value in zip(fields, last, strict=True):
        if value is not None:
            beyond = Q(**{f"{by.name}__{'lt' if by.down else 'gt'}": value})
            found |= same & (beyond | Q(**{f"{by.name}__isnull": True}) if by.null else beyond)
            same &= Q(**{by.name: value})
        else:
            same &= Q(**{f"{by.name}__isnull": True})
    return found
