"""Objections: a person says no to an order or a zone, and a post of another unit than the one that ordered answers within the edition's hours.

A post writes one down for whoever has no page. Upheld, an order ends in the same entry; rejected, the person reads why. Whoever ordered, sits in
the same unit, or sat on the chair that ordered does not decide: that is refused, whatever their role.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.facts import OrderEnded
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.ownfacts import ObjectionRaised
from bulou.basis.time import Instant
from bulou.basis.words import LISTS, Word
from bulou.duties.enter import writing
from bulou.evidence.timeline import standing_facts
from bulou.gaps.answer import Posts
from bulou.gaps.passing import Bar, order_over
from bulou.kit.centre import centre
from bulou.kit.confirming import Asking, Confirmed, Meant, confirmed
from bulou.kit.doing import back
from bulou.kit.form import FactForm, reasons
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.sheet import Col, Narrow, Sheet, sheet
from bulou.kit.verb import Acting, Problem, Refused, Verb, do, verb
from bulou.protocol.relations import order
from bulou.protocol.rules import Facts
from bulou.register.models import Stay
from bulou.register.scope import standing


# --- what is objected to ------------------------------------------------------------------------------------------------
def ordered_by(facts: Facts, body: Any) -> Fact | None:
    """The order or the zone that an objection is about, as it was made."""
    found = facts.by("order.made", "order", body.order) if body.order else facts.by("zone.drawn", "zone", body.zone) if body.zone else ()
    return min(found, key=order, default=None)


def same_chain(posts: Posts, made: Fact, post: str, holder: bytes | None, now: Instant) -> bool:
    """Whether a post is of the chain that ordered: the same post, the same unit, or somebody who sat on that post when it ordered or sits there."""
    signed = made.body.post
    chair, own = posts.chair(signed, now) or posts.chair(signed, made.at), posts.chair(post, now)
    if post == signed or (chair is not None and own is not None and chair.unit == own.unit):
        return True
    sat = {h.holder for at in (made.at, now) if (h := posts.holder(signed, at)) is not None}
    return holder is not None and holder in sat


def raised(facts: Facts, objection: bytes) -> Fact | None:
    return next(iter(facts.by("objection.raised", "objection", objection)), None)


def decided(facts: Facts, objection: bytes) -> Fact | None:
    return min(facts.by("objection.decided", "objection", objection), key=order, default=None)


def _open(facts: Facts, person: bytes, thing: bytes) -> Fact | None:
    """Somebody's objection to this order or zone that nobody has answered."""
    return next((f for f in facts.by("objection.raised", "person", person)
                 if thing in (f.body.order, f.body.zone) and decided(facts, f.body.objection) is None), None)  # fmt: skip


def wrong(facts: Facts, body: Any, now: Instant) -> list[Problem]:
    """Every reason why an objection cannot be raised: there must be something that stands, and one objection at a time is enough."""
    made = ordered_by(facts, body)
    if (body.order is None) == (body.zone is None) or made is None:
        return [Problem("order", "请写明是对哪道隔离令或哪个风险区", "say to which order, or to which zone")]
    found = []
    if body.order and facts.canon("person", made.body.person) != facts.canon("person", body.person):
        found.append(Problem("order", "不是对此人的隔离令", "this order is on somebody else"))
    if body.order and order_over(facts, made) <= now:
        found.append(Problem("order", "该隔离令已结束", "this order is over"))
    if _open(facts, body.person, body.order or body.zone):
        found.append(Problem("order", "已有一件异议在答复中", "an objection to it is being answered already"))
    return found


def _can_be_raised(acting: Acting, body: Any) -> Iterable[Problem]:
    yield from wrong(acting.book.facts, body, acting.now)
    if body.channel == "own_page":
        yield Problem("channel", "本人页面由本人提交", "from their own page only they themselves object")


def _of_its_incident(acting: Acting, body: Any) -> tuple[bytes | None, Iterable[Fact]]:
    made = ordered_by(acting.book.facts, body)
    return (made.incident if made else None), ()


