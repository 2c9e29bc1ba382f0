"""A person's own page: the answer that doors give them, every change of it, and a pass; behind a link and a PIN, without an account.

Shows nobody, not even its owner's name: never why, never another person. The link works for days, can be closed by its owner and by a post,
is hashed like a password, asked for thirty times a minute at most, and kept out of indexes, caches and other sites' logs. When it was opened is
not written down. It is given by a named post that knows the person, never at a door: a number typed there would open a stranger's days.
"""

import secrets
from collections.abc import Iterable
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.ownfacts import PageClosed
from bulou.basis.time import DAY, HOUR, MINUTE, Instant
from bulou.basis.words import LISTS, Word
from bulou.desks.people.gate import answered
from bulou.desks.people.objections import PENDING, decided, object_
from bulou.duties.enter import Receipt, writing
from bulou.evidence.models import Zone
from bulou.evidence.reader import Reader
from bulou.evidence.timeline import entered_facts, standing_facts
from bulou.gaps.passing import Bar, Change, Door, asking, bars, changes, judged
from bulou.identity.documents import fold
from bulou.kit.answering import may_see, subject
from bulou.kit.centre import centre
from bulou.kit.confirming import Asking, Confirmed, Meant, More, confirmed
from bulou.kit.doing import back, given_of, link
from bulou.kit.doorpasses import good_until, sign
from bulou.kit.form import dress, reasons
from bulou.kit.looking import Looking, moment_now
from bulou.kit.page import id_or_404, page, show
from bulou.kit.qr import picture
from bulou.kit.signing import EVERY
from bulou.kit.verb import Acting, Problem, Refused, Verb, do, verb
from bulou.protocol.relations import order, segments
from bulou.register import ownpages, passes
from bulou.register.models import OwnPage, Person
from bulou.register.scope import standing

#: In the session of whoever told the PIN: which pages, and until when they stay open in this browser.
OPEN, STAYS_OPEN = "own", 2 * HOUR
#: How far back changes are told, how many, and how many gates of zones: whoever stands under more asks by telephone.
BACK, MOST_CHANGES, MOST_ZONES = 30 * DAY, 40, 12
#: Passes that one person may have at a time.
MOST_PASSES = 20
#: Days for which a page may be given.
DAYS = (3, 7, 14, 30)
_TITLE = Word("我的通行答复", "What doors answer you")
_GATE = Word("走出居住地的卡口", "Leaving where you stay, at its gate")
_ELSEWHERE = Word("别处的门", "Doors elsewhere")
_ZONE_GATE = Word("进入", "Entering")


# --- by a post --------------------------------------------------------------------------------------------------------
def _not_for_ever(acting: Acting, body: Any) -> Iterable[Problem]:
    if not acting.now < body.until <= acting.now + ownpages.LONGEST:
        yield Problem("until", "有效期为1分钟至30天", "a page is good for a minute to 30 days")
    if not acting.book.facts.by("person.enrolled", "person", body.person):
        yield Problem("person", "此人不在名册:请先登记", "is not on the register: enrol them first")


def _is_given(acting: Acting, body: Any) -> Iterable[Problem]:
    facts = acting.book.facts
    found = [f for f in facts.by("page.given", "person", body.person) if f.id == body.page]
    if not found:
        yield Problem("page", "没有这个页面", "there is no such page")
    elif any(f.body.page == body.page for f in facts.by("page.closed", "person", body.person)):
        yield Problem("page", "此页面已收回", "this page is closed already")


def _shut(fact: Fact) -> None:
    """The link leads nowhere, and what was signed from it is withdrawn."""
    ownpages.close(fact.body.page)
    ownpages.withdraw_passes([fact.body.person], fact.at)


GIVE_PAGE = verb(Verb(
    "give_page", Word("发放本人页面", "give a person their own page"), "people", "page.given", "person", (), (_not_for_ever,), timed=False,
    page="own-give",
    warning=Word("只交给本人:先看证件,口令当面说,不写在链接旁。", "For the person alone: see their document, say the PIN aloud, never write it beside the link."),
))  # fmt: skip
CLOSE_PAGE = verb(Verb(
    "close_page", Word("收回本人页面", "close a person's own page"), "people", "page.closed", "person", (), (_is_given,), timed=False, after=_shut,
    warning=Word("链接随即失效,已签发的凭证一并收回。", "The link leads nowhere from now on, and passes signed from it are withdrawn."),
))  # fmt: skip


def pages_of(people: list[bytes], look: Looking, after: str) -> list[dict[str, Any]]:
    """The pages of a person that can be opened now, for posts that may close them."""
    if not look.viewer.may(CLOSE_PAGE.name):
        return []
    return [
        {"until": row.until, "close": link(CLOSE_PAGE, look, {"person": bytes(row.person), "page": bytes(row.page)}, after)}
        for row in ownpages.open_pages(people, Instant(look.about))
    ]


