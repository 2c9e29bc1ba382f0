"""Sheets of letters of assistance: those that were sent and those that came in, what is still open first, the oldest before the others."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from bulou.basis.ids import subject_text, to_text
from bulou.basis.time import Instant
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.sheets import facts_within, records_of, standing_stays
from bulou.evidence.timeline import standing_facts
from bulou.gaps.coverage import RuleBook, keys_of
from bulou.gaps.coverage import rows as duties
from bulou.gaps.letters import BACK, IN_TRANSFER, STATES, TAKEN, Stand
from bulou.gaps.standing import state_of
from bulou.kit.duties import as_duty, as_known
from bulou.kit.letters import in_stands, out_stands
from bulou.kit.looking import Looking
from bulou.kit.sheet import Col, Narrow, Sheet, sheet
from bulou.register.models import Person
from bulou.register.scope import standing

BADGE = {
    "sent": "due", "received": "due", "receipt": "pending", "forwarded": "pending", "differs": "unresolved", "unknown": "overdue", "moved": "overdue",
    "bounced": "overdue", "replaced": "ended", "measures": "done", "accepted": "done",
}  # fmt: skip
TURN = {"us": Word("我方", "us"), "them": Word("对方", "them"), "nobody": Word("已了结", "settled")}
_OPEN, _SETTLED, _SILENT = Word("未了结", "not settled"), Word("已了结", "settled"), Word("尚无任何回复", "no answer at all")
OUT_RULES, IN_RULES = ("letter.receipt", "letter.accept"), ("letter.decide",)


def sent_rows(look: Looking) -> QuerySet[Any]:
    """Letters about people of the viewer's areas. ``settled``: the person was accepted and nobody who answers says otherwise, or another letter
    took its place; as ``gaps.letters`` has it, for the order and the filters of the list."""
    later = standing_facts("letter.sent", look.seq, look.about).filter(follows=OuterRef("letter"))
    rows: QuerySet[Any] = facts_within(standing_facts("letter.sent", look.seq, look.about), look)
    found: QuerySet[Any] = rows.annotate(settled=Q(Exists(_last_words(look, TAKEN)) & ~Exists(_last_words(look, BACK))) | Q(Exists(later)))
    return found


def _last_words(look: Looking, outcomes: frozenset[str]) -> QuerySet[Any]:
    """Answers to a letter with one of these outcomes, after which whoever gave them gave no other answer than a receipt."""
    every: QuerySet[Any] = standing_facts("letter.answered", look.seq, look.about)
    every = every.annotate(said_by=Coalesce("answered_by", Value(""), output_field=TextField()))
    newer = every.filter(letter=OuterRef("letter"), said_by=OuterRef("said_by")).exclude(outcome="receipt")
    newer = newer.filter(Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), id__gt=OuterRef("id")))
    answers: QuerySet[Any] = every.filter(letter=OuterRef("letter"), outcome__in=outcomes)
    return answers.exclude(Exists(newer))


def received_rows(look: Looking) -> QuerySet[Any]:
    """Letters that came in for the viewer's areas, by what they say themselves or by who it is. ``settled``: something was answered."""
    rows: QuerySet[Any] = standing_facts("letter.received", look.seq, look.about)
    if look.scope.codes is not None:
        theirs = standing_facts("letter.matched", look.seq, look.about).filter(
            person__in=records_of(standing_stays(look).filter(look.scope.q()), look)
        )
        rows = rows.filter(look.scope.q() | Q(letter__in=theirs.values("letter")))
    decided = standing_facts("letter.decided", look.seq, look.about).filter(letter=OuterRef("letter")).exclude(outcome="receipt")
    found: QuerySet[Any] = rows.annotate(settled=Exists(decided))
    return found


