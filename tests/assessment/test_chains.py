"""Who infected whom: published likelihoods, agreement of starts, refusal, calibration, what shifts and permutes, bad input."""

from __future__ import annotations

import csv
import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from bulou.assessment.chains import DRAWN, Model, Reconstruction, convolved, log_likelihood, reconstruct
from bulou.assessment.compatible import compatible
from bulou.assessment.refusing import NoAnswer, Unusable
from bulou.cli import main
from tests.assessment.outbreaks import F, W, calibration_error, outbreak
from tests.data import published
from tests.run import drawn

FAST = Model(sites=10_000, sweeps=1500, temperatures=6)


# --- outbreaker2's own outbreak of 30 cases -------------------------------------------------------------------------------
class Reference:
    """The files of the reference outbreak, as arrays."""

    def __init__(self) -> None:
        self.root = published("reference")
        cases = self.rows("outbreaker2_fake_outbreak_cases.csv")
        self.onset = np.array([int(c["onset"]) for c in cases])
        self.sampled = np.array([int(c["sample"]) for c in cases])
        self.source = np.array([-1 if c["true_ances"] == "NA" else int(c["true_ances"]) - 1 for c in cases])
        lines = (self.root / "outbreaker2_fake_outbreak_snpdist.csv").read_text().split("\n")[1:31]
        self.snp = np.array([[int(x) for x in line.split(",")[1:]] for line in lines])
        self.own, self.good = self.pairs("ctd"), self.pairs("ctd_eps0.9_lambda0.1")
        table = [line.split(",") for line in (self.root / "outbreaker2_fake_outbreak_log_w_dens.csv").read_text().split("\n")[1:] if line]
        self.log_w = np.full((5, 22), -np.inf)
        self.log_w[:, 1:] = np.array(table, float)
        self.log_f = np.array([-np.inf, *map(float, (self.root / "outbreaker2_fake_outbreak_log_f_dens.csv").read_text().split()[1:])])
        self.w = [0.0] + [float(r["w"]) for r in self.rows("outbreaker2_fake_outbreak_w.csv")]

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.root / name).open() as f:
            return list(csv.DictReader(f))

    def pairs(self, name: str) -> list[tuple[int, int]]:
        return [(int(r["i"]) - 1, int(r["j"]) - 1) for r in self.rows(f"outbreaker2_fake_outbreak_{name}.csv")]

    def sample(self, contacts: list[tuple[int, int]] | None, **more: Any) -> Reconstruction:
        f = np.exp(self.log_f)
        return reconstruct(self.sampled.tolist(), self.w, (f / f.sum()).tolist(), contacts, self.snp, (self.source < 0).tolist(),
                           model=Model(**{"sites": 10_000, **more}), log_w=self.log_w)  # fmt: skip


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference()


def test_likelihood_at_fixed_states(reference: Reference) -> None:
    one = np.ones(30, int)
    contact = np.zeros((30, 30), bool)
    for a, b in reference.own:
        contact[a, b] = contact[b, a] = True
    state = (reference.onset, reference.source, one, reference.sampled, reference.log_w, reference.log_f)
    parts = -358.57000330113 - 45.89833763047 - 53.06705378592 - 2.84473392276
    assert log_likelihood(*state, reference.snp, None, 1e-4, 0.9, sites=10_000) == pytest.approx(parts, abs=1e-8)
    parts = -360.61715489099 - 45.89833763047 - 53.06705378592 - 1.38491894846
    assert log_likelihood(*state, reference.snp, None, 2e-4, 0.95, sites=10_000) == pytest.approx(parts, abs=1e-8)
    parts = -358.57000330113 - 45.89833763047 - 53.06705378592 - 2.84473392276 - 94.04112118397
    assert log_likelihood(*state, reference.snp, contact, 1e-4, 0.9, 0.8, 0.1, sites=10_000) == pytest.approx(parts, abs=1e-8)


