"""A signed pass: what stands on it, when it is good, how keys are kept and changed; and planted passes, each told for what it is."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bulou.basis.factset import FactSet
from bulou.basis.time import DAY, HOUR, MINUTE, Instant
from bulou.cli import main
from bulou.gaps.passing import Door, changes, doors_under, passes_until
from bulou.kit import signing
from bulou.kit.signing import EVERY, Key, Keys, Pass, check_of, new_number, opens, published, read_published, text_of, verdict
from tests.unit import test_passing as ground
from tests.unit.test_passing import GROUND, MADE, OTHER, PROTOCOL, P, at, drawn, fact, swab

ROOT = Path(__file__).parents[2]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RAW = KEY.public_key().public_bytes_raw()
NOW = at("10 08:00")
KEYS = [Key(signing._key_id(RAW), RAW, NOW)]


def made(**other: Any) -> Pass:
    told = Pass("AAAQEAYEAUDAO", NOW, Instant(NOW + 12 * HOUR), "510117", EVERY, check_of("AAAQEAYEAUDAO", "001X"))
    return told._replace(**other)


TEXT = text_of(made(), KEY)


# --- what stands on it -------------------------------------------------------------------------------------------------
def test_a_pass_says_doors_and_hours_and_nothing_of_anyone() -> None:
    assert TEXT.split(":")[:-1] == ["BULOU1", KEYS[0].id, "AAAQEAYEAUDAO", "20220810T0000Z", "20220810T1200Z", "510117/*", "3F"]
    assert Pass._fields == ("number", "starts", "ends", "area", "nature", "check"), "no name, number of a document, reason, colour or score"
    assert len(TEXT) < 221, "a code that a phone reads from paper (version 8 at 15 % loss)"
    assert verdict(TEXT, KEYS, NOW) == signing.Verdict("good", made())


def test_only_that_somebody_may_pass_is_ever_signed() -> None:
    """There is no form of a pass that says no: none of its words, and nothing else in the module that signs."""
    assert not {f for f in Pass._fields if "no" in f.split("_") or f.startswith(("bar", "deny", "block"))}
    text = (ROOT / "src/bulou/kit/signing.py").read_text(encoding="utf-8")
    assert text.count(".sign(") == 1


def test_two_passes_of_one_person_share_nothing_but_hours_and_doors() -> None:
    one, two = new_number(), new_number()
    assert one != two and len(one) == 13
    checks = {check_of(new_number(), "001X") for _ in range(64)}
    assert len(checks) > 32, "the eight bits are of the number as much as of what is said"
    assert check_of(one, " 0 0 1 x") == check_of(one, "001X"), "as people say it"


# --- when it is good ---------------------------------------------------------------------------------------------------
def test_from_its_first_minute_to_its_end() -> None:
    ends = Instant(NOW + 12 * HOUR)
    assert [verdict(TEXT, KEYS, h).state for h in (Instant(NOW - 1), NOW, Instant(ends - 1), ends)] == ["early", "good", "good", "over"]
    assert verdict(TEXT, KEYS, NOW, ["AAAQEAYEAUDAO"]).state == "withdrawn"


@pytest.mark.parametrize("hours", [0, 25])
def test_no_pass_outlives_a_day(hours: int) -> None:
    with pytest.raises(ValueError, match="a day"):
        text_of(made(ends=Instant(NOW + hours * HOUR)), KEY)


def test_an_area_that_would_break_the_line_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        text_of(made(area="510117:9"), KEY)


def changed(field: int, value: str) -> str:
    parts = TEXT.split(":")
    return ":".join([*parts[:field], value, *parts[field + 1 :]])


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", "unreadable"), ("hello", "unreadable"), (TEXT[:-1] + ":A", "unreadable"), (changed(0, "BULOU2"), "unreadable"),
        (changed(1, "00000000"), "unknown_key"), (changed(2, "AAAQEAYEAUDAQ"), "forged"), (changed(4, "20220810T1300Z"), "forged"),
        (changed(4, "20220830T1200Z"), "unreadable"), (changed(5, "510118/*"), "forged"), (changed(6, "00"), "forged"),
        (changed(7, "A" * 103), "forged"), (changed(7, "1"), "unreadable"), (f" {TEXT[:50]}\n{TEXT[50:]}\n", "good"),
    ],
)  # fmt: skip
def test_a_planted_pass_is_told_for_what_it_is(text: str, state: str) -> None:
    assert verdict(text, KEYS, NOW).state == state
    assert state in {"good", *signing.REASONS}


def test_a_pass_for_a_street_opens_the_doors_below_it() -> None:
    street, hospital = made(area="s"), made(area="s", nature="hospital")
    assert opens(street, ["v", "s", "d"], "market") and not opens(street, ["d"], "market")
    assert opens(hospital, ["v", "s"], "hospital") and not opens(hospital, ["v", "s"], "market")


# --- until when one can be signed --------------------------------------------------------------------------------------
def until(facts: list[Any], hour: str, *doors: Door, person: bytes | None = P) -> Instant | None:
    return passes_until(FactSet([*GROUND, *facts]), PROTOCOL, person, doors or [Door("v2", "market")], at(hour), DAY)


def test_a_pass_ends_before_anything_can_change_the_answer() -> None:
    assert until([], "09 08:00") == at("10 08:00"), "a day at most"
    assert until([MADE], "09 08:00") == at("09 09:00"), "an order that begins"
    assert until([MADE], "09 09:00") is None
    hospital = Door("v2", "hospital")
    negative = swab("07 22:00", "negative")
    assert until(negative, "09 08:00", hospital) == Instant(at("09 22:00") + 1), "a result that grows old"
    assert until(negative, "09 08:00", Door("v2", "market"), hospital) == Instant(at("09 22:00") + 1), (
        "of several doors the first that closes"
    )
    expected = drawn("medium")
    assert until(expected, "09 09:00", Door("v1", "market"), person=OTHER) == at("09 10:00"), "a zone whose hour is known"


def test_a_pass_for_every_door_is_asked_at_every_zone_and_kind_of_place() -> None:
    facts = FactSet([*GROUND, *drawn("medium")])
    doors = doors_under(facts, PROTOCOL, "d", True, "", ["v1"], at("10 08:00"))
    assert {Door("d", "gate"), Door("v1", "gate"), Door("d", "hospital")} <= set(doors)
    assert doors_under(facts, PROTOCOL, "v2", False, "market", ["v1"], at("10 08:00")) == [Door("v2", "market")]
    assert passes_until(facts, PROTOCOL, OTHER, doors, at("10 08:00"), DAY) is None


def test_every_change_of_an_answer_has_its_hour_and_rule() -> None:
    ended = fact("order.ended", "11 10:00", ground.f.OrderEnded(MADE.body.order, "clean", "tracing"))
    told = changes(FactSet([*GROUND, MADE, ended]), PROTOCOL, P, Door("v2", "market"), at("08 00:00"), at("20 00:00"))
    assert [(c.at, c.found.passes, ground.why(c.found)) for c in told] == [
        (at("08 00:00"), True, ""), (at("09 09:00"), False, "passing.order.home"), (at("11 10:00"), True, ""),
    ]  # fmt: skip
    assert told[1].found.bar is not None and told[1].found.bar.thing == MADE.body.order
    zone = changes(
        FactSet([*GROUND, *drawn("high", expires=at("12 09:00"))]), PROTOCOL, P, Door("v2", "market"), at("08 00:00"), at("20 00:00")
    )
    assert [c.at for c in zone] == [at("08 00:00"), at("09 10:00"), at("12 09:00")]


def test_a_change_that_is_missed_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the hours at which orders begin and end are not looked at."""
    monkeypatch.setattr("bulou.gaps.passing._hours", lambda *_: [])
    for test in (test_every_change_of_an_answer_has_its_hour_and_rule, test_a_pass_ends_before_anything_can_change_the_answer):
        with pytest.raises(AssertionError):
            test()


