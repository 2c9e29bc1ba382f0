"""A case who met many: its page shows those named last, and all of them on further pages, each person once."""

from __future__ import annotations

from html import unescape

from django.urls import reverse

from bulou.basis.facts import ContactNamed
from bulou.basis.ids import to_text
from bulou.basis.time import HOUR, MINUTE, Instant
from bulou.desks.tracing.pages import MET
from tests.web.test_chain import HERE, diagnosed, people
from tests.web.test_traced import entered, fact
from tests.web.world import World


def test_people_met_come_in_pages_the_last_named_first(world: World) -> None:
    case, *others = people(HERE, MET + 4)
    diagnosed(world, case)
    for n, person in enumerate(others):
        entered(fact(world, "contact.named", ContactNamed(person, case, Instant(world.opens - 50 * HOUR), "meal"), -30 + n / 100))
    # named twice, the first time first of all: still one person, and among the last
    entered(fact(world, "contact.named", ContactNamed(others[0], case, Instant(world.opens - 50 * HOUR + MINUTE), "venue"), -2))
    url = reverse("case", kwargs={"person": to_text(case)})

    def shown(page: int) -> list[str]:
        part = unescape(world.ask("tracing", f"{url}?page={page}", "en").text).split('id="k-contacts"', 1)[1].split("</section>", 1)[0]
        return [p.split('"', 1)[0] for p in part.split(reverse("contact", kwargs={"person": "x"})[:-1])[1:]]

    first, second = shown(1), shown(2)
    assert len(first) == MET and len(second) == len(others) - MET and not set(first) & set(second)
    assert first[0] == to_text(others[0]) and first[1] == to_text(others[-1]), "whoever was named last stands first"
    assert sorted([*first, *second]) == sorted(to_text(p) for p in others)
