"""Verbs that are shown before they are done, for programs: asked once they say what follows and give a code, asked with it they are done.

As strict as the page: the same rights, areas and checks, one act at a time, in the name of a person. A person is somebody signed in, or
somebody's own token whose PIN is said with each request; a device's token and a shift's pass hear why not. The code holds for what was
shown alone: other content, an edition whose text has changed, other consequences or another person, and it is worth nothing.
"""

import hashlib
import json
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import NinjaAPI

from bulou.basis.ids import to_text
from bulou.basis.kinds import KINDS, Fact, Field
from bulou.basis.time import MINUTE, Instant
from bulou.basis.words import Word
from bulou.duties.enter import Receipt, writing
from bulou.evidence.append import queue
from bulou.evidence.reader import Reader
from bulou.kit.answers import Answered, Wrong, answer, asks, hour, record, responses, said, text
from bulou.kit.centre import centre
from bulou.kit.confirming import CONFIRMED, Asking, Confirmed, Meant
from bulou.kit.duties import Shown
from bulou.kit.httpverbs import SKEW, Asked, Sent, body_of, body_schema, earlier, elsewhere, fields_of, may, read
from bulou.kit.looking import Looking
from bulou.kit.verb import SHOWN_FIRST, VERBS, Refused, Verb, do, in_whose_name
from bulou.kit.withdrawing import changed_at
from bulou.register import tokens
from bulou.register.passes import MOST_TRIES

#: How long a code may be used: as long as somebody looks at what was shown.
LIVES = 10 * MINUTE
#: Of the duties that would come or go, those told by name; of all of them the number is told.
MOST = 50
#: The header in which the PIN of somebody's own token is said.
PIN = "X-Pin"
_signer = Signer(salt="bulou.kit.httpconfirm")
_CODE = Word("确认码:先不填,答复中给出", "the confirmation code: left out at first, given in the answer")
_HOW = Word(
    "先后两次:第一次答复将产生什么与确认码(十分钟内有效,只对同一内容),第二次附上确认码才办理。须本人登录,或本人令牌并附 PIN。",
    "In two steps: the first answer says what follows and gives a code (for ten minutes, for the same content alone); sent again with the code "
    "it is done. By somebody signed in, or by somebody's own token with its PIN.",
)
_WORDS = {
    "fate": Word("结果:仅出示、已录入、此前已有", "what became of it: shown only, entered, or there already"),
    "shows": Word("办理前须看到的", "what must be seen before"),
    "follows": Word("将产生或消失的任务", "the duties that would come or go"),
    "until": Word("确认码有效至", "until when the code may be used"),
    "gives": Word("只在此答复中给出一次的内容", "what is said in this answer and never again"),
    "pin": Word("本人令牌的 PIN;登录者不需要", "the PIN of one's own token; not needed by whoever is signed in"),
}


# --- who --------------------------------------------------------------------------------------------------------------
def _in_person(request: HttpRequest, look: Looking) -> None:
    """A problem unless a named person asks: signed in by their account, or by their own token with its PIN."""
    token = getattr(request, "token", None)
    if token is None:
        if look.viewer.user is None or look.viewer.user.pk is None:
            raise Answered(
                403, Wrong(None, "班次通行码不能办理此事:须本人登录", "a shift's pass cannot do this: sign in by your own account")
            )
        return
    if not token.pin:
        raise Answered(
            403,
            Wrong(
                None,
                "设备令牌不能办理此事:须本人登录,或用带 PIN 的本人令牌",
                "a device's token cannot do this: sign in, or use your own token with a PIN",
            ),
        )
    if not tokens.admits(token, request.headers.get(PIN, ""), centre().clock.now()):
        raise Answered(
            403,
            Wrong(
                PIN,
                f"PIN 不对;连错{MOST_TRIES}次令牌即作废",
                f"is not the PIN; {MOST_TRIES} wrong ones in a row end the token",
            ),
        )


# --- what -------------------------------------------------------------------------------------------------------------
def fields(one: Confirmed) -> dict[str, Asked]:
    """What a program says of an act: fields of its fact, and what is asked beside them."""
    kind, usual = KINDS[VERBS[one.name].kind], fields_of(VERBS[one.name])
    found: dict[str, Asked] = {}
    for name in one.fields:
        field = kind.field(name)
        assert field is not None, f"{one.name}: {name} is no field of {kind.name}"
        asked = usual.get(name, Asked(field, field.optional))
        found[name] = asked._replace(optional=asked.optional or name in one.maybe)
    for name, more in one.more.items():
        type_: Any = more.type
        found[name] = Asked(Field(name, type_, None, False, None, None, more.optional), more.optional, more.many, more.word)
    return found