# --- keys --------------------------------------------------------------------------------------------------------------
def test_keys_are_made_once_kept_to_their_owner_and_changed(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    first = keys.signing(NOW)
    assert Keys(tmp_path).signing(NOW).private_bytes_raw() == first.private_bytes_raw()
    assert stat.S_IMODE((tmp_path / signing.FILE).stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == [signing.FILE], "no half-written file is left"
    text = text_of(made(), first)
    later = Instant(NOW + HOUR)
    new = keys.rotate(later)
    assert [k.until for k in keys.public(later)] == [Instant(later + DAY + MINUTE), None]
    assert verdict(text, keys.public(later), later).state == "good"
    assert verdict(text_of(made(starts=later), keys.signing(later)), [new], later).state == "good"
    assert keys.public(Instant(later + 2 * DAY)) == [new]
    keys.rotate(later, distrust=True)
    assert new.id not in {k.id for k in keys.public(later)}, "a key that was seen is no key"
    assert verdict(text, keys.public(later), later).state == "good", "the one before was not seen"


def test_the_private_half_is_in_no_backup_and_in_nothing_published(tmp_path: Path) -> None:
    from_home = Keys(tmp_path)
    private = from_home.signing(NOW).private_bytes_raw().hex()
    told = json.dumps(published(from_home.public(NOW), ["A"], NOW))
    assert private not in told
    assert read_published(told) == (from_home.public(NOW), ["A"])
    assert signing.FILE not in {"editions", "attachments", "secret.key"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": [{"id": "x"}], "withdrawn": []}'])
def test_what_is_no_published_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no published keys"):
        read_published(text)


# --- the command -------------------------------------------------------------------------------------------------------
def run(tmp_path: Path, *arguments: str) -> tuple[int, str]:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(published(KEYS, [], NOW)), encoding="utf-8")
    done = CliRunner().invoke(main, ["pass", "verify", "--key", str(file), "--lang", "en", *arguments])
    return done.exit_code, done.output


def test_any_machine_reads_a_pass_with_a_file_of_keys(tmp_path: Path) -> None:
    hour = "2022-08-10T09:00+08:00"
    assert run(tmp_path, TEXT, "--at", hour, "--say", "001X") == (0, "may pass: 510117 (*), until 2022-08-10T12:00:00+00:00\n")
    code, told = run(tmp_path, TEXT, "--at", hour)
    assert code == 0 and "four characters" in told
    code, told = run(tmp_path, TEXT, "--at", hour, "--say", "0000")
    assert code == 1 and "somebody else" in told
    code, told = run(tmp_path, changed(5, "510118/*"), "--at", hour)
    assert code == 1 and "changed" in told and "number of a document" in told
    assert run(tmp_path, TEXT, "--at", "yesterday")[0] == 2


def test_the_browsers_sample_is_what_python_writes() -> None:
    """islands/test/signed.test.ts reads it with the browser's own cryptography."""
    sample = (ROOT / "islands/test/signed.sample.ts").read_text(encoding="utf-8")
    june = replace_hours(made())
    assert f'PASS = "{text_of(june, KEY)}"' in sample
    assert KEYS[0].id in sample and RAW.hex() in sample


def replace_hours(told: Pass) -> Pass:
    return told._replace(starts=signing._instant("20260601T0000Z"), ends=signing._instant("20260601T1200Z"))
