"""A letter of assistance with its history, whose turn it is and what comes next; who of the register it may be about; and the letter on paper.

Offers people of the register who may be meant and chooses none. On paper stands what the other side needs to find the person, and no more.
"""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.lettersheets import BADGE, IN_RULES, OUT_RULES, TURN, clocks, received_rows, sent_rows, state_text
from bulou.desks.tracing.letterverbs import ANSWER, DECIDE, MATCH, RECEIVE, SEND, matched
from bulou.evidence.reader import Reader
from bulou.evidence.timeline import entered_by
from bulou.gaps.letters import TAKEN, Stand
from bulou.identity.names import COMPATIBLE, alike
from bulou.kit.centre import EXERCISE, drill
from bulou.kit.doing import link
from bulou.kit.letters import in_stands, out_stands
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import area_of, family, find
from bulou.kit.telling import take_back
from bulou.kit.verb import VERBS
from bulou.protocol.relations import order
from bulou.register.models import Person
from bulou.register.scope import standing

#: How a written name may be that of somebody whom the register writes otherwise.
NAMED_ALIKE = COMPATIBLE | {"near"}
_BY = {"document": Word("证件号相同", "same document number"), "phone": Word("电话相同", "same telephone")}
_SAME, _LIKE = Word("姓名相同", "same name"), Word("姓名相近", "a similar name")


def _row(letter: str, look: Looking) -> tuple[bytes, Any, bool]:
    """The letter of an address as the viewer's lists have it, and whether it was sent by this centre; not found for anyone else."""
    id_ = id_or_404(letter)
    if (out := sent_rows(look).filter(letter=id_).order_by("at", "id").first()) is not None:
        return id_, out, True
    if (came := received_rows(look).filter(letter=id_).order_by("at", "id").first()) is not None:
        return id_, came, False
    raise Http404


def _answers(facts: Iterable[Fact], stand: Stand, look: Looking, here: str) -> list[dict[str, Any]]:
    """Every answer that stands, the latest first, with who gave it and whether it counts."""
    told = sorted((f for f in facts if f.at <= look.about), key=order, reverse=True)
    by = entered_by(f.entry for f in told)
    counts = {f.id for f in stand.counts}
    return [
        {"at": f.at, "outcome": look.pick(LISTS["letter"], f.body.outcome), "said_by": getattr(f.body, "answered_by", None) or "",
         "where": look.show("words", f.body.where, f.body.letter) if f.body.where else "", "number": f.body.letter_number or "",
         "words": look.show("words", f.body.words, f.body.letter) if f.body.words else "", "by": by.get(f.entry, ""), "counts": f.id in counts,
         "withdraw": take_back(f.id, f.kind, look, here)}
        for f in told
    ]  # fmt: skip


@page("letter", "tracing/letter/<str:letter>", "协查函", "A letter of assistance", desk="tracing", sample="letter")
def letter_page(request: HttpRequest, look: Looking, letter: str) -> HttpResponse:
    """One letter: how it stands, whose turn it is until when, what was answered, and what may be done next."""
    id_, row, out = _row(letter, look)
    here, facts = request.get_full_path(), look.facts()
    stand = (out_stands if out else in_stands)(look, [id_], facts)[id_]
    owed = clocks(look, OUT_RULES if out else IN_RULES, {bytes(row.person) if out else id_}).get(id_)
    answers = facts.by("letter.answered" if out else "letter.decided", "letter", id_)
    context = {
        "letter": to_text(id_), "row": row, "out": out, "state": look.pick(LISTS["letter_state"], stand.state), "badge": BADGE[stand.state],
        "turn": look.say(TURN[stand.turn]) + (f" ({stand.waiting_for})" if stand.waiting_for and stand.turn == "them" else ""),
        "ours": stand.ours, "owed": owed, "differs": stand.state == "differs", "why": look.pick(LISTS["letter_why"], row.why),
        "answers": _answers(answers, stand, look, here), "words": look.show("words", row.words, id_) if row.words else "",
        "asked": look.show("words", row.asked, id_) if row.asked else "", "withdraw": take_back(bytes(row.id), "letter.sent" if out else "letter.received", look, here),
        **(_of_sent(id_, row, look, facts, here) if out else _of_received(id_, row, stand, look, facts, here, request.GET.get("q", ""))),
    }  # fmt: skip
    return show(request, "tracing/letter.html", context)


def _steps(verb: Any, look: Looking, given: dict[str, Any], here: str, outcomes: Iterable[str]) -> list[dict[str, str]]:
    found = ((look.pick(LISTS["letter"], o), link(verb, look, {**given, "outcome": o}, here)) for o in outcomes)
    return [{"word": word, "href": href} for word, href in found if href]


def _of_sent(id_: bytes, row: Any, look: Looking, facts: Reader, here: str) -> dict[str, Any]:
    one, ids = family(bytes(row.person), look)
    facts.fetch({("letter.sent", "person"): set(ids)})
    others = sorted(
        (f for p in ids for f in facts.by("letter.sent", "person", p) if f.body.letter != id_ and f.at <= look.about), key=order
    )
    others = list({f.id: f for f in others}.values())
    stands = out_stands(look, [f.body.letter for f in others], facts) if others else {}
    look.learn_names([one])
    return {
        "title": f"{look.say(Word('协查函', 'Letter of assistance'))} · {look.name(one)}", "person": one, "name": look.name(one), "area": area_of(one, look),
        "steps": _steps(ANSWER, look, {"person": one, "letter": id_}, here, LISTS["letter"]),
        "again": link(SEND, look, {"person": one, "letter": new_id(Instant(look.about)), "follows": id_, "why": row.why}, here),
        "others": [{"letter": to_text(f.body.letter), "to": f.body.to, "at": f.at, "state": state_text(stands[f.body.letter], look),
                    "badge": BADGE[stands[f.body.letter].state], "follows": f.body.follows == id_} for f in others],
        "back": reverse("sheet-letters_out"),
    }  # fmt: skip