def _before(verb: Verb, one: Confirmed, asking: Asking, sent: Sent, look: Looking) -> bool:
    """Whether what is sent was done before; a problem where something else stands under its id."""
    kind = KINDS[verb.kind]
    own = {k: v for k, v in sent.values.items() if v is not None and kind.field(k) is not None}
    same = earlier(verb, sent._replace(values=own))
    if same and one.same is not None:
        same = one.same(asking)
    if same is False:
        _aside(verb, sent, own, look)
        raise Answered(409, Wrong("id", "该编号已有不同内容,请用新编号", "this id holds other content: send it under a new one"))
    return bool(same)


def _aside(verb: Verb, sent: Sent, own: dict[str, Any], look: Looking) -> None:
    """Keeps what was sent under an id that is taken, as far as its fact can say it."""
    at = centre()
    chair = look.viewer.chair_for(verb.name)
    with writing(in_whose_name(look, chair), "api", at.clock, at.protocol) as book:
        there = next((f for f in Reader(book.connection).raw("fact", "id", sent.id) if f.kind == verb.kind), None)
        if there is not None:
            when = sent.at if sent.at is not None else there.at
            book.add(Fact(sent.id, verb.kind, when, sent.incident or there.incident, there.body._replace(**own)))


def _tried(meant: Meant, asking: Asking) -> tuple[Receipt, list[Shown], list[Shown]]:
    """The act done under the lock and taken back: what is said to follow is what would follow."""
    with queue(_connection()), transaction.atomic():
        receipt = do(meant.verb, asking.look, meant.values, at=meant.at, incident=meant.incident, id_=asking.id, source="trial")
        gone, come, _n_gone, _n_come = changed_at(receipt.seq, asking.look, MOST)
        transaction.set_rollback(True)
    return receipt, gone, come


def _connection() -> Any:
    return transaction.get_connection()


