"""The page at a door: one question, may this person pass here now; yes or not now, the rule, until when, whom to call. Shows nobody.

Whoever stands there shows a document of their own and its number is typed; no name comes back, no reason, no colour, and whoever is not
known gets the same answer as whoever is free to go, so that nobody learns here who is on the register. Nothing is listed, nothing is kept
on the phone. This is the one read that goes beyond the viewer's areas: a door must answer for people from elsewhere, by a whole number alone.
"""

from typing import Any

from django import forms
from django.db import Error
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.time import Instant
from bulou.basis.words import Word
from bulou.evidence.timeline import standing_facts
from bulou.gaps.passing import Door, Passing, passing, whom_to_call
from bulou.identity.documents import fold
from bulou.kit.answers import Answered, Wrong, answer, asks, hour, record, text
from bulou.kit.centre import centre
from bulou.kit.doorchecks import MOST_A_MINUTE, doors_of, wait_of, write_down
from bulou.kit.doorpasses import public, withdrawn
from bulou.kit.form import dress
from bulou.kit.httproutes import Route, route
from bulou.kit.httpverbs import body_of, plain
from bulou.kit.looking import Looking, moment_now
from bulou.kit.page import page, show
from bulou.kit.signing import published
from bulou.register.models import Person
from bulou.register.scope import standing

#: The fewest characters that are a whole number of a document, and the most that are looked at.
FEWEST, LONGEST = 6, 60
_TITLE = Word("门口核对", "At a door")


class _Asked(forms.Form):
    """Which door, where the shift does not say it, and the number of the document that is shown."""

    def __init__(self, doors: list[tuple[str, str]], data: Any) -> None:
        super().__init__(data)
        self.fields["door"] = forms.ChoiceField(label=_("Door"), choices=doors)
        self.fields["number"] = forms.CharField(
            label=_("Number of the document that is shown"), max_length=LONGEST, help_text=_("The whole number. It is not kept."),
            widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        )  # fmt: skip
        if len(doors) == 1:
            self.fields["door"].widget = forms.HiddenInput()
            self.fields["door"].initial = doors[0][0]
        dress(self)

    def clean_number(self) -> str:
        number = fold(self.cleaned_data["number"])
        if len(number) < FEWEST:
            raise forms.ValidationError(_("Type the whole number of the document: at least six characters."))
        return number


def holders(look: Looking, number: str) -> list[bytes]:
    """Whoever has a document of this number on record, wherever they stay: usually one, nobody where it is not known."""
    later = standing_facts("document.recorded", look.seq, look.about).filter(document__in=_written(number)).values("person")
    rows = standing(Person, look.seq).filter(Q(document__in=_written(number)) | Q(person__in=later))
    return sorted({bytes(c) for c in rows.values_list("canonical", flat=True)})


def _written(number: str) -> list[str]:
    """How a number may stand on record: as it is folded, and with the small x that clerks write."""
    return [number, number.lower(), number[:-1] + number[-1].lower()]


@page("door", "door", "门口核对", "At a door", desk="door", nav=1, icon="user-check", sample="")
def door_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """The question and its answer. Answered only when the check has been written down."""
    doors = doors_of(look)
    if not doors:
        raise Http404
    form = _Asked([(key, text) for key, (text, _door, _place) in doors.items()], request.POST if request.method == "POST" else None)
    answer = None
    if request.method == "POST" and form.is_valid():
        text, door, place = doors[form.cleaned_data["door"]]
        try:
            answer = {**answered(look, ask(look, door, place, form.cleaned_data["number"]), door), "door": text}
        except Error:
            return render(request, "web/unrecorded.html", status=503)
        form = _Asked([(key, text) for key, (text, _door, _place) in doors.items()], None)
        form.fields["door"].initial = request.POST["door"]
    wrong = request.method == "POST" and answer is None
    context = {"title": look.say(_TITLE), "form": form, "answer": answer, "plain": True, "pass_props": _offline(look, doors)}
    response = show(request, "people/gate.html", context, status=422 if wrong else 200)
    response["Cache-Control"] = "no-store"
    return response


def _offline(look: Looking, doors: dict[str, tuple[str, Door, bytes | None]]) -> dict[str, Any]:
    """What a phone needs to read passes where there is no network: public keys, what was withdrawn by now, and where its doors lie."""
    now = centre().clock.now()
    return {
        **published(public(now), withdrawn(moment_now(now)), now), "url": reverse("pass-keys"), "zone": str(look.zone),
        "doors": [{"name": text, "lineage": look.areas.upward(door.area), "nature": door.nature} for text, door, _place in doors.values()],
    }  # fmt: skip