def _of_received(id_: bytes, row: Any, stand: Stand, look: Looking, facts: Reader, here: str, asked: str) -> dict[str, Any]:
    match = matched(facts, id_, look.about)
    one = family(match.body.person, look)[0] if match else None
    name = look.show("name", row.name, id_) if row.name else ""
    decide = [o for o in LISTS["letter"] if match is not None or o not in TAKEN]
    if one is not None:
        look.learn_names([one])
    return {
        "title": f"{look.say(Word('来函', 'Letter received'))} · {name or row.sender}", "person": one, "name": name,
        "document": look.show("document", row.document, id_) if row.document else "", "phone": look.show("phone", row.phone, id_) if row.phone else "",
        "area": row.area, "matched": look.name(one) if one else "", "matched_area": area_of(one, look) if one else None,
        "unmatch": take_back(match.id, "letter.matched", look, here) if match else None,
        "likely": _likely(row, look, id_, one, here, asked) if link(MATCH, look, {"letter": id_}, here) else None, "asked_for": asked,
        "steps": _steps(DECIDE, look, {"letter": id_}, here, decide), "needs_match": match is None,
        "enrol": link(VERBS["enrol"], look, {"person": new_id(Instant(look.about)), "area": row.area}, here) if match is None else None,
        "accepted": stand.ours, "back": reverse("sheet-letters_in"),
    }  # fmt: skip


def _likely(row: Any, look: Looking, id_: bytes, one: bytes | None, here: str, asked: str) -> list[dict[str, Any]]:
    """People of the viewer's areas who may be meant, with what speaks for it, those of whom most does first. Nobody is chosen."""
    found = {(bytes(e.person), why): e for why, text in (("document", row.document), ("phone", row.phone), ("name", row.name), ("", asked))
             for e in find(look, text or "")}  # fmt: skip
    names = standing(Person, look.seq).filter(canonical__in={p for p, _ in found}).values_list("canonical", "name")
    called: dict[bytes, set[str]] = {}
    for person, name in names:
        called.setdefault(bytes(person), set()).add(name)
    by: dict[bytes, dict[str, Any]] = {}
    for (person, why), each in found.items():
        likeness = {alike(row.name, n) for n in called.get(person, ())} if row.name else set()
        name = _SAME if "same" in likeness else _LIKE if likeness & NAMED_ALIKE else None
        if why == "name" and name is None:  # it only begins like it
            continue
        at = by.setdefault(person, {"person": person, "area": each.area, "tail": each.tail, "by": set(), "named": name})
        at["by"] |= {why} & _BY.keys()
    return [
        {**each, "name": look.name(p), "here": p == one, "match": link(MATCH, look, {"letter": id_, "person": p}, here),
         "why": " · ".join([*(look.say(word) for why, word in _BY.items() if why in each["by"]), *([look.say(each["named"])] if each["named"] else [])])}
        for p, each in sorted(by.items(), key=lambda i: (-len(i[1]["by"]), i[1]["named"] is not _SAME, i[1]["named"] is None, i[0]))
    ]  # fmt: skip


@page(
    "letter-receive",
    "tracing/letters/receive",
    "登记来函",
    "Write down a letter",
    desk="tracing",
    verb="receive_letter",
    part=True,
    nav=9,
    icon="plus",
)
def receive_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Begins a letter that came in: the form with an id made for it, so that sending it twice changes nothing."""
    at = link(RECEIVE, look, {"letter": new_id(Instant(look.about))}, reverse("sheet-letters_in"))
    if at is None:
        raise Http404
    return redirect(at)


@page("letter-paper", "tracing/letter/<str:letter>/paper", "协查函打印", "The letter on paper", desk="tracing", sample="letter")
def paper_page(request: HttpRequest, look: Looking, letter: str) -> HttpResponse:
    """The letter, or our answer to one that came in, as it goes out on paper: who, where, what is asked; no test, no date of illness, nobody else."""
    id_, row, out = _row(letter, look)
    facts = look.facts()
    stand = (out_stands if out else in_stands)(look, [id_], facts)[id_]
    name, document, phone = row.name if not out else None, row.document if not out else None, row.phone if not out else None
    of = id_
    if out:
        of = family(bytes(row.person), look)[0]
        known = standing(Person, look.seq).filter(person=of).values_list("name", "document", "phone").first()
        name, document, phone = known or (None, None, None)
        look.learn_names([of])
    answer = stand.counts[-1] if stand.counts and not out else None
    context = {
        "title": look.say(Word("协查函", "Letter of assistance") if out else Word("协查函复函", "Answer to a letter of assistance")), "row": row, "out": out,
        "letter": to_text(id_), "mark": EXERCISE if drill() else "", "centre": look.areas.name(look.areas.root, look.language),
        "name": look.name(of) if out else (look.show("name", name, of) if name else ""), "document": look.show("document", document, of) if document else "",
        "phone": look.show("phone", phone, of) if phone else "", "words": look.show("words", row.words, of) if row.words else "",
        "asked": look.show("words", row.asked, of) if row.asked else "", "why": look.pick(LISTS["letter_why"], row.why),
        "answer": look.pick(LISTS["letter"], answer.body.outcome) if answer else "", "answered_at": answer.at if answer else None,
        "where": look.show("words", answer.body.where, of) if answer and answer.body.where else "",
        "number": (answer.body.letter_number if answer else None) if not out else row.letter_number,
    }  # fmt: skip
    return show(request, "tracing/letter_paper.html", context)
