"""The page of one's tokens: making one for a device, ending it; who administers accounts sees and ends everyone's. Shows no token twice."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bulou.basis.words import Word
from bulou.kit.centre import centre
from bulou.kit.doorchecks import doors_of
from bulou.kit.form import dress
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.kit.verb import SHOWN_FIRST, VERBS
from bulou.register import tokens

_TITLE = Word("设备令牌", "Device tokens")
#: How many are listed.
MOST = 200


class _Making(forms.Form):
    """A device, how long, and which of one's own verbs."""

    def __init__(self, look: Looking, data: Any) -> None:
        super().__init__(data, initial={"days": 30})
        self.look = look
        may = [v for v in VERBS.values() if look.viewer.may(v.name)]
        doors = [(key, text) for key, (text, _door, _place) in doors_of(look).items()]
        self.fields["device"] = forms.CharField(label=_("Device"), max_length=60)
        self.fields["days"] = forms.IntegerField(label=_("Days that it lives (90 at most)"), min_value=1, max_value=tokens.LONGEST)
        self.fields["verbs"] = forms.MultipleChoiceField(
            label=_("What it may do, beside reading"), required=False, choices=[(v.name, look.say(v.word)) for v in may],
            widget=forms.SelectMultiple(attrs={"class": "form-select", "size": min(8, max(2, len(may)))}),
        )  # fmt: skip
        self.fields["pin"] = forms.CharField(
            label=_("PIN, for a token of your own"), required=False, max_length=12,
            help_text=_("6 to 12 digits, said each time that something is shown first and then done: orders, zones, posts. A device's token has none."),
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "inputmode": "numeric"}),
        )  # fmt: skip
        if doors:
            self.fields["door"] = forms.ChoiceField(
                label=_("For one door alone"), required=False, choices=[("", "—"), *doors],
                help_text=_("It asks at this door who may pass, and nothing else."),
            )  # fmt: skip
        dress(self)

    def clean_pin(self) -> str:
        pin: str = self.cleaned_data["pin"]
        if pin and not tokens.may_be_pin(pin):
            raise forms.ValidationError(_("6 to 12 digits, three of them different."))
        return pin

    def clean(self) -> None:
        """What is shown first needs a PIN; a door goes with nothing else."""
        said = self.cleaned_data
        first = [v for v in said.get("verbs", []) if v in SHOWN_FIRST]
        if first and not said.get("pin") and "pin" not in self.errors:
            self.add_error("pin", _("Needed for: %(what)s") % {"what": ", ".join(self.look.say(VERBS[v].word) for v in first)})
        if said.get("door") and (said.get("verbs") or said.get("pin")):
            self.add_error("door", _("A token of a door does nothing else: choose neither acts nor a PIN."))


@page("tokens", "tokens", _TITLE.zh, _TITLE.en, desk="shell", icon="lock")
def tokens_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """One's tokens; a new one is shown in the answer to its making and nowhere else."""
    user = look.viewer.user
    if user is None or user.pk is None or (request.method == "POST" and not look.moment.live):  # a phone on shift has no account
        raise Http404
    whole, now = look.viewer.may("change_account") and look.scope.codes is None, centre().clock.now()
    made = ""
    form = _Making(look, request.POST if request.method == "POST" and "end" not in request.POST else None)
    if request.method == "POST" and "end" in request.POST:
        number = request.POST["end"]
        if not number.isascii() or not number.isdigit() or len(number) > 15 or not tokens.end(int(number), None if whole else user, now):
            raise Http404
        messages.success(request, _("Ended: this token lets nobody in."))
        return redirect("tokens")
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made = tokens.make(user, said["device"].strip(), said["verbs"], said["days"], now, said["pin"], said.get("door", ""))
        form = _Making(look, None)
    rows = list(tokens.tokens(None if whole else user)[:MOST])
    doors = {key: text for key, (text, _door, _place) in doors_of(look).items()} if any(r.door for r in rows) else {}
    context = {
        "title": look.say(_TITLE), "form": form, "made": made, "whole": whole,
        "lines": [
            {"row": r, "door": doors.get(r.door, r.door), "stands": tokens.stands(r, now),
             "verbs": [look.say(VERBS[v].word) for v in r.verbs.split() if v in VERBS]}
            for r in rows
        ],
    }  # fmt: skip
    response = show(request, "kit/tokens.html", context, status=422 if request.method == "POST" and not made else 200)
    response["Cache-Control"] = "no-store"
    return response
