"""The page of an exercise's score: empty, whole, broken; in a real centre it is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import override_settings
from django.urls import reverse

from bulou.exercise.score.reckoned import score
from bulou.exercise.score.said import lines
from tests.exercise.plays import Made, play
from tests.web.world import World


def _worse(made: Made) -> None:
    made.figures["infections"] = 7


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_of_a_score_is_on_its_page(world: World, tmp_path: Path, language: str) -> None:
    told = score(play(tmp_path / "city", _worse))
    (tmp_path / "score.json").write_text(json.dumps(told))
    with override_settings(BULOU_HOME=str(tmp_path)):
        seen = world.ask("commander", reverse("score"), language)
    assert seen.status == 200
    for line in lines(told):
        for word in (line.part, line.word, line.note):
            assert (word.zh if language == "zh" else word.en) in seen.text.replace("&#x27;", "'")
    assert seen.text.count('data-tone="danger"') == 1
    assert "said 7" in seen.text
    assert '"values": [4, 4]' in seen.text


def test_nothing_scored_is_said(world: World, tmp_path: Path) -> None:
    with override_settings(BULOU_HOME=str(tmp_path)):
        assert "bulou exercise score DIR" in world.ask("commander", reverse("score")).text
        (tmp_path / "score.json").write_text('{"format": 1}')
        assert "bulou exercise score DIR" in world.ask("commander", reverse("score")).text


def test_a_real_centre_has_no_such_page(world: World) -> None:
    with override_settings(BULOU_DEMO=None, BULOU_EXERCISE=None):
        assert world.ask("commander", reverse("score")).status == 404
    assert world.ask("sampler", reverse("score")).status == 404
