"""Shifts: a leader opens one and shows its code; any phone joins with the PIN, without an account, and is off it at its end.

Joining is the one way in without signing in: it admits to one chair of one shift, and everything after goes through the same
areas and verbs as for everyone (``register.scope.on_shift``). Nothing here shows a name to whoever has not joined.
"""

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.facts import PersonEnrolled, ShiftJoined, StayRecorded
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import HOUR, Instant
from bulou.basis.words import Word
from bulou.desks.centre.sheets import STATE_WORDS, shift_state
from bulou.desks.centre.verbs import END_SHIFT, OPEN_SHIFT
from bulou.duties.enter import writing
from bulou.kit.centre import centre
from bulou.kit.doing import back, link
from bulou.kit.form import FactForm, dress, reasons
from bulou.kit.looking import Looking
from bulou.kit.page import PAGES, id_or_404, page, show
from bulou.kit.people import unit_options
from bulou.kit.qr import picture
from bulou.kit.sheet import SHEETS, whole_centre
from bulou.kit.verb import VERBS, Refused, do
from bulou.register import passes
from bulou.register.models import Person, Place, Seat, Shift
from bulou.register.roles import roles
from bulou.register.scope import standing

#: What a phone keeps: a device of its own for months, so that whoever joins again is not a new person each evening.
DEVICE = "bulou_device"
DEVICE_LIVES = 180 * 86_400
#: In the session of a phone on shift: whose seat, and on which device.
SEAT = "seat"
#: A leader's browser keeps the link and PIN that it was shown, until it signs out: they are nowhere else.
SHOWN = "shifts"
#: Points that the form offers: more are no list to choose from.
MOST_POINTS = 500


def shift_or_404(look: Looking, text: str) -> Any:
    row = standing(Shift, look.seq).filter(look.scope.q(), shift=id_or_404(text)).first()
    if row is None:
        raise Http404
    return row


# --- the leader -------------------------------------------------------------------------------------------------------
@page("shift-open", "shift/open", "开设班次", "Open a shift", desk="shift", nav=2, icon="plus", verb="open_shift")
def shift_open(request: HttpRequest, look: Looking) -> HttpResponse:
    """A shift of a point or team; then its code and its PIN."""
    given = {"seats": 20, "starts": look.about, "ends": Instant(look.about + 8 * HOUR)}
    form = FactForm(KINDS["shift.opened"], OPEN_SHIFT.fields, given, look.language, look.zone, timed=False, now=look.about,
                    data=request.POST if request.method == "POST" else None)  # fmt: skip
    offered = dict.fromkeys(s for c in look.viewer.chairs for s in c.role.shifts)
    form.fields["role"] = forms.ChoiceField(label=form.fields["role"].label, choices=[(s, look.say(roles()[s].word)) for s in offered])
    points = points_for(look)
    form.fields["place"] = forms.ChoiceField(
        label=_("Point"), required=False, choices=[("", _("none: a team without a point")), *((k, text) for k, (text, _area) in points.items())],
        help_text=_("Whoever joins works at this point alone; its area is the shift's."),
    )  # fmt: skip
    form.fields["area"] = forms.ChoiceField(
        label=_("Area (of a team without a point)"), required=False, choices=[("", "—"), *areas_for(look)]
    )
    form.fields["name"].label = _("Point or team")
    form.fields["name"].help_text = _("Left empty: the point's own name.")
    form.fields["name"].required = False
    form.order_fields(["place", "name", "role", "area", "seats", "starts", "ends"])
    dress(form)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        shift = id_or_404(request.POST.get("fact_id", ""))
        try:
            receipt = do(OPEN_SHIFT, look, {**form.values(), **_where(form, points), "shift": shift}, id_=shift)
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            if receipt.new:  # the same form sent twice has one pass, the one that was shown
                _issue(request, shift)
            return redirect("shift", shift=to_text(shift))
    context = {
        "title": look.say(OPEN_SHIFT.word), "verb": OPEN_SHIFT, "form": form, "problems": problems, "next": back(request, reverse("sheet-shifts")),
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)),
    }  # fmt: skip
    return show(request, "kit/do.html", context, status=422 if request.method == "POST" else 200)


