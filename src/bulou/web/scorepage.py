"""The page of an exercise's score: shows what ``bulou exercise score --home`` kept beside the ledger, in an exercise's home or a demo's and nowhere else.

Reckons nothing, and reads no ledger: what stands there was worked out by code that knows none of the platform's.
"""

import json
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from bulou.basis.words import LISTS, Word
from bulou.exercise.score import FILE
from bulou.exercise.score.said import lines
from bulou.kit.centre import drill
from bulou.kit.looking import Looking
from bulou.kit.page import page, show

_TITLE = Word("演练评分", "Score of the exercise")


def kept() -> dict[str, Any] | None:
    """The score in this home; None where there is none, or one that this version cannot read."""
    path = Path(settings.BULOU_HOME) / FILE
    if not path.is_file():
        return None
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        lines(told)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return told


@page("score", "exercise/score", "演练评分", "Score of the exercise", desk="command", sample="")
def score_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Three numbers that must be zero, found beside infected by the day, and everything else as a table."""
    if not drill():
        raise Http404
    told = kept()
    found: dict[str, Any] = {"title": look.say(_TITLE), "score": told}
    if told:
        said = lines(told)
        parts = [(part, list(some)) for part, some in groupby(said, key=lambda line: line.part)]
        found |= {"zeros": parts[0][1], "parts": parts[1:], "curve": _curve(told, look), "wrong": _wrong(told)}
    return show(request, "web/score.html", found)


def _curve(told: dict[str, Any], look: Looking) -> dict[str, Any]:
    """Found and infected so far, at the end of each day."""
    by_day, first = told["found"]["by_day"], date.fromisoformat(told["first_day"])
    days = [(first + timedelta(days=d["day"] - 1)).isoformat() for d in by_day]
    names = (
        ("found", Word("累计找到", "found so far"), "bar"),
        ("infected", Word("累计感染(真相)", "infected so far (the truth)"), "line"),
    )
    return {
        "days": days, "unit": look.pick(LISTS["unit"], "people"), "axis": look.say(Word("演练日", "day of the exercise")),
        "series": [{"id": code, "name": look.say(word), "kind": kind, "values": [d[code] for d in by_day]} for code, word, kind in names],
    }  # fmt: skip


def _wrong(told: dict[str, Any]) -> list[tuple[str, str]]:
    """The first of what is not zero, one by one: which of the three, and what it is about."""
    return [
        (name, " · ".join(f"{k} {v}" for k, v in one.items() if v is not None))
        for name, zero in told["zeros"].items()
        for one in zero["which"][:20]
    ]