# --- the code ---------------------------------------------------------------------------------------------------------
def _digest(verb: Verb, asking: Asking, given: dict[str, Any], meant: Meant, receipt: Receipt) -> str:
    """Everything that a code holds for."""
    user = asking.look.viewer.user
    about = [
        verb.name, user.pk if user else None, given.get("id"), given.get("at"), given.get("incident"), given.get("content"), meant.bound,
        receipt.opened, receipt.closed, receipt.voided,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(about, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _confirms(code: Any, digest: str, now: Instant) -> None:
    """A problem, with what would be right, unless a code is of what is sent now."""
    if not isinstance(code, str) or len(code) > 400:
        raise Answered(422, Wrong("code", "应为上一答复给出的确认码", "should be the code that the answer before gave"))
    try:
        held, until = _signer.unsign_object(code)
    except (BadSignature, ValueError, TypeError):
        raise Answered(422, Wrong("code", "应为上一答复给出的确认码", "should be the code that the answer before gave")) from None
    if until < now:
        raise Answered(422, Wrong("code", "确认码已过期:请不带确认码重新查看", "has lapsed: ask again without a code and look again"))
    if held != digest:
        raise Answered(
            422,
            Wrong(
                "code",
                "内容或将产生的后果与出示时不同:请不带确认码重新查看",
                "the content, or what follows from it, is not what was shown: ask again without a code and look again",
            ),
        )


# --- the two steps ----------------------------------------------------------------------------------------------------
def one(request: HttpRequest, verb: Verb, declared: Confirmed) -> Any:
    """The first step says what follows; the second, with its code, does it. Sent again under the same id nothing changes."""
    look = asks(request)
    _in_person(request, look)
    look = may(request, verb)
    given = body_of(request)
    sent, wrongs = read(verb, given, look, fields=fields(declared), also=frozenset({"code"}))
    if sent is None:
        raise Answered(422, *wrongs)
    asking = Asking(request, look, sent.values, sent.id, sent.incident, sent.at)
    skew = None if sent.device_at is None else int(sent.device_at) - int(centre().clock.now())
    frame = {
        "id": to_text(sent.id), "skew": None if skew is None else round(skew / 1_000_000, 3), "flagged": skew is not None and abs(skew) > SKEW,
        "entry": None, "known": None, "shows": None, "follows": None, "code": None, "until": None, "gives": None,
    }  # fmt: skip
    if _before(verb, declared, asking, sent, look):
        return answer({**frame, "fate": "same"})
    outside = elsewhere(verb, sent.values, look)
    if outside:
        raise Answered(422, *(Wrong(n, "不在您负责的区域内", "is not in the areas that your post answers for") for n in outside))
    try:
        meant = declared.means(asking)
        receipt, gone, come = _tried(meant, asking)
        digest, now = _digest(verb, asking, given, meant, receipt), centre().clock.now()
        if given.get("code") is None:
            shown = {
                "shows": [*([look.say(verb.warning)] if verb.warning else []), *meant.shows],
                "follows": {
                    "opened": receipt.opened, "closed": receipt.closed, "voided": receipt.voided,
                    "come": [_told(d, look) for d in come], "go": [_told(d, look) for d in gone],
                },
                "code": _signer.sign_object([digest, now + LIVES]), "until": hour(now + LIVES, look),
            }  # fmt: skip
            return answer({**frame, "fate": "shown", **shown})
        _confirms(given["code"], digest, now)
        return _done(meant, asking, declared, sent, frame)
    except Refused as refused:
        raise Answered(422, *(Wrong(p.field, p.zh, p.en) for p in refused.problems)) from None


def _done(meant: Meant, asking: Asking, declared: Confirmed, sent: Sent, frame: dict[str, Any]) -> Any:
    """Does it, with what must be done along with it, all or nothing."""
    with queue(_connection()), transaction.atomic():
        receipt = do(
            meant.verb, asking.look, meant.values, at=meant.at, incident=meant.incident, id_=asking.id, source="api", device=sent.device,
            device_at=sent.device_at,
        )  # fmt: skip
        new = asking.id in receipt.new
        given = declared.carry(asking, meant, receipt) if new and declared.carry else None
    if isinstance(given, HttpResponseBase):
        return given
    fate = "new" if new else "same"
    return answer({**frame, "fate": fate, "entry": receipt.seq, "known": hour(receipt.known, asking.look), "gives": given})


def _told(duty: Shown, look: Looking) -> dict[str, Any]:
    """A duty that would come or go: what, whom it is about, by when, who answers."""
    return {"rule": duty.rule.name, "whom": duty.text, "due": hour(duty.duty.due_at, look), "unit": duty.unit}


# --- routes -----------------------------------------------------------------------------------------------------------
def add_confirmed(api: NinjaAPI) -> None:
    """One route for every verb that is shown first. A verb that no desk declared is a mistake, told at the start."""
    for name in sorted(SHOWN_FIRST):
        if name in VERBS:
            _add(api, VERBS[name], CONFIRMED[name])


def _gives(declared: Confirmed) -> dict[str, Any]:
    maybe = {"type": ["string", "null"]}
    duty = {"type": "array", "items": record({"rule": text(), "whom": text(), "due": text(format="date-time"), "unit": text()})}
    counts = {n: {"type": "integer"} for n in ("opened", "closed", "voided")}
    follows = record({**counts, "come": duty, "go": duty})
    gives = record({n: text(w) for n, w in declared.gives.items()})
    return record({
        "id": text(), "skew": {"type": ["number", "null"]}, "flagged": {"type": "boolean"},
        "fate": text(_WORDS["fate"], enum=["shown", "new", "same"]), "entry": {"type": ["integer", "null"]}, "known": maybe,
        "shows": {"type": ["array", "null"], "items": {"type": "string"}, "description": said(_WORDS["shows"])},
        "follows": {"anyOf": [follows, {"type": "null"}], "description": said(_WORDS["follows"])},
        "code": {**maybe, "description": said(_CODE)}, "until": {**maybe, "description": said(_WORDS["until"])},
        "gives": {"anyOf": [gives, {"type": "null"}], "description": said(_WORDS["gives"])},
    })  # fmt: skip


def _add(api: NinjaAPI, verb: Verb, declared: Confirmed) -> None:
    def single(request: HttpRequest) -> Any:
        return one(request, VERBS[verb.name], declared)

    takes = body_schema(verb, fields(declared), code={"type": ["string", "null"], "maxLength": 400, "description": said(_CODE)})
    found = responses(_gives(declared), 400, 404, 409, 413, 415, 422)
    if declared.file:
        found[200]["content"][declared.file] = {"schema": {"type": "string"}}
    warns = f"{said(verb.warning)} " if verb.warning else ""
    pin = {
        "name": PIN,
        "in": "header",
        "required": False,
        "schema": {"type": "string", "maxLength": 12},
        "description": said(_WORDS["pin"]),
    }
    api.default_router.add_api_operation(
        f"/verbs/{verb.name}", ["POST"], single, operation_id=verb.name, summary=said(verb.word), tags=[verb.desk], url_name=f"verb-{verb.name}",
        description=f"{warns}{said(_HOW)}",
        openapi_extra={
            "parameters": [pin], "requestBody": {"required": True, "content": {"application/json": {"schema": takes}}}, "responses": found,
        },
    )  # fmt: skip
