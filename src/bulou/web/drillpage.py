"""The page of a live exercise: its hour and pace, what happened last, every desk and who sits at it. There is none outside a live exercise.

Whoever came by the trainer's link leads: pauses, makes it harder, sits down at desks. Checks nothing twice: who sits at a desk is signed in as
that post's account, and does what that account may, by the ordinary pages.
"""

from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from bulou.basis.ids import from_text
from bulou.basis.time import MINUTE, Instant, format_local
from bulou.basis.words import LISTS, Word
from bulou.exercise.actors.trainer import EVENTS, HOURS, Event
from bulou.exercise.live import LEADS, TOLD, Live, Paper, running
from bulou.kit.centre import centre
from bulou.kit.doing import link
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.kit.verb import VERBS
from bulou.register.accounts import usable
from bulou.register.roles import roles
from bulou.web.accounts import sign_in_as

if TYPE_CHECKING:
    from bulou.exercise.stage import Seat

#: In a session: the token of the live play that it leads, and the seat at which it sits.
TOKEN, SEAT = "bulou_drill", "bulou_drill_seat"
_TITLE = Word("演练进行", "The drill")
STATES = {
    "going": Word("进行中", "running"), "paused": Word("已暂停", "paused"), "leaving": Word("正在结束并导出", "ending: what it leaves is being written"),
    "ended": Word("已结束,时钟停住", "over: the clock stands"),
}  # fmt: skip
#: Simulated seconds for a real one.
SPEEDS: dict[str, float | None] = {"60": 60, "600": 600, "3600": 3600, "most": None}
AS_FAST = Word("尽快", "as fast as possible")
#: What a trainer may do to everybody, in words.
HAPPENS = {
    "positive_tube": Word("一混管被污染:初测阳性,复测阴性", "a mixed tube is contaminated: positive, and negative when it is run again"),
    "lost_box": Word("下一只样本箱丢失", "the next box of tubes is lost"),
    "power_cut": Word("一实验室停电 8 小时", "a laboratory has no power for 8 hours"),
    "scope_widened": Word("明日轮次扩大到整条街道", "tomorrow's round takes in the whole street"),
    "post_vacant": Word("一网格员岗位空缺 9 小时", "a grid officer's post is vacant for 9 hours"),
    "no_signal": Word("最忙采样员的设备断网 24 小时", "the busiest sampler's device has no signal for 24 hours"),
    "rumour": Word("谣言流传:数小时内许多无症状者涌到门诊", "word goes round: many with nothing come to the clinic within hours"),
}
#: Lines of the diary that are no verb of the platform.
_LINES = {
    "gave_up": Word("作罢", "given up"), "racks swapped": Word("两架试管放错位置", "two racks stand in each other's place"),
    "lied": Word("受访者隐瞒", "somebody keeps quiet"),
    "file columns": Word("结果文件:对列", "a file of results: its columns"), "file enter": Word("结果文件:录入", "a file of results: entered"),
    "desk taken": Word("由人接手", "desk taken by a person"), "desk given back": Word("交还", "desk given back"),
}  # fmt: skip
#: Seats that have a word of their own beside their role's.
_OWN = {"clinic": Word("发热门诊采样", "fever clinic")}
_TRAINER = Word("导调", "the trainer")
ROWS, PAPERS = 20, 100


class Desk(NamedTuple):
    """A seat as the page shows it."""

    seat: "Seat"
    word: Word
    number: str
    #: Since when a person sits there; None: its simulated staff.
    since: Instant | None
    mine: bool
    leads: bool
    papers: int


class Line(NamedTuple):
    """A line of the diary as the page shows it, or several alike that follow each other."""

    at: str
    who: Word
    number: str
    what: Word
    many: int
    fate: str


class Noted(NamedTuple):
    """A paper on somebody's table: where it may be entered (None: not by them), about what."""

    at: str
    what: Word
    href: str | None
    person: bytes | None
    tube: str | None
    result: str


def live_or_404() -> Live:
    """The live play that this site is served by."""
    live = running()
    if live is None or not settings.BULOU_EXERCISE:
        raise Http404
    return live


