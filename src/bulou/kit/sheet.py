"""Sheets: a noun declared once gives its list, detail, filters and CSV, all within the viewer's areas and at their moment.

One inherited contract test runs over every sheet: a stranger sees nothing, another area's row is not found, list and CSV
agree, statements stay within the baseline whatever the number of rows.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django_tables2 import RequestConfig

from bulou.basis.time import to_datetime
from bulou.basis.words import LISTS, Word
from bulou.kit.looking import Looking

NO_ROWS = Word("没有符合条件的记录", "No rows here")
PER_PAGE = 50
#: Stands on every page and in every row that leaves a demo.
EXERCISE = "EXERCISE / 演练"
#: Rows read at a time when a whole sheet is written out.
EXPORT_PART = 2000


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


@dataclass(frozen=True, slots=True)
class Narrow:
    """A filter: one of a closed list, an area with all below it, or text to search for."""

    name: str
    word: Word
    apply: Callable[[Any, str, Looking], Any]
    words: str | None = None
    area: bool = False
    choices: Callable[[Looking], Iterable[tuple[str, str]]] | None = None


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


def area_options(look: Looking) -> list[tuple[str, str]]:
    """The areas a viewer may narrow to: streets and towns with their villages, within their scope."""
    book, found = look.areas, []
    for town in book.below.get(book.root, []):
        inside = [v for v in book.below.get(town, []) if look.scope.holds(v)]
        if inside or look.scope.holds(town):
            found.append((town, book.name(town, look.language)))
            found += [(v, "　" + book.name(v, look.language)) for v in inside]
    return found


class Listed:
    """A sheet as asked for by a request: filtered, ordered, and one page of it ready to be shown."""

    def __init__(self, declared: Sheet, look: Looking, request: HttpRequest) -> None:
        self.sheet, self.look = declared, look
        self.query = request.GET.copy()
        filters = {n.name: _Filter(n, look) for n in declared.narrows}
        meta = type("Meta", (), {"model": None, "fields": []})
        set_ = type("Filters", (django_filters.FilterSet,), {**filters, "Meta": meta})
        self.filter = set_(request.GET, queryset=declared.rows(look))
        # A value that cannot be meant gives no rows: never all of them under a heading that says fewer.
        self.rows = self.filter.qs if self.filter.is_valid() else self.filter.queryset.none()
        columns = {c.name: _Column(c, look) for c in declared.columns}
        table_meta = type("Meta", (), {"template_name": "kit/table.html", "order_by": declared.order, "orderable": True})
        table = type("Table", (tables.Table,), {**columns, "Meta": table_meta})
        self.table = table(self.rows, empty_text=look.say(declared.empty))

    def page(self, request: HttpRequest) -> tables.Table:
        """The table with one page of rows, everything that they name read at once."""
        RequestConfig(request, paginate=False).configure(self.table)
        # How long a page is, is not the reader's to say; beyond the end is the last page, what is no number is the first.
        self.table.paginate(per_page=PER_PAGE)
        self.table.page = self.table.paginator.get_page(request.GET.get(self.table.prefixed_page_field, 1))
        self._prepare([row.record for row in self.table.paginated_rows])
        return self.table

    def _prepare(self, rows: list[Any]) -> None:
        if self.sheet.people:
            self.look.learn_names(p for row in rows for p in self.sheet.people(row) if p is not None)
        if self.sheet.prepare:
            self.sheet.prepare(rows, self.look)

    @property
    def narrowed(self) -> bool:
        return any(self.query.get(n.name) for n in self.sheet.narrows)

    def csv(self) -> StreamingHttpResponse:
        """All rows as CSV for a spreadsheet, written as they are read; both hours stand in the name of the file."""
        response = StreamingHttpResponse(self._lines(), content_type="text/csv; charset=utf-8")
        hours = "_".join(
            f"{what}-{to_datetime(at, self.look.zone):%Y%m%dT%H%M}"
            for what, at in (("about", self.look.about), ("known", self.look.moment.known))
        )
        response["Content-Disposition"] = f'attachment; filename="{"EXERCISE_" if self._mark else ""}{self.sheet.name}_{hours}.csv"'
        return response

    def _lines(self) -> Iterator[str]:
        writer = csv.writer(_Echo())
        yield "\ufeff" + writer.writerow([*(self.look.say(c.word) for c in self.sheet.columns), *self._mark])
        rows = self.rows.order_by(*_order(self.sheet))
        part: list[Any] = []
        for row in rows.iterator(chunk_size=EXPORT_PART):
            part.append(row)
            if len(part) == EXPORT_PART:
                yield from self._written(part, writer)
                part = []
        yield from self._written(part, writer)

    def _written(self, rows: list[Any], writer: Any) -> Iterator[str]:
        self._prepare(rows)
        for row in rows:
            yield writer.writerow([*(_safe(c.text(row, self.look)) for c in self.sheet.columns), *self._mark])

    @property
    def _mark(self) -> tuple[str, ...]:
        """In a demo a last column that says so in every row: rows leave a file one by one, and must not be taken for real ones."""
        return (EXERCISE,) if settings.BULOU_DEMO else ()


def _order(declared: Sheet) -> tuple[str, ...]:
    name = declared.order.lstrip("-")
    found = next((c.sort for c in declared.columns if c.name == name), ())
    sign = "-" if declared.order.startswith("-") else ""
    return tuple(sign + s for s in found) or ("pk",)


def _safe(text: str) -> str:
    """A cell that a spreadsheet takes for text, not for a formula."""
    return "'" + text if text[:1] in "=+-@\t\r" else text


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, value: str) -> str:
        return value
