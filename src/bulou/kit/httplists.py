"""Lists for programs: every sheet by its own route, with its filters, its order, both hours and its masks. Enters nothing.

What a program is told of a row is what its viewer is told by the page, word for word. A walk from page to page stays at the moment at
which it began, and after as many rows as make a file it goes on masked, as a file would be (``kit.exports``).
"""

from typing import Any, NamedTuple

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from ninja import NinjaAPI

from bulou.basis.ids import from_text, to_text
from bulou.basis.time import Instant, parse_local
from bulou.basis.words import LISTS, Word
from bulou.evidence.fields import IdField
from bulou.kit.answers import Answered, Wrong, answer, asks, hour, record, responses, said, text
from bulou.kit.centre import drill
from bulou.kit.exports import MANY, masked
from bulou.kit.looking import Looking, Moment
from bulou.kit.sheet import EXERCISE, PER_PAGE, SHEETS, Listed, Sheet

_CURSOR = Word("上一页给出的游标", "the cursor that the page before gave")
_SORT = Word("排序列,前加减号为倒序", "the column to order by; a minus sign before it turns the order round")
_COLUMNS = Word("只取这些列(可重复)", "only these columns (may be said several times)")
_ABOUT = Word("截至时刻(当地时间)", "what happened until this hour (local time)")
_KNOWN = Word("以当时所知(当地时间)", "as known at this hour (local time)")
_KEY = Word("行号:同一时刻内不变", "the row's number: the same within one moment")
_IDS = Word("这一行关于什么:编号与代码", "what the row is about: ids and codes")
_signer = Signer(salt="bulou.kit.httplists")


class Walk(NamedTuple):
    """How far a walk through a list has come: the last row, the moment at which it began, the rows told so far."""

    after: str
    about: int
    seq: int
    known: int
    live: bool
    told: int


def _walked(sheet: Sheet, given: str, query: str) -> Walk | None:
    """The walk that a cursor continues: of this list, with the same filters and order. Signed: no reader makes one up."""
    if not given:
        return None
    try:
        name, asked, *rest = _signer.unsign_object(given)
    except (BadSignature, ValueError, TypeError):
        raise Answered(422, Wrong("cursor", "游标无效:请从头开始", "is no cursor of this centre: begin again")) from None
    if (name, asked) != (sheet.name, query):
        raise Answered(422, Wrong("cursor", "游标属于另一清单或另一筛选", "belongs to another list or other filters"))
    return Walk(*rest)


def _hours(request: HttpRequest, look: Looking) -> None:
    """What cannot be read as an hour is refused: a program must never take this moment for another."""
    for name in ("about", "known"):
        if given := request.GET.get(name):
            try:
                parse_local(given.replace("T", " "), look.zone)
            except ValueError:
                raise Answered(
                    422, Wrong(name, "应为当地时间 YYYY-MM-DD HH:MM", "should be a local time, YYYY-MM-DD HH:MM, as in 2020-12-07 21:00")
                ) from None


def _known_words(sheet: Sheet, request: HttpRequest, *more: str) -> None:
    """A filter that this list does not have is refused: rows that it was meant to keep out must not be told."""
    names = [n.name for n in sheet.narrows if more]
    for given in request.GET:
        if given not in (*names, "about", "known", *more):
            right = ", ".join((*names, "about", "known", *more))
            raise Answered(422, Wrong(given[:60], f"没有这一参数;可用:{right}", f"is no parameter here; there are: {right}"))


def _known_columns(sheet: Sheet, request: HttpRequest) -> None:
    """A column that this list does not have is refused: a program that waits for it must hear so."""
    names = [c.name for c in sheet.columns]
    if any(given not in names for given in request.GET.getlist("columns")):
        right = ", ".join(names)
        raise Answered(422, Wrong("columns", f"应为其中之一:{right}", f"should be some of {right}"))


def _key(row: Any) -> str:
    return to_text(bytes(row.pk)) if isinstance(row.pk, bytes | memoryview) else str(row.pk)