def clocks(look: Looking, names: tuple[str, ...], subjects: set[bytes]) -> dict[bytes, tuple[int, str]]:
    """For each letter of these subjects the first hour by which something is owed, and how it stands; in four statements."""
    book = RuleBook(look.protocol)
    numbers = book.numbers_of(*names)
    # A letter keeps the record it was entered under; a duty has the one that stands for all of them.
    subjects = subjects | {bytes(c) for c in standing(Person, look.seq).filter(person__in=subjects).values_list("canonical", flat=True)}
    found = [as_known(r, look.seq) for r in duties(look.seq, look.about, look.scope).filter(rule__in=numbers, subject__in=subjects)]
    keys = keys_of(r.cell for r in found)
    by: dict[bytes, tuple[int, str]] = {}
    for row in sorted(found, key=lambda r: (r.due_at, r.id), reverse=True):
        state = state_of(as_duty(row, book.rules[row.rule], bytes(row.subject)), Instant(look.about))
        letter = keys[bytes(row.cell)].key[1] if bytes(row.cell) in keys else None
        if isinstance(letter, bytes) and state in ("due", "overdue", "upcoming", "blocked"):
            by[letter] = (row.due_at, state)
    return by


def about_person(ids: list[bytes], look: Looking) -> list[dict[str, Any]]:
    """The letters that were sent of somebody, by all their records, the latest first, with how each stands."""
    rows = list(standing_facts("letter.sent", look.seq, look.about).filter(person__in=ids).order_by("-at", "-id"))
    stands = out_stands(look, [bytes(r.letter) for r in rows]) if rows else {}
    return [
        {"href": _letter(r, look), "to": r.to, "at": r.at, "state": state_text(stands[bytes(r.letter)], look), "badge": BADGE[stands[bytes(r.letter)].state],
         "in_transfer": stands[bytes(r.letter)].state in IN_TRANSFER}
        for r in rows
    ]  # fmt: skip


def _ready_out(rows: list[Any], look: Looking) -> None:
    stands, owed = out_stands(look, [bytes(r.letter) for r in rows]), clocks(look, OUT_RULES, {bytes(r.person) for r in rows})
    for row in rows:
        row.stand, row.owed = stands[bytes(row.letter)], owed.get(bytes(row.letter))


def _ready_in(rows: list[Any], look: Looking) -> None:
    letters = {bytes(r.letter) for r in rows}
    stands, owed = in_stands(look, letters), clocks(look, IN_RULES, letters)
    found = standing_facts("letter.matched", look.seq, look.about).filter(letter__in=letters).order_by("at", "id")
    people = {bytes(letter): bytes(person) for letter, person in found.values_list("letter", "person")}
    look.learn_names(people.values())
    for row in rows:
        row.stand, row.owed, row.one = stands[bytes(row.letter)], owed.get(bytes(row.letter)), people.get(bytes(row.letter))


def state_text(stand: Stand, look: Looking) -> str:
    """How a letter stands; where answers differ, each of them."""
    text = look.pick(LISTS["letter_state"], stand.state)
    if stand.state == "differs":
        text += ": " + " / ".join(look.pick(LISTS["letter"], f.body.outcome) for f in stand.counts)
    if stand.state == "forwarded" and stand.waiting_for:
        text += f" → {stand.waiting_for}"
    return text


def _due(row: Any, look: Looking) -> str:
    return look.time(row.owed[0], deadline=True) if row.owed else ""


def _owed_badge(row: Any, look: Looking) -> str:
    return row.owed[1] if row.owed else ""


def _letter(row: Any, look: Looking | None = None) -> str:
    return reverse("letter", kwargs={"letter": to_text(bytes(row.letter))})


def _open(rows: Any, value: str, look: Looking) -> Any:
    """By whether it is settled, and by what came back."""
    if value in ("open", "settled"):
        return rows.filter(settled=value == "settled")
    kind = "letter.answered" if rows.model._meta.db_table == "fact_letter_sent" else "letter.decided"
    answers = standing_facts(kind, look.seq, look.about)
    if value == "silent":
        return rows.exclude(letter__in=answers.values("letter"))
    return rows.filter(letter__in=answers.filter(outcome=value).values("letter"))


def _answers(look: Looking) -> list[tuple[str, str]]:
    own = (("open", _OPEN), ("settled", _SETTLED), ("silent", _SILENT))
    return [*((code, look.say(word)) for code, word in own), *((c, look.say(w)) for c, w in LISTS["letter"].items())]


