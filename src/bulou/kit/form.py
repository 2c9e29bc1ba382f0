"""Forms made from the declaration of a kind of fact: one field of the body, one field of the form, in the viewer's language."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from bulou.basis.ids import from_text, to_text
from bulou.basis.kinds import Field, Kind
from bulou.basis.time import Instant, format_local, parse_local
from bulou.basis.words import FIELD, LISTS, Word
from bulou.kit.looking import Looking
from bulou.kit.verb import Problem


class LocalTime(forms.CharField):
    """A local time of the centre: ``2020-12-07 21:00``; 24:00 ends a day. Cleans to an instant."""

    def __init__(self, *, zone: ZoneInfo, **kwargs: Any) -> None:
        self.zone = zone
        super().__init__(**kwargs)
        self.widget.attrs.update({"placeholder": "YYYY-MM-DD HH:MM", "inputmode": "numeric", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        return format_local(Instant(value), self.zone) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Instant | None:  # type: ignore[override]  # cleans to an instant, not to text
        if value in (None, ""):
            return None
        if isinstance(value, int):
            return Instant(value)
        try:
            return parse_local(str(value).replace("T", " "), self.zone)
        except ValueError:
            raise forms.ValidationError(_("Write a local time as YYYY-MM-DD HH:MM, for example 2020-12-07 21:00.")) from None


class LocalDay(forms.CharField):
    """A day ``YYYY-MM-DD``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.update({"placeholder": "YYYY-MM-DD", "autocomplete": "off"})

    def to_python(self, value: Any) -> str | None:
        if value in (None, ""):
            return None
        try:
            return datetime.strptime(str(value).strip(), "%Y-%m-%d").date().isoformat()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            raise forms.ValidationError(_("Write a day as YYYY-MM-DD, for example 2020-12-07.")) from None


class IdInput(forms.CharField):
    """An id in its text form."""

    def prepare_value(self, value: Any) -> Any:
        return to_text(value) if isinstance(value, bytes) else value

    def to_python(self, value: Any) -> bytes | None:  # type: ignore[override]  # cleans to an id, not to text
        if value in (None, ""):
            return None
        if isinstance(value, bytes):
            return value
        try:
            return from_text(str(value))
        except ValueError:
            raise forms.ValidationError(_("This is not an id that the register knows.")) from None


def say(word: Word, language: str) -> str:
    return word.en if language == "en" else word.zh


def form_field(field: Field, language: str, zone: ZoneInfo, initial: Any = None, *, hidden: bool = False) -> forms.Field:
    """The form field for one field of a body."""
    common: dict[str, Any] = {
        "label": say(FIELD[field.name], language), "required": not field.optional and field.type != "bool", "initial": initial,
    }  # fmt: skip
    made: forms.Field
    if field.words and not hidden:
        choices = [(code, say(word, language)) for code, word in LISTS[field.words].items()]
        made = forms.ChoiceField(choices=[("", "—"), *choices] if field.optional or initial is None else choices, **common)
    else:
        match field.type:
            case "instant":
                made = LocalTime(zone=zone, **common)
            case "day":
                made = LocalDay(**common)
            case "id":
                made = IdInput(**common)
            case "int":
                made = forms.IntegerField(min_value=0, **common)
            case "float":
                made = forms.FloatField(**common)
            case "bool":
                made = forms.BooleanField(**common)
            case _:
                long = field.name in ("note", "reason", "words", "supplies")
                made = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 2}) if long else None, **common)
    if hidden:
        made.widget = made.hidden_widget()
    return made


class FactForm(forms.Form):
    """A form for one kind of fact. ``asked`` are shown, ``given`` ride along hidden; the rest keep the body's defaults."""

    def __init__(
        self, kind: Kind, asked: Iterable[str], given: Mapping[str, Any], language: str, zone: ZoneInfo, *, timed: bool, now: Instant,
        data: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(data)
        self.kind = kind
        asked = tuple(asked)
        usual = getattr(kind.body, "_field_defaults", {})
        for name in [*asked, *(g for g in given if g not in asked)]:
            field = kind.field(name)
            if field is not None:
                self.fields[name] = form_field(field, language, zone, given.get(name, usual.get(name)), hidden=name not in asked)
        if timed:
            self.fields["at"] = LocalTime(zone=zone, label=_("When it happened"), initial=now, show_hidden_initial=True)
        for field_ in self.fields.values():
            _dress(field_)

    def at(self) -> Instant | None:
        """When it happened, if someone said so. Left as it was shown, to the minute, it is the hour of entering: the beginning
        of the minute may lie before the fact that asked for it, and would answer nothing."""
        at: Instant | None = self.cleaned_data.get("at") if "at" in self.changed_data else None
        return at

    def values(self) -> dict[str, Any]:
        """The body's values, as the kind's defaults have it where nothing was said."""
        defaults = getattr(self.kind.body, "_field_defaults", {})
        found: dict[str, Any] = {}
        for field in self.kind.fields:
            value = self.cleaned_data.get(field.name)
            if value in (None, ""):
                value = False if field.type == "bool" and field.name in self.fields else defaults.get(field.name)
            found[field.name] = value
        return found


def _dress(field: forms.Field) -> None:
    """Tabler's classes on Django's widgets."""
    widget = field.widget
    if isinstance(widget, forms.Select):
        widget.attrs.setdefault("class", "form-select")
    elif isinstance(widget, forms.CheckboxInput):
        widget.attrs.setdefault("class", "form-check-input")
    elif not isinstance(widget, forms.HiddenInput):
        widget.attrs.setdefault("class", "form-control")


def dress(form: forms.Form) -> forms.Form:
    """The same classes on a form that a desk wrote by hand."""
    for field in form.fields.values():
        _dress(field)
    return form


def reasons(problems: Iterable[Problem], look: Looking, form: forms.Form | None = None) -> list[str]:
    """Why an act was refused, in the viewer's language: with a form each reason goes to the field it is about, the rest are given."""
    rest = []
    for problem in problems:
        text = problem.en if look.language == "en" else problem.zh
        if form is not None and problem.field in form.fields:
            form.add_error(problem.field, text)
        else:
            rest.append(text)
    return rest
