"""How a search stands, by its hours; and the readings that would find somebody who is not found, each caught."""

from collections.abc import Callable, Iterable

import pytest

from bulou.basis.time import HOUR, Instant
from bulou.gaps.sought import NOT_FOUND, State, state_at

SINCE, NOW = Instant(10 * HOUR), Instant(20 * HOUR)
At = tuple[int, ...]
#: Whether another record is known, when somebody said who it is, when the search was abandoned, and how it stands.
ROWS: tuple[tuple[bool, At, At, State], ...] = (
    (False, (), (), "searched"),
    (True, (), (), "found"),
    (True, (), (12,), "found"),
    (False, (12,), (), "found"),
    (False, (12,), (11,), "found"),
    (False, (), (12,), "abandoned"),
    (False, (9,), (), "searched"),
    (False, (), (9,), "searched"),
    (False, (21,), (), "searched"),
    (False, (), (21,), "searched"),
    (False, (10,), (), "found"),
    (False, (), (20,), "abandoned"),
)
Engine = Callable[[Instant, bool, Iterable[Instant], Iterable[Instant], Instant], State]


def right(engine: Engine) -> bool:
    def hours(many: At) -> list[Instant]:
        return [Instant(h * HOUR) for h in many]

    return all(engine(SINCE, known, hours(found), hours(over), NOW) == state for known, found, over, state in ROWS)


def test_how_a_search_stands() -> None:
    assert right(state_at)
    assert NOT_FOUND == ("searched", "abandoned"), "whoever is no longer sought is not found either"


@pytest.mark.parametrize(
    "planted",
    [
        lambda since, known, found, over, about: "found" if known or list(found) or list(over) else "searched",
        lambda since, known, found, over, about: "found" if known or list(found) else "abandoned" if list(over) else "searched",
        lambda since, known, found, over, about: state_at(Instant(0), known, found, over, about),
        lambda since, known, found, over, about: state_at(since, False, found, over, about),
        lambda since, known, found, over, about: (
            "abandoned" if any(since <= at <= about for at in over) else state_at(since, known, found, (), about)
        ),
    ],
    ids=("abandoned is found", "hours do not matter", "before the search", "joining finds nobody", "abandoned outlives found"),
)
def test_a_planted_reading_is_caught(planted: Engine) -> None:
    assert not right(planted)