def _pk(model: Any, key: str) -> Any:
    """A row's number from its text; None for what cannot be one."""
    if isinstance(model._meta.pk, IdField):
        try:
            return from_text(key)
        except ValueError:
            return None
    return int(key) if key.isascii() and key.isdigit() and len(key) < 19 else None


def told(listed: Listed, rows: list[Any]) -> list[dict[str, Any]]:
    """Rows as a program is told of them: the texts of the page, the code behind each badge, where the page's links lead, what they are about."""
    gives = listed.sheet.gives.of(listed.look) if listed.sheet.gives else None
    ids = listed.sheet.ids(listed.look) if listed.sheet.ids else None
    return [_told(listed, row, {**(gives(row) if gives else {}), **(ids(row) if ids else {})}) for row in rows]


def _told(listed: Listed, row: Any, ids: dict[str, Any]) -> dict[str, Any]:
    look, columns = listed.look, listed.columns
    return {
        "key": _key(row),
        "text": {c.name: c.text(row, look) for c in columns},
        "state": {c.name: c.badge(row, look) or None for c in columns if c.badge},
        "href": {c.name: c.href(row, look) for c in columns if c.href},
        "gives": {name: to_text(v) if isinstance(v, bytes) else str(v) for name, v in ids.items() if v is not None},
    }


_COMPLETE = Word("登记册的完整程度;与登记册无关的清单为空", "how complete the register is; null for lists that are not of it")


def _frame(sheet: Sheet, look: Looking) -> dict[str, Any]:
    return {
        "list": sheet.name, "about": hour(look.about, look), "known": hour(look.moment.known, look), "entry": look.seq,
        "exercise": EXERCISE if drill() else None,
    }  # fmt: skip


def list_(request: HttpRequest, sheet: Sheet) -> Any:
    """One page of a list, and the cursor of the next."""
    look = _looks(request, sheet)
    _known_words(sheet, request, "sort", "cursor", "columns")
    _known_columns(sheet, request)
    _hours(request, look)
    query = request.GET.copy()
    given = query.pop("cursor", [""])[-1]
    asked = "&".join(sorted(query.urlencode().split("&")))
    walk = _walked(sheet, given, asked)
    sort = request.GET.get("sort") or sheet.order
    if request.GET.get("sort") and sort.removeprefix("-") not in {c.name for c in sheet.columns if c.sort}:
        right = ", ".join(c.name for c in sheet.columns if c.sort)
        raise Answered(422, Wrong("sort", f"应为其中之一:{right}", f"should be one of {right}"))
    if walk:
        look = look.at(Moment(Instant(walk.about), walk.seq, Instant(walk.known), walk.live))
    count = walk.told if walk else 0
    listed = Listed(sheet, masked(look) if sheet.people and count >= MANY else look, request)
    if not listed.filter.is_valid():
        raise Answered(
            422, *(Wrong(name, "不是可选的值", "is none of the values that may be chosen") for name in listed.filter.form.errors)
        )
    rows = listed.part(sort, _pk(listed.rows.model, walk.after) if walk else None)
    if rows is None:
        raise Answered(422, Wrong("cursor", "游标所在的行已不在:请从头开始", "the row of this cursor is no longer there: begin again"))
    more = len(rows) > PER_PAGE
    rows = rows[:PER_PAGE]
    now = look.moment
    on = [sheet.name, asked, _key(rows[-1]), now.about, now.seq, now.known, now.live, count + len(rows)] if more else None
    return answer({
        **_frame(sheet, look), "rows": told(listed, rows), "next": _signer.sign_object(on) if on else None,
        "complete": look.say(listed.complete) if listed.complete else None,
        "masked": bool(sheet.people and count >= MANY),
    })  # fmt: skip