def points_for(look: Looking) -> dict[str, tuple[str, str]]:
    """The places of the leader's areas that a shift may be for, by id: their names with where they lie, and their areas."""
    rows = standing(Place, look.seq).filter(look.scope.q()).exclude(nature="home").order_by("name", "place")
    return {to_text(bytes(r.place)): (f"{r.name} · {look.area(r.area)}", r.area) for r in rows[:MOST_POINTS]}


def _where(form: forms.Form, points: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """The point of a shift with its area and name; without a point what the leader chose. An area that was not chosen is refused."""
    chosen, given = form.cleaned_data["place"], form.cleaned_data
    if not chosen:
        return {"place": None, "area": given["area"], "name": given["name"]}
    text, area = points[chosen]
    return {"place": id_or_404(chosen), "area": area, "name": given["name"].strip() or text.split(" · ")[0]}


def areas_for(look: Looking) -> list[tuple[str, str]]:
    """The areas that a shift may be for: those that the leader's posts reach, and no street above them."""
    return whole_centre(look) + [(code, name) for code, name in unit_options(look) if look.scope.holds(code)]


def issue(shift: bytes) -> tuple[str, str]:
    """A new link and PIN; whatever was shown before no longer admits anyone."""
    one, pin = passes.new_link(), passes.new_pin()
    passes.issue(shift, one, pin)
    return one, pin


def _issue(request: HttpRequest, shift: bytes) -> None:
    """A new link and PIN, kept in the leader's own browser: they are nowhere else."""
    one, pin = issue(shift)
    request.session[SHOWN] = {**request.session.get(SHOWN, {}), shift.hex(): [one, pin]}


@page("shift", "shift/<uuid:shift>", "班次", "A shift", desk="shift", sample="shift")
def shift_page(request: HttpRequest, look: Looking, shift: Any) -> HttpResponse:
    """A shift for its leader: the code, the PIN, who is on it, on which device, when last heard of; ending it, or one of them."""
    row = shift_or_404(look, str(shift))
    id_ = bytes(row.shift)
    may = look.viewer.may("open_shift", row.area) and look.moment.live and row.ends > look.about
    if request.method == "POST":
        if not may:
            raise Http404
        _issue(request, id_)
        messages.success(request, _("A new code and PIN: the earlier ones admit nobody."))
        return redirect("shift", shift=to_text(id_))
    seats = list(standing(Seat, look.seq).filter(shift=id_, here_from__lte=look.about).order_by("here_from", "person"))
    look.learn_names(bytes(s.person) for s in seats)
    heard, here = passes.last_seen([bytes(s.person) for s in seats]), request.get_full_path()
    shown = request.session.get(SHOWN, {}).get(id_.hex()) if may else None
    url = request.build_absolute_uri(reverse("join", kwargs={"token": shown[0]})) if shown else ""
    context = {
        "title": row.name, "shift": row, "role": roles().get(row.role), "code": shift_state(row, look), "word": look.say(STATE_WORDS[shift_state(row, look)]),
        "seats": [
            {"seat": s, "on": s.here_until > look.about and row.ends > look.about, "heard": heard.get(bytes(s.person)),
             "off": link(END_SHIFT, look, {"shift": id_, "person": bytes(s.person)}, here) if s.here_until > look.about and row.ends > look.about else None}
            for s in seats
        ],
        "on": sum(s.here_until > look.about for s in seats) if row.ends > look.about else 0,
        "end": link(END_SHIFT, look, {"shift": id_}, here) if row.ends > look.about else None, "renew": may, "locked": bool(passes.locked([id_])),
        "url": url, "pin": f"{shown[1][:3]} {shown[1][3:]}" if shown else "", "qr": picture(url) if url else "",
    }  # fmt: skip
    response = show(request, "centre/shift.html", context)
    response["Cache-Control"] = "no-store"
    return response


@page("shift-end", "shift/end", "结束班次", "End a shift", desk="shift", sample="shift-end", verb="end_shift")
def shift_end(request: HttpRequest, look: Looking) -> HttpResponse:
    """Ends a shift, or one person's part in it, at once."""
    row = shift_or_404(look, request.POST.get("shift") or request.GET.get("shift", ""))
    text = request.POST.get("person") or request.GET.get("person", "")
    person = id_or_404(text) if text else None
    form = FactForm(KINDS["shift.ended"], END_SHIFT.fields, {}, look.language, look.zone, timed=False, now=look.about,
                    data=request.POST if request.method == "POST" else None)  # fmt: skip
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            do(
                END_SHIFT,
                look,
                {**form.values(), "shift": bytes(row.shift), "person": person},
                id_=id_or_404(request.POST.get("fact_id", "")),
            )
        except Refused as refused:
            problems = reasons(refused.problems, look)
        else:
            # The pass is shut, because whoever was sent off may know its PIN: the leader is shown another for those still to come.
            if person is not None and look.viewer.may("open_shift", row.area):
                _issue(request, bytes(row.shift))
                messages.success(
                    request, _("Sent off: this phone works no longer. Below are a new code and PIN; the earlier admit nobody.")
                )
            else:
                messages.success(request, _("Ended: these phones work no longer."))
            return redirect("shift", shift=to_text(bytes(row.shift)))
    context = {
        "title": look.say(END_SHIFT.word), "verb": END_SHIFT, "form": form, "problems": problems,
        "about": {"text": f"{row.name} · {look.name(person)}" if person else row.name, "area": row.area},
        "next": back(request, reverse("shift", kwargs={"shift": to_text(bytes(row.shift))})),
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)),
    }  # fmt: skip
    return show(request, "kit/do.html", context, status=422 if request.method == "POST" else 200)


