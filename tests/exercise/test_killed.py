"""A site whose process is killed between its commit and its answer, again and again in a play: nothing is lost, nothing stands twice."""

from __future__ import annotations

import json
from pathlib import Path

from bulou.exercise import city as making
from bulou.exercise.score.reckoned import score
from tests.engine.databases import copied
from tests.exercise.towns import AREA, LANDS, PARAMETERS
from tests.keeping.ground import called


def test_a_killed_site_loses_nothing(tmp_path: Path) -> None:
    folder, home = tmp_path / "town", tmp_path / "home"
    making.make(folder, LANDS, AREA, 1000, 7, PARAMETERS, 1, lambda *_: None)
    with copied() as url:
        words = ("exercise", "play", str(folder), "--days", "1", "--home", str(home), "--database", url)
        ended = called(home, None, *words, "--fault", "killed")
        assert ended.returncode == 0, ended.stderr
        log = [json.loads(line) for line in (folder / "play" / "log.jsonl").read_text(encoding="utf-8").splitlines()]
        killed = {d["fact"]: d["n"] for d in log if d["told"] == "killed"}
        assert killed, "nothing was killed"
        # Each was sent again under its own id. The new process knew the first of each sending, because the old one had committed it; of the
        # rows of one sending that came after, which are entries of their own, the old one had entered none.
        later = {d["fact"]: (d["told"], d["again"]) for d in log if d["fact"] in killed and d["status"] == 200}
        assert {fact: n for fact, (_, n) in later.items()} == killed
        for before, (fact, n) in zip([-1, *killed.values()], killed.items(), strict=False):
            assert later[fact][0] == ("new" if n == before + 1 else "same")
        assert "same" in {told for told, _ in later.values()}
        assert called(home, url, "verify").returncode == 0
        assert called(home, url, "rebuild", "--check").returncode == 0
    told = score(folder)["zeros"]
    assert {name: told[name]["n"] for name in ("facts_lost", "duties_missed", "figures_disagree")} == {
        "facts_lost": 0, "duties_missed": 0, "figures_disagree": 0,
    }  # fmt: skip
