"""The page on which aligned sequences are handed in: compared, and let go. Keeps how far apart two cases are, never a sequence."""

import hashlib
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from django.contrib import messages
from django.db import connection
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bulou.basis.ids import from_text, named_id
from bulou.basis.kinds import Fact
from bulou.basis.seqfacts import SequencesCompared
from bulou.basis.words import Word
from bulou.desks.tracing.chained import Chain, read
from bulou.desks.tracing.seqverbs import COMPARE_SEQUENCES
from bulou.desks.tracing.sheets import case_rows
from bulou.evidence.append import present
from bulou.evidence.timeline import untaken
from bulou.identity.documents import read_document
from bulou.kit.form import reasons
from bulou.kit.incidents import current, incidents, members
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.kit.verb import Problem, Refused, enter_facts
from bulou.questions.chain import NEAR
from bulou.questions.sequences import MOST, MOST_SIGNS, Aligned, NotAligned, apart
from bulou.questions.sequences import read as read_fasta
from bulou.register.models import Person
from bulou.register.scope import standing

#: Pairs further apart than this are kept only where something else joins them: there they speak against it.
FAR = 25
#: Facts in one entry: whoever else enters does not wait for a file.
_CHUNK = 100
_NO_FILE = Word(f"请选择 FASTA 文件,至多 {MOST_SIGNS // 1_000_000} MB", f"choose a FASTA file of at most {MOST_SIGNS // 1_000_000} MB")


class Compared(NamedTuple):
    """What became of a file: pairs kept, further apart and joined by nothing, with too few sites in common."""

    kept: int
    far: int
    few: int


@page("chain-sequences", "tracing/chain/sequences", "比对序列", "Compare sequences", desk="tracing", sample="", verb="compare_sequences")
def sequences_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """A FASTA file of aligned sequences, each named by the label of its case, the number of a document or an id."""
    incident = current(request, look)
    if incident is None:
        raise Http404
    whole, problems = read(incident, look), list[str]()
    if request.method == "POST":
        sent = request.FILES.get("file")
        try:
            if sent is None or (sent.size or 0) > MOST_SIGNS:
                raise NotAligned(_NO_FILE)
            done = compare(sent.read(), whole, look)
        except NotAligned as wrong:
            problems.append(look.say(wrong.word))
        except Refused as refused:
            problems += reasons(refused.problems, look)
        else:
            messages.success(
                request,
                _(
                    "%(kept)d pairs are kept. %(far)d are more than %(n)d sites apart and joined by nothing else; of %(few)d too little was read in both."
                )
                % {"kept": done.kept, "far": done.far, "few": done.few, "n": FAR},
            )
            return redirect("chain")
    context = {
        "title": look.say(COMPARE_SEQUENCES.word), "problems": problems, "most": MOST, "near": NEAR, "far": FAR, "cases": len(whole.members),
    }  # fmt: skip
    return show(request, "tracing/sequences.html", context, status=422 if problems else 200)


def compare(data: bytes, whole: Chain, look: Looking) -> Compared:
    """Compares a file and enters the distances that say something; the same file again changes nothing. Every record is a case, or nothing is entered."""
    aligned = read_fasta(data)
    people = _people(aligned, whole, look)
    digest = hashlib.sha256(data).hexdigest()
    joined = {k.ends for k in whole.links}
    facts: list[Fact] = []
    far = few = 0
    for pair in apart(aligned):
        a, b = sorted((people[pair.one], people[pair.other]))
        if not pair.enough:
            few += 1
        elif pair.differ > FAR and frozenset((a, b)) not in joined:
            far += 1
        else:
            body = SequencesCompared(a, b, pair.differ, pair.sites, digest, _post(look))
            facts.append(Fact(b"", COMPARE_SEQUENCES.kind, look.about, whole.incident.id, body))
    ids = untaken([partial(_id_of, whole.incident.id, f.body) for f in facts])
    facts = [f._replace(id=id_) for f, id_ in zip(facts, ids, strict=True)]
    there = present(connection, [f.id for f in facts])
    new = [f for f in facts if f.id not in there]
    for n in range(0, len(new), _CHUNK):
        receipt = enter_facts(look, COMPARE_SEQUENCES.name, new[n : n + _CHUNK], "web")
        if receipt.refused:
            raise Refused([Problem(None, r.zh, r.en) for r in receipt.refused])
    return Compared(len(facts), far, few)


