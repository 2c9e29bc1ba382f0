"""The page of a case as two fill it: words side by side, who told each and when, one holds by a named post's reason, nothing is lost."""

from __future__ import annotations

from html import unescape
from typing import Any

from django.urls import reverse

from bulou.basis.facts import FactWithdrawn, PostLeft
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import HOUR, MINUTE, Instant, SetClock
from bulou.desks.tracing.sheets import day_rows, told_rows
from bulou.evidence.models import CONTENT, Case
from bulou.evidence.now import NEVER
from bulou.kit.centre import set_clock
from bulou.register.models import User
from tests.web.test_path import narrowed
from tests.web.test_traced import entered, fact
from tests.web.world import POOL, Seen, World, fresh_id, members_of


def case() -> bytes:
    return bytes(Case.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[0])


def here(person: bytes) -> str:
    return reverse("case", kwargs={"person": to_text(person)})


def tell(world: World, user: str = "investigator", page: str = "detail", **said: Any) -> Seen:
    person = said.pop("person", case())
    data = {"fact_id": fresh_id(world), "person": to_text(person), "next": here(person), "teller": "self", "certainty": "stated", **said}
    return world.ask(user, f"{reverse(page)}?person={to_text(person)}", "en", data=data)


def part(text: str, name: str) -> str:
    """One field of the page."""
    return unescape(text.split(f'id="told-{name}"')[1].split('class="told-field"')[0])


def words(detail: str = "workplace") -> list[Any]:
    return list(CONTENT["detail.told"].objects.filter(person=case(), detail=detail).order_by("entry", "at", "id"))


def test_two_words_on_one_field_are_both_there_with_who_and_when(world: World) -> None:
    text = part(world.ask("investigator", here(case()), "en").text, "workplace")
    assert "西门菜场" in text and "东门菜场" in text and "told differently" in text
    assert text.count("household or kin") == 1 and "Say which word holds" in text
    assert tell(world, detail="occupation", said="摊主").status == 302
    text = part(world.ask("tracing", here(case()), "en").text, "occupation")
    assert "摊主" in text and "told differently" not in text


def test_one_holds_by_a_reason_and_a_later_word_opens_it_again(world: World) -> None:
    url = f"{reverse('detail-settle')}?person={to_text(case())}&detail=workplace"
    seen = world.ask("tracing", url, "en")
    assert seen.status == 200 and "西门菜场" in seen.text
    data = {"fact_id": fresh_id(world), "person": to_text(case()), "detail": "workplace", "next": here(case())}
    chosen = to_text(bytes(words()[0].id))
    assert "Choose which word holds" in world.ask("tracing", url, "en", data={**data, "reason": "看过工牌"}).text
    assert world.ask("tracing", url, "en", data={**data, "chosen": chosen}).status == 422
    assert world.ask("tracing", url, "en", data={**data, "chosen": chosen, "reason": "看过工牌"}).status == 302
    text = part(world.ask("investigator", here(case()), "en").text, "workplace")
    assert "东门菜场" in text and "看过工牌" in text and "holds" in text and "told differently" not in text
    assert tell(world, detail="workplace", said="南门菜场", teller="workplace").status == 302
    text = part(world.ask("investigator", here(case()), "en").text, "workplace")
    assert "told differently" in text and "Settled before another word was told" in text and "东门菜场" in text


def test_another_persons_word_settles_nothing(world: World) -> None:
    other = bytes(Case.objects.filter(void_seq=NEVER).exclude(person=case()).order_by("person").values_list("person", flat=True)[0])
    data = {
        "fact_id": fresh_id(world),
        "person": to_text(other),
        "detail": "workplace",
        "chosen": to_text(bytes(words()[0].id)),
        "reason": "x",
    }
    seen = world.ask("tracing", f"{reverse('detail-settle')}?person={to_text(other)}&detail=workplace", "en", data=data)
    assert seen.status == 422 and not CONTENT["detail.settled"].objects.filter(person=other).exists()


def test_a_word_taken_back_takes_its_side_away(world: World) -> None:
    entered(fact(world, "fact.withdrawn", FactWithdrawn(bytes(words()[0].id), "记错了"), 0))
    text = part(world.ask("investigator", here(case()), "en").text, "workplace")
    assert "西门菜场" not in text and "东门菜场" in text and "told differently" not in text


def test_what_cannot_stand_names_its_field(world: World) -> None:
    assert "one telephone number" in tell(world, detail="phone", said="没有").text
    assert "lies in the future" in tell(world, page="symptoms", day="2020-12-20", signs=["fever"]).text
    assert "stands alone" in tell(world, page="symptoms", day="2020-12-06", signs=["fever", "none"]).text
    assert "nothing ticked would say nothing" in tell(world, page="symptoms", day="2020-12-06").text
    assert "at most 14 days" in tell(world, page="symptoms", day="2020-11-01", until="2020-12-06", signs=["fever"]).text