#: What is told of contacts; the mean log-likelihood, share right and mean support of the truth when converged.
CONVERGED = [("days", -438.5, 0.96, 0.89), ("own", -528.0, 1.0, 0.97), ("good", -571.7, 1.0, 1.0)]


@pytest.mark.parametrize("what,mean,right,support", drawn(CONVERGED, CONVERGED[0]))
def test_converged_likelihood_and_what_data_buy(reference: Reference, what: str, mean: float, right: float, support: float) -> None:
    found = reference.sample({"days": None, "own": reference.own, "good": reference.good}[what])
    assert found.log_likelihood == pytest.approx(mean, abs=0.5)
    linked = np.flatnonzero(reference.source >= 0)
    best = [j for j, _ in found.best()]
    assert np.mean([best[i] == reference.source[i] for i in linked]) == pytest.approx(right, abs=0.04)
    assert np.mean([found.support[i, reference.source[i]] for i in linked]) == pytest.approx(support, abs=0.03)
    assert found.rhat < 1.05


def test_six_seeds_agree_on_every_link(reference: Reference) -> None:
    supports = [reference.sample(reference.good, seed=seed, sweeps=1000).support for seed in drawn(range(6), 0, 5)]
    assert np.ptp(supports, axis=0).max() <= 0.1


def test_a_single_chain_is_stuck_and_is_caught(reference: Reference) -> None:
    """The planted bug: no tempering. Some seed of three must be refused, or the check of the starts checks nothing."""
    refused = 0
    for seed in range(3):
        try:
            reference.sample(reference.own, temperatures=1, sweeps=1000, attempts=1, seed=seed)
        except NoAnswer as why:
            refused += 1
            assert "disagree" in why.word.en and "起点" in why.word.zh
    assert refused


# --- every tree there is --------------------------------------------------------------------------------------------------
def every_tree(days: list[int], w: np.ndarray, f: np.ndarray, snp: np.ndarray, contact: np.ndarray, sites: int) -> np.ndarray:
    """Support of the ancestors of cases 1 and 2 (case 0 is imported) by adding up all trees, days and generations (at most two) over a grid
    of mu, pi, eps and lambda: the model written down a second time, from Campbell et al. 2018 and 2019."""
    middle = (np.arange(24) + 0.5) / 24
    rate, pi = np.exp(np.linspace(np.log(1e-6), np.log(0.05), 40))[:, None], middle[None, :]
    grid = rate * np.exp(-rate) * pi**9  # the grid of mu is even in its logarithm; its prior is exponential of mean 1
    eps, lam = middle[:, None], middle[None, :]
    two = np.convolve(w, w)
    found = np.zeros((3, 3))
    pairs, contacts = 3, contact.sum() // 2
    of_contacts = {}
    for seen in range(3):
        for direct in range(seen, 3):
            rest = pairs - contacts - (direct - seen)
            p = eps**seen * (eps * lam) ** (contacts - seen) * (1 - eps) ** (direct - seen) * (1 - eps * lam) ** max(rest, 0)
            of_contacts[seen, direct] = p.sum() if contacts else 1.0
    for one, other in ((0, 0), (0, 1), (2, 0)):
        of_rates = {}
        for k in itertools.product((1, 2), repeat=2):
            p = grid
            for i, j, g in ((1, one, k[0]), (2, other, k[1])):
                p = p * (g * rate) ** snp[i, j] * (1 - g * rate) ** (sites - snp[i, j]) * pi * (1 - pi) ** (g - 1)
            direct = [(i, j) for i, j, g in ((1, one, k[0]), (2, other, k[1])) if g == 1]
            of_rates[k] = p.sum() * of_contacts[sum(bool(contact[x]) for x in direct), len(direct)]
        for lags in itertools.product(np.flatnonzero(f), repeat=3):
            at = [d - lag for d, lag in zip(days, lags, strict=True)]
            here = np.prod(f[list(lags)])
            for k, p in of_rates.items():
                for i, j, g in ((1, one, k[0]), (2, other, k[1])):
                    law, gap = (w, two)[g - 1], at[i] - at[j]
                    p = p * (law[gap] if 0 < gap < len(law) else 0.0)
                found[1, one] += here * p
                found[2, other] += here * p
    return np.asarray(found[1:] / found[1:].sum(axis=1, keepdims=True))


