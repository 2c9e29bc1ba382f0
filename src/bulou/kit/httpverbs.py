"""Verbs for programs: each by its own route, typed by its kind of fact, with an id made by the client so that sending twice changes nothing.

A body says ``id``, ``content``, and where it matters ``at``, ``incident``, ``device`` and ``device_at``. What a page would fill in by
itself (the post, the account) is filled in here and cannot be said. What is shown before it is done is in ``kit.httpconfirm``.
"""

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.http import HttpRequest
from django.http.request import RawPostDataException, UnreadablePostError
from ninja import NinjaAPI

from bulou.basis.ids import from_text, subject_of, to_text
from bulou.basis.kinds import KINDS, Fact, Field, Kind
from bulou.basis.time import MINUTE, Instant, from_datetime, parse_local
from bulou.basis.words import FIELD, LISTS, Word
from bulou.duties.enter import writing
from bulou.evidence.reader import Reader
from bulou.kit.answers import Answered, Wrong, answer, asks, hour, record, responses, said, text
from bulou.kit.centre import centre
from bulou.kit.looking import Looking
from bulou.kit.verb import SHOWN_FIRST, VERBS, Refused, Verb, do, in_whose_name, type_of
from bulou.protocol.relations import PLACED, segments

#: A device's clock further off than this is flagged (FIELD E 22).
SKEW = 5 * MINUTE
#: Rows of a batch, bytes of a body, characters of a text, the largest whole number: what a person or a device sends in earnest is far below.
MOST_ROWS, MOST_BYTES, MOST_TEXT, MOST_INT = 200, 1_000_000, 2000, 2**31 - 1
_FROM, _UNTIL = Instant(0), from_datetime(datetime.fromisoformat("2200-01-01T00:00:00+00:00"))
#: Filled in by what is known of who asks.
_OURS = frozenset({"post", "account"})
_TIME = Word("时刻:带时差的 RFC 3339,或当地时间 YYYY-MM-DD HH:MM", "a time: RFC 3339 with its offset, or local time YYYY-MM-DD HH:MM")
_WORDS = {
    "id": Word("事实编号:由客户端生成的 UUID,重发时不变", "the fact's id: a UUID made by the client, the same when sent again"),
    "at": Word("发生时刻;不填即录入时刻", "when it happened; left out: the hour of entering"),
    "incident": Word("所属事件", "the incident that it belongs to"),
    "device": Word("设备名;用令牌时为令牌的设备", "the device; with a token it is the token's"),
    "device_at": Word("设备时钟所示时刻", "what the device's clock says now"),
    "content": Word("内容", "the content"),
    "fate": Word("结果:已录入,或此前已有相同内容", "what became of it: entered, or the same was there already"),
    "skew": Word("设备时钟相差秒数(正数为快)", "seconds that the device's clock is off (positive: ahead)"),
    "flagged": Word("设备时钟相差超过5分钟", "the device's clock is off by more than five minutes"),
}


class Sent(NamedTuple):
    """One thing that a program sent, read."""

    id: bytes
    at: Instant | None
    incident: bytes | None
    device: str | None
    device_at: Instant | None
    values: dict[str, Any]


# --- reading what was sent --------------------------------------------------------------------------------------------
def body_of(request: HttpRequest) -> Any:
    """The JSON of a request; a problem where it is none, or too much."""
    if request.content_type != "application/json":
        raise Answered(415)
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise Answered(413)
        raw = request.body
        return json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError, RawPostDataException, UnreadablePostError):
        raise Answered(400, Wrong(None, "应为 UTF-8 的 JSON", "should be JSON in UTF-8")) from None


def _instant(value: Any, look: Looking) -> Instant:
    if not isinstance(value, str):
        raise ValueError
    try:
        at = parse_local(value.replace("T", " "), look.zone)
    except ValueError:
        wall = datetime.fromisoformat(value)
        if wall.tzinfo is None:
            raise ValueError from None
        at = from_datetime(wall)
    if not _FROM <= at < _UNTIL:
        raise ValueError
    return at