# --- the phone --------------------------------------------------------------------------------------------------------
class _Join(forms.Form):
    """Who joins: a name, the PIN that the leader says, a phone number if they wish."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["name"] = forms.CharField(label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
        self.fields["pin"] = forms.CharField(
            label=_("PIN"), max_length=12, help_text=_("Six digits: your leader says them."),
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        )  # fmt: skip
        self.fields["phone"] = forms.CharField(
            label=_("Phone number (if you wish)"),
            max_length=20,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        )
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control form-control-lg"


@page("join", "join/<str:token>", "加入班次", "Join a shift", desk="shell", sample="token", part=True, open_=True)
def join(request: HttpRequest, look: Looking, token: str) -> HttpResponse:
    """Where the code leads: name and PIN, nothing else. The link is worth nothing outside its shift; five wrong PINs lock it."""
    found = passes.of_link(token)
    shift = standing(Shift, look.seq).filter(shift=bytes(found.shift)).first() if found else None
    title = look.say(Word("加入班次", "Join a shift"))
    now = centre().clock.now()
    if found is None or shift is None or not shift.starts <= now < shift.ends:
        early = shift.starts if found is not None and shift is not None and now < shift.starts else None
        return show(request, "centre/join_over.html", {"title": title, "early": early})
    form = _Join(request.POST if request.method == "POST" else None)
    problems: list[str] = []
    locked = found.tries >= passes.MOST_TRIES
    if request.method == "POST" and form.is_valid() and not locked:
        if not passes.admits(found, "".join(form.cleaned_data["pin"].split())):
            locked = found.tries + 1 >= passes.MOST_TRIES
            problems.append(_("This is not the PIN."))
        elif (seat := _take_seat(request, look, shift, form)) is None:
            problems.append(_("You cannot join: all seats are taken, or your leader has sent this phone off. Ask your leader."))
        else:
            person, device = seat
            request.session.flush()
            request.session[SEAT] = [person.hex(), device]
            request.session.set_expiry(max(1, int((shift.ends - now) // 1_000_000)))
            response = redirect("on-shift")
            response.set_signed_cookie(DEVICE, device, max_age=DEVICE_LIVES, httponly=True, samesite="Lax", secure=request.is_secure())
            return response
    context = {
        "title": title, "form": form, "problems": problems, "shift": shift, "role": roles()[shift.role].word, "locked": locked, "plain": True,
    }  # fmt: skip
    return show(request, "centre/join.html", context, status=422 if request.method == "POST" else 200)


def device_of(request: HttpRequest) -> str | None:
    """The device that this phone was given when it first joined; None where it has none, or one that was tampered with."""
    found: str | None = request.get_signed_cookie(DEVICE, default=None)
    return found


def _take_seat(request: HttpRequest, look: Looking, shift: Any, form: _Join) -> tuple[bytes, str] | None:
    """Puts a person on a shift: the same person when the same device and name join again; on the register, without any document.
    None where all seats are taken. Counted under the lock: two phones never share the last seat."""
    name, phone = form.cleaned_data["name"].strip(), form.cleaned_data["phone"].strip() or None
    device = device_of(request) or secrets.token_hex(8)
    one = centre()
    id_ = bytes(shift.shift)
    with writing(f"shift.{id_.hex()[-8:]} {device}", "pass", one.clock, one.protocol) as book:
        now = book.now()
        joined = book.facts.by("shift.joined", "shift", id_)
        away = {f.body.person for f in book.facts.by("shift.ended", "shift", id_)}
        if any(f.body.device == device and f.body.person in away for f in joined):
            return None  # this phone was sent off this shift, whatever name is typed on it now
        before = _known(device, name, look)
        if before is not None and any(f.body.person == before for f in joined):
            return (before, device) if before not in away else None  # the same phone came back; or its person was sent off
        if len({f.body.person for f in joined}) >= shift.seats:
            return None
        person = before or new_id(now)
        if before is None:
            on = PersonEnrolled(person, name, shift.area, phone=phone, nature="stay", until=Instant(shift.ends))
            book.add(Fact(person, "person.enrolled", now, None, on, device=device))
        else:
            book.add(
                Fact(
                    new_id(now),
                    "stay.recorded",
                    now,
                    None,
                    StayRecorded(person, "stay", shift.area, until=Instant(shift.ends)),
                    device=device,
                )
            )
        book.add(Fact(new_id(now), "shift.joined", now, None, ShiftJoined(id_, person, device), device=device))
    return person, device


def _known(device: str, name: str, look: Looking) -> bytes | None:
    """Whoever joined on this device under this name before."""
    seats = standing(Seat, look.seq).filter(device=device).values("person")
    found = standing(Person, look.seq).filter(person__in=seats, name=name).order_by("since").values_list("person", flat=True).first()
    return bytes(found) if found else None


@page("on-shift", "on-shift", "本班", "On shift", desk="shell", part=True)
def on_shift(request: HttpRequest, look: Looking) -> HttpResponse:
    """What a phone on shift shows first: what you are, where, until when, and what there is to do, in large targets."""
    if look.viewer.device is None or look.viewer.chair is None:
        return redirect("my-posts")
    if request.method == "POST":  # leaving: the phone forgets; the seat stays on record until the shift's end
        request.session.flush()
        return redirect("about")
    chair = look.viewer.chair
    doing = [
        {"href": reverse(v.page), "word": v.word} for name in sorted(look.viewer.verbs)
        if (v := VERBS.get(name)) and v.page and v.about in (None, "person") and "<" not in PAGES[v.page].path
    ]  # fmt: skip
    opens = [{"href": reverse(p.name), "word": p.word, "icon": p.icon} for p in PAGES.values()
             if p.nav is not None and p.name != "my-posts" and look.viewer.sees(p.desk) and (p.verb is None or look.viewer.may(p.verb))]  # fmt: skip
    opens += [{"href": reverse(f"sheet-{s.name}") + s.opens, "word": s.word, "icon": s.icon} for s in SHEETS.values()
              if s.nav is not None and s.name != "posts" and look.viewer.sees(s.desk)]  # fmt: skip
    context = {"title": look.say(chair.role.word), "chair": chair, "doing": doing, "opens": opens[:6], "me": look.viewer.user}
    return show(request, "centre/on_shift.html", context)
