"""Risk points on their pages: proposed from paths, named with an end, re-opened only after negative surfaces, and nothing of who the cases are."""

from django.test import RequestFactory
from django.urls import reverse

from bulou.basis.ids import new_id, to_text
from bulou.basis.time import HOUR, Instant, SetClock, format_local
from bulou.desks.tracing.points import as_of, point_rows, proposed
from bulou.duties.models import Duty
from bulou.evidence.models import Case, Contact, Point
from bulou.evidence.now import NEVER
from bulou.kit.centre import set_clock
from bulou.kit.incidents import current
from bulou.kit.looking import moment_at
from bulou.kit.verb import VERBS, Refused, do
from bulou.register.models import Person
from tests.web.test_path import narrowed
from tests.web.world import PLACE, POINT, World

GIVEN = {"place": PLACE, "point": POINT}


def _do(world: World, user: str, name: str, **values: object) -> None:
    body = {"note": None} if name != "reopen_point" else {}
    do(VERBS[name], world.look(user), {**GIVEN, **body, **values}, incident=world.incident, id_=new_id(world.opens))


def _refused(world: World, user: str, name: str, **values: object) -> str:
    try:
        _do(world, user, name, **values)
    except Refused as refused:
        return " ".join(p.en for p in refused.problems)
    return ""


def test_paths_propose_a_place_without_naming_who_was_there(world: World) -> None:
    page = world.ask("tracing", reverse("points-proposed"), "en")
    assert page.status == 200 and "河边茶馆" in page.text
    names = Person.objects.filter(person__in=Case.objects.filter(void_seq=NEVER).values("person"), void_seq=NEVER).values_list(
        "name", flat=True
    )
    assert names and not [n for n in names if n in page.text], "who was there is nobody's who only holds the place"


def test_a_named_place_owes_what_its_edition_asks(world: World) -> None:
    owed = Duty.objects.filter(void_seq=NEVER, subject=PLACE)
    assert owed.count() == 4, "close, sample, disinfect, decide; the check follows the disinfection"
    page = world.ask("tracing", reverse("point", kwargs={"point": to_text(POINT)}), "en")
    assert page.status == 200 and "to be closed" in page.text


def test_re_opened_only_after_negative_surfaces_of_the_last_disinfection(world: World) -> None:
    assert "needs surfaces" in _refused(world, "commander", "reopen_point", reason="clean")
    _do(world, "duty", "disinfect")
    assert "differs from the number" in _refused(
        world, "sampling", "read_surfaces", stage="after", result="negative", positive=1, negative=3
    )
    set_clock(SetClock(Instant(world.opens + HOUR)))
    _do(world, "sampling", "read_surfaces", stage="after", result="negative", positive=0, negative=4)
    set_clock(SetClock(Instant(world.opens + 2 * HOUR)))
    _do(world, "duty", "disinfect")
    assert "needs surfaces" in _refused(world, "commander", "reopen_point", reason="clean"), "read before the last disinfection"
    set_clock(SetClock(Instant(world.opens + 3 * HOUR)))
    _do(world, "sampling", "read_surfaces", stage="after", result="negative", positive=0, negative=4)
    _do(world, "commander", "reopen_point", reason="clean")
    assert Point.objects.get(point=POINT, void_seq=NEVER).reopened_at == world.opens + 3 * HOUR
    assert "re-opened already" in _refused(world, "duty", "disinfect")


def test_a_closure_that_is_over_is_decided_without_samples(world: World) -> None:
    set_clock(SetClock(Instant(world.opens + 72 * HOUR)))
    _do(world, "commander", "reopen_point", reason="its end has come")
    assert Point.objects.get(point=POINT, void_seq=NEVER).reopened_by


def test_a_closure_without_an_end_is_refused_with_what_would_be_right(world: World) -> None:
    url = reverse("point-name")
    sent = {"place": to_text(PLACE), "since": "2020-12-07 08:00", "until": "2020-12-07 10:00", "held": "closed",
            "reason": "试", "fact_id": to_text(new_id(world.opens))}  # fmt: skip
    page = world.ask("tracing", url, "en", data=sent)
    assert page.status == 422 and "a closure says when it ends" in page.text
    page = world.ask("tracing", url, "en", data={**sent, "closed_until": "2021-12-09 10:00"})
    assert page.status == 422 and "by at most 21 days" in page.text
    assert world.ask("tracing", url, "en", data={**sent, "place": ""}).status == 422
    assert world.ask("investigator", url, "en", data=sent).status in (403, 404), "naming is for the head of tracing and the commander"


def test_whoever_holds_another_area_finds_no_risk_point(world: World) -> None:
    far = narrowed(world, "510117008")
    incident = current(RequestFactory().get("/"), world.look("tracing"))
    assert incident is not None and "河边茶馆" in [p.place.name for p in proposed(incident, world.look("tracing"))]
    assert not proposed(incident, far) and not point_rows(far).exists() and point_rows(world.look("tracing")).exists()


def test_whoever_only_holds_the_place_reads_no_visits(world: World) -> None:
    """Planted beside it: the same page for whoever traces has them."""
    url = reverse("point", kwargs={"point": to_text(POINT)})
    other = Contact.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[0]
    name = Person.objects.get(person=other, void_seq=NEVER).name
    assert "Who else was there" in world.ask("tracing", url, "en").text and name in world.ask("tracing", url, "en").text
    for user in ("sampling", "taiping"):
        page = world.ask(user, url, "en")
        assert page.status == 200 and "Who else was there" not in page.text and name not in page.text


def test_one_positive_sample_after_disinfection_keeps_a_place_closed(world: World) -> None:
    """Until it is disinfected again: a later batch without a positive does not take the first one's word back."""
    _do(world, "duty", "disinfect")
    for hours, result, positive in ((1, "positive", 1), (2, "negative", 0)):
        set_clock(SetClock(Instant(world.opens + hours * HOUR)))
        _do(world, "sampling", "read_surfaces", stage="after", result=result, positive=positive, negative=5)
    assert "needs surfaces" in _refused(world, "commander", "reopen_point", reason="clean")
    assert Point.objects.get(point=POINT, void_seq=NEVER).result == "positive"


def test_an_hour_of_the_past_knows_only_what_was_done_by_then(world: World) -> None:
    """Sampled twice: between the two the first stands, and nothing of the second."""
    for hours, samples in ((1, 3), (3, 4)):
        set_clock(SetClock(Instant(world.opens + hours * HOUR)))
        _do(world, "sampling", "sample_surfaces", stage="before", samples=samples)
    set_clock(SetClock(Instant(world.opens + 4 * HOUR)))
    _do(world, "duty", "disinfect")

    def at(hours: int) -> tuple[object, ...]:
        look = world.look("tracing", moment=moment_at(Instant(world.opens + hours * HOUR), Instant(world.opens + 5 * HOUR)))
        rows = list(point_rows(look).filter(point=POINT))
        as_of(rows, look)
        return rows[0].samples, rows[0].sampled_at, rows[0].disinfected_at

    first = world.opens + HOUR
    assert [at(h) for h in (0, 2, 3, 5)] == [
        (0, None, None), (3, first, None), (7, first, None), (7, first, world.opens + 4 * HOUR)
    ]  # fmt: skip
    asked = format_local(Instant(world.opens + 2 * HOUR), world.look("tracing").zone)[:16].replace(" ", "T")
    page = world.ask("tracing", f"{reverse('point', kwargs={'point': to_text(POINT)})}?about={asked}", "en")
    assert page.status == 200 and "3 · 0 positive" in " ".join(page.text.split())