def _value(field: Field, value: Any, look: Looking) -> Any:
    """A value of a body from JSON; ValueError for what it cannot be."""
    right = False
    match field.type:
        case "id":
            return from_text(value) if isinstance(value, str) else _no()
        case "instant":
            return _instant(value, look)
        case "day":
            return date.fromisoformat(value).isoformat() if isinstance(value, str) and len(value) == 10 else _no()
        case "bool":
            right = isinstance(value, bool)
        case "int":
            right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_INT
        case "float":
            right = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and abs(value) < 1e9
        case _:
            right = plain(value)
            if right and field.ref == "any" and len(value) == 36:
                return from_text(value).hex()
    return value if right else _no()


def _no() -> Any:
    raise ValueError


def plain(value: Any, most: int = MOST_TEXT) -> bool:
    """A text that both databases keep as it is."""
    return isinstance(value, str) and len(value) <= most and "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)


_RIGHT: dict[str, Word] = {
    "id": Word("应为编号(UUID)", "should be an id (UUID)"), "instant": Word("应为" + _TIME.zh, "should be " + _TIME.en),
    "day": Word("应为日期 YYYY-MM-DD", "should be a day, YYYY-MM-DD"), "bool": Word("应为 true 或 false", "should be true or false"),
    "int": Word("应为不小于0的整数", "should be a whole number, 0 or more"), "float": Word("应为数字", "should be a number"),
}  # fmt: skip
_TEXT = Word(f"应为不超过{MOST_TEXT}字的文本", f"should be text of at most {MOST_TEXT} characters")


class Asked(NamedTuple):
    """A field that a program says: as a kind has it, whether it may be left out, whether several are said, and its word."""

    field: Field
    optional: bool
    many: bool = False
    word: Word | None = None


def fields_of(verb: Verb) -> dict[str, Asked]:
    """The fields of a verb's body that a program says: those of its fact but what is known of who asks, and the post that it is about."""
    kind = KINDS[verb.kind]
    defaults = getattr(kind.body, "_field_defaults", {})
    fields = asked_of(kind)
    if verb.about == "post" and (post := kind.field("post")):
        fields = [post, *fields]
    return {f.name: Asked(f, f.optional or f.name in defaults) for f in fields}


def read(
    verb: Verb, given: Any, look: Looking, row: int | None = None, fields: Mapping[str, Asked] | None = None, also: frozenset[str] = frozenset()
) -> tuple[Sent | None, list[Wrong]]:  # fmt: skip
    """One thing that was sent, or everything that is wrong with it. ``fields``: where they are others than the verb's own; ``also`` stands
    beside them and is read elsewhere."""
    wrongs: list[Wrong] = []

    def wrong(field: str | None, word: Word) -> None:
        wrongs.append(Wrong(field, word.zh, word.en, row))

    if not isinstance(given, dict):
        wrong(None, Word("应为对象", "should be an object"))
        return None, wrongs
    for name in sorted(set(given) - {*_ENVELOPE, *also}):
        wrong(str(name)[:60], Word("没有这一项", "there is no such field"))
    found: dict[str, Any] = {}
    for name, type_ in _ENVELOPE.items():
        value = given.get(name)
        if value is None:
            if name == "id":
                wrong("id", Word("必填:由客户端生成的 UUID", "is required: a UUID made by the client"))
            continue
        try:
            found[name] = _value(Field(name, type_, None, False, None, None, True), value, look) if type_ != "object" else value
        except (ValueError, OverflowError):
            wrong(name, _RIGHT.get(type_, _TEXT))
    if "device" in found and len(found["device"]) > 60:
        wrong("device", Word("应不超过60字", "should be at most 60 characters"))
    content = found.get("content", {})
    if not isinstance(content, dict):
        wrong("content", Word("应为对象", "should be an object"))
        content = {}
    values = _content(
        fields_of(verb) if fields is None else fields, getattr(KINDS[verb.kind].body, "_field_defaults", {}), content, look, wrong
    )
    if wrongs:
        return None, wrongs
    return Sent(
        found["id"], found.get("at") if verb.timed else None, found.get("incident"), found.get("device"), found.get("device_at"), values
    ), []


