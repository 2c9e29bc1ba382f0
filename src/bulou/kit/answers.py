"""Answers to programs: problems said in both languages, who may ask, and the pieces of their description. Reads and enters nothing.

A problem is ``application/problem+json`` (RFC 9457): its status, and for each thing that is wrong the row, the field, and what would be
right, in Chinese and English. Nothing that fails is answered with a page.
"""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware

from bulou.basis.time import Instant, to_datetime
from bulou.basis.words import Word
from bulou.kit.looking import Looking

#: Where the interface lies.
ROOT = "/api/v1/"
TITLES: dict[int, Word] = {
    400: Word("请求无法读懂", "the request cannot be read"),
    401: Word("请先出示令牌或登录", "show a token or sign in first"),
    403: Word("您的岗位或令牌无此权限", "your post or token may not do this"),
    404: Word("没有这一内容,或不在您负责的区域内", "there is no such thing, or not in the areas that you answer for"),
    409: Word("同一编号已有不同内容:已另存,未录入", "the same id already holds other content: it was kept aside and not entered"),
    413: Word("内容过大", "the content is too large"),
    415: Word("应为 application/json", "should be application/json"),
    422: Word("内容有误,未录入", "something is wrong with the content; nothing was entered"),
    429: Word("请求过于频繁,请稍候", "too many requests: wait a little"),
    503: Word("系统忙,请稍后再试", "the ledger is busy: ask again in a moment"),
}


class Wrong(NamedTuple):
    """One thing that is wrong: in which row of a batch, in which field (None: the whole), and what would be right."""

    field: str | None
    zh: str
    en: str
    row: int | None = None


class Answered(Exception):
    """Ends a request with a problem; ``seconds``: how long to wait before asking again."""

    def __init__(self, status: int, *wrongs: Wrong, seconds: int | None = None) -> None:
        super().__init__(status)
        self.status, self.wrongs, self.seconds = status, wrongs, seconds


def problem(status: int, wrongs: tuple[Wrong, ...] = (), seconds: int | None = None) -> JsonResponse:
    """A problem as it is sent."""
    word = TITLES[status]
    body = {
        "type": "about:blank", "title": f"{word.zh} · {word.en}", "status": status,
        "problems": [{"row": w.row, "field": w.field, "zh": w.zh, "en": w.en} for w in wrongs],
    }  # fmt: skip
    answer = JsonResponse(body, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False})
    answer["Cache-Control"] = "no-store"
    if seconds is not None:
        answer["Retry-After"] = str(seconds)
    return answer


def answer(body: Any, status: int = 200) -> JsonResponse:
    """What was asked for. Kept by no cache: it was right for one viewer at one moment."""
    said = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    said["Cache-Control"] = "no-store"
    return said


def asks(request: HttpRequest, *, at_door: bool = False) -> Looking:
    """Who asks: signed in or with a token, holding a post or a seat now; by a session only with its CSRF token where something is done.

    A token of a door asks at its door (``at_door``) and nothing else.
    """
    look: Looking = request.looking  # type: ignore[attr-defined]  # put there by the middleware
    if look.viewer.user is None:
        raise Answered(401)
    if not look.viewer.chairs:
        raise Answered(403)
    token = getattr(request, "token", None)
    if token is not None and token.door and not at_door:
        raise Answered(403, Wrong(None, "此令牌只用于门口核对", "this token asks at its door and nothing else"))
    if not getattr(request, "by_token", False) and _forged(request):
        raise Answered(403, Wrong(None, "缺少 CSRF 令牌(X-CSRFToken)", "the CSRF token is missing (X-CSRFToken)"))
    return look


def _forged(request: HttpRequest) -> bool:
    """Whether something would be done without the token that only a page of this site has."""
    guard = CsrfViewMiddleware(lambda _request: HttpResponseForbidden())
    request.csrf_processing_done = False  # type: ignore[attr-defined]  # routes are exempt from the site's own; it is asked here
    guard.process_request(request)
    return guard.process_view(request, _done, (), {}) is not None


def _done(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def hour(at: Instant | int, look: Looking) -> str:
    """An instant as programs read it: RFC 3339 with the centre's offset, to the microsecond where it has any."""
    return to_datetime(Instant(at), look.zone).isoformat()


# --- pieces of the description ----------------------------------------------------------------------------------------
def said(word: Word) -> str:
    """A word in both languages, as the description has it."""
    return f"{word.zh} · {word.en}"


def text(word: Word | None = None, **more: Any) -> dict[str, Any]:
    return {"type": "string", **({"title": said(word), "description": said(word)} if word else {}), **more}


def record(properties: dict[str, Any], required: tuple[str, ...] | None = None, **more: Any) -> dict[str, Any]:
    """An object with these properties and no others; all of them required unless said."""
    return {
        "type": "object", "properties": properties, "required": list(properties if required is None else required), "additionalProperties": False,
        **more,
    }  # fmt: skip


PROBLEM = record(
    {
        "type": text(),
        "title": text(),
        "status": {"type": "integer"},
        "problems": {
            "type": "array",
            "items": record(
                {"row": {"type": ["integer", "null"]}, "field": {"type": ["string", "null"]}, "zh": text(), "en": text()},
            ),
        },
    }
)


def responses(ok: dict[str, Any], *problems: int, also: dict[int, dict[str, Any]] | None = None) -> dict[int, Any]:
    """The answers of a route as its description has them: what is right, and each problem that there may be."""
    bad = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    found: dict[int, Any] = {200: {"description": "OK", "content": {"application/json": {"schema": ok}}}}
    for status, schema in (also or {}).items():
        found[status] = {"description": said(TITLES[status]), "content": {"application/json": {"schema": schema}}}
    return found | {status: {"description": said(TITLES[status]), "content": bad} for status in (401, 403, 429, 503, *problems)}
