"""``bulou demo --city``: a city made once, played live from its first day at each start; the words of both commands are all said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bulou.cli import exercise, main


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What the commands of a city and of a play were asked; they leave what they would leave."""
    told: list[tuple[str, dict[str, Any]]] = []

    def city(**words: Any) -> None:
        told.append(("city", words))
        words["to"].mkdir()
        (words["to"] / "city.toml").write_text("")

    def play(**words: Any) -> None:
        told.append(("play", words))
        assert not words["into"].exists() and not (words["folder"] / "play").exists(), "something of an earlier start is left"
        words["into"].mkdir()
        (words["into"] / "bulou.sqlite3").write_text("")
        (words["folder"] / "play").mkdir()

    monkeypatch.setattr(exercise.city, "callback", city)
    monkeypatch.setattr(exercise.play, "callback", play)
    monkeypatch.setenv("BULOU_HOME", str(tmp_path))
    monkeypatch.setenv("BULOU_DEMO_PEOPLE", "1000")
    return told


def test_a_city_is_made_once_and_played_anew_at_each_start(asked: list[tuple[str, dict[str, Any]]], tmp_path: Path) -> None:
    for words in ([], [], ["--reset"]):
        answer = CliRunner().invoke(main, ["demo", "--city", "--no-browser", *words])
        assert answer.exit_code == 0, answer.output
    assert [name for name, _ in asked] == ["city", "play", "play", "city", "play"]
    assert asked[0][1]["people"] == 1000 and asked[1][1]["speed"] > 1 and not asked[1][1]["browser"]
    assert asked[1][1]["folder"] == asked[0][1]["to"] == tmp_path / "city" / "1000"
    for name, words in asked:
        assert set(words) == {p.name for p in getattr(exercise, name).params}, f"not every word of {name} is said"


def test_a_demo_of_no_size_makes_nothing(asked: list[tuple[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULOU_DEMO_PEOPLE", "ten")
    answer = CliRunner().invoke(main, ["demo", "--city", "--no-browser"])
    assert answer.exit_code == 1 and "whole number" in answer.output and asked == []