def leads(request: HttpRequest, live: Live) -> bool:
    """Whether this session came by the trainer's link."""
    return constant_time_compare(str(request.session.get(TOKEN, "")), live.token)


def standing_of(request: HttpRequest) -> dict[str, Any] | None:
    """For the frame of every page: how the live play stands; None where there is none."""
    live = running()
    if live is None or not settings.BULOU_EXERCISE or not hasattr(request, "session"):
        return None
    return {"word": None if live.state == "going" else STATES[live.state], "desk": request.session.get(SEAT) in live.people}


@page("exercise-start", "exercise/start/<str:token>", "演练", "Exercise", desk="shell", sample="token", part=True, open_=True)
def start(request: HttpRequest, look: Looking, token: str) -> HttpResponse:
    """The trainer's link: signs in as the one who sees every list and does nothing."""
    live = live_or_404()
    if not constant_time_compare(token, live.token):
        raise Http404
    _to_lead(request, live)
    return redirect("exercise-play")


def _to_lead(request: HttpRequest, live: Live) -> None:
    _as(request, live, LEADS)
    request.session.pop(SEAT, None)


def _as(request: HttpRequest, live: Live, seat: str) -> None:
    """Signed in as the account of a seat, and still who leads."""
    assert live.play
    user = usable(live.play.stage.seats[seat].post)
    if user is None:
        raise Http404
    sign_in_as(request, user)
    request.session[TOKEN], request.session[SEAT] = live.token, seat


@page("exercise-play", "exercise/play", "演练进行", "The drill", desk="shell")
def drill_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Hour, pace, what happened last, and the desks."""
    live = live_or_404()
    play = live.play
    assert play
    lines = Paginator(_lines(live, look), ROWS).get_page(request.GET.get("page"))
    mine = request.session.get(SEAT) if leads(request, live) else None
    seen = {
        "title": look.say(_TITLE), "state": live.state, "state_word": STATES[live.state], "day": min(int(play.minute // 1440) + 1, play.world.days),
        "days": play.world.days, "hour": format_local(centre().clock.now(), look.zone), "behind": round(live.behind), "leads": leads(request, live),
        "speed": "most" if live.speed is None else f"{live.speed:g}", "speeds": [(code, AS_FAST if n is None else None) for code, n in SPEEDS.items()],
        "as_fast": AS_FAST, "events": list(HAPPENS.items()),
        "paged": lines, "desks": _desks(live, look, mine), "mine": mine if mine in live.people else None,
        "papers": _papers(live, mine, look) if mine in live.people and look.moment.live else [],
    }  # fmt: skip
    answer = show(request, "web/drill.html", seen)
    if request.htmx and request.GET.get("state") != live.state:  # type: ignore[attr-defined]  # put there by its middleware
        answer["HX-Refresh"] = "true"  # what may be pressed is another now
    return answer


def _desks(live: Live, look: Looking, mine: str | None) -> list[Desk]:
    assert live.play
    begin = live.play.begin
    found = []
    for seat in live.play.stage.seats.values():
        since = live.people.get(seat.name)
        at = None if since is None else Instant(begin + int(since) * MINUTE)
        found.append(
            Desk(seat, *_named(seat), at, seat.name == mine and at is not None, seat.name == LEADS, len(live.papers.get(seat.name, ())))
        )
    return found


def _named(seat: "Seat") -> tuple[Word, str]:
    """A seat's word, and its number where there are several."""
    tail = seat.name.rsplit("-", 1)[-1]
    return _OWN.get(seat.name) or roles()[seat.role].word, tail if tail.isdigit() else ""


def _lines(live: Live, look: Looking) -> list[Line]:
    """The last lines of the diary, the newest first; those alike that follow each other stand as one."""
    assert live.play
    seats, begin = live.play.stage.seats, live.play.begin
    found = []
    for (actor, verb, minute, fate), some in groupby(live.play.diary.last(), key=lambda d: (d["actor"], d["verb"], int(d["at"]), _fate(d))):
        who, number = _named(seats[actor]) if actor in seats else (_TRAINER, "")
        at = format_local(Instant(begin + minute * MINUTE), look.zone)
        found.append(Line(at, who, number, _what(verb), len(list(some)), fate))
    return found


