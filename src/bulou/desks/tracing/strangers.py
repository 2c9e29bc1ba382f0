"""Who is meant by somebody who tells of them: found on the register, or enrolled by what is known of them, and sought until found. Joins no records."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from bulou.basis.facts import PersonEnrolled
from bulou.basis.ids import new_id
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.soughtfacts import PersonSought
from bulou.desks.tracing.verbs import with_new
from bulou.kit.form import FactForm, dress
from bulou.kit.incidents import Named
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404
from bulou.kit.people import unit_options
from bulou.kit.verb import Acting, Problem, Verb


class WhoForm(FactForm):
    """The form of a verb about somebody, with what is known of them where they are on no register yet."""

    def __init__(self, verb: Verb, look: Looking, given: dict[str, Any], data: Any) -> None:
        self.verb, self.given = verb, given
        super().__init__(KINDS[verb.kind], verb.fields, given, look.language, look.zone, timed=verb.timed, now=look.about, data=data)
        self.fields["new_name"] = forms.CharField(label=_("Not on the register: name or description"), max_length=60, required=False)
        self.fields["new_phone"] = forms.CharField(label=_("Phone"), max_length=30, required=False)
        self.fields["new_where"] = forms.CharField(label=_("Where and when they were seen"), max_length=120, required=False)
        self.fields["new_known"] = forms.BooleanField(
            label=_("It is known who this is: the name and the telephone are theirs"), required=False
        )
        self.fields["new_area"] = forms.ChoiceField(label=_("Stays in"), required=False, choices=[("", "—"), *unit_options(look)])
        dress(self)


class Meant(NamedTuple):
    """Who is meant, and the enrolment of a stranger, whose ``name`` is what was written; or why nobody can be."""

    person: bytes | None
    name: str
    more: tuple[Fact, ...]
    problems: list[str]


def meant(request: HttpRequest, form: WhoForm, incident: Named, look: Looking) -> Meant:
    """Who was chosen, or who is enrolled: one of the two, never both. Whoever is not known by name is sought from then on."""
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
    more = [Fact(person, "person.enrolled", look.about, None, body)]
    chair = look.viewer.chair_for(form.verb.name)
    if "new_known" in said and not said["new_known"] and chair is not None:
        told = form.values()
        seen = PersonSought(
            person, name, chair.post, seen_where=said.get("new_where") or None, seen_from=told.get("exposed_from"), seen_until=told.get("exposed_until"),
            met=form.given.get("met"),
        )  # fmt: skip
        more.append(Fact(new_id(look.about), "person.sought", look.about, incident.id, seen))
    return Meant(person, name, tuple(more), [])


def with_stranger(of: Verb, more: tuple[Fact, ...]) -> Verb:
    """A verb with the enrolment of somebody who was on no register before, and with the search for them, under the incident of what is told."""
    whole = with_new(of, more, Problem("person", "此人已在名册:请从名册选择", "this person is on the register already: choose them there"))
    brings = whole.more
    assert brings is not None

    def under(acting: Acting, fact: Fact) -> Iterable[Fact]:
        return [f._replace(incident=fact.incident) if f.kind == "person.sought" else f for f in brings(acting, fact)]

    return replace(whole, more=under)