def test_the_sampler_visits_trees_as_often_as_they_deserve() -> None:
    """Three cases whose every tree can be added up. A wrong weight of days, generations, sequences or contacts moves the supports."""
    days, w, f = [3, 5, 7], np.array([0, 0.3, 0.4, 0.3]), np.array([0, 0.2, 0.5, 0.3])
    snp, contact = np.array([[0, 1, 2], [1, 0, 2], [2, 2, 0]]), np.zeros((3, 3), bool)
    model = Model(sites=100, sweeps=24_000, temperatures=2, generations=2, hottest=0.7)
    for pairs in ([], [(1, 2)]):
        for a, b in pairs:
            contact[a, b] = contact[b, a] = True
        truth = every_tree(days, w, f, snp, contact, 100)
        found = reconstruct(days, w, f, pairs, snp, [True, False, False], model=model).support
        assert np.abs(found[1:, :3] - truth).max() < 0.008, (found[1:, :3], truth)


# --- two stories ----------------------------------------------------------------------------------------------------------
def two_peaks() -> tuple[list[int], list[tuple[int, int]]]:
    """Days that tell little and a long contact list that may be believed (one tree, told by a sixth of it) or not (any tree, and chance)."""
    waves, width, noise = 5, 16, 300
    n = waves * width
    rng = np.random.default_rng(4)
    contacts = {(w * width + i, (w - 1) * width + int(j)) for w in range(1, waves) for i, j in enumerate(rng.permutation(width))}
    while len(contacts) < n - width + noise:
        a, b = sorted(rng.integers(0, n, 2).tolist())
        if a != b:
            contacts.add((b, a))
    return [8 + 5 * w for w in range(waves) for _ in range(width)], sorted(contacts)


def test_a_two_peaked_outbreak_is_refused() -> None:
    sampled, contacts = two_peaks()
    with pytest.raises(NoAnswer) as why:
        reconstruct(sampled, W, F, contacts, model=Model(sweeps=300, attempts=1))
    assert "several peaks" in str(why.value)


# --- calibration ----------------------------------------------------------------------------------------------------------
def test_support_is_calibrated_on_small_outbreaks() -> None:
    """Two outbreaks of 24; nine of 60 and 150 are in ``bench/calibration.py``. 44 links: chance alone moves the error by 0.1."""
    support: list[float] = []
    right: list[bool] = []
    for seed in range(2):
        made = outbreak(24, seed)
        found = reconstruct(
            made.sampled, W, F, made.contacts, made.snp, [s < 0 for s in made.source], model=Model(sites=10_000, sweeps=1000)
        )
        for i, (j, s) in enumerate(found.best()):
            if made.source[i] >= 0:
                support.append(s)
                right.append(j == made.source[i])
    assert calibration_error(support, right) < 0.2
    assert np.mean(right) > 0.7


# --- what shifts, permutes, scales ----------------------------------------------------------------------------------------
def small(**more: Any) -> tuple[list[int], dict[str, Any]]:
    made = outbreak(12, 3)
    return made.sampled, {"contacts": made.contacts, "snp": made.snp, **more}


def test_shifted_days_give_the_same() -> None:
    days, more = small()
    a = reconstruct(days, W, F, **more, model=FAST)
    b = reconstruct([d + 1000 for d in days], W, F, **more, model=FAST)
    assert (a.support == b.support).all()
    assert np.allclose(a.support.sum(axis=1), 1)