def _id_of(incident: bytes, of: SequencesCompared, turn: int) -> bytes:
    """The same pair of the same file is one fact, unless it was taken back."""
    more = [str(turn)] if turn else []
    return named_id("sequences", incident.hex(), of.digest, of.person.hex(), of.other.hex(), *more)


def _post(look: Looking) -> str:
    chair = look.viewer.chair_for(COMPARE_SEQUENCES.name)
    return chair.post if chair else "-"


def _people(aligned: Aligned, whole: Chain, look: Looking) -> list[bytes]:
    """The case of each record: by its label, by the number of a document, by an id. NotAligned names every record that is none, and one person twice."""
    labels: dict[str, set[bytes]] = {}
    for m in whole.members.values():
        for text in {m.label, m.label.removeprefix("病例"), m.label.removeprefix("case "), m.label.replace(" ", "_")}:
            labels.setdefault(text.casefold(), set()).add(m.person)
    numbers = {n: doc.value for n in aligned.names if (doc := read_document(n))}
    documents: dict[str, set[bytes]] = {}
    found_ = standing(Person, look.seq).filter(document__in=list(numbers.values()), canonical__in=list(whole.members)) if numbers else ()
    for row in found_:
        documents.setdefault(row.document, set()).add(bytes(row.canonical))
    found, lost = [], []
    beside = _beside(set(aligned.names) - labels.keys(), whole, look)
    for name in aligned.names:
        some = labels.get(name.casefold(), set()) | documents.get(numbers.get(name, ""), set()) | _by_id(name, whole) or beside.get(
            name, set()
        )
        if len(some) == 1:
            found.append(next(iter(some)))
        else:
            lost.append(name)
    if lost:
        listed = "、".join(lost[:5])
        raise NotAligned(Word(
            f"不是本事件的病例(或不止一例):{listed}{'…' if len(lost) > 5 else ''};每条序列以病例编号、证件号或编号(UUID)命名(同病种其他事件的病例只用后两者),"
            "全部认得才录入",
            f"no case of this incident, or more than one: {', '.join(lost[:5])}{'…' if len(lost) > 5 else ''}; a record is named by the label of its case, the "
            "number of a document or an id (a case of another incident of the disease by these two alone), and nothing is entered until all are known",
        ))  # fmt: skip
    twice = next((aligned.names[i] for i, p in enumerate(found) if p in found[:i]), None)
    if twice is not None:
        raise NotAligned(Word(f"“{twice}”与另一条属同一人", f"“{twice}” is of the same person as another record"))
    return found


def _beside(names: set[str], whole: Chain, look: Looking) -> dict[str, set[bytes]]:
    """Cases of other incidents of the disease within the viewer's areas, by the number of a document or an id: sequences may join two incidents.
    Never by a label, which another incident may give to somebody else."""
    others = [i.id for i in incidents(look) if i.disease == whole.incident.disease and i.id != whole.incident.id]
    numbers = {doc.value: n for n in names if (doc := read_document(n))}
    ids: dict[bytes, str] = {}
    for n in names:
        with suppress(ValueError):
            ids[from_text(n)] = n
    if not others or not (numbers or ids):
        return {}
    rows = standing(Person, look.seq).filter(Q(document__in=list(numbers)) | Q(person__in=list(ids)))
    people = [(bytes(p), bytes(c), d) for p, c, d in rows.values_list("person", "canonical", "document")]
    of = [m for i in others for m in members(look, i)]
    cases = case_rows(look).filter(incident__in=of, person__in=[c for _, c, _ in people]).exclude(status="excluded")
    known = {bytes(p) for p in cases.values_list("person", flat=True)}
    found: dict[str, set[bytes]] = {}
    for person, one, document in people:
        for name in (ids.get(person), numbers.get(document)):
            if name is not None and one in known:
                found.setdefault(name, set()).add(one)
    return found


def _by_id(name: str, whole: Chain) -> set[bytes]:
    try:
        one = whole.records.get(from_text(name))
    except ValueError:
        return set()
    return {one} if one is not None and one in whole.members else set()
