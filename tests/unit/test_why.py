"""What a contact may be told of why: the day, the kind of place, never whom; of a household the household alone."""

from __future__ import annotations

import pytest

from bulou.basis.words import LISTS
from bulou.gaps import why
from bulou.gaps.why import for_the_person

DAY = "2020-12-06"


@pytest.mark.parametrize("setting", LISTS["setting"])
@pytest.mark.parametrize("nature", [None, *LISTS["place"]])
def test_every_meeting_has_its_words_and_they_say_no_more_than_the_day_and_the_kind_of_place(setting: str, nature: str | None) -> None:
    said = for_the_person(setting, nature, DAY)
    assert said.zh and said.en and "None" not in said.zh + said.en
    digits = [c for c in said.en if c.isdigit()]
    assert digits == ([] if setting == "household" else [c for c in DAY if c.isdigit()]), "no hour, no seat, no minutes"


def test_of_a_household_nothing_else_is_said() -> None:
    assert for_the_person("household", "restaurant", DAY) == why._MET["household"]
    assert DAY not in for_the_person("household", None, DAY).zh


def test_the_kind_of_place_is_said_and_a_home_is_not() -> None:
    assert for_the_person("meal", "restaurant", DAY).en == f"On {DAY} you were at the same restaurant as somebody who was infectious"
    assert "home" not in for_the_person("venue", "home", DAY).en
