"""Every planted engine is caught, each by a law that names it; the true engine passes the same laws on the same histories.

The twelfth planted engine, which ignores a later change of post, is about who answers: tests/unit/test_answer.py.
"""

from __future__ import annotations

import pytest

from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.duties.memory import Memory
from bulou.protocol.read import shipped
from tests.histories import Director, protocol_of
from tests.planted import engines
from tests.property.laws import broken_law

EDITION = shipped()["covid19/cn-7"]
#: Rules with different words: a pool, a judgement with two openers, an order with days, a zone, a rule on duties.
RULES = ("recall.single", "close.place", "close.test", "zone.visit.medium", "contact.judge")
SEEDS = 150

#: Which law catches which planted engine.
CAUGHT_BY = {
    "ForwardOnly": "whole set",
    "OnlyAdds": "whole set",
    "LastArrivalWins": "whole set",
    "EarlierArrivingLaterIgnored": "whole set",
    "WithdrawalIgnored": "whole set",
    "OpenerWithdrawnDutyKept": "whole set",
    "SecondExposureDoubles": "whole set",
    "IncidentsMixed": "whole set",
    "RegisterNotAsOf": "as of every entry",
    "ClosingOverwritten": "as of every entry",
    "OtherBodyAccepted": "one id, one content",
}


def laws_broken(engine: type[Memory], most: int = SEEDS) -> set[str]:
    broken: set[str] = set()
    for name in RULES:
        rule = EDITION.rule(name)
        assert rule
        protocol = protocol_of(EDITION, rule)
        for seed in range(most):
            entries: list[tuple[list[Fact], Instant]] = Director(EDITION, rule, seed).history()
            law = broken_law(engine(protocol), entries)
            if law:
                broken.add(law.split(":")[0])
                break
    return broken


@pytest.mark.parametrize("engine", engines.ENGINES, ids=lambda e: e.__name__)
def test_planted_engine_is_caught(engine: type[Memory]) -> None:
    assert CAUGHT_BY[engine.__name__] in laws_broken(engine)


def test_true_engine_breaks_no_law() -> None:
    assert laws_broken(Memory, 60) == set()


def test_every_planted_engine_has_its_law() -> None:
    assert {e.__name__ for e in engines.ENGINES} == set(CAUGHT_BY)
