"""Pages of the call desk: who is to be phoned, dealing the numbers, and one call with its script. A number is shown to whoever has begun the call.

The list shows every number masked: it is dialled from the call's own page, after it is entered that the call is begun, so that nobody
phones somebody whom a colleague has on the line. Nothing here says to whoever picks up why they are called: the script comes first.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.masks import masked
from bulou.basis.time import Instant
from bulou.basis.words import FIELD, LISTS, Word
from bulou.desks.tracing.callcount import Desk as Counting
from bulou.desks.tracing.callcount import Rest, beside, counted, held, waiting
from bulou.desks.tracing.calldesk import Caller, Group, Line, Part, behind, built, callers, floor, on_it_now, worst
from bulou.desks.tracing.callverbs import ASSIGN, BEGIN, CALL, begin_seeing, key_asked, key_dealt, key_on
from bulou.desks.tracing.toldverbs import TELL_DETAIL
from bulou.gaps.calls import TO_DOOR, Dealt, Number, deal
from bulou.kit.doing import link
from bulou.kit.form import dress, reasons
from bulou.kit.incidents import Named, current
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import family
from bulou.kit.verb import VERBS, Act, Problem, Refused, do_all

#: Numbers on a page; folded pools that are shown, the latest first; names of the missing that a pool's card says.
PER_PAGE, MOST_FOLDED, MOST_NAMES = 50, 20, 6
#: Facts of one entry when numbers are dealt: a phone beside it must not wait.
CHUNK = 100
#: How many numbers "the next one" tries before it says that others were quicker; in how many pages of the database it looks for them.
TRIES, LOOKED = 5, 5
#: Numbers that are dealt at once, the most urgent first: the rest is dealt by the next press.
AT_ONCE = 20_000
STATE_WORDS = {
    "open": Word("未拨打", "not called"), "again": Word("再次拨打", "call again"), "door": Word("电话未联系上:上门", "not reached by phone: to the door"),
    "wrong": Word("无可用号码:上门", "no number left: to the door"), "refused": Word("拒绝配合:再访", "refused: to be visited"),
    "found": Word("已由他人找到并询问", "found and asked without a call"), "reached": Word("已接通", "reached"),
}  # fmt: skip
BADGES = {
    "open": "due",
    "again": "pending",
    "door": "overdue",
    "wrong": "overdue",
    "refused": "blocked",
    "found": "done",
    "reached": "done",
}
_SHOWN = {
    "": Word("待拨打", "to be phoned"), "mine": Word("我的", "mine"), "nobody": Word("未分派", "nobody's"), "again": Word("该再拨", "call again now"),
    "door": Word("转上门", "to the door"), "all": Word("全部", "all"),
}  # fmt: skip
_POOLS = {
    "open": Word("混管未查明", "pool open"),
    "unresolved": Word("混管存疑", "pool unresolved"),
    "resolved": Word("已查明", "resolved"),
}
_OTHERS = Word("病例与接触者", "Cases and contacts")
#: What a fact says of asking: the field, and its closed list.
_SAYS = {"call.made": ("outcome", "call"), "person.located": ("outcome", "located"), "interview.held": ("about", "interview")}
#: What a call met when nobody of the number was spoken to: the same for everyone, one press.
_NOBODY = ("no_answer", "wrong_number", "refused")


def _me(look: Looking) -> bytes | None:
    user = look.viewer.user
    return bytes(user.holder) if user is not None and user.holder else None


# --- the desk -----------------------------------------------------------------------------------------------------------
@page("calls", "tracing/calls", "电话流调", "Call desk", desk="tracing", nav=0, icon="phone", shortcut="g c")
def calls_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Everyone to be phoned, by number: the caller's own first, then nobody's; how far each pool is; what is resolved is folded."""
    incident = current(request, look)
    if request.method == "POST":
        return _take_next(request, look, incident)
    me, wanted = _me(look), request.GET.get("show", "")
    wanted = wanted if wanted in _SHOWN else ""
    # Whoever looks is at work, whatever the roster says of this hour.
    at_work = {c.holder for c in callers(look)} | ({me} if me is not None else set())
    found = floor(look, incident, me, at_work) if incident else None
    number = _page_of(request)
    told = counted(found.counting, look, wanted, number, PER_PAGE, MOST_NAMES) if found else None
    groups = built(look, incident, found, told.page) if found and told and incident else []
    many = told.counts if told else dict.fromkeys(_SHOWN, 0)
    paged = Paginator(range(many[wanted]), PER_PAGE).get_page(told.number if told else 1)
    parts = found.parts if found else []
    folded = [p for p in parts if p.folded]
    folded = sorted(folded, key=lambda p: -(p.pool.opened_at if p.pool else 0))[:MOST_FOLDED]
    going = [p for p in parts if not p.folded]
    lines = [line for part in (*folded, *going) for line in part.lines]
    look.learn_names([*_people(groups), *_askers(lines), *(line.person for line in lines), *(told.rest.missing if told else ())])
    cards = [_card(p, look) for p in going] + ([_rest(told.rest, look)] if told and told.rest.people else [])
    context = {
        "title": look.say(Word("电话流调", "Call desk")), "incident_now": incident,
        "parts": cards, "folded": [_card(p, look) for p in folded], "rows": [_row(g, look, me, at_work) for g in groups],
        "paged": paged, "shown": wanted, "filters": [(code, look.say(word), many[code]) for code, word in _SHOWN.items()],
        "deal": reverse("calls-deal") if look.viewer.may(ASSIGN.name) and look.moment.live else None,
        "next": look.viewer.may(BEGIN.name) and look.moment.live and me is not None, "fact_id": to_text(new_id(look.about)),
    }  # fmt: skip
    return show(request, "tracing/calls.html", context)


