"""Who is meant by somebody who tells of them: found on the register, or enrolled by what is known of them until found. Joins no records."""

from typing import Any, NamedTuple

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from bulou.basis.facts import PersonEnrolled
from bulou.basis.kinds import KINDS, Fact
from bulou.desks.tracing.verbs import with_new
from bulou.kit.form import FactForm, dress
from bulou.kit.incidents import Named
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404
from bulou.kit.people import unit_options
from bulou.kit.verb import Problem, Verb


class WhoForm(FactForm):
    """The form of a verb about somebody, with what is known of them where they are on no register yet."""

    def __init__(self, verb: Verb, look: Looking, given: dict[str, Any], data: Any) -> None:
        super().__init__(KINDS[verb.kind], verb.fields, given, look.language, look.zone, timed=verb.timed, now=look.about, data=data)
        self.fields["new_name"] = forms.CharField(label=_("Not on the register: name or description"), max_length=60, required=False)
        self.fields["new_phone"] = forms.CharField(label=_("Phone"), max_length=30, required=False)
        self.fields["new_area"] = forms.ChoiceField(label=_("Stays in"), required=False, choices=[("", "—"), *unit_options(look)])
        dress(self)


class Meant(NamedTuple):
    """Who is meant, and the enrolment of a stranger, whose ``name`` is what was written; or why nobody can be."""

    person: bytes | None
    name: str
    more: tuple[Fact, ...]
    problems: list[str]


def meant(request: HttpRequest, form: WhoForm, incident: Named, look: Looking) -> Meant:
    """Who was chosen, or who is enrolled: one of the two, never both."""
    chosen, name = request.POST.get("person", ""), form.cleaned_data["new_name"].strip()
    if not chosen and not name:
        return Meant(None, "", (), [_("Choose a person from the register, or say who it is.")])
    if chosen and name:
        return Meant(None, "", (), [_("Choose a person from the register, or say who it is: not both.")])
    person = id_or_404(chosen or request.POST.get("person_id", ""))
    if chosen:
        return Meant(person, "", (), [])
    said = form.cleaned_data
    body = PersonEnrolled(person, name, said["new_area"] or incident.area, phone=said["new_phone"] or None)
    return Meant(person, name, (Fact(person, "person.enrolled", look.about, None, body),), [])


def with_stranger(of: Verb, more: tuple[Fact, ...]) -> Verb:
    """A verb with the enrolment of somebody who was on no register before."""
    return with_new(of, more, Problem("person", "此人已在名册:请从名册选择", "this person is on the register already: choose them there"))
