"""Letters of assistance through the site: who owes whom until when, who may be meant, what leaves the current counts and what stays in the others."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bulou.basis.facts import ContactJudged, ContactNamed, FactWithdrawn
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.letterfacts import LetterAnswered
from bulou.basis.time import HOUR, Instant
from bulou.desks.command.figures import FIGURES, Board
from bulou.desks.tracing import letters
from bulou.duties.enter import enter
from bulou.evidence.models import CONTENT, Case
from bulou.evidence.now import NEVER
from bulou.gaps.coverage import RuleBook, keys_of, rows
from bulou.kit import people
from bulou.kit.centre import centre
from bulou.kit.letters import in_stands, out_stands, transferred
from bulou.kit.sheet import SHEETS
from bulou.kit.verb import VERBS, Refused
from bulou.register.models import Stay
from tests.web.test_verbs import sent
from tests.web.world import LETTER_IN, LETTER_OUT, World, sheet_url

LEAD = "tracing"


def page(world: World, letter: bytes, user: str = LEAD, language: str = "en", **query: str) -> Any:
    at = reverse("letter", kwargs={"letter": to_text(letter)})
    return world.ask(user, at + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else ""), language)


def entered(world: World, kind: str, body: Any, ago: int = 1) -> bytes:
    at = Instant(world.opens - ago * HOUR)
    fact = Fact(new_id(at), kind, at, world.incident, body)
    assert not enter([fact], by="t", source="t", clock=centre().clock, protocol=centre().protocol).refused
    return fact.id


def someone(world: World, n: int = 0) -> bytes:
    """A close contact of the tests, judged by a person, so that the measure's duties are open."""
    case = bytes(Case.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[0])
    free = Stay.objects.filter(void_seq=NEVER, area__startswith="510117001").order_by("-person").values_list("person", flat=True)
    person = bytes(free[n])
    entered(world, "contact.named", ContactNamed(person, case, Instant(world.opens - 5 * HOUR), "meal"), 4)
    entered(world, "contact.judged", ContactJudged(person, "close", "同桌", "pidu.tracing"), 3)
    return person


def letter(world: World, person: bytes, **more: Any) -> bytes:
    id_ = new_id(world.opens)
    sent(world, LEAD, VERBS["send_letter"], {"person": person, "letter": id_, "to": "乙区疾控", "why": "contact", **more}, id_=id_)
    return id_


def came_back(world: World, person: bytes, id_: bytes, outcome: str, **more: Any) -> bytes:
    answer = new_id(world.opens)
    sent(world, LEAD, VERBS["answer_letter"], {"person": person, "letter": id_, "outcome": outcome, **more}, id_=answer)
    return answer


def owed(world: World, name: str, subject: bytes) -> dict[bytes, Any]:
    """The duties of a rule for a subject, by letter or whatever else is the key."""
    look = world.look(LEAD)
    found = list(rows(look.seq, look.about, look.scope).filter(rule__in=RuleBook(look.protocol).numbers_of(name), subject=subject))
    keys = keys_of(r.cell for r in found)
    return {keys[bytes(r.cell)].key[1]: r for r in found}  # type: ignore[misc]


def figures(world: World) -> dict[str, set[Any]]:
    board = Board.of(world.look(LEAD), world.incident)
    return {name: set(FIGURES[name].keys(board)) for name in ("contacts_close", "contacts_now", "in_transfer", "accepted_elsewhere")}


# --- out ----------------------------------------------------------------------------------------------------------------
def test_the_sender_owes_until_somebody_has_accepted(world: World) -> None:
    person = someone(world)
    id_ = letter(world, person)
    receipt, accept = owed(world, "letter.receipt", person)[id_], owed(world, "letter.accept", person)[id_]
    assert (receipt.due_at - world.opens, accept.due_at - world.opens) == (24 * HOUR, 48 * HOUR)
    came_back(world, person, id_, "receipt")
    assert owed(world, "letter.receipt", person)[id_].closed_at is not None
    assert owed(world, "letter.accept", person)[id_].closed_at is None
    answer = came_back(world, person, id_, "accepted")
    assert owed(world, "letter.accept", person)[id_].closed_at is not None
    entered(world, "fact.withdrawn", FactWithdrawn(answer, "误登"), 0)
    assert owed(world, "letter.accept", person)[id_].closed_at is None, "the acceptance was taken back: owed again"


