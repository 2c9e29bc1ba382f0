"""Writes choices of a form without a template for each of them: a list of areas has hundreds, on every page that is narrowed by one."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

SELECT = "django/forms/widgets/select.html"


class Renderer(DjangoTemplates):
    """Django's own renderer, but for what is chosen from a list."""

    def render(self, template_name: str, context: Any, request: Any = None) -> str:
        if template_name == SELECT:
            return SafeString("".join(_select(context["widget"])))
        return super().render(template_name, context, request)


def _select(widget: Mapping[str, Any]) -> Iterator[str]:
    """The same text as Django's template writes, but for its empty lines."""
    yield f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget["attrs"])}>'
    for group, options, _index in widget["optgroups"]:
        if group:
            yield f'\n  <optgroup label="{conditional_escape(group)}">'
        for option in options:
            value = conditional_escape(str(option["value"]))
            yield f'\n  <option value="{value}"{_attributes(option["attrs"])}>{conditional_escape(option["label"])}</option>'
        if group:
            yield "\n  </optgroup>"
    yield "\n</select>"


def _attributes(attrs: Mapping[str, Any]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{conditional_escape(str(value))}"'
        for name, value in attrs.items()
        if value is not False
    )