def _people(groups: Sequence[Group]) -> list[bytes]:
    lines = [line for g in groups for line in g.lines]
    calling = (p for line in lines for p in (line.stand.caller, line.stand.on_it[0] if line.stand.on_it else None))
    return [*(line.person for line in lines), *(p for p in calling if p is not None), *_askers(lines)]


def _askers(lines: Iterable[Line]) -> list[bytes]:
    """By whom people were asked: whom the lines about them name."""
    asked = (fact for line in lines for fact in (*line.asked, line.lately) if fact is not None)
    return [caller for fact in asked if (caller := getattr(fact.body, "caller", None)) is not None]


def _page_of(request: HttpRequest) -> int:
    """The page that is asked for; no number is the first, and one that is not there the last."""
    text = request.GET.get("page") or "1"
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 12 else 1


def _rest(rest: Rest, look: Looking) -> dict[str, Any]:
    """Those who are on the desk for another reason than a pool, as a card."""
    return {
        "tube": "", "name": look.say(_OTHERS), "word": "", "code": "pending", "opened": None, "reached": rest.reached, "people": rest.people,
        "door": rest.door, "next": rest.next_at, "missing": [(p, look.name(p)) for p in rest.missing],
        "more": max(0, rest.people - rest.reached - len(rest.missing)), "lines": [],
    }  # fmt: skip


def _card(part: Part, look: Looking) -> dict[str, Any]:
    """A pool, or the cases and contacts, with its progress and the names of those who are missing."""
    missing = part.missing
    return {
        "tube": part.tube, "name": part.tube or look.say(_OTHERS), "word": look.say(_POOLS[part.word]) if part.tube else "",
        "code": {"resolved": "done", "unresolved": "unresolved"}.get(part.word, "pending"), "opened": part.pool.opened_at if part.pool else None,
        "reached": part.reached, "people": len(part.lines), "door": part.door, "next": part.next_at,
        "missing": [(line.person, look.name(line.person)) for line in missing[:MOST_NAMES]], "more": max(0, len(missing) - MOST_NAMES),
        "lines": [_said(line, look) for line in part.lines] if part.folded else [],
    }  # fmt: skip