def test_counted_once_kept_in_what_is_cumulative_and_gone_from_what_is_current_once_accepted(world: World) -> None:
    person, before = someone(world), None
    before = figures(world)
    assert person in before["contacts_now"] and person not in before["in_transfer"]
    one, two = sorted((letter(world, person), letter(world, person, to="丙区疾控")))  # at one instant: by their ids
    now = figures(world)
    assert person in now["in_transfer"] and now["contacts_now"] == before["contacts_now"], "two letters, and one person, ours"
    came_back(world, person, one, "accepted")
    assert person in figures(world)["in_transfer"], "the letter that was sent last still waits, and the duties with it"
    came_back(world, person, two, "accepted")
    after = figures(world)
    assert after["contacts_close"] == before["contacts_close"]
    assert after["contacts_now"] == before["contacts_now"] - {person}
    assert person in after["accepted_elsewhere"] and person not in after["in_transfer"]


def test_accepted_elsewhere_nothing_of_the_ring_is_owed_here(world: World) -> None:
    person = someone(world)
    id_ = letter(world, person)
    assert owed(world, "close.place", person)[person].end_at > world.opens
    came_back(world, person, id_, "receipt")
    assert owed(world, "close.place", person)[person].end_at > world.opens, "a receipt takes nobody over"
    came_back(world, person, id_, "accepted")
    assert owed(world, "close.place", person)[person].end_at <= world.opens


def test_answers_that_differ_are_both_on_the_page(world: World) -> None:
    person = someone(world)
    id_ = letter(world, person)
    entered(world, "letter.answered", LetterAnswered(person, id_, "unknown", "pidu.tracing"), 2)
    came_back(world, person, id_, "accepted", answered_by="丁区")
    seen = page(world, id_)
    assert "answers differ" in seen.text and "nobody of that name" in seen.text and "丁区" in seen.text
    assert person not in transferred(world.look(LEAD), [person]).elsewhere
    assert to_text(id_) in world.ask(LEAD, sheet_url(SHEETS["letters_out"], answer="open"), "en").text, (
        "it is open: somebody must ask again"
    )
    came_back(world, person, id_, "accepted")
    assert to_text(id_) not in world.ask(LEAD, sheet_url(SHEETS["letters_out"], answer="open"), "en").text, (
        "the first looked again: both accept"
    )


def test_another_letter_takes_the_place_of_the_first(world: World) -> None:
    person = someone(world)
    id_ = letter(world, person)
    came_back(world, person, id_, "moved", where="丁区")
    later = letter(world, person, to="丁区疾控", follows=id_)
    stands = out_stands(world.look(LEAD), [id_, later])
    assert (stands[id_].state, stands[later].state) == ("replaced", "sent")
    assert owed(world, "letter.accept", person)[id_].end_at <= world.opens
    with pytest.raises(Refused) as refused:
        letter(world, someone(world, 1), follows=id_)
    assert {p.field for p in refused.value.problems} == {"follows"}


def test_where_to_is_said(world: World) -> None:
    person = someone(world)
    id_ = letter(world, person)
    with pytest.raises(Refused) as refused:
        came_back(world, person, id_, "moved")
    assert {p.field for p in refused.value.problems} == {"where"}


def test_open_letters_stand_first_on_the_list_and_the_contact_says_that_they_are_in_transfer(world: World) -> None:
    person = someone(world)
    settled = letter(world, person)
    came_back(world, person, settled, "accepted")
    seen = world.ask(LEAD, sheet_url(SHEETS["letters_out"]), "en").text
    assert seen.index(to_text(LETTER_OUT)) < seen.index(to_text(settled))
    assert to_text(settled) not in world.ask(LEAD, sheet_url(SHEETS["letters_out"], answer="open"), "en").text
    body = CONTENT["letter.sent"].objects.get(letter=LETTER_OUT)
    assert "in transfer" in world.ask(LEAD, reverse("contact", kwargs={"person": to_text(bytes(body.person))}), "en").text


def test_on_paper_stands_nothing_of_tests_and_the_mark_of_an_exercise(world: World) -> None:
    seen = world.ask(LEAD, reverse("letter-paper", kwargs={"letter": to_text(LETTER_OUT)}), "en").text
    paper = seen[seen.index('class="card paper"') :]
    assert "EXERCISE" in paper and "乙区疾控中心" in paper and "as known at" in paper
    assert not any(word in paper for word in ("positive", "diagnos", "Ct", "阳性"))


