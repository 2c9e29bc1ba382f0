"""Founding a real centre on an empty ledger: its name, its area, its time zone, its first administrator. Once, by a link of the server's."""

import zoneinfo
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bulou.basis.facts import AccountChanged, AreaDeclared, CentreFounded, PersonEnrolled, PostEstablished, PostHeld
from bulou.basis.ids import new_id
from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.basis.words import LISTS, Word
from bulou.duties.enter import enter_many, writing
from bulou.kit.centre import centre, keep_zone
from bulou.kit.form import dress
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.register import accounts
from bulou.register.areas import Official, above, official
from bulou.register.models import User
from bulou.register.scope import root

POST = "administrator"
#: A county's official areas are declared whole; of a city or province those down to its counties, the rest by ``bulou areas load``.
WHOLE_FROM = 6


class PasswordTwice(forms.Form):
    """A password, twice. ``user`` is whose it will be, where there is one already."""

    user: User | None = None

    def ask_password(self) -> None:
        """Adds its two fields after those that are there."""
        for name, label in (("password", _("Password")), ("again", _("The same again"))):
            self.fields[name] = forms.CharField(
                label=label, min_length=10, max_length=128, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
            )
        self.fields["password"].help_text = _("At least ten characters. Nobody else will know it.")
        dress(self)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("password") and told.get("again") and told["password"] != told["again"]:
            self.add_error("again", _("The two are not the same."))
        if told.get("password"):
            try:
                validate_password(told["password"], self.user)
            except ValidationError as error:
                self.add_error("password", error)
        return told


class _Founding(PasswordTwice):
    """What a centre must have."""

    def __init__(self, look: Looking, data: Any) -> None:
        super().__init__(data)
        text = forms.CharField
        self.fields["name"] = text(label=_("Name of the centre, in Chinese"), max_length=120)
        self.fields["name_en"] = text(label=_("Name of the centre, in English"), max_length=120)
        self.fields["area"] = forms.RegexField(
            r"^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", label=_("Code of the centre's area"),
            help_text=_("The official code, or one of your own. Official areas of China are declared with all that lies below a county."),
        )  # fmt: skip
        self.fields["area_name"] = text(
            label=_("Name of the area"), max_length=120, required=False, help_text=_("Only where the code is not an official one.")
        )
        self.fields["level"] = forms.ChoiceField(
            label=_("Level of the area"), choices=[(code, look.say(word)) for code, word in LISTS["area_level"].items()], initial="county"
        )
        zones = [(z, z) for z in sorted(zoneinfo.available_timezones())]
        self.fields["zone"] = forms.ChoiceField(label=_("Time zone"), choices=zones, initial=settings.BULOU_ZONE.key)
        self.fields["person"] = text(label=_("Name of the first administrator"), max_length=80)
        self.fields["username"] = forms.RegexField(r"^[0-9A-Za-z][0-9A-Za-z._-]{1,39}$", label=_("User name"))
        self.ask_password()


def founded() -> bool:
    """Whether this ledger is a centre's already."""
    return root(2**62) is not None


@page("founding", "found/<str:token>", "创建指挥中心", "Found a centre", desk="shell", sample="token", part=True, open_=True)
def founding(request: HttpRequest, look: Looking, token: str) -> HttpResponse:
    """The first page of an empty ledger, by the link that ``bulou found`` printed. On a founded ledger the link is worth nothing."""
    title = look.say(Word("创建指挥中心", "Found a centre"))
    found = accounts.open_link(token, centre().clock.now())
    if found is None or found.user is not None or founded():
        return show(request, "centre/link_over.html", {"title": title})
    form = _Founding(look, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        known = list(_official(form.cleaned_data["area"]))
        if not known and not form.cleaned_data["area_name"] and not _declared(look, form.cleaned_data["area"]):
            form.add_error("area_name", _("Name the area: its code is not an official one and has not been loaded."))
        else:
            user = _found(look, form.cleaned_data, known, found)
            if user is None:
                return show(request, "centre/link_over.html", {"title": title})
            keep_zone(form.cleaned_data["zone"])
            login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
            return redirect("founded")
    context = {"title": title, "form": form, "problems": [], "next": "/", "found": True}
    return show(request, "centre/form.html", context, status=422 if request.method == "POST" else 200)


@page("founded", "founded", "指挥中心已创建", "The centre is founded", desk="shell", part=True)
def founded_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """What comes next: posts, people, an edition; and whether the server must be started again for its time zone."""
    kept = keep_zone(None)
    context = {
        "title": look.say(Word("指挥中心已创建", "The centre is founded")),
        "may": look.viewer.may("establish_post"),
        "zone": kept if kept and kept != settings.BULOU_ZONE.key else "",
    }
    return show(request, "centre/founded.html", context)


def _declared(look: Looking, code: str) -> bool:
    return code in look.areas.places


def _official(code: str) -> Iterator[Official]:
    """The official areas to declare for a centre of this code: it, those above, and those below; none where the code is no official one."""
    if not code.isdigit():
        return
    try:
        below = [a for a in official(code) if len(code) >= WHOLE_FROM or len(a.code) <= WHOLE_FROM]
    except FileNotFoundError:  # the file of official areas was not built
        return
    if below and below[0].code == code:
        yield from above(code)
        yield from below


def _found(look: Looking, told: dict[str, Any], known: list[Official], invitation: Any) -> Any:
    """Enters the areas, then everything else as one entry with the account; None where another was faster."""
    one = centre()
    now = one.clock.now()

    def fact(kind: str, body: Any, id_: bytes | None = None) -> Fact:
        return Fact(id_ or new_id(now), kind, now, None, body)

    code = told["area"]
    have = set(look.areas.places)
    areas = [fact("area.declared", AreaDeclared(a.code, a.parent, a.level, a.name)) for a in known if a.code not in have]
    if not known and code not in have:
        areas = [fact("area.declared", AreaDeclared(code, None, told["level"], told["area_name"], official=False))]
    for _receipt in enter_many(areas, by="founding", source="founding", clock=one.clock, protocol=one.protocol, chunk=400, hold=None):
        pass
    person = new_id(now)
    role = ("系统管理员", "administrator")
    with transaction.atomic(), writing(f"{POST} {told['username']}", "founding", one.clock, one.protocol) as book:
        if not accounts.use(invitation, Instant(now)) or founded():
            return None
        user = accounts.make(told["username"], person)
        accounts.set_password(user, told["password"])
        book.add(
            fact("centre.founded", CentreFounded(code, told["name"].strip(), told["name_en"].strip())),
            fact("post.established", PostEstablished(POST, "administrator", code, *role, told["name"].strip(), told["name_en"].strip())),
            fact("person.enrolled", PersonEnrolled(person, told["person"].strip(), code), person),
            fact("post.held", PostHeld(POST, person)),
            fact("account.changed", AccountChanged(person, "invited", POST)),
        )
    return user
