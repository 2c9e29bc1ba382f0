"""What the pages on assessment say is so: the tutorial's commands run and print what it shows; pictures are those that the tool draws."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tools import validation

from tests.assessment.test_frame import call
from tests.data import published

ROOT = Path(__file__).parents[2]
TUTORIALS = ("brief.md", "brief.zh.md")


@pytest.mark.parametrize("name", TUTORIALS)
def test_the_tutorial_s_commands_print_what_it_shows(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "brief"
    shutil.copytree(ROOT / "docs" / "tutorial" / "brief", folder)
    monkeypatch.chdir(folder)
    page = (ROOT / "docs" / "tutorial" / name).read_text(encoding="utf-8")
    output, shown = "", 0
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        if language == "sh" and "bulou assess" in block:
            done = call(*block.split("bulou assess ", 1)[1].split())
            assert done.exit_code == 0, done.output
            output = done.output
        elif language == "text":
            said = "\n".join([output, *(p.read_text(encoding="utf-8") for p in folder.iterdir())]).splitlines()
            for line in block.splitlines():
                assert any(_rounded(line, s) for s in said), line
                shown += 1
    assert shown >= 12


def _rounded(shown: str, said: str) -> bool:
    """Whether a line is what was said, with numbers rounded."""
    pairs = list(zip(shown.split(","), said.split(","), strict=False))
    return shown.count(",") == said.count(",") and all(
        a == b or (_number(a) and _number(b) and abs(float(a) - float(b)) < 1e-4) for a, b in pairs
    )


def _number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", text))


def test_both_tutorials_call_the_same() -> None:
    calls = [re.findall(r"bulou assess (.*) --lang", (ROOT / "docs" / "tutorial" / n).read_text(encoding="utf-8")) for n in TUTORIALS]
    assert calls[0] == calls[1]
    assert len(calls[0]) == 5


def test_every_picture_is_shown_and_drawn() -> None:
    page = (ROOT / "docs" / "reference" / "validation.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"images/validation/([\w-]+)\.svg", page))
    assert shown == set(validation.PICTURES) == {p.stem for p in validation.OUT.glob("*.svg")}


#: Too slow for every run, and drawn by a sampler whose draws part where a processor rounds otherwise (its values are held in test_chains).
NOT_EACH_TIME = {"nowcast-coverage", "chains"}


@pytest.mark.parametrize("name", sorted(set(validation.PICTURES) - NOT_EACH_TIME))
def test_a_picture_is_current(name: str) -> None:
    published("reference")
    drawn = (validation.OUT / f"{name}.svg").read_text(encoding="utf-8")
    assert validation.PICTURES[name]().svg() == drawn, "run `uv run python -m tools.validation`"
