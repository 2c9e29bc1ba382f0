"""For how long bulk visits are kept under an edition. Decides nothing else; a centre's own edition may say otherwise by a parameter.

The usual length is a proposal of this project and of no protocol: no text that was compared gives one.
"""

from typing import NamedTuple

from bulou.protocol.rules import Edition, Status

#: The name of the parameter by which an edition says it, in days.
PARAMETER = "visits_kept"
#: Two weeks: the longest that a contact is looked back for, as doors keep who passed.
USUAL_DAYS = 14


class Kept(NamedTuple):
    """For how many local days before today visits are kept, whose word that is and how far it was checked."""

    days: int
    source: str
    status: Status


def kept(edition: Edition | None) -> Kept:
    """The window of an edition: its parameter ``visits_kept``; else the usual, and never less than its exposures look back."""
    if edition is not None:
        for said in edition.parameters:
            if said.name == PARAMETER and isinstance(said.value, int) and said.value > 0:
                return Kept(said.value, said.citation, said.status)
    return Kept(max(USUAL_DAYS, edition.look_back if edition else 0), "本系统的提议 · proposed by Bulou", "unverified")