def _said(line: Line, look: Looking) -> dict[str, Any]:
    """A person with how they stand."""
    state, last = line.stand.state, line.stand.last
    word = look.say(STATE_WORDS[state])
    if state == "reached" and last is not None:
        word = look.pick(LISTS["call"], last.body.outcome)
    return {
        "person": line.person, "name": look.name(line.person), "area": line.area, "child": line.child, "tubes": line.tubes, "state": state,
        "word": word, "code": BADGES[state], "tries": line.stand.tries, "at": last.at if last else None, "owed": line.owed, "folded": line.folded,
        "locate": link(VERBS["locate"], look, {"person": line.person}, reverse("calls")) if state in TO_DOOR else None,
        "last": _asked(next((f for f in line.asked if f.kind != "person.located"), line.asked[0]), look) if line.asked else "",
    }  # fmt: skip


def _asked(fact: Fact, look: Looking) -> str:
    """ "already asked at 05:20 by X: reached": which fact, when, by whom."""
    chair = look.posts.chair(fact.body.post, look.about) if fact.body.post else None
    caller = getattr(fact.body, "caller", None)
    who = look.name(caller) if caller else (chair.name_en if look.language == "en" else chair.name) if chair else ""
    field, words = _SAYS[fact.kind]
    said = {"at": look.time(fact.at), "who": who or "—", "what": look.pick(LISTS[words], getattr(fact.body, field))}
    if fact.kind == "person.located":
        return _("located at %(at)s by %(who)s: %(what)s") % said
    return _("already asked at %(at)s by %(who)s: %(what)s") % said


def _row(group: Group, look: Looking, me: bytes | None, at_work: set[bytes]) -> dict[str, Any]:
    """A number as the list shows it: masked, whose it is, its people, whose call it is, who is on it, when to call again."""
    number, caller, on, again = group.number, group.caller, group.on_it, group.again_at
    state = worst(group)
    may = look.viewer.may(BEGIN.name) and look.moment.live and me is not None and group.waits
    return {
        "phone": masked("phone", number.phone) if number else "", "whose": _whose(number, group, look), "people": [_said(line, look) for line in group.lines],
        "caller": look.name(caller) if caller else "", "mine": caller is not None and caller == me, "left": caller is not None and caller not in at_work,
        "on": {"name": look.name(on[0]), "at": on[1], "me": on[0] == me} if on else None, "again": again, "late": again is not None and again <= look.about,
        "state": state, "code": BADGES[state], "waits": group.waits,
        "open": f"{reverse('call')}?{urlencode({'person': to_text(group.lines[0].person)})}" if may else None,
    }  # fmt: skip


def _whose(number: Number | None, group: Group, look: Looking) -> str:
    """Whose the number is, where it is none of those who are called by it."""
    if number is None or number.whose == "own":
        return ""
    return look.pick(LISTS["whose"], number.whose) if any(number.of != line.person for line in group.lines) else ""


def _take_next(request: HttpRequest, look: Looking, incident: Named | None) -> HttpResponse:
    """The next number that is nobody's, begun by whoever asks; who comes second gets the one after it."""
    me = _me(look)
    if incident is None or me is None or not look.viewer.may(BEGIN.name) or not look.moment.live:
        raise Http404
    at_work = {me, *(c.holder for c in callers(look))}
    for group in _free(look, incident, me, at_work):
        left = {key_dealt(line.stand.caller) for line in group.lines if line.stand.caller is not None and line.stand.caller not in at_work}
        try:
            _begin(look, incident, group, me, request.POST.get("fact_id", ""), left)
        except Refused:
            continue
        return redirect(f"{reverse('call')}?{urlencode({'person': to_text(group.lines[0].person)})}")
    messages.info(request, _("No number is free for you now: look at the list for those to be called again."))
    return redirect("calls")


