"""Copy as message: any list or figure as a short text for a chat group, with its unit and both hours. Names masked, whatever its reader sees.

Document numbers are never in it; what was typed into a filter neither, for it may be a name. It sends nothing: a person copies it.
"""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.masks import scrubbed
from bulou.basis.words import LISTS, Word
from bulou.kit.centre import drill
from bulou.kit.exports import masked
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.kit.sheet import EXERCISE, SHEETS, Col, Listed, Narrow, Sheet
from bulou.lists.message import MOST_LINES, Line, message

#: Columns of a row that are said in one line of a message, beside the one that it is known by.
MOST_COLUMNS = 4
TITLE, ROWS = Word("复制为消息", "Copy as message"), Word("条", "rows")


def copied(
    request: HttpRequest, look: Looking, *, title: str, count: int, unit: str, lines: Sequence[Line], source: str, back: str,
    about: str = "", known: str = "", masked_already: bool = False,
) -> HttpResponse:  # fmt: skip
    """The page with the text to copy. ``lines``: the first of those counted; the rest is a number. ``masked_already``: by a look that
    sees nobody unmasked (``exports.masked``), so that what is no person's name stands as it is."""
    said = message(
        title, [(_("in all"), count, unit)], lines, about=about or look.time(look.about), known=known or look.time(look.moment.known), source=source,
        lang=look.language, unmasked=masked_already, whole=count,
    )  # fmt: skip
    text = f"{EXERCISE}\n{said}" if drill() else said
    return show(request, "kit/message.html", {"title": look.say(TITLE), "text": text, "rows": min(30, text.count("\n") + 2), "back": back})


@page("list-message", "messages/<slug:name>", "清单复制为消息", "A list as a message", desk="shell", sample="sheet-message")
def list_message(request: HttpRequest, look: Looking, name: str) -> HttpResponse:
    """A list as it is filtered, as a text for a chat group: how many, then the first of them, masked."""
    sheet = SHEETS.get(name)
    if sheet is None or not look.viewer.sees(sheet.desk):
        raise Http404
    listed = Listed(sheet, masked(look), request)
    columns = [c for c in sheet.columns if not c.act and c.manner != "document"]
    said = " · ".join([look.say(sheet.word), *(w for n in sheet.narrows if (w := _narrowed(n, request.GET.get(n.name, ""), look)))])
    return copied(
        request, look, title=said, count=listed.rows.count(), unit=look.say(ROWS), lines=[_line(row, columns, listed) for row in listed.first(MOST_LINES)],
        source=_("list “%(list)s” of Bulou") % {"list": look.say(sheet.word)}, back=_back(sheet, request), masked_already=True,
    )  # fmt: skip


def _back(sheet: Sheet, request: HttpRequest) -> str:
    return f"{reverse(f'sheet-{sheet.name}')}?{request.GET.urlencode()}"


def _narrowed(narrow: Narrow, value: str, look: Looking) -> str:
    """What a list was narrowed to, where that is a choice: what was typed may be a name."""
    if not value:
        return ""
    if narrow.words:
        return look.pick(LISTS[narrow.words], value)
    if narrow.area:
        return look.area(value)
    chosen = dict(narrow.choices(look)).get(value, "") if narrow.choices else ""
    return str(chosen)


def _line(row: object, columns: Sequence[Col], listed: Listed) -> Line:
    """One row: what it is known by, and the columns beside it. Numbers of persons that someone wrote into words are taken out."""
    first = next((c for c in columns if c.strong), columns[0])
    texts = [scrubbed(t) for c in columns if c is not first and (t := c.text(row, listed.look).strip())]
    # What a row is known by passed the masks; a tube's number looks like a person's and must stay.
    return Line(first.text(row, listed.look), None, None, " · ".join(texts[:MOST_COLUMNS]))