def _another_decides(acting: Acting, body: Any) -> Iterable[Problem]:
    if not body.reason.strip():
        yield Problem("reason", "请写明本人能读懂的理由", "give a reason in words that the person can read")
    facts = acting.book.facts
    one = raised(facts, body.objection)
    if one is None:
        yield Problem("objection", "没有这件异议", "there is no such objection")
        return
    if facts.canon("person", one.body.person) != facts.canon("person", body.person):
        yield Problem("person", "不是此人提出的", "somebody else raised it")
    if decided(facts, body.objection) is not None:
        yield Problem("objection", "此异议已答复", "it was answered already")
    if body.outcome == "ended":
        yield Problem("outcome", "请选择成立或不成立;解除请用“提前解除”", "choose upheld or rejected; an order is ended by “end the order”")
    made, user = ordered_by(facts, one.body), acting.looking.viewer.user
    holder = bytes(user.holder) if user is not None and user.holder else None
    if made is not None and acting.chair is not None and same_chain(acting.looking.posts, made, acting.chair.post, holder, acting.now):
        yield Problem(
            None, "下令的岗位、单位或其人不得答复对自己的异议:请另一单位的复核岗答复",
            "the post, unit or person that ordered does not decide on an objection to it: a reviewer of another unit does",
        )  # fmt: skip


def _ends_the_order(acting: Acting, fact: Fact) -> Iterable[Fact]:
    """What is upheld ends the order in the same entry; a zone is lifted or changed by its own act."""
    facts = acting.book.facts
    one = raised(facts, fact.body.objection)
    made = ordered_by(facts, one.body) if one else None
    if fact.body.outcome == "upheld" and one and made and one.body.order and order_over(facts, made) > acting.now:
        body = OrderEnded(one.body.order, "异议成立 · the objection was upheld", fact.body.post)
        yield Fact(new_id(fact.at), "order.ended", fact.at, made.incident, body)


def _of_the_objection(acting: Acting, body: Any) -> tuple[bytes | None, Iterable[Fact]]:
    one = raised(acting.book.facts, body.objection)
    return (one.incident if one else None), ()


RAISE = verb(Verb(
    "raise_objection", Word("代录异议", "write down an objection"), "people", "objection.raised", "person", ("channel", "words"), (_can_be_raised,),
    belongs=_of_its_incident, timed=False,
))  # fmt: skip
DECIDE = verb(Verb(
    "decide_objection", Word("答复异议", "decide on the objection"), "people", "objection.decided", "person", ("outcome", "reason"), (_another_decides,),
    _ends_the_order, _of_the_objection, timed=False, page="objection",
    warning=Word("本人会读到理由:用平实的话写。成立即解除该隔离令。", "The person reads the reason: write it in plain words. Upheld, the order ends at once."),
))  # fmt: skip


def object_(person: bytes, bar: Bar, is_order: bool, words: str, id_: bytes) -> list[Problem]:
    """From the person's own page, in nobody's name; every reason why not."""
    one = centre()
    with writing("own page", "own", one.clock, one.protocol) as book:
        now = book.now()
        body = ObjectionRaised(person, id_, "own_page", bar.thing if is_order else None, None if is_order else bar.thing, words or None)
        problems = wrong(book.facts, body, now)
        if not problems:
            book.add(Fact(id_, "objection.raised", now, bar.incident, body))
    return problems


# --- the sheet ----------------------------------------------------------------------------------------------------------
def objection_rows(look: Looking) -> QuerySet[Any]:
    """Objections of people who stay in the viewer's areas."""
    found: QuerySet[Any] = standing_facts("objection.raised", look.seq, look.about)
    if look.scope.codes is None:
        return found
    here = standing(Stay, look.seq).filter(look.scope.q(), here_from__lte=look.about, here_until__gt=look.about)
    return found.filter(person__in=here.values("person"))


def _answers(rows: list[Any], look: Looking) -> None:
    """What became of the objections of this page, in one statement."""
    found = (
        standing_facts("objection.decided", look.seq, look.about).filter(objection__in=[r.objection for r in rows]).order_by("-at", "-id")
    )
    by = {bytes(f.objection): f for f in found}
    for row in rows:
        row.answer = by.get(bytes(row.objection))


def _outcome(row: Any, look: Looking) -> str:
    return look.pick(LISTS["objection"], row.answer.outcome) if row.answer else look.say(PENDING)


def _with_outcome(rows: Any, outcome: str, look: Looking) -> Any:
    answered = standing_facts("objection.decided", look.seq, look.about)
    if outcome == "open":
        return rows.exclude(objection__in=answered.values("objection"))
    return rows.filter(objection__in=answered.filter(outcome=outcome).values("objection"))


def _outcomes(look: Looking) -> list[tuple[str, str]]:
    return [("open", look.say(PENDING)), *((c, look.say(w)) for c, w in LISTS["objection"].items())]


