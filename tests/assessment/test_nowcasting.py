"""Nowcasts: the chain ladder of a published code to 1e-9, a Sunday that a plain method misses, made-up outbreaks with known truth."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bulou.assessment import nowcasting
from bulou.assessment.nowcasting import chain_ladder, nowcast, of_counts, point_nowcast, triangle
from bulou.assessment.refusing import NoAnswer, Unusable
from tests.assessment.reference import columns, same
from tests.assessment.reported import Reported, changing, interval_score, outbreak, plain
from tests.assessment.test_frame import call, rows
from tests.data import published

GERMANY = "reference/nowcast_germany_triangle_2021-08-01.csv"


def germany() -> tuple[np.ndarray, int]:
    with published(GERMANY).open(encoding="utf-8", newline="") as f:
        found = list(csv.reader(f))[1:]
    counts = np.array([[float(c) if c != "NA" else np.nan for c in row[1:]] for row in found])
    return counts, date.fromisoformat(found[0][0]).weekday()


# --- published --------------------------------------------------------------------------------------------------------
def test_the_chain_ladder_as_baselinenowcast() -> None:
    """baselinenowcast 0.2, German admissions, now 2021-08-01, the last 60 rows."""
    counts, _ = germany()
    p = chain_ladder(counts[-60:])
    assert p[:4] == pytest.approx([0.345232, 0.194110, 0.075009, 0.043766], abs=1e-6)
    assert same(p, columns("nowcast_germany_delay_pmf_n60.csv", "pmf")[0], 1e-9)
    points = point_nowcast(counts, p)
    assert points[-4:] == pytest.approx([144.45809, 94.55727, 100.37504, 21.21182], abs=1e-5)
    assert same(points, columns("nowcast_germany_point_nowcast.csv", "nowcast")[0], 1e-9)


def test_a_toy_with_known_truth() -> None:
    """baselinenowcast's own example: counts times a delay give the delay back."""
    p = np.array([0.4, 0.3, 0.2, 0.1])
    counts = np.array([100, 150, 200, 250, 300.0])[:, None] * p
    counts[np.arange(5)[:, None] + np.arange(4)[None, :] > 4] = np.nan
    assert chain_ladder(counts) == pytest.approx(p, abs=1e-6)


def test_a_sunday_that_a_plain_method_misses() -> None:
    """1 August 2021: 7 reported, 79 in the end; the published plain interval was 9 to 44. The weekday effect is what finds it."""
    counts, first = germany()
    (final,) = columns("nowcast_germany_point_nowcast.csv", "final40")
    ours = nowcast(counts, first)
    assert ours.quantiles[-1, 0] <= final[-1] == 79 <= ours.quantiles[-1, 4]
    assert ours.reporting[6] < 0.7 < 1 < ours.reporting[2]
    assert nowcast(counts, first, by_weekday=False).quantiles[-1, 4] < 79, "without weekdays it is missed: the check can fail"
    inside = (ours.quantiles[-10:, 0] <= final[-10:]) & (final[-10:] <= ours.quantiles[-10:, 4])
    assert inside.sum() >= 9
    theirs = np.diff(np.array(columns("nowcast_germany_baselinenowcast_quantiles.csv", "2.5%", "97.5%")), axis=0)[0]
    assert (ours.quantiles[-10:, 4] - ours.quantiles[-10:, 0]).sum() < theirs[-10:].sum()


# --- made up, with the truth known ------------------------------------------------------------------------------------
@pytest.mark.parametrize("weekdays", [True, False])
def test_intervals_hold_the_truth_and_beat_the_plain_nowcast(weekdays: bool) -> None:
    """Over the last ten days of made-up outbreaks: coverage of the 95 % interval, and its interval score against the plain chain ladder's."""
    inside, ours, theirs = [], [], []
    for seed in range(12):
        made = outbreak(seed, weekdays=weekdays)
        q, base = nowcast(made.seen, 0, draws=400).quantiles[-10:], plain(made.seen)[-10:]
        truth = made.final[-10:]
        inside.append((q[:, 0] <= truth) & (truth <= q[:, 4]))
        ours.append(interval_score(q[:, 0], q[:, 4], truth))
        theirs.append(interval_score(base[:, 0], base[:, 1], truth))
    assert 0.9 <= np.mean(inside) <= 0.99
    assert np.mean(ours) < np.mean(theirs)


def covered(made: list[Reported]) -> tuple[float, list[float]]:
    """How often the 95 % interval holds the truth of the last ten days; over how many days what was learned fades."""
    inside, fades = [], []
    for each in made:
        found = nowcast(each.seen, 0, draws=300)
        q, truth = found.quantiles[-10:], each.final[-10:]
        inside.append((q[:, 0] <= truth) & (truth <= q[:, 4]))
        fades.append(found.fade)
    return float(np.mean(inside)), fades