def _free(look: Looking, incident: Named, me: bytes, at_work: set[bytes]) -> list[Group]:
    """The first numbers that a caller may be given: their own, then nobody's. So many are looked at as ``LOOKED`` says."""
    found: list[Group] = []
    on = floor(look, incident, me, at_work)
    for number in range(1, LOOKED + 1):
        page = counted(on.counting, look, "next", number, 4 * PER_PAGE, 0).page
        found += [g for g in built(look, incident, on, page) if _next(g, me, look.about, at_work)]
        if len(found) >= TRIES or len(page) < 4 * PER_PAGE:
            break
    return found[:TRIES]


def _next(group: Group, me: bytes, now: Instant, at_work: set[bytes]) -> bool:
    """Whether a number may be anybody's next one without a word: it is to be phoned now, is no other's who is at work, nobody is on it,
    and nobody of it was asked a short while ago. Of any other the call's own page says what stands against it."""
    lines = _to_phone(group)
    others = (line.stand.caller for line in lines if line.stand.caller not in (None, me))
    return (
        group.waits and not group.on_it and (group.again_at is None or group.again_at <= now)
        and not any(line.lately for line in lines) and not any(caller in at_work for caller in others)
    )  # fmt: skip


def _to_phone(group: Group) -> list[Line]:
    """Of a number's people those who are still to be phoned; all of them where none is."""
    return [line for line in group.lines if line.waits] or group.lines


def _begin(look: Looking, incident: Named, group: Group, me: bytes, fact_id: str, seen: Collection[str] = ()) -> None:
    """Enters that this caller is on the phone with everyone of a number from now on. ``seen``: the reasons against it that they were shown."""
    verb = begin_seeing(seen) if seen else BEGIN
    base = id_or_404(fact_id).hex()
    acts = [
        Act(verb, {"person": line.person, "caller": me, "begun": True}, named_id("call begun", base, line.person.hex()), incident.id)
        for line in _to_phone(group)
    ]
    do_all(look, acts)


# --- dealing ------------------------------------------------------------------------------------------------------------
@page("calls-deal", "tracing/calls/deal", "分派电话", "Deal the calls", desk="tracing", verb="assign_call")
def deal_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """The open numbers among those at work: evenly, each number as one, nobody's call taken away without need."""
    incident = current(request, look)
    at_work = callers(look)
    counting, reach = floor(look, incident, None, ()).counting if incident else None, _reach(look)
    problems: list[str] = []
    if request.method == "POST":
        chosen = [c for c in at_work if to_text(c.holder) in request.POST.getlist("caller")]
        fact_id = id_or_404(request.POST.get("fact_id", ""))
        if incident is None or counting is None or not chosen:
            problems.append(_("Choose at least one caller."))
        else:
            try:
                changed = _deal(look, incident, counting, chosen, fact_id)
            except _Partly as partly:
                said = ngettext("%(n)d person was dealt anew.", "%(n)d people were dealt anew.", partly.entered) % {"n": partly.entered}
                messages.warning(request, " ".join([said, _("The rest was not:"), *reasons(partly.problems, look)]))
                return redirect("calls-deal")
            except Refused as refused:
                problems = reasons(refused.problems, look)
            else:
                messages.success(
                    request, ngettext("%(n)d number was dealt anew.", "%(n)d numbers were dealt anew.", changed) % {"n": changed}
                )
                return redirect("calls")
    look.learn_names(c.holder for c in at_work)
    whose, people = held(counting, look, reach) if counting else ({}, 0)
    mine = {c.holder: whose.get(c.holder, 0) for c in at_work}
    numbers = sum(whose.values())
    shown = [
        {"holder": to_text(c.holder), "name": look.name(c.holder), "where": c.where, "area": c.area, "n": mine[c.holder]} for c in at_work
    ]
    context = {
        "title": look.say(ASSIGN.word).capitalize(), "callers": shown,
        "numbers": numbers, "people": people, "loose": numbers - sum(mine.values()), "problems": problems,
        "fact_id": to_text(new_id(look.about)), "incident_now": incident,
    }  # fmt: skip
    return show(request, "tracing/calls_deal.html", context, status=422 if problems else 200)