def _what(verb: str) -> Word:
    if verb in VERBS:
        return VERBS[verb].word
    if verb.startswith("list "):
        return Word("名单读不到", "a list could not be read")
    return _LINES.get(verb) or HAPPENS.get(verb) or Word(verb, verb)


def _fate(line: dict[str, Any]) -> str:
    """What became of it, as a word of one's own."""
    if line["fact"] is None:
        return (
            "shown" if line["told"] == "shown" else "refused" if line["status"] not in (None, 200, 302) else ""
        )  # 302: a page's form was taken
    if line["status"] is None:
        return "unanswered"
    if line["status"] != 200:
        return "refused"
    return "person" if line["told"] == TOLD else "again" if line["again"] else "entered"


def _papers(live: Live, seat: str | None, look: Looking) -> list[Noted]:
    """What lies on the table of whoever looks, the oldest first."""
    assert live.play
    return [_noted(p, live, look) for p in live.papers.get(seat or "", ())[:PAPERS]]


def _noted(paper: Paper, live: Live, look: Looking) -> Noted:
    assert live.play
    content = paper.body["content"]
    person = from_text(content["person"]) if "person" in content else None
    given = {k: v for k, v in content.items() if k in ("tube", "person", "result", "target", "run", "area", "capacity", "disease")}
    return Noted(
        format_local(Instant(live.play.begin + int(paper.at) * MINUTE), look.zone), VERBS[paper.verb].word,
        link(VERBS[paper.verb], look, given, "/exercise/play"), person, content.get("tube"),
        look.pick(LISTS["result"], content["result"]) if content.get("result") in LISTS["result"] else "",
    )  # fmt: skip


@page("exercise-play-do", "exercise/play/do", "主持演练", "Lead the drill", desk="shell", part=True)
def drill_do(request: HttpRequest, look: Looking) -> HttpResponse:
    """One thing that whoever leads does: nobody else finds it."""
    live = live_or_404()
    if request.method != "POST" or not leads(request, live):
        raise Http404
    act = _DOES.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    return act(request, live) or redirect("exercise-play")


def _pause(request: HttpRequest, live: Live) -> None:
    live.pause()


def _go(request: HttpRequest, live: Live) -> None:
    live.go()


def _speed(request: HttpRequest, live: Live) -> None:
    code = request.POST.get("speed", "")
    if code not in SPEEDS:
        raise Http404
    live.go(SPEEDS[code])


def _end(request: HttpRequest, live: Live) -> None:
    live.end()


def _happens(request: HttpRequest, live: Live) -> None:
    what = request.POST.get("what", "")
    if what not in EVENTS or live.over:
        raise Http404
    live.ask(lambda play: play.trainer.happens(Event(int(play.minute), what, HOURS.get(what, 0))))
    messages.success(request, _("It happens now; the diary says what exactly."))


def _take(request: HttpRequest, live: Live) -> HttpResponse | None:
    seat = _seat(request, live)
    mine = request.session.get(SEAT)
    if seat == mine and seat in live.people:
        return redirect("home")
    if not live.take(seat):
        messages.warning(request, _("A person sits at that desk already, or the drill is over."))
        return None
    if mine in live.people:
        live.give_back(mine)
    _as(request, live, seat)
    messages.success(request, _("You sit at this desk now; its simulated staff wait. Give it back on the page of the drill."))
    return redirect("home")


def _back(request: HttpRequest, live: Live) -> None:
    seat = _seat(request, live)
    live.give_back(seat)
    if request.session.get(SEAT) == seat:
        _to_lead(request, live)


def _seat(request: HttpRequest, live: Live) -> str:
    seat = request.POST.get("seat", "")
    if live.play is None or seat not in live.play.stage.seats or seat == LEADS:
        raise Http404
    return seat


_DOES = {"pause": _pause, "go": _go, "speed": _speed, "end": _end, "happens": _happens, "take": _take, "back": _back}