# --- in -----------------------------------------------------------------------------------------------------------------
def test_a_letter_in_is_matched_by_a_person_before_anyone_is_accepted(world: World) -> None:
    look = world.look(LEAD)
    with pytest.raises(Refused) as refused:
        sent(world, LEAD, VERBS["decide_letter"], {"letter": LETTER_IN, "outcome": "accepted"})
    assert {p.field for p in refused.value.problems} == {"outcome"}
    person = bytes(Stay.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[0])
    assert not CONTENT["letter.matched"].objects.filter(letter=LETTER_IN).exists(), "nobody was chosen unseen"
    sent(world, LEAD, VERBS["match_letter"], {"letter": LETTER_IN, "person": person})
    sent(world, LEAD, VERBS["decide_letter"], {"letter": LETTER_IN, "outcome": "accepted"})
    look = world.look(LEAD)
    assert in_stands(look, [LETTER_IN])[LETTER_IN].ours
    assert owed(world, "letter.decide", LETTER_IN)[LETTER_IN].closed_at is not None


def test_who_may_be_meant_is_offered_by_what_agrees(world: World) -> None:
    look = world.look(LEAD)
    people = letters.standing(letters.Person, look.seq).exclude(phone=None)
    one = people.filter(person__in=Stay.objects.filter(void_seq=NEVER).values("person")).order_by("person")[0]
    id_ = new_id(world.opens)
    values = {"letter": id_, "sender": "丙市", "why": "contact", "name": one.name, "phone": one.phone, "area": None}
    sent(world, LEAD, VERBS["receive_letter"], values)
    seen = page(world, id_)
    assert "same telephone · same name" in seen.text and to_text(bytes(one.person)) in seen.text
    assert not CONTENT["letter.matched"].objects.filter(letter=id_).exists()
    # A planted search: nobody is found, and the page says so.
    assert "has this name, number or telephone" in page(world, LETTER_IN).text


def test_a_name_that_many_have_says_that_there_are_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many are offered and no more; that somebody else may be meant is said wherever people are chosen."""
    look = world.look(LEAD)
    one = next(f for f in people.find(look, "王") if f.tail)
    assert len(people.find(look, "王")) > 5
    monkeypatch.setattr(people, "MOST", 5)
    many, few = people.find(look, "王"), people.find(look, one.tail)
    assert (len(many), many.more) == (5, True) and 0 < len(few) <= 5 and not few.more
    case = bytes(Case.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[0])
    for text, told in (("王", True), (one.tail, False)):
        seen = world.ask(LEAD, f"{reverse('contact-name')}?met={to_text(case)}&q={text}", "en").text
        assert ("There are more" in seen) == told


def test_whoever_sees_no_names_sees_none_in_letters_and_another_town_finds_nothing(world: World) -> None:
    seen = page(world, LETTER_IN, "commander")
    assert seen.status == 200 and "试某某" not in seen.text and "19900000077" not in seen.text
    for user in ("taiping", "grid"):
        assert page(world, LETTER_OUT, user).status == 404
    assert (page(world, LETTER_IN, "pitong").status == 200) == world.look("pitong").viewer.sees("tracing"), "it says an area of theirs"
    assert page(world, new_id(world.opens)).status == 404


LIST = (
    "来函单位,文号,姓名,证件号码,联系电话,人员类别,现住址\n"
    "丙市疾控,丙协50,欧阳某,,19900000050,密接,郫县某路\n丙市疾控,丙协50,欧阳某,,19900000050,密接,郫县某路\n"
    "丙市疾控,丙协51,,,,密接,\n丙市疾控,丙协52,诸葛某,,,路人,\n"
)


def test_a_list_of_letters_comes_in_once(world: World) -> None:
    def taken(text: str) -> Any:
        file = SimpleUploadedFile("letters.csv", text.encode("gb18030"))
        return world.taken_in(LEAD, reverse("imports"), {"verb": "receive_letter", "file": file})

    before = CONTENT["letter.received"].objects.count()
    receipt = taken(LIST)
    assert (receipt.entered, receipt.same, receipt.refused) == (1, 1, 2)
    assert CONTENT["letter.received"].objects.count() == before + 1
    again = taken(LIST + "丙市疾控,丙协53,司马某,,,病例,\n")
    assert again.entered == 1, "what came before is there already, in another file too"