class _Giving(forms.Form):
    """For how long."""

    def __init__(self, data: Any) -> None:
        super().__init__(data, initial={"days": ownpages.USUAL // DAY})
        choices = [(n, _("%(n)s days") % {"n": n}) for n in DAYS]
        self.fields["days"] = forms.TypedChoiceField(label=_("Good for"), choices=choices, coerce=int)
        dress(self)


def _secrets(request: HttpRequest, page: bytes, person: bytes, until: Instant) -> tuple[str, str]:
    """The link and the PIN of a page that was given: told once, kept as hashes."""
    one, pin = passes.new_link(), passes.new_pin()
    ownpages.give(page, person, one, pin, until)
    return request.build_absolute_uri(reverse("own", kwargs={"token": one})), pin


@page("own-give", "people/own-page", "发放本人页面", "Give a person their own page", desk="people", sample="own-give", verb="give_page")
def own_give(request: HttpRequest, look: Looking) -> HttpResponse:
    """Gives someone of the viewer's areas their own page: link and PIN are shown once, here."""
    given = given_of(request, GIVE_PAGE)
    of = subject(look, "person", to_text(given["person"])) if "person" in given else None
    if of is None or not may_see(look, of):
        raise Http404
    assert isinstance(of.id, bytes)
    form = _Giving(request.POST if request.method == "POST" else None)
    problems: list[str] = []
    here = reverse("person", kwargs={"person": to_text(of.id)})
    context: dict[str, Any] = {
        "title": look.say(GIVE_PAGE.word),
        "verb": GIVE_PAGE,
        "form": form,
        "name": look.name(of.id),
        "person": of.id,
    }
    if request.method == "POST" and form.is_valid():
        id_, until = id_or_404(request.POST.get("fact_id", "")), Instant(look.about + form.cleaned_data["days"] * DAY)
        try:
            receipt = do(GIVE_PAGE, look, {"person": of.id, "until": until}, id_=id_)
        except Refused as refused:
            problems = reasons(refused.problems, look)
        else:
            if not receipt.new:  # the same form sent twice: what was shown is shown once
                return redirect(back(request, here))
            url, pin = _secrets(request, id_, of.id, until)
            shown = {**context, "url": url, "pin": f"{pin[:3]} {pin[3:]}", "qr": picture(url), "until": until, "next": back(request, here)}
            return private(show(request, "people/own_given.html", shown))
    more = {
        "problems": problems,
        "next": back(request, here),
        "fact_id": request.POST.get("fact_id") or to_text(new_id(Instant(look.about))),
    }
    return private(show(request, "people/own_give.html", {**context, **more}, status=422 if request.method == "POST" else 200))


# --- by a program -----------------------------------------------------------------------------------------------------
def _gives(asking: Asking) -> Meant:
    """A page for somebody whom the viewer may see, for as many days as a form offers."""
    look, said = asking.look, asking.said
    of = subject(look, "person", to_text(said["person"]))
    if of is None or not may_see(look, of):
        raise Http404
    if said["days"] not in DAYS:
        some = ", ".join(map(str, DAYS))
        raise Refused([Problem("days", f"应为其中之一:{some}", f"should be one of {some}")])
    assert isinstance(of.id, bytes)
    return Meant(GIVE_PAGE, {"person": of.id, "until": Instant(look.about + said["days"] * DAY)}, (look.name(of.id),))


def _given(asking: Asking, meant: Meant, receipt: Receipt) -> dict[str, str]:
    url, pin = _secrets(asking.request, asking.id, meant.values["person"], meant.values["until"])
    return {"link": url, "pin": pin}


def _closes(asking: Asking) -> Meant:
    return Meant(CLOSE_PAGE, asking.said, (asking.look.name(asking.said["person"]),))


confirmed(Confirmed(
    "give_page", ("person",), _gives, {"days": More(Word("有效天数", "days for which it is good"), "int")}, carry=_given,
    gives={"link": Word("本人页面的链接", "the link of the page"), "pin": Word("口头告知的 PIN", "the PIN that is said aloud")},
))  # fmt: skip
confirmed(Confirmed("close_page", ("person", "page"), _closes))


def private(response: HttpResponse) -> HttpResponse:
    """In no cache, no index, and in the log of no other site. Within this site the address is sent along, or no form could be checked."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "same-origin"
    return response


# --- by the person ----------------------------------------------------------------------------------------------------
class _Pin(forms.Form):
    """What the post said aloud."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["pin"] = forms.CharField(
            label=_("PIN"), max_length=12, help_text=_("Six digits, said to you when you were given the link."),
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        )  # fmt: skip
        dress(self)


@page("own", "own/<str:token>", "我的通行答复", "What doors answer you", desk="shell", sample="token", part=True, open_=True)
def own(request: HttpRequest, look: Looking, token: str) -> HttpResponse:
    """The page behind a link. Its first screen asks for the PIN and says nothing of anyone."""
    now = centre().clock.now()
    look = look.at(moment_now(now))
    request.looking = look  # type: ignore[attr-defined]  # never a past hour, whatever this browser remembers
    found = ownpages.of_link(token, now)
    context: dict[str, Any] = {"title": look.say(_TITLE), "plain": True}
    if found is None:
        return private(show(request, "people/own_over.html", context))
    wait = ownpages.asked(found, now)
    if wait is not None:
        response = private(show(request, "people/own_over.html", {**context, "wait": wait}, status=429))
        response["Retry-After"] = str(wait)
        return response
    opened = request.session.get(OPEN, {})
    if opened.get(bytes(found.page).hex(), 0) <= now:
        return private(_ask_pin(request, found, now, context))
    doing = request.POST.get("do") if request.method == "POST" else None
    if doing == "leave":
        request.session[OPEN] = {k: v for k, v in opened.items() if k != bytes(found.page).hex()}
        return private(redirect("own", token=token))
    if doing == "close":
        _close(found)
        return private(show(request, "people/own_over.html", {**context, "closed": True}))
    return private(_page(request, look, found, doing, context))


def _ask_pin(request: HttpRequest, found: OwnPage, now: Instant, context: dict[str, Any]) -> HttpResponse:
    form = _Pin(request.POST if request.method == "POST" and "pin" in request.POST else None)
    locked, wrong = found.tries >= passes.MOST_TRIES, False
    if form.is_bound and form.is_valid() and not locked:
        if ownpages.admits(found, "".join(form.cleaned_data["pin"].split())):
            opened = {k: v for k, v in request.session.get(OPEN, {}).items() if v > now}
            request.session[OPEN] = {**opened, bytes(found.page).hex(): now + STAYS_OPEN}
            return redirect(request.path)
        wrong, locked = True, found.tries + 1 >= passes.MOST_TRIES
    status = 422 if form.is_bound else 200
    return show(request, "people/own_pin.html", {**context, "form": form, "locked": locked, "wrong": wrong and not locked}, status=status)


def _close(found: OwnPage) -> None:
    """Its owner closes it: a fact like every other, by nobody's post."""
    one = centre()
    with writing(f"own page {bytes(found.page).hex()[-8:]}", "own", one.clock, one.protocol) as book:
        now = book.now()
        book.add(Fact(new_id(now), "page.closed", now, None, PageClosed(bytes(found.person), bytes(found.page))))
        ownpages.close(bytes(found.page))
        ownpages.withdraw_passes([bytes(found.person)], now)


# --- what doors answer ------------------------------------------------------------------------------------------------
class Way(NamedTuple):
    """A kind of door that concerns someone: what it is called, and the door at which it is asked."""

    title: str
    door: Door


def ways(look: Looking, facts: Reader, person: bytes) -> list[Way]:
    """The doors that concern a person: out of where they stay, elsewhere, each kind of place that asks for something, each zone's gate."""
    at, root = Instant(look.about), look.areas.root or ""
    home = next((h.area for h in segments(facts, "person", person) if h.span.holds(at)), None)
    found = [Way(f"{look.say(_GATE)} · {look.area(home)}", Door(home, "gate"))] if home else []
    if root and root != home:
        found.append(Way(f"{look.say(_ELSEWHERE)} · {look.areas.name(root, look.language)}", Door(root, "gate")))
    found += [Way(look.pick(LISTS["place"], what), Door(home or root, what)) for what in asking(facts, look.protocol, home or root, at)]
    drawn = standing(Zone, look.seq).filter(drawn_at__lte=at, lifted_at__gt=at).order_by("-drawn_at", "zone")[:MOST_ZONES]
    areas: dict[bytes, str] = {}
    for zone, area in entered_facts("zone.extended", look.seq, at).order_by("at", "id").values_list("zone", "area"):
        areas.setdefault(bytes(zone), area)
    for row in drawn:
        if bytes(row.zone) in areas:
            name = row.name_en if look.language == "en" else row.name
            found.append(Way(f"{look.say(_ZONE_GATE)} · {name}", Door(areas[bytes(row.zone)], "gate")))
    return found


def _page(request: HttpRequest, look: Looking, found: OwnPage, doing: str | None, context: dict[str, Any]) -> HttpResponse:
    person, facts, at = bytes(found.person), look.facts(), Instant(look.about)
    told: list[dict[str, Any]] = []
    objectionable: dict[str, Bar] = {}
    for way in ways(look, facts, person):
        kept = bars(facts, look.protocol, person, way.door, at)
        before = changes(facts, look.protocol, person, way.door, Instant(at - BACK), at)
        told.append(
            {
                "title": way.title,
                **answered(look, judged(kept), way.door),
                "changes": [_change(look, c) for c in reversed(before[1:])][:MOST_CHANGES],
                "things": {to_text(b.thing): look.say(b.rule.says) for b in kept if b.thing},
            }
        )
        objectionable |= {to_text(b.thing): b for b in kept if b.thing}
    if doing == "object" and request.POST.get("thing") in objectionable:
        _object(request, look, person, objectionable[request.POST["thing"]])
        facts = look.at(moment_now(centre().clock.now())).facts()
    objections = _objections(look, facts, person)
    asked = {o["thing"] for o in objections if o["open"]}
    for one in told:
        one["asks"] = [(thing, says) for thing, says in one["things"].items() if thing not in asked]
    area = _area_of_a_pass(look, facts, person)
    signed = _sign(person, area, look) if doing == "pass" and area else None
    if doing == "pass" and signed is None:
        messages.error(request, _("No pass could be signed now: the answer has changed, or you have too many passes."))
    context |= {
        "ways": told, "until": found.until, "since": at - BACK, "pass_area": look.area(area) if area else "", "signed": signed,
        "objections": objections, "fact_id": to_text(new_id(at)),
    }  # fmt: skip
    return show(request, "people/own.html", context)


def _object(request: HttpRequest, look: Looking, person: bytes, bar: Bar) -> None:
    """Raises what was typed, or says why not. Sent twice is once: the id was made with the form."""
    words = request.POST.get("words", "").strip()[:2000]
    problems = object_(person, bar, bar.rule.when == "order", words, id_or_404(request.POST.get("fact_id", "")))
    if problems:
        for problem in problems:
            messages.error(request, problem.en if look.language == "en" else problem.zh)
    else:
        messages.success(request, _("Received. Another unit than the one that decided answers it; the answer will stand here."))


def _objections(look: Looking, facts: Reader, person: bytes) -> list[dict[str, Any]]:
    """What they objected to and what was answered, the latest first; in nobody's name."""
    found = []
    for one in sorted(facts.by("objection.raised", "person", person), key=order, reverse=True):
        answer = decided(facts, one.body.objection)
        thing = one.body.order or one.body.zone
        found.append({
            "at": one.at, "words": one.body.words or "", "open": answer is None, "thing": to_text(thing) if thing else "",
            "outcome": look.pick(LISTS["objection"], answer.body.outcome) if answer else look.say(PENDING), "reason": answer.body.reason if answer else "",
            "answered": answer.at if answer else None, "zone": one.body.zone is not None,
        })  # fmt: skip
    return found


def _change(look: Looking, change: Change) -> dict[str, Any]:
    bar = change.found.bar
    return {
        "at": change.at,
        "passes": change.found.passes,
        "says": look.say(bar.rule.says) if bar else "",
        "until": bar.until if bar else None,
    }


def _area_of_a_pass(look: Looking, facts: Reader, person: bytes) -> str | None:
    """The widest area around where someone stays in which every door answers yes: what a pass can be signed for."""
    at = Instant(look.about)
    home = next((h.area for h in segments(facts, "person", person) if h.span.holds(at)), None) or look.areas.root
    upward = look.areas.upward(home) if home else []
    within = upward[: upward.index(look.areas.root) + 1] if look.areas.root in upward else upward
    return next((a for a in reversed(within) if good_until(person, a, EVERY, look.moment, facts) is not None), None)


def _sign(person: bytes, area: str, look: Looking) -> dict[str, Any] | None:
    """A pass, with what its owner is asked at the door: the end of their document, else four digits that are told here and nowhere kept."""
    if ownpages.live_passes(Instant(look.about)).filter(person=person).count() >= MOST_PASSES:
        return None
    document = _document(person, look)
    digits = "" if document else f"{secrets.randbelow(10_000):04d}"
    made = sign(person, area, EVERY, document[-4:] if document else digits)
    if made is None:
        return None
    return {
        "text": made.text,
        "qr": picture(made.text, 4),
        "until": made.told.ends // MINUTE * MINUTE,
        "digits": digits,
        "number": made.told.number,
    }


def _document(person: bytes, look: Looking) -> str:
    """The number of a document on record, folded; nothing of it is shown."""
    ids = [bytes(p) for p in standing(Person, look.seq).filter(canonical=person).values_list("person", flat=True)] or [person]
    own = (
        standing(Person, look.seq)
        .filter(person__in=ids)
        .exclude(document=None)
        .order_by("since")
        .values_list("document", flat=True)
        .first()
    )
    later = (
        standing_facts("document.recorded", look.seq, look.about)
        .filter(person__in=ids)
        .order_by("at", "id")
        .values_list("document", flat=True)
    )
    number = fold(own or later.first() or "")
    return number if len(number) >= 4 else ""