def test_days_alike_are_told_at_once_and_twice_is_once(world: World) -> None:
    before = CONTENT["symptoms.told"].objects.count()
    said = {"fact_id": fresh_id(world), "day": "2020-12-03", "until": "2020-12-05", "signs": ["fever", "rash"], "page": "symptoms"}
    assert tell(world, **said).status == 302 and tell(world, **said).status == 302
    assert CONTENT["symptoms.told"].objects.count() == before + 3
    text = unescape(world.ask("investigator", here(case()), "en").text).split('id="t-days"')[1]
    assert "rash" in text and "2020-12-03" in text and text.count("told differently") >= 2, "the sixth is told by two"
    assert "38.5" in text


def test_the_script_of_a_call_fills_the_page(world: World) -> None:
    person = members_of(POOL)[0]
    url = f"{reverse('call')}?person={to_text(person)}"
    set_clock(SetClock(Instant(world.opens + HOUR)))
    assert world.ask("investigator", url, "en", data={"fact_id": fresh_id(world), "person": to_text(person)}).status == 302
    text = world.ask("investigator", url, "en").text
    number = text.split('name="number"')[1].split('value="')[1].split('"')[0]
    names = {n.split('"')[0] for n in text.split('name="') if n.startswith(("said-", "where-"))}
    sent = {n: "reached" if n.startswith("said") else "staying" for n in names}
    sent |= {
        f"words-{person.hex()}": "东门岗亭",
        f"days-{person.hex()}": "初五去过菜场",
        "number": number,
        "outcome": "reached",
        "fact_id": fresh_id(world),
    }
    assert world.ask("investigator", url, "en", data={**sent, "person": to_text(person)}).status == 302
    told = dict(CONTENT["detail.told"].objects.filter(person=person).values_list("detail", "said"))
    assert told == {"whereabouts": "东门岗亭", "last_days": "初五去过菜场"}


def test_who_may_not_tell_does_not_find_the_pages(world: World) -> None:
    for page in ("detail", "symptoms", "detail-settle"):
        url = f"{reverse(page)}?person={to_text(case())}&detail=workplace"
        for user in ("grid", "auditor", "laboratory", "expert"):
            assert world.ask(user, url).status == 404, (page, user)
    text = part(world.ask("expert", here(case()), "en").text, "workplace")
    assert "西门菜场" not in text and "Say which word holds" not in text, "whoever sees words masked sees these masked"


def held(world: World, minutes: int, **more: Any) -> dict[str, str]:
    """What a form sends that was held on a device for so long; its clock is three days off, and says nothing of the hour."""
    sent = (world.opens + 72 * HOUR) // 1000
    return {
        "held_at": str(sent - minutes * 60_000), "sent_at": str(sent), "fact_id": fresh_id(world), "teller": "self",
        "certainty": "stated", "detail": "home", "said": "与父母同住", **more,
    }  # fmt: skip


def test_what_was_written_without_a_network_has_the_hour_of_writing(world: World) -> None:
    set_clock(SetClock(Instant(world.opens + HOUR)))
    assert tell(world, **held(world, 50)).status == 302
    [row] = words("home")
    assert row.at == world.opens + 10 * MINUTE, "the centre's hour less the time it was held, not the device's clock"
    text = part(world.ask("tracing", here(case()), "en").text, "home")
    assert "entered at" in text and "device" in text
    assert tell(world, **held(world, 60 * 25, said="x")).status == 302
    assert words("home")[-1].at == world.opens + HOUR, "held for longer than is taken: the hour of entering"


def test_after_a_hand_over_what_was_written_before_it_is_taken_and_nothing_after(world: World) -> None:
    holder = User.objects.get(username="investigator").holder
    left = Instant(world.opens + 30 * MINUTE)
    entered(Fact(new_id(left), "post.left", left, None, PostLeft("pidu.tracing.1", bytes(holder or b""))))
    set_clock(SetClock(Instant(world.opens + HOUR)))
    url, verb = f"{reverse('detail')}?person={to_text(case())}", {"verb": "tell_detail", "person": to_text(case())}
    assert world.ask("investigator", url).status == 404, "they hold the post no more"
    seen = world.ask("investigator", reverse("held"), "en", data={**held(world, 50), **verb})
    assert seen.status == 200 and "on the post that you held then" in seen.text and "与父母同住" not in seen.text
    [row] = words("home")
    assert (row.at, row.post) == (world.opens + 10 * MINUTE, "pidu.tracing.1")
    for wrong in (held(world, 20), held(world, 0), held(world, 50, verb="settle_detail")):
        assert world.ask("investigator", reverse("held"), "en", data={**verb, **wrong}).status == 422
    assert world.ask("laboratory", reverse("held"), "en", data={**held(world, 50), **verb}).status == 422
    assert len(words("home")) == 1


def test_lists_hold_the_viewers_areas(world: World) -> None:
    for rows in (told_rows, day_rows):
        assert rows(world.look("tracing")).exists() and not rows(narrowed(world, "510117008")).exists()
