"""The form by which a difference is explained or passed on, wherever it is shown; and what is told when it was sent. Enters nothing."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulou.basis.words import LISTS
from bulou.desks.compare.settling import Done, post_words
from bulou.kit.looking import Looking
from bulou.register.roles import roles


def takers(look: Looking) -> list[tuple[str, str]]:
    """The posts whose role opens the bench, but for the viewer's own: to whom a difference can be passed."""
    chairs = sorted(c for post in look.posts.established if (c := look.posts.chair(post, look.about)) and "compare" in roles()[c.role].sees)
    own = {c.post for c in look.viewer.chairs}
    return [(c.post, post_words(look, c.post)) for c in chairs if c.post not in own]


def places(look: Looking) -> list[tuple[str, str]]:
    """Streets and villages of the whole centre: what is not ours is another's, and their areas are no secret."""
    book, found = look.areas, list[tuple[str, str]]()
    for town in book.below.get(book.root, []):
        found.append((town, book.name(town, look.language)))
        found += [(v, "\u3000" + book.name(v, look.language)) for v in book.below.get(town, [])]
    return found


def choices(look: Looking) -> dict[str, Any]:
    """What the form offers."""
    said = {name: [(code, look.say(word)) for code, word in LISTS[name].items()] for name in ("explained", "not_mine")}
    return {"reasons": said["explained"], "not_mine": said["not_mine"], "takers": takers(look), "places": places(look)}


def asked(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    """What a form says: the act, and its values."""
    text = {k: request.POST.get(k, "").strip() for k in ("act", "reason", "cut_off", "why", "to")}
    if text["act"] == "explained":
        return "explained", {"reason": text["reason"], "cut_off": text["cut_off"] or None}
    if text["act"] != "passed":
        raise Http404
    kind, _mark, code = text["to"].partition(":")
    to = {"to_post": code if kind == "post" else None, "to_area": code if kind == "area" else None}
    return "passed", {"reason": text["why"], **to}


def tell(request: HttpRequest, look: Looking, act: str, done: Done) -> None:
    """Says what became of a press: how many, how many are left, and every reason why not."""
    if done.done:
        words = {
            "explained": ngettext("%(n)d difference explained.", "%(n)d differences explained.", done.done),
            "passed": ngettext("%(n)d difference passed on.", "%(n)d differences passed on.", done.done),
        }
        text = words.get(act, ngettext("%(n)d difference open again.", "%(n)d differences open again.", done.done))
        messages.success(request, text % {"n": done.done})
    for problem, n in done.refused.most_common():
        why = problem.en if look.language == "en" else problem.zh
        messages.error(request, ngettext("%(n)d left as it was: %(why)s", "%(n)d left as they were: %(why)s", n) % {"n": n, "why": why})
    if done.left:
        messages.warning(request, _("%(n)d more are left: press once more.") % {"n": done.left})
    if not (done.done or done.refused):
        messages.warning(request, _("Nobody was chosen: tick some, or choose all that are shown."))
