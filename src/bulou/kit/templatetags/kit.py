"""What templates say: words in the viewer's language, hours of the centre, names as the viewer sees them."""

from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bulou.basis.ids import to_text
from bulou.basis.words import LISTS, Word
from bulou.kit.areas import area_href
from bulou.kit.looking import Looking
from bulou.register.scope import Viewer

register = template.Library()


def _look(context: Any) -> Looking:
    look: Looking = context["look"]
    return look


@register.simple_tag(takes_context=True)
def say(context: Any, word: Word) -> str:
    """A word in the viewer's language."""
    return _look(context).say(word)


@register.simple_tag(takes_context=True)
def pick(context: Any, words: str, code: str | None) -> str:
    """A word of a closed list."""
    return _look(context).pick(LISTS[words], code)


@register.simple_tag(takes_context=True)
def when(context: Any, at: int | None) -> str:
    """An instant as a local time."""
    return _look(context).time(at)


@register.simple_tag(takes_context=True)
def due(context: Any, at: int | None) -> str:
    """A deadline as a local time: 24:00 of the day that it ends."""
    return _look(context).time(at, deadline=True)


@register.simple_tag(takes_context=True)
def area(context: Any, code: str | None) -> str:
    """An area with what lies above it."""
    return _look(context).area(code)


@register.simple_tag(takes_context=True)
def area_link(context: Any, code: str | None) -> SafeString:
    """An area with what lies above it, leading to its page where the viewer may open that."""
    look = _look(context)
    href = area_href(code, look)
    return format_html('<a href="{}">{}</a>', href, look.area(code)) if href else format_html("{}", look.area(code))


@register.simple_tag(takes_context=True)
def who(context: Any, person: bytes | None) -> str:
    """A person's name as this viewer sees it."""
    return _look(context).name(person)


@register.simple_tag(takes_context=True)
def person_link(context: Any, person: bytes, text: str = "") -> SafeString:
    """A person's name, leading to their page where the viewer's role opens it."""
    look = _look(context)
    shown = text or look.name(person)
    if not look.viewer.sees("people"):
        return format_html("{}", shown)
    return format_html('<a href="{}">{}</a>', reverse("person", kwargs={"person": to_text(person)}), shown)


@register.simple_tag(takes_context=True)
def tube_link(context: Any, tube: str) -> SafeString:
    """A tube's code, leading to its page where the viewer's role opens it."""
    if not _look(context).viewer.sees("testing"):
        return format_html("{}", tube)
    return format_html('<a href="{}">{}</a>', reverse("tube", kwargs={"tube": tube}), tube)


@register.simple_tag(takes_context=True)
def state(context: Any, code: str) -> SafeString:
    """A state as a badge: colour, sign and word."""
    return format_html('<span class="st" data-state="{}">{}</span>', code, _look(context).pick(LISTS["state"], code))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; with a label it is a picture, without it is decoration."""
    href = static("bulou/icons.svg") + f"#i-{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)


@register.filter
def uuid(value: bytes | None) -> str:
    """An id for a URL."""
    return to_text(value) if value else ""


@register.filter
def opens(viewer: Viewer, desk: str) -> bool:
    """Whether the viewer's role opens a desk."""
    return viewer.sees(desk)


@register.filter
def grouped(value: int | None) -> str:
    """Digits grouped by thousands with a thin space; nothing known is a dash."""
    return "—" if value is None else f"{value:,}".replace(",", "\u202f")
