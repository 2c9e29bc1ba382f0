"""The dossier of a case through the site: who gets it, with or without names, in which template, and that its taking is written down."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from django.test import override_settings
from django.urls import reverse

from bulou.basis.facts import CaseDiagnosed, SampleTaken
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.listfacts import PersonAmended
from bulou.basis.time import HOUR, Instant
from bulou.desks.tracing import dossier
from bulou.duties.enter import enter
from bulou.evidence.models import CONTENT, Case
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre
from bulou.kit.models import Look
from bulou.register.models import Person
from tests.web.test_path import narrowed
from tests.web.world import World

LEAD = "tracing"


def case(world: World) -> bytes:
    """A case of the demo whom somebody is said to have met."""
    met = set(CONTENT["contact.named"].objects.values_list("met", flat=True))
    return next(bytes(p) for p in Case.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True) if p in met)


def taken(world: World, ending: str, user: str = LEAD, language: str = "en", **query: str) -> Any:
    at = reverse("dossier-file", kwargs={"person": to_text(case(world)), "ending": ending})
    client = world.client(user, language)
    return client.get(at, query)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A centre's home with a folder of templates."""
    folder = tmp_path / "templates" / "dossier"
    folder.mkdir(parents=True)
    with override_settings(BULOU_HOME=tmp_path):
        yield folder


def entered(world: World, kind: str, body: Any, incident: bytes | None = None) -> None:
    fact = Fact(new_id(world.opens), kind, Instant(world.opens - HOUR), incident, body)
    assert not enter([fact], by="t", source="t", clock=centre().clock, protocol=centre().protocol).refused


def said(world: World, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(taken(world, "json", **query).content)
    return found


def names(world: World) -> set[str]:
    """Everyone whom the dossier's case and contacts are."""
    ids = [case(world), *CONTENT["contact.named"].objects.filter(met=case(world)).values_list("person", flat=True)]
    return set(Person.objects.filter(person__in=ids, void_seq=NEVER).values_list("name", flat=True))


def test_it_is_without_names_unless_asked_for_and_never_says_how_people_are_reached(world: World) -> None:
    plain, named = json.dumps(said(world), ensure_ascii=False), json.dumps(said(world, names="1"), ensure_ascii=False)
    assert not any(n in plain for n in names(world)) and any(n in named for n in names(world))
    entered(world, "person.amended", PersonAmended(case(world), phone="13912340001"))
    assert all("13912340001" not in json.dumps(said(world, **q)) for q in ({}, {"names": "1"})) and "0001" in said(world)["fields"]["phone"]
    refused = taken(world, "json", "commander", names="1").content.decode()
    assert not any(n in refused for n in names(world)), "a role that sees no names gets none by asking"


def test_a_label_that_is_a_name_is_not_said_without_names(world: World) -> None:
    one = Person.objects.get(person=case(world), void_seq=NEVER)
    entered(world, "case.diagnosed", CaseDiagnosed(case(world), "confirmed", "not_given", label=f"病例-{one.name}"), world.incident)
    assert one.name not in json.dumps(said(world), ensure_ascii=False)
    assert said(world, names="1")["fields"]["label"].endswith(one.name), "its control: with names it is the label"


def test_nobody_is_said_to_have_infected_anybody(world: World) -> None:
    fields = {*dossier.FIELDS, *(c for _, columns in dossier.LISTED.values() for c in columns)}
    assert not fields & {"source", "infector", "infected_by", "met", "source_name"}
    assert said(world)["fields"]["links"].isdigit()


def test_both_hours_the_mark_and_the_lists_are_there(world: World) -> None:
    entered(world, "sample.taken", SampleTaken(case(world), "D-1", "covid19", 1))
    found = said(world)
    assert found["fields"]["exercise"].startswith("EXERCISE") and "2020-12-09" in found["fields"]["about"] and found["fields"]["known"]
    assert set(found["lists"]) == set(dossier.LISTED) and found["lists"]["contacts"] and found["lists"]["samples"]
    assert all(set(rows[0]) == set(dossier.LISTED[name][1]) for name, rows in found["lists"].items() if rows)


def test_a_template_of_the_centre_is_filled(world: World, home: Path) -> None:
    own = docx.Document()
    own.add_paragraph("区疾控 病例 {{label}}:{{status}}")
    own.save(str(home / "区卷宗.docx"))
    assert "区卷宗.docx" in world.client(LEAD, "zh").get(reverse("dossier", kwargs={"person": to_text(case(world))})).content.decode()
    answer = taken(world, "docx", template="区卷宗.docx")
    made = docx.Document(io.BytesIO(answer.content))
    assert "{{" not in made.paragraphs[0].text and made.paragraphs[0].text.startswith("区疾控 病例 ")
    assert "2020-12-09" in made.sections[0].footer.paragraphs[-1].text and "EXERCISE" in made.sections[0].footer.paragraphs[-1].text
    assert answer["Content-Disposition"].startswith('attachment; filename="EXERCISE_dossier_')


def test_an_unknown_field_is_said_and_nothing_leaves(world: World, home: Path) -> None:
    own = docx.Document()
    own.add_paragraph("{{onset_day}}")
    own.save(str(home / "wrong.docx"))
    answer = taken(world, "docx", template="wrong.docx")
    assert (
        answer.status_code == 422
        and b"onset_day" in answer.content
        and b"onset_on" in answer.content
        and "attachment" not in str(answer.headers)
    )
    for name in ("../wrong.docx", "none.docx", "wrong.xlsx"):
        assert taken(world, "docx", template=name).status_code == 404


@pytest.mark.parametrize("ending", ["docx", "xlsx", "pdf"])
def test_every_form_leaves_and_its_taking_is_written_down(world: World, ending: str) -> None:
    before = Look.objects.filter(page="dossier-file").count()
    answer = taken(world, ending, names="1")
    assert answer.status_code in (200, 422) and (
        ending == "pdf" or answer.status_code == 200
    )  # 422: a machine without a Chinese font says so
    assert Look.objects.filter(page="dossier-file").count() == before + 1
    assert case(world) in bytes(Look.objects.filter(page="dossier-file").latest("pk").ids)


def test_another_area_and_another_form_are_not_found(world: World) -> None:
    assert taken(world, "exe").status_code == 404
    assert taken(world, "json", "grid").status_code == 404


def test_contacts_who_stay_elsewhere_are_counted_and_not_told(world: World) -> None:
    links = list(CONTENT["contact.named"].objects.filter(met=case(world)))
    whole, far = dossier._contacts(links, world.look(LEAD)), dossier._contacts(links, narrowed(world, "510117115"))
    assert whole and all(c["last"] for c in whole)
    assert [c["last"] for c in far] == [""] and str(len(whole)) in far[0]["name"], "one row with how many there are"