def _deal(look: Looking, incident: Named, counting: Counting, chosen: list[Caller], fact_id: bytes) -> int:
    """Deals numbers and enters what changed; how many numbers did."""
    areas = {c.holder: c.area for c in chosen}
    numbers = {w.key: w for w in waiting(counting, look, _reach(look), AT_ONCE)}
    around: dict[str | None, Collection[str]] = {}

    def able(caller: bytes, key: str) -> bool:
        for _person, area in numbers[key].people:
            if area and areas[caller] not in (around.get(area) or around.setdefault(area, look.areas.around(area, look.about))):
                return False
        return True

    on = on_it_now(look, incident)
    items = [Dealt(w.key, w.caller, any(on.get(p) == w.caller for p, _area in w.people if w.caller is not None)) for w in numbers.values()]
    dealt = deal(items, list(areas), able)
    changed = [(w, dealt[w.key]) for w in numbers.values() if w.key in dealt and dealt[w.key] != w.caller]
    acts = [
        Act(ASSIGN, {"person": person, "caller": caller}, named_id("call dealt", fact_id.hex(), person.hex()), incident.id)
        for w, caller in changed
        for person, _area in w.people
    ]
    for i in range(0, len(acts), CHUNK):
        try:
            do_all(look, acts[i : i + CHUNK])
        except Refused as refused:
            if i:
                raise _Partly(refused.problems, i) from refused
            raise
    return len(changed)


class _Partly(Refused):
    """A part of a deal was refused after ``entered`` people were dealt: nobody is told that nothing was."""

    def __init__(self, problems: list[Problem], entered: int) -> None:
        super().__init__(problems)
        self.entered = entered


def _reach(look: Looking) -> Collection[str] | None:
    """Where the viewer deals calls: of two posts one may see an area and deal nothing in it. None: everywhere."""
    chairs = [c for c in look.viewer.chairs if ASSIGN.name in c.role.verbs]
    return None if any(c.reach is None for c in chairs) else frozenset().union(*(c.reach or frozenset() for c in chairs))


# --- one call -----------------------------------------------------------------------------------------------------------
class _CallForm(forms.Form):
    """What a call met: by which number, and for each of its people who was spoken to, where they are, what was asked."""

    number = forms.ChoiceField()
    other = forms.CharField(max_length=40, required=False)

    def __init__(self, look: Looking, group: Group, numbers: dict[str, tuple[Number, str]], data: Any = None) -> None:
        super().__init__(data)
        self.group, self.lines = group, _to_phone(group)
        self.fields["number"].label = _("Number dialled")
        other = ("other", look.pick(LISTS["whose"], "other"))
        self.fields["number"].choices = [*((key, text) for key, (_n, text) in numbers.items()), other]  # type: ignore[attr-defined]
        self.fields["number"].initial = key_of(group.number.phone) if group.number else "other"
        self.fields["other"].label = _("Another number")
        for line in self.lines:
            key, name = line.person.hex(), look.name(line.person)
            alone = len(self.lines) == 1
            of = "" if alone else f" · {name}"
            met = [(c, look.pick(LISTS["call"], c)) for c in ("reached", "elsewhere", "no_answer", "refused")]
            where = [(c, look.pick(LISTS["located"], c)) for c in ("staying", "on_the_way")]
            self.fields[f"said-{key}"] = forms.ChoiceField(label=_("Spoken to") + of, choices=met)
            self.fields[f"where-{key}"] = forms.ChoiceField(label=_("Where now") + of, choices=where)
            self.fields[f"words-{key}"] = forms.CharField(label=_("In their words, to the door") + of, max_length=200, required=False)
            self.fields[f"note-{key}"] = forms.CharField(
                label=look.say(FIELD["note"]) + of, max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
            )
            self.fields[f"days-{key}"] = forms.CharField(
                label=_("The last days, in their words") + of, max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
            )
            self.fields[f"asked-{key}"] = forms.BooleanField(label=_("Asked about the last days") + of, required=False, initial=True)
            if line.tells:
                self.fields[f"told-{key}"] = forms.BooleanField(
                    label=_("Told of the order: officer, reason, end, phone") + of, required=False
                )
        for name, field in self.fields.items():
            if name not in ("number",):
                field.widget.attrs["autocomplete"] = "off"
        dress(self)

    def parts(self) -> list[tuple[Line, list[forms.BoundField]]]:
        """The fields of each person."""
        return [(line, [self[n] for n in self.fields if n.endswith(line.person.hex())]) for line in self.lines]


