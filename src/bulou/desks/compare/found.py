"""What every page of an answer needs: which comparison, its answer, which page of how many, what a figure is called. Shows nobody.

A comparison is seen by its maker and the posts that it was handed to; for everyone else it is not there.
"""

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from bulou.desks.compare import kept
from bulou.desks.compare.answer import PER_PAGE, Answer, head
from bulou.desks.compare.models import Comparison
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404
from bulou.lists.comparing import LETTERS
from bulou.lists.findings import UNITS


def found_or_404(look: Looking, comparison: str) -> Comparison:
    """A comparison that the viewer may see; anybody else's is not there."""
    found = kept.visible(look).filter(pk=id_or_404(comparison)).first()
    if found is None:
        raise Http404
    return found


def answer_of(found: Comparison) -> Answer:
    """Its answer; not found where there is none yet."""
    folder = kept.folder(found.pk) / "answer"
    if found.state != "done" or not (folder / "answer.json").exists():
        raise Http404
    return Answer(folder)


def page_number(request: HttpRequest) -> int:
    """Which page is asked for, from 1."""
    text = request.GET.get("page", "")
    return max(1, int(text)) if text.isdigit() and len(text) < 8 else 1


def group_word(answer: Answer, group: str, look: Looking) -> tuple[str, str, str]:
    """What a group is called, what it counts, and its unit."""
    said, lang, unit = answer.said, look.language, look.say(UNITS["people"])
    for f in said["figures"]:
        if f["code"] == group:
            return f["word"][lang], f["means"][lang], unit
    kind, _mark, rest = group.partition("_")
    if kind == "mask":
        word = next((r["word"][lang] for r in said["regions"] if str(r["mask"]) == rest), "")
        return word, _("Those who are in exactly these lists."), unit
    if kind == "area":
        return said["areas"][int(rest)]["word"][lang], _("Everyone who counts in this area, each once."), unit
    if kind in ("none", "two"):
        letter, _mark, field = rest.partition("_")
        text = _("in no class of %(list)s") if kind == "none" else _("in two classes of %(list)s")
        return (
            text % {"list": letter} + f" · {look.say(head(field))}",
            _("Counted by what the column of this list says of each person."),
            unit,
        )
    if kind == "in":
        return _("in %(list)s") % {"list": rest}, said["lists"][LETTERS.index(rest)]["name"], unit
    if kind == "bridge":
        number, _mark, code = rest.partition("_")
        bridge = said["bridges"][int(number)]
        return next(t["word"][lang] for t in bridge["terms"] if t["code"] == code), f"{bridge['from']} → {bridge['to']}", unit
    return _("not in every list"), _("Missing in at least one of the lists."), unit


def paging(number: int, count: int) -> dict[str, int]:
    """What a page says of where it stands; not found beyond the last."""
    pages = max(1, -(-count // PER_PAGE))
    if number > pages:
        raise Http404
    return {"number": number, "pages": pages, "count": count}


def keys_of_lists(answer: Answer) -> list[dict[str, str]]:
    """Which letter is which list."""
    return [{"letter": LETTERS[i], "name": x["name"]} for i, x in enumerate(answer.said["lists"])]
