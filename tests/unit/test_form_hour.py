"""The hour of a form: left as it was shown it is the hour of entering; what someone typed is what they said."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bulou.basis import facts as _facts  # declares the kinds
from bulou.basis.kinds import KINDS
from bulou.basis.time import Instant, format_local, parse_local
from bulou.kit.form import FactForm

assert _facts
ZONE = ZoneInfo("Asia/Shanghai")
NOW = Instant(parse_local("2020-12-09 09:00", ZONE) + 40_000_000)


def form(data: dict[str, str] | None) -> FactForm:
    return FactForm(KINDS["person.located"], ("outcome",), {}, "en", ZONE, timed=True, now=NOW, data=data)


def test_the_form_shows_the_minute_and_remembers_it() -> None:
    shown = str(form(None)["at"])
    assert shown.count("2020-12-09 09:00") == 2
    assert 'name="initial-at"' in shown


def test_an_hour_left_alone_is_the_hour_of_entering() -> None:
    """A tube is read at 09:00:40; whoever finds its people in the same minute has found them after it was read, not before."""
    left = form({"outcome": "staying", "at": "2020-12-09 09:00", "initial-at": "2020-12-09 09:00"})
    assert left.is_valid()
    assert left.at() is None
    # the control: what the field alone would say lies before the tube was read
    assert left.cleaned_data["at"] < NOW


def test_an_hour_that_someone_typed_stands() -> None:
    typed = form({"outcome": "staying", "at": "2020-12-09 08:30", "initial-at": "2020-12-09 09:00"})
    assert typed.is_valid()
    at = typed.at()
    assert at is not None
    assert format_local(at, ZONE) == "2020-12-09 08:30"
