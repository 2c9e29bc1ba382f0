"""Verbs that are shown before they are done, for programs: what each asks for, what it would enter, what is said first. Enters nothing.

A page shows the evidence and what follows, and a person presses. A program gets the same in two steps (``kit.httpconfirm``): what would
follow with a code, then the act with that code. A desk declares here what its page does beside the checks of its verb.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from bulou.basis.time import Instant
from bulou.basis.words import Word
from bulou.duties.enter import Receipt
from bulou.kit.looking import Looking
from bulou.kit.verb import SHOWN_FIRST, VERBS, Verb


class More(NamedTuple):
    """Something that is asked for and is no field of the fact: its word, its type (as of a kind's field), whether there may be several."""

    word: Word
    type: str = "text"
    optional: bool = False
    many: bool = False


class Asking(NamedTuple):
    """Who asks for what: the request, the eyes, what was said by field, the fact's id, the incident and the hour that were said."""

    request: HttpRequest
    look: Looking
    said: dict[str, Any]
    id: bytes
    incident: bytes | None
    at: Instant | None


class Meant(NamedTuple):
    """What would be entered: the verb with whatever belongs to the same entry, its values, and what is said before.

    ``bound``: what must still be so when it is confirmed, beside what was sent (the text of an edition, whom an order replaces).
    """

    verb: Verb
    values: Mapping[str, Any]
    shows: tuple[str, ...] = ()
    bound: str = ""
    incident: bytes | None = None
    at: Instant | None = None


#: Done with the act, in its transaction: what the answer alone says (a link, a PIN), or the answer itself (a file).
Carry = Callable[[Asking, Meant, Receipt], dict[str, str] | HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A verb shown first. ``fields`` of its fact are said by a program, ``more`` beside them; ``maybe`` may be left out though the fact
    needs them, because ``means`` finds them. ``means`` refuses as the page does (``Refused``, or not found). ``same``: whether what
    stands under an id is what is sent now, where the fact does not say all of it."""

    name: str
    fields: tuple[str, ...]
    means: Callable[[Asking], Meant]
    more: Mapping[str, More] = field(default_factory=dict)
    maybe: frozenset[str] = frozenset()
    carry: Carry | None = None
    gives: Mapping[str, Word] = field(default_factory=dict)
    #: The type of a file with which the act is answered in place of JSON.
    file: str = ""
    same: Callable[[Asking], bool] | None = None


CONFIRMED: dict[str, Confirmed] = {}


def confirmed(declared: Confirmed) -> Confirmed:
    """Declares how a verb that is shown first is asked for by a program."""
    if declared.name not in SHOWN_FIRST or declared.name in CONFIRMED:
        raise ValueError(f"{declared.name} is not shown first, or is declared twice")
    CONFIRMED[declared.name] = declared
    return declared


def plainly(name: str) -> Callable[[Asking], Meant]:
    """The act as its fields say it, where the checks of the verb are all that its page asks."""

    def means(asking: Asking) -> Meant:
        return Meant(VERBS[name], asking.said, incident=asking.incident, at=asking.at)

    return means