class _Given(NamedTuple):
    """What the call's form says, apart from its people: whose number, and which."""

    whose: str
    phone: str | None


@page("call", "tracing/call", "拨打电话", "A call", desk="tracing", verb="make_call", sample="call")
def call_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """One number with everyone reached by it: who is on it, what was asked already, the number once begun, the script, and what it met."""
    incident, me = current(request, look), _me(look)
    text = request.GET.get("person") or request.POST.get("person", "")
    if incident is None or me is None or not text:
        raise Http404
    person, _ids = family(id_or_404(text), look)
    whole = floor(look, incident, me, ())
    people = beside(whole.counting, look, person)
    groups = behind(look, incident, whole, people)
    group = next((g for g in groups for line in g.lines if line.person == person), None)
    if group is None:
        raise Http404
    look.learn_names(_people([group]))
    numbers = _numbers(group, look)
    # What was typed stays in sight, however long the call took.
    began = any(me in line.begun for line in group.lines)
    begun = (group.on_it is not None and group.on_it[0] == me) or (began and "outcome" in request.POST)
    here = f"{reverse('call')}?{urlencode({'person': to_text(person)})}"
    problems: list[str] = []
    form = _CallForm(look, group, numbers, request.POST if request.method == "POST" and "outcome" in request.POST else None)
    if request.method == "POST":
        try:
            if "outcome" not in request.POST:
                _begin(look, incident, group, me, request.POST.get("fact_id", ""), request.POST.getlist("seen"))
                return redirect(here)
            if (
                form.is_valid()
                and (
                    wrong := _enter(look, incident, form, request.POST["outcome"], numbers, me, id_or_404(request.POST.get("fact_id", "")))
                )
                is None
            ):
                messages.success(request, _("Entered: %(what)s") % {"what": look.say(CALL.word)})
                return redirect("calls")
            problems += [wrong] if form.is_valid() and wrong else [_("Look at the fields marked below.")]
        except Refused as refused:
            problems = reasons(refused.problems, look)
    warnings = _warnings(group, look, me)
    context = {
        "title": look.say(Word("拨打电话", "A call")), "group": _row(group, look, me, {me}), "begun": begun, "form": form, "problems": problems,
        "people": [(_said(line, look), fields) for line, fields in form.parts()], "rest": [_said(line, look) for line in group.lines if line not in form.lines],
        "warnings": list(dict.fromkeys(warnings.values())), "seen": list(warnings), "numbers": [_dial(n, words, look) for n, words in numbers.values()] if begun else [],
        "script": [look.say(q) for q in whole.calling.questions],
        "source": whole.calling.source, "status": whole.calling.status, "retry": whole.calling.retry.micros // 60_000_000, "person": to_text(person),
        "outcomes": [(code, look.pick(LISTS["call"], code)) for code in _NOBODY], "fact_id": to_text(new_id(look.about)), "incident_now": incident,
    }  # fmt: skip
    return show(request, "tracing/call.html", context, status=422 if request.method == "POST" else 200)


def key_of(phone: str) -> str:
    """What a number is chosen by in the form: it says nothing of its digits, which a viewer may see masked, and stays the same number's
    however the order of the choices changes while somebody talks."""
    return salted_hmac("bulou.call.number", phone).hexdigest()[:16]