_ENVELOPE: dict[str, Any] = {"id": "id", "at": "instant", "incident": "id", "device": "text", "device_at": "instant", "content": "object"}


def asked_of(kind: Kind) -> list[Field]:
    """The fields of a body that a program says."""
    return [f for f in kind.fields if f.name not in _OURS and not (f.name == "incident" and kind.scope == "incident")]


def _content(
    fields: Mapping[str, Asked], defaults: Mapping[str, Any], content: Mapping[str, Any], look: Looking, wrong: Any
) -> dict[str, Any]:  # fmt: skip
    for name in sorted(set(content) - set(fields)):
        wrong(str(name)[:60], Word("没有这一项", "there is no such field"))
    values: dict[str, Any] = {}
    for name, (field, optional, many, _word) in fields.items():
        value = content.get(name)
        if value is None or value in ("", []):
            if not optional:
                wrong(name, Word("必填", "is required"))
            values[name] = [] if many else defaults.get(name)
            continue
        if many and not (isinstance(value, list) and len(value) <= MOST_ROWS):
            wrong(name, Word(f"应为列表,不超过{MOST_ROWS}项", f"should be a list of at most {MOST_ROWS}"))
            continue
        try:
            values[name] = [_value(field, each, look) for each in value] if many else _value(field, value, look)
        except (ValueError, OverflowError):
            wrong(name, _RIGHT.get(field.type, _TEXT))
            continue
        if field.words and value not in LISTS[field.words]:
            right = LISTS[field.words]
            wrong(name, Word("应为其中之一:" + "、".join(right), f"should be one of {', '.join(right)}"))
    return values


def elsewhere(verb: Verb, values: Mapping[str, Any], look: Looking) -> list[str]:
    """The fields that refer to someone or something which lies, as far as is known, outside the viewer's areas.

    A page offers only what is in them; here any id can be said.
    """
    if look.scope.codes is None:
        return []
    found, facts = [], look.facts()
    for field in KINDS[verb.kind].fields:
        value, ref = values.get(field.name), field.ref
        if value is None or ref is None:
            continue
        if ref == "any":
            value = subject_of(value)
            ref = type_of(facts, value)
        if ref not in PLACED or ref in {"incident", "zone"}:
            continue
        area = value if ref == "area" else next((h.area for h in segments(facts, ref, value) if h.span.holds(look.about)), None)
        if area is not None and not look.scope.holds(str(area)):
            found.append(field.name)
    return found


# --- doing ------------------------------------------------------------------------------------------------------------
def earlier(verb: Verb, sent: Sent) -> bool | None:
    """Whether a fact with this id is there already: None where not, else whether it says what is sent now."""
    found = Reader(connection).raw("fact", "id", sent.id)
    if not found:
        return None
    fact = found[0]
    if fact.kind != verb.kind or (sent.at is not None and sent.at != fact.at):
        return False
    # Where the verb itself says to which incident its fact belongs, what was sent beside it is not compared.
    if verb.belongs is None and (sent.incident or fact.incident) != fact.incident:
        return False
    return all(getattr(fact.body, name) == value for name, value in sent.values.items())


def aside(verb: Verb, sent: Sent, look: Looking) -> None:
    """Keeps what was sent under an id that is taken: not entered, and shown to those who look after the ledger."""
    one, kind = centre(), KINDS[verb.kind]
    chair = look.viewer.chair_for(verb.name)
    filled = _filled(verb, sent, look)
    if kind.field("post") is not None and verb.about != "post":
        filled["post"] = chair.post if chair else "-"
    with writing(in_whose_name(look, chair), "api", one.clock, one.protocol) as book:
        at = sent.at if sent.at is not None else book.now()
        book.add(Fact(sent.id, verb.kind, at, sent.incident, kind.body(**filled), device=look.viewer.device or sent.device))


def _filled(verb: Verb, sent: Sent, look: Looking) -> dict[str, Any]:
    kind, values = KINDS[verb.kind], dict(sent.values)
    if kind.field("account") is not None and look.viewer.user:
        values["account"] = look.viewer.user.get_username()
    if kind.field("incident") is not None and kind.scope == "incident":
        values["incident"] = sent.incident
    return values