def row(request: HttpRequest, sheet: Sheet, key: str) -> Any:
    """One row of a list."""
    look = _looks(request, sheet)
    _known_words(sheet, request)
    _hours(request, look)
    listed = Listed(sheet, look, request)
    pk = _pk(listed.rows.model, key)
    found = listed.one(pk) if pk is not None else None
    if found is None:
        raise Answered(404)
    return answer({**_frame(sheet, look), "row": told(listed, [found])[0]})


def _looks(request: HttpRequest, sheet: Sheet) -> Looking:
    look = asks(request)
    if not look.viewer.sees(sheet.desk):
        raise Answered(404)
    return look


# --- routes -----------------------------------------------------------------------------------------------------------
def _row_schema(sheet: Sheet, *, whole: bool) -> dict[str, Any]:
    needed = None if whole else ()  # fewer columns where ``columns`` says so
    maybe = {"type": ["string", "null"]}
    return record({
        "key": text(_KEY),
        "text": record({c.name: text(c.word) for c in sheet.columns}, needed),
        "state": record({c.name: maybe for c in sheet.columns if c.badge}, needed),
        "href": record({c.name: maybe for c in sheet.columns if c.href}, needed),
        "gives": {"type": "object", "additionalProperties": {"type": "string"}, "description": said(_IDS)},
    })  # fmt: skip


def _frame_schema(**more: Any) -> dict[str, Any]:
    hours = {n: text(w, format="date-time") for n, w in (("about", _ABOUT), ("known", _KNOWN))}
    return record({"list": text(), **hours, "entry": {"type": "integer"}, "exercise": {"type": ["string", "null"]}, **more})


def _parameters(sheet: Sheet) -> list[dict[str, Any]]:
    words: dict[str, Any] = {n.name: text(n.word, **({"enum": ["", *LISTS[n.words]]} if n.words else {})) for n in sheet.narrows}
    sorts = [sign + c.name for c in sheet.columns if c.sort for sign in ("", "-")]
    words |= {"sort": text(_SORT, enum=["", *sorts]), "cursor": text(_CURSOR)}
    columns = {"type": "array", "items": {"type": "string", "enum": [c.name for c in sheet.columns]}, "description": said(_COLUMNS)}
    return [_parameter(name, schema) for name, schema in (words | {"columns": columns}).items()] + _moments()


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": schema["description"]}


def _moments() -> list[dict[str, Any]]:
    return [_parameter("about", text(_ABOUT)), _parameter("known", text(_KNOWN))]


def add_lists(api: NinjaAPI) -> None:
    """A route for every sheet declared, and one for each of its rows."""
    for sheet in SHEETS.values():
        _add(api, sheet)


def _add(api: NinjaAPI, sheet: Sheet) -> None:
    def many(request: HttpRequest) -> Any:
        return list_(request, SHEETS[sheet.name])

    def one(request: HttpRequest, key: str) -> Any:
        return row(request, SHEETS[sheet.name], key)

    rows = _frame_schema(rows={"type": "array", "items": _row_schema(sheet, whole=False)}, next={"type": ["string", "null"]},
                         masked={"type": "boolean"}, complete={"type": ["string", "null"], "description": said(_COMPLETE)})  # fmt: skip
    router = api.default_router
    router.add_api_operation(
        f"/lists/{sheet.name}", ["GET"], many, operation_id=f"list_{sheet.name}", summary=said(sheet.word), tags=[sheet.desk],
        url_name=f"list-{sheet.name}", description=said(sheet.note) if sheet.note else None,
        openapi_extra={"parameters": _parameters(sheet), "responses": responses(rows, 404, 422)},
    )  # fmt: skip
    router.add_api_operation(
        f"/lists/{sheet.name}/{{key}}", ["GET"], one, operation_id=f"row_{sheet.name}", summary=said(sheet.word), tags=[sheet.desk],
        url_name=f"row-{sheet.name}",
        openapi_extra={"parameters": _moments(), "responses": responses(_frame_schema(row=_row_schema(sheet, whole=True)), 404, 422)},
    )  # fmt: skip
