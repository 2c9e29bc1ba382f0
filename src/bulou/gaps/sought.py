"""How a search for somebody who was only described stands. Pure; joins no records and finds nobody.

``searched`` and ``abandoned`` are both not found: giving up finds nobody, and whoever is not found stays whatever they were judged.
"""

from collections.abc import Iterable
from typing import Literal

from bulou.basis.time import Instant

State = Literal["searched", "abandoned", "found"]
NOT_FOUND: tuple[State, ...] = ("searched", "abandoned")


def state_at(since: Instant, known: bool, found: Iterable[Instant], abandoned: Iterable[Instant], about: Instant) -> State:
    """The state of a search that began at ``since``. ``known``: a record that nobody seeks is of the same person; ``found`` and ``abandoned``: the
    hours of facts that say who they are, and that the search was given up. What lay before the search says nothing of it."""
    if known or any(since <= at <= about for at in found):
        return "found"
    return "abandoned" if any(since <= at <= about for at in abandoned) else "searched"