def send(verb: Verb, sent: Sent, look: Looking, row: int | None = None) -> dict[str, Any]:
    """Does one thing; what became of it. Answered with every reason where it was refused."""
    skew = None
    if sent.device_at is not None:
        skew = int(sent.device_at) - int(centre().clock.now())
    frame = {
        "id": to_text(sent.id), "skew": None if skew is None else round(skew / 1_000_000, 3), "flagged": skew is not None and abs(skew) > SKEW,
    }  # fmt: skip
    same = earlier(verb, sent)
    if same is None:
        outside = elsewhere(verb, sent.values, look)
        if outside:
            raise Answered(422, *(Wrong(n, "不在您负责的区域内", "is not in the areas that your post answers for", row) for n in outside))
        try:
            receipt = do(
                verb, look, _filled(verb, sent, look), at=sent.at, incident=sent.incident, id_=sent.id, source="api", device=sent.device,
                device_at=sent.device_at,
            )  # fmt: skip
        except Refused as refused:
            same = earlier(verb, sent)  # another request may have been faster
            if same is None:
                raise Answered(422, *(Wrong(p.field, p.zh, p.en, row) for p in refused.problems)) from None
        else:
            fate = "new" if sent.id in receipt.new else "same"
            return {**frame, "fate": fate, "entry": receipt.seq, "known": hour(receipt.known, look), "row": row}
    if not same:
        aside(verb, sent, look)
        raise Answered(409, Wrong("id", "该编号已有不同内容,请用新编号", "this id holds other content: send it under a new one", row))
    return {**frame, "fate": "same", "entry": None, "known": None, "row": row}


def one(request: HttpRequest, verb: Verb) -> Any:
    """One act."""
    look = may(request, verb)
    sent, wrongs = read(verb, body_of(request), look)
    if sent is None:
        raise Answered(422, *wrongs)
    return answer(send(verb, sent, look))


def many(request: HttpRequest, verb: Verb) -> Any:
    """A batch: each row for itself, with its own fate. What is wrong with one does not keep another out."""
    look = may(request, verb)
    given = body_of(request)
    rows = given.get("rows") if isinstance(given, dict) and set(given) == {"rows"} else None
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_ROWS:
        raise Answered(422, Wrong("rows", f"应为1至{MOST_ROWS}行的列表", f"should be a list of 1 to {MOST_ROWS} rows"))
    fates = []
    for i, each in enumerate(rows):
        try:
            sent, wrongs = read(verb, each, look, i)
            if sent is None:
                raise Answered(422, *wrongs)
            fates.append({**send(verb, sent, look, i), "problems": []})
        except Answered as refused:
            said_id = each.get("id") if isinstance(each, dict) and plain(each.get("id"), 60) else None
            fates.append({
                "id": said_id, "fate": "conflict" if refused.status == 409 else "refused", "entry": None, "known": None, "row": i, "skew": None,
                "flagged": False, "problems": [w._asdict() for w in refused.wrongs],
            })  # fmt: skip
    return answer({"rows": fates})


def may(request: HttpRequest, verb: Verb) -> Looking:
    """Who asks, where they may do this now; a problem where they may not."""
    look = asks(request)
    if not look.viewer.may(verb.name):
        raise Answered(403, Wrong(None, "您的岗位或令牌无此权限", "your post or token may not do this"))
    if not look.moment.live:
        raise Answered(422, Wrong(None, "回看时不能办理", "nothing is done while looking back"))
    return look


# --- routes -----------------------------------------------------------------------------------------------------------
def _schema(field: Field, word: Word | None = None) -> dict[str, Any]:
    word = FIELD[field.name] if word is None else word
    if field.words:
        found = text(word, enum=list(LISTS[field.words]))
        found["description"] += ": " + "; ".join(f"{code} {said(w)}" for code, w in LISTS[field.words].items())
        return found
    match field.type:
        case "id":
            return text(word, format="uuid")
        case "day":
            return text(word, format="date")
        case "bool":
            return {**text(word), "type": "boolean"}
        case "int":
            return {**text(word), "type": "integer", "minimum": 0, "maximum": MOST_INT}
        case "float":
            return {**text(word), "type": "number"}
        case "instant":
            return {**text(word), "description": f"{said(word)}: {said(_TIME)}"}
        case _:
            return text(word, maxLength=MOST_TEXT)