def test_permuted_cases_give_the_same_links() -> None:
    days, more = small()
    order = np.random.default_rng(1).permutation(len(days))
    back = np.argsort(order)
    model = Model(sites=10_000, sweeps=1500, temperatures=6)
    a = reconstruct(days, W, F, **more, model=model).support
    b = reconstruct(
        [days[i] for i in order],
        W,
        F,
        [(int(back[x]), int(back[y])) for x, y in more["contacts"]],
        more["snp"][np.ix_(order, order)],
        model=model,
    ).support
    cols = [*back, len(days)]
    assert np.abs(b[np.ix_(back, cols)] - a).max() < 0.12


def test_doubled_sites_change_nothing_that_matters() -> None:
    days, more = small()
    a = reconstruct(days, W, F, **more, model=FAST).support
    b = reconstruct(days, W, F, **more, model=replace(FAST, sites=20_000)).support
    assert np.abs(a - b).max() < 0.12


def test_a_long_gap_starts_a_new_introduction() -> None:
    found = reconstruct([0, 4, 6, 500, 505], W, F, model=Model(sweeps=3000))
    assert found.support[3:, :3].max() == found.support[:3, 3:5].max() == 0
    assert found.support[3:, -1].max() > 0.9


def test_one_case_and_none() -> None:
    found = reconstruct([3], W, F, model=FAST)
    assert found.best() == [(None, 1.0)]
    with pytest.raises(Unusable):
        reconstruct([], W, F)


def test_twins_are_not_resolved() -> None:
    """Two possible sources that are alike: half each, so no arrow is drawn."""
    found = reconstruct(
        [6, 6, 12],
        W,
        F,
        snp=np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]]),
        imported=[True, True, False],
        model=Model(sites=10_000, sweeps=2000),
    )
    assert found.support[2, 0] == pytest.approx(0.5, abs=0.06)
    assert found.best()[2][1] < DRAWN + 0.06


def test_exposure_and_missing_sequences_are_heard() -> None:
    days = [6, 7, 12]
    free = reconstruct(days, W, F, imported=[True, True, False], model=FAST)
    held = reconstruct(days, W, F, imported=[True, True, False], exposed=[(None, None), (6, 7), (6, 8)], model=FAST)
    assert held.support[2, 0] > max(0.8, free.support[2, 0])
    snp = np.array([[0, 1, -1], [1, 0, -1], [-1, -1, 0]])
    assert reconstruct(days, W, F, snp=snp, model=FAST).support.shape == (3, 4)
    with pytest.raises(Unusable):
        reconstruct(days, W, F, exposed=[(9, 2)] * 3, model=FAST)


def test_convolutions() -> None:
    w = np.array([0, 0.25, 0.5, 0.25])
    right, theirs = np.exp(convolved(w, 2)), np.exp(convolved(w, 2, legacy=True))
    assert right[1, 2] == theirs[1, 1] == pytest.approx(0.0625)  # two generations take two days at least
    assert right.sum(axis=1) == pytest.approx([1, 1])


@pytest.mark.parametrize("bad", [
    {"w": [0, 0.5]}, {"w": [0.5, 0.5]}, {"f": [0.2, 0.2]}, {"f": [1.5, -0.5]}, {"imported": [False] * 3}, {"model": Model(seeds=1)},
    {"snp": np.full((3, 3), 50_000)}, {"imported": [False, False, True]},
])  # fmt: skip
def test_what_means_nothing_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(Unusable):
        reconstruct(**{"sampled": [0, 1, 40], "w": W, "f": F, "model": FAST, **bad})


# --- a pair ---------------------------------------------------------------------------------------------------------------
def test_pairs() -> None:
    verdicts = [compatible(days, W, F, snp).verdict for days, snp in ((5, 1), (5, 0), (-20, 0), (5, 30), (40, 1))]
    assert verdicts == ["consistent", "consistent", "unlikely", "unlikely", "unlikely"]
    assert 0.01 <= compatible(11, W, F).p <= 0.2
    total = sum(np.exp(compatible(d, W, F).log_likelihood) for d in range(-40, 60))
    assert total == pytest.approx(1, abs=1e-9)
    assert compatible(-40, W, F).log_likelihood == -np.inf
    with pytest.raises(Unusable):
        compatible(1, [1, 1], F)