PENDING = Word("待答复", "to be answered")
OBJECTIONS = sheet(Sheet(
    "objections", "tracing", Word("异议", "Objections"), objection_rows,
    (
        Col("at", Word("提出", "Raised"), lambda r, k: k.time(r.at), ("at", "id")),
        Col("person", Word("人员", "Person"), lambda r, k: k.name(bytes(r.person)), strong=True,
            href=lambda r, k: f"{reverse('objection')}?objection={to_text(bytes(r.objection))}" if k.viewer.may(DECIDE.name) and k.moment.live else None),
        Col("about", Word("对什么", "To what"), lambda r, k: k.say(Word("隔离令", "an order") if r.order else Word("风险区", "a zone"))),
        Col("channel", Word("途径", "How"), lambda r, k: k.pick(LISTS["objected_by"], r.channel)),
        Col("outcome", Word("结果", "Outcome"), _outcome),
        Col("answered", Word("答复", "Answered"), lambda r, k: k.time(r.answer.at) if r.answer else ""),
        Col("post", Word("答复岗位", "Answered by"), lambda r, k: r.answer.post if r.answer else "", narrow=False),
    ),
    (Narrow("outcome", Word("结果", "Outcome"), _with_outcome, choices=_outcomes),),
    order="-at", people=lambda r: [bytes(r.person)], prepare=_answers, nav=6, icon="help",
    note=Word("由另一单位的复核岗在方案规定时限内答复;按结果筛选即得各结果的件数。",
              "Answered by a reviewer of another unit within the edition's hours; narrowed by outcome the list counts each."),
    empty=Word("没有异议", "No objections"),
))  # fmt: skip


# --- deciding -----------------------------------------------------------------------------------------------------------
@page("objection", "tracing/objection", "答复异议", "Decide on an objection", desk="tracing", sample="objection", verb="decide_objection")
def objection_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """An objection with what it is about, for a post of another unit; or why this viewer does not decide it."""
    id_ = id_or_404(request.POST.get("objection") or request.GET.get("objection", ""))
    facts = look.facts()
    one = raised(facts, id_)
    if one is None or not objection_rows(look).filter(objection=id_).exists():
        raise Http404
    made, answer = ordered_by(facts, one.body), decided(facts, id_)
    form = FactForm(KINDS["objection.decided"], DECIDE.fields, {}, look.language, look.zone, timed=False, now=look.about,
                    data=request.POST if request.method == "POST" else None)  # fmt: skip
    form.fields["outcome"].choices = [(c, look.say(LISTS["objection"][c])) for c in ("rejected", "upheld")]  # type: ignore[attr-defined]  # a choice field
    problems: list[str] = []
    here = f"{reverse('objection')}?objection={to_text(id_)}"
    if request.method == "POST" and form.is_valid():
        try:
            do(DECIDE, look, {**form.values(), "person": one.body.person, "objection": id_}, id_=id_or_404(request.POST.get("fact_id", "")))
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            messages.success(request, _("Answered: the person reads it on their own page."))
            return redirect(here)
    edition = look.protocol.editions.get(made.body.edition) if made is not None and one.body.order else None
    context = {
        "title": look.say(DECIDE.word), "verb": DECIDE, "form": form, "problems": problems, "next": back(request, reverse("sheet-objections")),
        "name": look.name(one.body.person), "raised": one, "words": look.show("words", one.body.words, one.body.person), "made": made, "answer": answer,
        "outcome": look.pick(LISTS["objection"], answer.body.outcome) if answer else "", "channel": look.pick(LISTS["objected_by"], one.body.channel),
        "measure": look.pick(LISTS["measure"], made.body.measure) if made is not None and one.body.order else "", "edition": edition,
        "why": look.show("words", made.body.reason, one.body.person) if made is not None and one.body.order else "", "objection": to_text(id_),
        "over": order_over(facts, made) if made is not None and one.body.order else None,
        "fact_id": request.POST.get("fact_id") or to_text(new_id(Instant(look.about))),
    }  # fmt: skip
    return show(request, "people/objection.html", context, status=422 if request.method == "POST" else 200)


# --- by a program -------------------------------------------------------------------------------------------------------
def _decides(asking: Asking) -> Meant:
    return Meant(DECIDE, asking.said, (asking.look.name(asking.said["person"]),))


confirmed(Confirmed("decide_objection", ("person", "objection", "outcome", "reason"), _decides))
