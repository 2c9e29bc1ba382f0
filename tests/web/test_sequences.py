"""Sequences through the ledger: results by a form and by a table, distances from a file that is let go, evidence for and against a link."""

from __future__ import annotations

from html import unescape
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bulou.basis.facts import CaseDiagnosed, ContactNamed, FactWithdrawn, IncidentOpened
from bulou.basis.ids import named_id, to_text
from bulou.basis.seqfacts import SequenceRead
from bulou.basis.time import HOUR, Instant
from bulou.desks.tracing.sequences import FAR
from bulou.evidence.models import CONTENT
from bulou.kit.models import ImportRow
from bulou.questions.chain import Link
from tests.web.test_chain import HERE, chain_of, diagnosed, people
from tests.web.test_traced import entered, fact
from tests.web.world import Seen, World

PAGE = reverse("chain-sequences")
BASE = "ACGT" * 50


def changed(n: int, into: str = "A") -> str:
    """The same with the first n sites that are no such sign changed."""
    signs = list(BASE)
    at = [i for i, s in enumerate(signs) if s != into][:n]
    for i in at:
        signs[i] = into
    return "".join(signs)


def sent(world: World, text: str, user: str = "tracing") -> Seen:
    return world.ask(user, PAGE, "en", data={"file": SimpleUploadedFile("a.fasta", text.encode())})


def compared() -> list[Any]:
    return list(CONTENT["sequences.compared"].objects.all())  # type: ignore[attr-defined]


def three(world: World) -> tuple[bytes, bytes, bytes]:
    one, two, far = people(HERE, 3)
    for n, p in enumerate((one, two, far)):
        diagnosed(world, p, str(81 + n))
    entered(fact(world, "contact.named", ContactNamed(far, one, Instant(world.opens - 60 * HOUR), "meal"), -6))
    return one, two, far


def test_distances_are_kept_and_the_sequences_are_not(world: World) -> None:
    one, two, far = three(world)
    text = f">81\n{BASE}\n>82\n{changed(1)}\n>{to_text(far)}\n{changed(FAR + 5)}\n"
    assert sent(world, text).status == 302
    by = {frozenset((bytes(r.person), bytes(r.other))): r.differ for r in compared()}
    assert by == {frozenset((one, two)): 1, frozenset((one, far)): FAR + 5}, "of those far apart only whom something else joins"
    stored = " ".join(str(v) for r in compared() for v in vars(r).values())
    assert BASE[:40] not in stored and BASE[:40] in text, "no stored value holds a sequence; the control has it"
    whole = chain_of(world, world.look("tracing"))
    found = {k.ends: k for k in whole.links}
    assert found[frozenset((one, two))].ways == ("sequence",) and found[frozenset((one, far))].apart == FAR + 5
    assert two not in whole.unlinked and "sequences are near" in unescape(world.ask("tracing", reverse("chain"), "en").text)
    assert sent(world, text).status == 302 and len(compared()) == 2, "the same file again changes nothing"


def test_a_comparison_that_was_taken_back_is_entered_again_from_the_same_file(world: World) -> None:
    three(world)
    text = f">81\n{BASE}\n>82\n{changed(1)}\n"
    assert sent(world, text).status == 302
    [before] = compared()
    entered(fact(world, "fact.withdrawn", FactWithdrawn(bytes(before.id), "样本弄错"), -0.5, incident=False))
    assert not chain_of(world, world.look("tracing")).apart
    assert sent(world, text).status == 302 and len(compared()) == 2
    assert list(chain_of(world, world.look("tracing")).apart.values()) == [1]
    assert sent(world, text).status == 302 and len(compared()) == 2, "and twice is once again"


def test_a_case_of_another_incident_is_compared_by_its_id_and_never_by_a_label(world: World) -> None:
    one, _two, _far = three(world)
    other, far = named_id("another incident"), people(HERE, 4)[3]
    opened = IncidentOpened(other, "covid19", "510117", "另一起", "another", "outbreak")
    entered(fact(world, "incident.opened", opened, -90)._replace(incident=other))
    entered(fact(world, "case.diagnosed", CaseDiagnosed(far, "confirmed", "symptom_report", label="99"), -5)._replace(incident=other))
    refused = sent(world, f">81\n{BASE}\n>99\n{changed(1)}\n")
    assert refused.status == 422 and "99" in unescape(refused.text), "another incident may give its label to somebody else"
    assert sent(world, f">81\n{BASE}\n>{to_text(far)}\n{changed(1)}\n").status == 302
    assert {frozenset((bytes(r.person), bytes(r.other))) for r in compared()} == {frozenset((one, far))}
    assert far not in chain_of(world, world.look("tracing")).members, "they stay a case of the other"


def test_a_file_with_one_stranger_enters_nothing_and_names_them(world: World) -> None:
    three(world)
    for text, words in (
        (f">81\n{BASE}\n>nobody\n{BASE}\n", "no case of this incident, or more than one: nobody"),
        (f">81\n{BASE}\n>82\n{BASE[:-1]}\n", "not aligned: “82” has 199 sites"),
        (f">81\n{BASE}\n>case_81\n{BASE}\n", "of the same person"),
        ("", "FASTA"),
    ):
        refused = sent(world, text)
        assert refused.status == 422 and words in unescape(refused.text), words
    assert not compared()


def test_different_lineages_speak_against_a_link_that_was_told(world: World) -> None:
    one, _two, far = three(world)

    def link() -> Link:
        return next(k for k in chain_of(world, world.look("tracing")).links if k.ends == frozenset((one, far)))

    entered(fact(world, "sequence.read", SequenceRead(one, "pidu.tracing", "B.1.1", quality="good"), -4))
    entered(fact(world, "sequence.read", SequenceRead(far, "pidu.tracing", "B.1", quality="good"), -4))
    assert not link().against, "one within the other is no other"
    entered(fact(world, "sequence.read", SequenceRead(far, "pidu.tracing", "C.37", quality="poor"), -3))
    assert not link().against, "what is not usable says nothing"
    entered(fact(world, "sequence.read", SequenceRead(far, "pidu.tracing", "C.37", quality="good"), -2))
    assert link().against == ("lineage",) and link().ways
    assert "different lineages" in unescape(world.ask("tracing", reverse("chain"), "en").text)


def test_results_come_by_table_with_the_fate_of_every_row(world: World) -> None:
    one, two, _far = three(world)
    text = f"人员,谱系,覆盖度,质控,采样日期\n{to_text(one)},B.1.1.7,98.5,合格,2020-12-07\n{to_text(two)},B 1,120,合格,2020-12-07\n"
    file = SimpleUploadedFile("s.csv", text.encode())
    receipt = world.taken_in("tracing", reverse("imports"), {"verb": "record_sequence", "file": file})
    fates = {r.n: (r.fate, r.field) for r in ImportRow.objects.filter(receipt=receipt)}
    assert sorted(f for f, _ in fates.values()) == ["entered", "refused"], fates
    [row] = CONTENT["sequence.read"].objects.all()  # type: ignore[attr-defined]
    assert (bytes(row.person), row.lineage, row.read_share, row.quality, row.sampled_on) == (one, "B.1.1.7", 98.5, "good", "2020-12-07")


def test_only_who_may_compare_finds_the_page(world: World) -> None:
    for user in world.users:
        assert world.get(user, PAGE).status == (200 if world.look(user).viewer.may("compare_sequences") else 404)