# --- the command ----------------------------------------------------------------------------------------------------------
def files(folder: Path, n: int = 6) -> dict[str, Path]:
    made = outbreak(n, 2)
    ids = [f"Case {i}" for i in range(n)]
    texts = {
        "cases": "id,day\n" + "".join(f"{i},{d}\n" for i, d in zip(ids, made.sampled, strict=True)),
        "contacts": "a,b\n" + "".join(f"{ids[a]},{ids[b]}\n" for a, b in made.contacts),
        "snp": "," + ",".join(ids) + "\n" + "".join(f"{i}," + ",".join(map(str, row)) + "\n" for i, row in zip(ids, made.snp.tolist(), strict=True)),
        "w": "k,w\n" + "".join(f"{k},{w!r}\n" for k, w in enumerate(W)),
        "f": "k,f\n" + "".join(f"{k},{f!r}\n" for k, f in enumerate(F)),
    }  # fmt: skip
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.csv" for name in texts}


def call(paths: dict[str, Path], *words: str) -> Result:
    told = [w for name, path in paths.items() for w in (f"--{name}", str(path))]
    return CliRunner().invoke(main, ["assess", "chains", *told, "--sweeps", "400", "--lang", "en", *words])


def test_the_command_gives_every_source_of_a_case(tmp_path: Path) -> None:
    done = call(files(tmp_path), "--json", "--min-support", "0")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    by_case: dict[str, float] = {}
    for row in told["rows"]:
        by_case[row["case"]] = by_case.get(row["case"], 0) + row["support"]
        assert (row["ancestor"] is None) == (row["generations"] is None)
    assert len(by_case) == 6
    assert all(s == pytest.approx(1) for s in by_case.values())


@pytest.mark.parametrize("name,text,says", [
    ("cases", "id,day\na,1\na,2\n", "row 3, column id"), ("cases", "id,day\na,1.5\n", "row 2, column day"), ("contacts", "a,b\nCase 1,nobody\n", "row 2, column b"),
    ("snp", ",Case 0,Case 1\nCase 0,0,1\nCase 1,2,0\n", "symmetric"), ("snp", ",Case 0\nCase 9,0\n", "row 2"), ("snp", ",Case 0,Case 1\nCase 0,0,1\n", "square"),
    ("w", "k,w\n0,0.5\n1,0.5\n", "0 days"), ("f", "k,f\n0,0.1\n1,0.1\n", "sum to 1"),
])  # fmt: skip
def test_the_command_names_what_is_wrong(name: str, text: str, says: str, tmp_path: Path) -> None:
    paths, out = files(tmp_path), tmp_path / "out.csv"
    paths[name].write_text(text, encoding="utf-8")
    if name == "cases":
        paths = {k: v for k, v in paths.items() if k not in ("contacts", "snp")}
    done = call(paths, "--out", str(out))
    assert done.exit_code == 2
    assert says in done.output
    assert not out.exists()


def test_the_command_ends_with_3_when_starts_disagree(tmp_path: Path) -> None:
    sampled, contacts = two_peaks()
    paths = {name: path for name, path in files(tmp_path).items() if name != "snp"}
    ids = [f"c{i}" for i in range(len(sampled))]
    paths["cases"].write_text("id,day\n" + "".join(f"{i},{d}\n" for i, d in zip(ids, sampled, strict=True)))
    paths["contacts"].write_text("a,b\n" + "".join(f"{ids[a]},{ids[b]}\n" for a, b in contacts))
    out = tmp_path / "out.csv"
    done = call(paths, "--sweeps", "100", "--out", str(out))
    assert done.exit_code == 3, done.output
    assert "disagree" in done.output
    assert not out.exists()