def body_schema(verb: Verb, fields: Mapping[str, Asked] | None = None, **more: Any) -> dict[str, Any]:
    """What a verb's body is: the envelope, and the content by its kind of fact, or by other fields; ``more`` stands beside them."""
    fields = fields_of(verb) if fields is None else fields
    content = record(
        {name: _maybe(_one_or_more(f), f.optional) for name, f in fields.items()}, tuple(n for n, f in fields.items() if not f.optional)
    )
    envelope: dict[str, Any] = {"id": text(_WORDS["id"], format="uuid"), "content": {**content, "description": said(_WORDS["content"])}}
    envelope |= {n: text(_WORDS[n], **({"maxLength": 60} if n == "device" else {"format": "uuid"} if n == "incident" else {}))
                 for n in ("at", "incident", "device", "device_at")}  # fmt: skip
    return record({**envelope, **more}, ("id", "content"))


def _one_or_more(asked: Asked) -> dict[str, Any]:
    schema = _schema(asked.field, asked.word)
    if not asked.many:
        return schema
    return {
        "type": "array",
        "items": {k: v for k, v in schema.items() if k != "description"},
        "maxItems": MOST_ROWS,
        "description": schema["description"],
    }


def _maybe(schema: dict[str, Any], optional: bool) -> dict[str, Any]:
    if not optional:
        return schema
    return {**schema, "type": [schema["type"], "null"], **({"enum": [*schema["enum"], None]} if "enum" in schema else {})}


_WRONGS = {
    "type": "array",
    "items": record({"field": {"type": ["string", "null"]}, "zh": text(), "en": text(), "row": {"type": ["integer", "null"]}}),
}


def _fate(fates: tuple[str, ...], **more: Any) -> dict[str, Any]:
    return record({
        "id": {"type": ["string", "null"]}, "skew": {**text(_WORDS["skew"]), "type": ["number", "null"]},
        "flagged": {**text(_WORDS["flagged"]), "type": "boolean"}, "fate": text(_WORDS["fate"], enum=list(fates)),
        "entry": {"type": ["integer", "null"]}, "known": {"type": ["string", "null"]}, "row": {"type": ["integer", "null"]}, **more,
    })  # fmt: skip


def add_verbs(api: NinjaAPI) -> None:
    """Two routes for every verb that is not shown before it is done: one act, and a batch."""
    for verb in VERBS.values():
        if verb.name not in SHOWN_FIRST:
            _add(api, verb)


def _add(api: NinjaAPI, verb: Verb) -> None:
    def single(request: HttpRequest) -> Any:
        return one(request, VERBS[verb.name])

    def batch(request: HttpRequest) -> Any:
        return many(request, VERBS[verb.name])

    body = body_schema(verb)
    rows = record({"rows": {"type": "array", "items": body, "minItems": 1, "maxItems": MOST_ROWS}})
    fates = record({"rows": {"type": "array", "items": _fate(("new", "same", "refused", "conflict"), problems=_WRONGS)}})
    for path, view, takes, gives, problems in (
        (f"/verbs/{verb.name}", single, body, _fate(("new", "same")), (400, 409, 413, 415, 422)),
        (f"/verbs/{verb.name}/many", batch, rows, fates, (400, 413, 415, 422)),
    ):
        many_ = "many_" if path.endswith("/many") else ""
        api.default_router.add_api_operation(
            path, ["POST"], view, operation_id=f"{many_}{verb.name}", summary=said(verb.word), tags=[verb.desk],
            description=said(verb.warning) if verb.warning else None, url_name=f"{'many' if many_ else 'verb'}-{verb.name}",
            openapi_extra={
                "requestBody": {"required": True, "content": {"application/json": {"schema": takes}}}, "responses": responses(gives, *problems),
            },
        )  # fmt: skip