@pytest.mark.parametrize(("before", "after"), [(0.15, 0.35), (0.35, 0.15)])
def test_a_delay_that_changed_is_noticed(before: float, after: float, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [changing(seed, before, after) for seed in range(8)]
    held, fades = covered(made)
    assert held >= 0.9
    assert max(fades) < np.inf
    if before > after:
        monkeypatch.setattr(nowcasting, "FADING", (np.inf,))
        assert covered(made)[0] < held - 0.05, (
            "what is learned from the whole past is too sure of reports that no longer come: the check can fail"
        )


def test_a_delay_that_is_the_same_does_not_fade() -> None:
    assert min(covered([changing(seed, 0.25, 0.25) for seed in range(4)])[1]) == np.inf


def test_a_nowcast_that_is_too_sure_is_seen() -> None:
    """The plain one's coverage on the same outbreaks is far below 0.9: the check above can fail."""
    inside = []
    for seed in range(12):
        made = outbreak(seed)
        base, truth = plain(made.seen)[-10:], made.final[-10:]
        inside.append((base[:, 0] <= truth) & (truth <= base[:, 1]))
    assert np.mean(inside) < 0.8


# --- what must not matter, and edges ----------------------------------------------------------------------------------
def test_what_lies_after_now_is_never_looked_at() -> None:
    made = outbreak(3)
    peeked = np.where(np.isnan(made.seen), 1e6, made.seen)
    assert same(nowcast(peeked, 0, draws=200).quantiles, nowcast(made.seen, 0, draws=200).quantiles, 0)


def test_days_that_are_complete_are_what_they_are() -> None:
    made = outbreak(4)
    found = nowcast(made.seen, 0, draws=200)
    assert same(found.quantiles[:-15, 0], made.final[:-15], 0)
    assert same(found.quantiles[:-15, 4], made.final[:-15], 0)
    assert (found.quantiles >= found.observed[:, None]).all()
    assert (np.diff(found.quantiles, axis=1) >= 0).all()
    assert found.p_complete[0] == 1 > found.p_complete[-1] > 0


def test_a_shift_by_weeks_changes_nothing_and_one_of_days_only_weekdays() -> None:
    made = outbreak(5)
    whole = nowcast(made.seen, 0, draws=200)
    assert same(nowcast(made.seen, 7, draws=200).quantiles, whole.quantiles, 0)
    shifted = nowcast(made.seen, 3, draws=200)
    assert np.allclose(np.roll(shifted.reporting, -3), whole.reporting)


def test_many_more_cases_are_known_relatively_better() -> None:
    few, many = (nowcast(outbreak(6, level=x, batches=1e5).seen, 0, draws=400) for x in (10.0, 3000.0))
    width = [np.mean((f.quantiles[-8:, 4] - f.quantiles[-8:, 0]) / np.maximum(f.quantiles[-8:, 2], 1)) for f in (few, many)]
    assert width[1] < width[0] / 2


def test_reports_without_delay_need_no_nowcast() -> None:
    counts = np.zeros((20, 3))
    counts[:, 0] = 5
    found = nowcast(counts, 0, draws=200)
    assert (found.quantiles == 5).all()
    assert found.p_complete == pytest.approx(1)


def test_one_case_and_none() -> None:
    one = np.zeros((20, 3))
    one[4, 1] = 1
    found = nowcast(one, 0, draws=200)
    assert np.isfinite(found.quantiles).all()
    assert found.quantiles[-1, 4] <= 10
    with pytest.raises(NoAnswer):
        nowcast(np.zeros((20, 3)))
    with pytest.raises(NoAnswer):
        nowcast(np.ones((3, 5)))


def test_a_list_is_its_triangle() -> None:
    made = triangle([10, 10, 11, 12, 12, 9], [10, 12, 11, 12, 30, 20], now=13, max_delay=1)
    assert (made.first, made.late) == (10, 1)
    assert np.nan_to_num(made.counts).tolist() == [[1, 1], [1, 0], [1, 0], [0, 0]]
    assert np.isnan(made.counts[-1, 1])
    for wrong in (([5], [4]), ([5], [99])):
        with pytest.raises(Unusable):
            triangle(*wrong, now=9, max_delay=2)
    with pytest.raises(Unusable):
        of_counts(0, [[-1.0, 2.0]])


# --- by command -------------------------------------------------------------------------------------------------------
def test_the_command_reads_the_published_triangle(tmp_path: Path) -> None:
    done = call("nowcast", "--triangle", published(GERMANY), "--now", "2021-08-01", "--max-delay", 40, "--out", tmp_path / "o.csv")
    assert done.exit_code == 0, done.output
    found = rows(tmp_path / "o.csv")
    assert (found[0]["date"], found[-1]["date"], found[-1]["observed"], len(found)) == ("2021-05-04", "2021-08-01", "7", 90)
    assert float(found[-1]["q025"]) <= 79 <= float(found[-1]["q975"])


def lines(seed: int = 7) -> list[tuple[str, str]]:
    source = np.random.default_rng(seed)
    event = source.integers(0, 60, 900)
    report = event + source.geometric(0.35, 900) - 1
    return [
        (date.fromordinal(738_000 + int(e)).isoformat(), date.fromordinal(738_000 + int(r)).isoformat())
        for e, r in zip(event, report, strict=True)
    ]


def listed(path: Path, of: list[tuple[str, str]]) -> Path:
    path.write_text("event,report\n" + "".join(f"{e},{r}\n" for e, r in of), encoding="utf-8")
    return path


def test_order_of_rows_and_reports_after_now_do_not_matter(tmp_path: Path) -> None:
    of, now = lines(), date.fromordinal(738_055).isoformat()
    words = ["--now", now, "--max-delay", 9, "--draws", 200]
    whole = call("nowcast", "--linelist", listed(tmp_path / "a.csv", of), *words).stdout
    assert call("nowcast", "--linelist", listed(tmp_path / "b.csv", of[::-1]), *words).stdout == whole
    known = [x for x in of if x[1] <= now]
    assert len(known) < len(of)
    assert call("nowcast", "--linelist", listed(tmp_path / "c.csv", known), *words).stdout == whole
    assert whole.splitlines()[-1].startswith(now)


def test_the_list_and_its_triangle_say_the_same(tmp_path: Path) -> None:
    of = lines(8)
    now = date.fromordinal(738_055)
    made = triangle(
        [date.fromisoformat(e).toordinal() for e, _ in of], [date.fromisoformat(r).toordinal() for _, r in of], now.toordinal(), 9
    )
    path = tmp_path / "t.csv"
    cells = [
        [date.fromordinal(made.first + i).isoformat(), *("" if np.isnan(x) else int(x) for x in row)] for i, row in enumerate(made.counts)
    ]
    path.write_text(
        "date," + ",".join(map(str, range(10))) + "\n" + "".join(",".join(map(str, c)) + "\n" for c in cells[::-1]), encoding="utf-8"
    )
    words = ["--now", now, "--max-delay", 9, "--draws", 200]
    assert (
        call("nowcast", "--triangle", path, *words).stdout == call("nowcast", "--linelist", listed(tmp_path / "a.csv", of), *words).stdout
    )


@pytest.mark.parametrize(
    ("text", "words", "told"),
    [
        ("event,report\n2022-03-02,2022-03-01\n", [], 'row 2, column report: "2022-03-01" should be no earlier than the event'),
        ("event,report\n2022-03-02,\n", [], "row 2, column report"),
        ("event,report\n2022-03-02,2022-03-03\n", ["--now", "2022-03-01"], "no case is reported until then"),
        ("event,report\n2022-03-02,2022-03-03\n", ["--now", "7"], "--now 7 should be a date"),
    ],
)
def test_a_list_that_means_nothing(text: str, words: list[str], told: str, tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(text, encoding="utf-8")
    done = call("nowcast", "--linelist", path, *words, "--lang", "en")
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("date,0,2\n2022-03-01,1,2\n", 2, "one for each delay"),
        ("date,0,1\n2022-03-01,1,NA\n2022-03-02,1,NA\n", 2, 'row 2, column 1: "NA" should be a number'),
        ("date,0,1\n2022-03-01,1,-1\n2022-03-02,1,NA\n", 2, "row 2, column 1"),
        ("date,0,1,2\n2022-03-01,1,NA,NA\n", 3, "too few for delays of up to 2 days"),
    ],
)
def test_a_triangle_that_means_nothing_or_carries_no_answer(text: str, code: int, told: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    done = call("nowcast", "--triangle", path, "--lang", "en")
    assert done.exit_code == code
    assert told in done.stderr


def test_one_day_whose_reports_are_all_in(tmp_path: Path) -> None:
    assert (nowcast([[3.0]]).quantiles == 3).all()
    path = tmp_path / "l.csv"
    path.write_text("event,report\n2022-03-02,2022-03-02\n", encoding="utf-8")
    assert call("nowcast", "--linelist", path).stdout.splitlines()[1] == "2022-03-02,1,1,1,1,1,1,1.0"
