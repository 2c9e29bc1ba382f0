"""Which single datum would say most: planted outbreaks where the answer is known, what is certain, what is given already."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bulou.assessment.asking import ASKED, incubation, worth
from bulou.assessment.chains import Model, Reconstruction, States, reconstruct
from bulou.assessment.refusing import Unusable
from tests.assessment.outbreaks import F, W
from tests.assessment.test_chains import call, files

MODEL = Model(sites=10_000, sweeps=1000, temperatures=4)


def drawn(ancestor: list[list[int]], day: list[list[int]] | None = None, mu: float = 1e-4) -> Reconstruction:
    """A reconstruction as if these trees had been drawn, the first half of them by one start, the second by another."""
    a = np.array(ancestor)
    n = a.shape[1]
    support = np.stack([[(a[:, i] == j).mean() for j in (*range(n), -1)] for i in range(n)])
    days = np.zeros_like(a) if day is None else np.array(day)
    par = np.tile((mu, 0.9, 0.8, 0.1), (len(a), 1))
    return Reconstruction(support, np.ones_like(support), mu, 0.9, 0.8, 0.1, 0.0, 0.0, 1.0, 0.2, States(days, a, np.ones_like(a), par))


def every(*sources: int) -> list[list[int]]:
    """Draws in which case 3 has each of these sources as often, in an order that hangs on nothing else."""
    source = np.random.default_rng(1)
    return [[-1, -1, -1, int(s)] for s in source.permutation(np.repeat(sources, 2000 // len(sources)))]


def h(p: float) -> float:
    """Bits of a yes or no."""
    return 0.0 if p in (0.0, 1.0) else float(-p * np.log2(p) - (1 - p) * np.log2(1 - p))


def test_a_contact_says_what_its_answer_is_expected_to_say() -> None:
    found = worth(drawn(every(0, 0, 0, 1, 1, 2, 2, -1)), onsets=False)
    assert found.entropy == {3: pytest.approx(1.906, abs=0.001)}
    yes, error = ASKED[0], ASKED[0] * ASKED[1]
    best = found.best()
    assert best is not None and (best.kind, best.case, best.other) == ("contact", 0, 3)
    assert best.bits[3] == pytest.approx(h(0.375 * yes + 0.625 * error) - 0.375 * h(yes) - 0.625 * h(error), abs=0.01)
    assert found.of(3) == best
    # asked already: the next best pair
    again = worth(drawn(every(0, 0, 0, 1, 1, 2, 2, -1)), [(3, 0)], onsets=False)
    assert 3 in again.entropy
    assert all((d.case, d.other) != (0, 3) for d in again.data)


def test_a_sequence_tells_forebears_apart_only_where_theirs_differ() -> None:
    unlike = np.array([[0, 9, 9, -1], [9, 0, 9, -1], [9, 9, 0, -1], [-1, -1, -1, 0]])
    draws = drawn(every(0, 1, 2))
    found = worth(draws, snp=unlike, sites=10_000, onsets=False)
    best = found.best()
    assert best is not None and (best.kind, best.case) == ("sequence", 3)
    assert best.bits[3] == pytest.approx(np.log2(3), abs=0.03)  # all that is open
    twins = unlike.copy()
    twins[0, 1] = twins[1, 0] = 0
    found = worth(draws, snp=twins, sites=10_000, onsets=False)
    (bits,) = (d.bits[3] for d in found.data if d.kind == "sequence")
    assert bits == pytest.approx(h(1 / 3), abs=0.03)
    alike = np.zeros((4, 4), int)
    alike[3, :3] = alike[:3, 3] = -1
    assert all(d.kind == "contact" for d in worth(draws, snp=alike, sites=10_000, onsets=False).data)


def test_a_day_of_onset_says_what_the_day_of_infection_says() -> None:
    trees = every(0, 1, 2)
    apart = worth(drawn(trees, [[0, 0, 0, 60 * t[3]] for t in trees]))
    best = apart.best()
    assert best is not None and (best.kind, best.case) == ("onset", 3)
    assert best.bits[3] == pytest.approx(np.log2(3), abs=0.03)
    same = worth(drawn(trees, [[0, 0, 0, 5] for _ in trees]))
    assert all(d.kind == "contact" for d in same.data)
    assert incubation().sum() == pytest.approx(1)
    assert (incubation() * np.arange(23)).sum() == pytest.approx(5.75, abs=0.1)  # its mean, 6.492272 * gamma(1 + 1 / 2.322737)


@pytest.mark.landing
def test_the_planted_outbreak_is_asked_for_the_sequence_that_is_missing() -> None:
    """Three importations of unlike strains on one day; the fourth case has no sequence, and may be of any. The fifth is resolved."""
    snp = np.array([[0, 12, 14, -1, 1], [12, 0, 10, -1, 13], [14, 10, 0, -1, 15], [-1] * 5, [1, 13, 15, -1, 0]])
    found = reconstruct([6, 6, 6, 12, 12], W, F, snp=snp, imported=[True, True, True, False, False], model=MODEL)
    asked = worth(found, snp=snp, sites=10_000)
    assert [*asked.entropy] == [3]
    best = asked.of(3)
    assert best is not None and (best.kind, best.case) == ("sequence", 3)
    assert best.bits[3] > 0.6 * asked.entropy[3]
    assert best == asked.best()


def test_what_is_certain_asks_for_nothing() -> None:
    assert worth(drawn([[-1, 0, 1, 2]] * 10)) == ({}, [])
    with pytest.raises(Unusable):
        worth(Reconstruction(np.eye(2), np.eye(2), 0, 0, 0, 0, 0, 0, 0, 0))


def test_the_command_says_it(tmp_path: Path) -> None:
    paths = {k: v for k, v in files(tmp_path).items() if k not in ("contacts", "snp")}
    done = call(paths, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["facts"]["doubt_bits"] == pytest.approx(sum(row["entropy"] for row in told["next"]))
    assert any("would most raise certainty" in note["en"] and "最有用的一件事" in note["zh"] for note in told["notes"])
    assert {row.get("kind", "contact") for row in told["next"]} <= {"contact", "onset"}
    asked = json.loads(call(paths, "--json", "--day-of", "onset").stdout)["next"]
    assert {row.get("kind", "contact") for row in asked} == {"contact"}