@page("pass-keys", "passes/keys.json", "通行凭证公钥", "Public keys of passes", desk="shell", part=True, open_=True)
def pass_keys(request: HttpRequest, look: Looking) -> HttpResponse:
    """What anyone may have who reads a pass: public keys, and the numbers withdrawn before their end. Numbers are drawn by lot."""
    now = centre().clock.now()
    response = JsonResponse(published(public(now), withdrawn(moment_now(now)), now))
    response["Cache-Control"] = "no-store"
    response["Content-Disposition"] = 'attachment; filename="keys.json"'  # a file for `bulou pass verify`
    return response


def ask(look: Looking, door: Door, place: bytes | None, number: str) -> Passing:
    """May whoever has a document of this number pass here now: written down before it is answered; ``Error`` where it cannot be."""
    facts, at = look.facts(), Instant(look.about)
    people: list[bytes | None] = [*holders(look, number)] or [None]
    said = [(who, passing(facts, look.protocol, who, door, at)) for who in people]
    who, found = next(((w, f) for w, f in said if not f.passes), said[0])
    write_down(look, centre().clock.now(), door.area, place, who, f"{found.bar.edition} {found.bar.rule.name}" if found.bar else None)
    return found


def answered(look: Looking, found: Passing, door: Door) -> dict[str, Any]:
    """An answer as it is said: the rule's sentence, until when, the unit and telephone to call. No holder's name."""
    if found.bar is None:
        return {"passes": True}
    call = whom_to_call(look.posts, found.bar, look.areas.upward(door.area), Instant(look.about)).chair
    return {
        "passes": False, "says": look.say(found.bar.rule.says), "until": found.bar.until,
        "unit": (call.unit_en if look.language == "en" else call.unit) if call else "", "phone": call.phone if call else None,
    }  # fmt: skip


# --- for programs -----------------------------------------------------------------------------------------------------
def door_route(request: HttpRequest) -> Any:
    """The same question by a program: a token of one door, or whoever opens the page of doors. The answer is the page's, word for word."""
    look = asks(request, at_door=True)
    token = getattr(request, "token", None)
    if token is not None and not token.door:
        raise Answered(403, Wrong(None, "此令牌未绑定门口:请另建一个绑定门口的令牌", "this token is bound to no door: make one that is"))
    doors = doors_of(look)
    if not doors or (token is not None and token.door not in doors):
        raise Answered(403, Wrong(None, "您的岗位现不在此门口核对", "your post does not ask at this door now"))
    if not look.moment.live:
        raise Answered(422, Wrong(None, "回看时不能核对", "nobody passes a door while looking back"))
    given = body_of(request)
    if not isinstance(given, dict):
        raise Answered(422, Wrong(None, "应为对象", "should be an object"))
    wrongs = [Wrong(str(n)[:60], "没有这一项", "there is no such field") for n in sorted(set(given) - {"door", "number"})]
    key, number = given.get("door") or (token.door if token is not None else ""), given.get("number")
    if not isinstance(key, str) or key not in doors or (token is not None and key != token.door):
        wrongs.append(
            Wrong("door", "应为您可核对的门口(区域代码或场所编号)", "should be a door at which you ask: an area's code or a place's id")
        )
    folded = fold(number) if isinstance(number, str) and plain(number, LONGEST) else ""
    if len(folded) < FEWEST:
        wrongs.append(Wrong("number", "应为证件的完整号码,至少6位", "should be the whole number of the document: at least six characters"))
    if wrongs:
        raise Answered(422, *wrongs)
    wait = wait_of(look, centre().clock.now())
    if wait is not None:
        raise Answered(429, seconds=wait)
    text, door, place = doors[key]
    try:
        found = ask(look, door, place, folded)
    except Error:
        raise Answered(503) from None
    told = answered(look, found, door)
    until = told.get("until")
    return answer({
        "door": text, "passes": told["passes"], "says": told.get("says"), "until": hour(until, look) if until is not None else None,
        "unit": told.get("unit") or None, "phone": told.get("phone"),
    })  # fmt: skip


_MAYBE = {"type": ["string", "null"]}
DOOR = route(Route(
    "door", "/door", "door", _TITLE,
    Word(f"可否通行:可,或暂不。与页面答复相同;每次核对都记录;不认识的人与可通行者答复相同。每分钟至多{MOST_A_MINUTE}次。用绑定一处门口的令牌,或登录者。",
         f"May this person pass here now: yes, or not now, as the page says it. Each check is written down; whoever is not known is told what "
         f"everyone is told. At most {MOST_A_MINUTE} a minute. By a token of one door, or by whoever is signed in."),
    record({
        "door": text(Word("门口:区域代码或场所编号;绑定门口的令牌可不填", "the door: an area's code or a place's id; not with a token of a door"), maxLength=LONGEST),
        "number": text(Word("所出示证件的完整号码;不保存", "the whole number of the document that is shown; it is not kept"), minLength=FEWEST, maxLength=LONGEST),
    }, ("number",)),
    record({"door": text(), "passes": {"type": "boolean"}, "says": _MAYBE, "until": _MAYBE, "unit": _MAYBE, "phone": _MAYBE}),
    (400, 413, 415, 422), door_route,
))  # fmt: skip