def _numbers(group: Group, look: Looking) -> dict[str, tuple[Number, str]]:
    """Every number by which someone of a group may be reached, with whose it is, in words; by its key."""
    found: dict[str, tuple[Number, str]] = {}
    everyone = [n for line in group.lines for n in line.numbers]
    look.learn_names(n.of for n in everyone)
    first = [n for n in everyone if group.number and n.phone == group.number.phone]
    for number in [*first, *everyone]:
        if key_of(number.phone) not in found:
            whose = look.name(number.of) if number.whose == "own" else f"{look.pick(LISTS['whose'], number.whose)} {look.name(number.of)}"
            found[key_of(number.phone)] = number, f"{masked('phone', number.phone)} · {whose}"
    return found


def _dial(number: Number, words: str, look: Looking) -> dict[str, Any]:
    """A number to be dialled: in the clear, and as a link, for whoever's role sees numbers."""
    shown = look.show("phone", number.phone, number.of)
    return {"text": shown, "whose": words.split(" · ", 1)[1], "tel": number.phone.split("#")[0] if shown == number.phone else None}


def _warnings(group: Group, look: Looking, me: bytes) -> dict[str, str]:
    """What a caller must see before beginning, by the keys of ``callverbs.against``: who is on it, whose it is, who was asked a short while ago."""
    found: dict[str, str] = {}
    lines = _to_phone(group)
    for line in lines:
        if (on := line.stand.on_it) and on[0] != me:
            found[key_on(on)] = _("%(name)s is on it since %(at)s") % {"name": look.name(on[0]), "at": look.time(on[1])}
    for line in lines:
        if line.stand.caller not in (None, me):
            found[key_dealt(line.stand.caller)] = _("This number was dealt to %(name)s") % {"name": look.name(line.stand.caller)}
    for line in group.lines:
        if line.lately is not None:
            found[key_asked(line.lately)] = f"{look.name(line.person)}: {_asked(line.lately, look)}"
    return found


def _enter(
    look: Looking, incident: Named, form: _CallForm, outcome: str, numbers: dict[str, tuple[Number, str]], me: bytes, fact_id: bytes
) -> str | None:  # fmt: skip
    """Enters what a call met, for everyone of the number in one entry: the call, where they are, what was asked and told. Or why not."""
    said = form.cleaned_data
    acts: list[Act] = []

    def act(name: str, person: bytes, **values: Any) -> None:
        acts.append(Act(VERBS[name], {"person": person, **values}, named_id(name, fact_id.hex(), person.hex()), incident.id))

    if outcome not in (*_NOBODY, "reached"):
        return _("Say what the call met.")
    for line in form.lines:
        key, who = line.person.hex(), line.person
        met = outcome if outcome in _NOBODY else said[f"said-{key}"]
        given = _by_which(line, said["number"], said["other"], numbers)
        words, note = said[f"words-{key}"] or None, said[f"note-{key}"] or None
        talked = met in ("reached", "elsewhere")
        act(CALL.name, who, outcome=met, whose=given.whose, phone=given.phone, caller=me, words=words if talked else None, note=note)
        if talked:
            act("locate", who, outcome="elsewhere" if met == "elsewhere" else said[f"where-{key}"], note=words)
        for detail, text in (("whereabouts", words), ("last_days", said[f"days-{key}"] or None)) if talked else ():
            if text:  # what the script asks for stands on their page as any other word
                values = {"person": who, "detail": detail, "said": text, "teller": "self", "certainty": "stated"}
                acts.append(Act(TELL_DETAIL, values, named_id("told", detail, fact_id.hex(), who.hex()), incident.id))
        if talked and (said[f"asked-{key}"] or said[f"days-{key}"]):
            act("interview", who, about="last_days")
        if talked and said.get(f"told-{key}"):
            act("tell", who, about="order")
    do_all(look, acts)
    return None


def _by_which(line: Line, chosen: str, other: str, numbers: dict[str, tuple[Number, str]]) -> _Given:
    """Whose number was dialled as it is to this one person: a landlord's is his own and his tenants' household's."""
    if chosen == "other":
        return _Given("other", other or None)
    phone = numbers[chosen][0].phone
    theirs = next((n for n in line.numbers if n.phone == phone), None)
    whose = theirs.whose if theirs else "other"
    return _Given(whose, phone)