_STATE = Col(
    "state", Word("状态", "State"), lambda r, k: state_text(r.stand, k), ("settled", "at", "id"), badge=lambda r, k: BADGE[r.stand.state]
)
_TURN = Col("turn", Word("该谁", "Whose turn"), lambda r, k: k.say(TURN[r.stand.turn]))
_DUE = Col("due", Word("时限", "Due"), _due, badge=_owed_badge)
_WHY = Col("why", Word("因何协查", "Why"), lambda r, k: k.pick(LISTS["letter_why"], r.why), ("why", "at", "id"))
_NUMBER = Col("letter_number", Word("文号", "Number"), lambda r, k: r.letter_number or "", ("letter_number", "id"), href=_letter)
_SHOWS = Narrow("answer", Word("答复", "Answer"), _open, choices=_answers)
_KIND = Narrow("why", Word("因何协查", "Why"), lambda rows, v, k: rows.filter(why=v), words="letter_why")

LETTERS_OUT = sheet(Sheet(
    "letters_out", "tracing", Word("发出的协查函", "Letters sent"), sent_rows,
    (
        _STATE, _DUE, _TURN,
        Col("at", Word("发出", "Sent"), lambda r, k: k.time(r.at), ("at", "id"), href=_letter),
        Col("person", Word("人员", "Person"), lambda r, k: k.name(bytes(r.person)), ("person", "at", "id"), strong=True, href=_letter),
        Col("to", Word("发往单位", "To whom"), lambda r, k: r.to, ("to", "at", "id"), narrow=False),
        _WHY, _NUMBER,
    ),
    (_SHOWS, _KIND, Narrow("to", Word("发往单位", "To whom"), lambda rows, v, k: rows.filter(to__contains=v))),
    order="state", people=lambda r: [bytes(r.person)], prepare=_ready_out, nav=7, icon="share", opens="?answer=open", detail=_letter,
    empty=Word("没有发出的协查函", "No letter was sent"),
    note=Word("单位:函;一函一人,一人可有几函。对方接收前,人仍由我方负责。",
              "These are letters, one person each; a person may be in several. Until the other side has accepted a person, they are ours."),
    ids=lambda k: lambda r: {"letter": to_text(bytes(r.letter)), "person": subject_text(bytes(r.person)), "incident": bytes(r.in_incident), "state": r.stand.state},
))  # fmt: skip


def _named(row: Any, look: Looking) -> str:
    """Whom a letter names: as the register has them, once somebody has looked; else as it wrote them."""
    if row.one is not None:
        return look.name(row.one)
    return look.show("name", row.name, bytes(row.letter)) if row.name else look.say(Word("未写姓名", "no name given"))


LETTERS_IN = sheet(Sheet(
    "letters_in", "tracing", Word("收到的协查函", "Letters received"), received_rows,
    (
        _STATE, _DUE, _TURN,
        Col("at", Word("收到", "Received"), lambda r, k: k.time(r.at), ("at", "id"), href=_letter),
        Col("name", Word("协查对象", "About whom"), _named, strong=True, href=_letter),
        Col("matched", Word("登记册", "On the register"), lambda r, k: k.say(Word("已核对", "matched") if r.one else Word("未核对", "not matched yet")),
            badge=lambda r, k: "done" if r.one else "due"),
        Col("sender", Word("来函单位", "From whom"), lambda r, k: r.sender, ("sender", "at", "id"), narrow=False),
        _WHY, _NUMBER,
        Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area), narrow=False),
    ),
    (_SHOWS, _KIND, Narrow("sender", Word("来函单位", "From whom"), lambda rows, v, k: rows.filter(sender__contains=v)),
     Narrow("area", Word("区域", "Area"), lambda rows, v, k: rows.filter(area__in=k.inside(v)), area=True)),
    order="state", people=lambda r: [r.one] if getattr(r, "one", None) else [], prepare=_ready_in, nav=8, icon="download", opens="?answer=open", detail=_letter,
    empty=Word("没有收到协查函", "No letter came in"),
    note=Word("写的姓名不等于登记册中的人:由专人核对,系统不自动认定。",
              "A name that was written is nobody on the register yet: a person looks, nothing is matched by itself."),
    ids=lambda k: lambda r: {"letter": to_text(bytes(r.letter)), "person": subject_text(r.one) if r.one else None,
                             "incident": bytes(r.in_incident), "state": r.stand.state},
))  # fmt: skip
assert set(STATES) <= set(BADGE)
