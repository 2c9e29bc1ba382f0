"""Taking a fact back: what the withdrawal will undo is shown before it is done, and correcting is entering the fact again."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import BigIntegerField, Func, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bulou.basis.facts import FactWithdrawn
from bulou.basis.ids import new_id, subject_of, to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import SetClock
from bulou.basis.words import Word
from bulou.duties.enter import enter
from bulou.duties.models import Duty
from bulou.evidence.models import Entry
from bulou.kit.centre import centre
from bulou.kit.confirming import Asking, Confirmed, Meant, confirmed
from bulou.kit.doing import back
from bulou.kit.duties import Shown, shown
from bulou.kit.form import dress
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.telling import BESIDE, line
from bulou.kit.verb import VERBS, Acting, Check, Problem, Verb, enter_facts, type_of, verb
from bulou.protocol.relations import PLACED, segments
from bulou.register.scope import Chair, asof

_TITLE = Word("撤回事实", "Withdraw a fact")
_WARNING = Word("撤回会撤销由该事实产生的应办事项。", "A withdrawal undoes what follows from the fact.")
#: What was told by mistake on the register or of a path: whoever entered it may take it back by itself.
ENTRIES = frozenset({"person.enrolled", "person.amended", "document.recorded", "stay.recorded", "visit.recorded"})


def _of_its_kind(name: str) -> Check:
    """Each of these verbs takes back one kind of thing; only ``withdraw`` anything."""

    def of_its_kind(acting: Acting, body: Any) -> Iterable[Problem]:
        if not body.reason.strip():
            yield Problem("reason", "请写明理由", "give a reason")
        target = next(iter(acting.book.facts.raw("fact", "id", body.target)), None)
        if name == "withdraw":
            return
        if name == "undo_entry":
            by = Entry.objects.filter(seq=target.entry).values_list("by", flat=True).first() if target else None
            if target is None or target.kind not in ENTRIES or acting.chair is None or by is None or by.split(" ")[0] != acting.chair.post:
                yield Problem("target", "只能撤回本岗位自己的登记", "only what your own post entered")
        elif target is None or BESIDE.get(target.kind) != name:
            yield Problem("target", "此权限不能撤回这种记录", "what you may take back is of another kind")

    return of_its_kind


for _name, _word in (
    ("withdraw", _TITLE),
    ("withdraw_result", Word("撤回结果", "Withdraw a result")),
    ("part", Word("分开两人", "Part two persons")),
    ("reopen_difference", Word("重新打开差异", "Open a difference again")),
    ("undo_entry", Word("撤回自己的登记", "Take back one's own entry")),
):
    verb(
        Verb(
            _name, _word, "kit", "fact.withdrawn", None, ("reason",), (_of_its_kind(_name),), timed=False, page="withdraw", warning=_WARNING
        )
    )
#: How many of the duties undone are shown by name.
MOST = 50


class _Reason(forms.Form):
    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


#: Written out in the statement and not bound to it: only so is the index over voided rows alone found.
_NEVER = Func(template=str(2**62), output_field=BigIntegerField())


def _by_due(duty: Duty) -> tuple[int, int]:
    return duty.due_at, duty.id


def undone_at(seq: int) -> QuerySet[Duty]:
    """The versions of duties that an entry voided."""
    return Duty.objects.filter(void_seq=seq, void_seq__lt=_NEVER)


def changed_at(seq: int, look: Looking, most: int) -> tuple[list[Shown], list[Shown], int, int]:
    """What an entry did to duties: the first that went, the first that came, and how many of each. For what is tried and taken back."""
    gone = sorted(undone_at(seq), key=_by_due)
    come = sorted(asof(Duty.objects.filter(opened_seq=seq, id__gte=seq << 21), seq), key=_by_due)  # ids begin there: see evidence.now
    names = {(bytes(d.cell), bytes(d.subject), d.turn) for d in come}
    undone = [d for d in gone if (bytes(d.cell), bytes(d.subject), d.turn) not in names]
    return shown(undone[:most], look, ""), shown(come[:most], look, ""), len(undone), len(come)


def consequences(fact: Fact, look: Looking, instead: tuple[Fact, ...] = ()) -> tuple[list[Shown], list[Shown], int, int]:
    """What withdrawing a fact would do now: duties that would go, duties that would come, and how many of each. ``instead``: what would be
    entered with it.

    The withdrawal is tried under the lock and taken back, so that what is shown is what would happen.
    """
    one = centre()
    try_id = new_id(look.about)
    with transaction.atomic():
        receipt = enter(
            [Fact(try_id, "fact.withdrawn", one.clock.now(), fact.incident, FactWithdrawn(fact.id, "-")), *instead], by="trial", source="trial",
            clock=SetClock(one.clock.now()), protocol=one.protocol,
        )  # fmt: skip
        found = changed_at(receipt.seq, look, MOST)
        transaction.set_rollback(True)
    return found


def _chair(verb: str, fact: Fact, look: Looking) -> Chair | None:
    """The viewer's chair that may take a fact back: one that reaches the first thing the fact speaks of that lies anywhere.

    What lies nowhere (a post, an edition) is taken back only by a chair that reaches the whole centre.
    """
    able = [c for c in look.viewer.chairs if verb in c.role.verbs]
    whole = next((c for c in able if c.reach is None), None)
    if whole or not able:
        return whole
    facts = look.facts()
    for field in KINDS[fact.kind].fields:
        value, ref = getattr(fact.body, field.name), field.ref
        if value is None or ref is None:
            continue
        if ref == "any":
            value = subject_of(value)
            ref = type_of(facts, value)
        if ref in PLACED:
            area = str(value) if ref == "area" else next((h.area for h in segments(facts, ref, value) if h.span.holds(look.about)), None)
            return next((c for c in able if c.reach is not None and area in c.reach), None)
    return None


@page("withdraw", "withdraw/<str:fact>", "撤回事实", "Withdraw a fact", desk="kit", sample="fact")
def withdraw(request: HttpRequest, look: Looking, fact: str) -> HttpResponse:
    """The fact, what its withdrawal will undo, the reason; then the withdrawal itself."""
    found = look.facts().raw("fact", "id", id_or_404(fact))
    if not found or not look.moment.live or found[0].kind == "fact.withdrawn":
        raise Http404
    target = found[0]
    verbs = [v for v in ("withdraw", BESIDE.get(target.kind)) if v]
    chair = next((c for verb in verbs if (c := _chair(verb, target, look))), None)
    if chair is None:
        raise Http404
    form = _Reason(request.POST if request.method == "POST" else None)
    form.fields["reason"].label = _("Reason")
    dress(form)
    if request.method == "POST" and form.is_valid():
        verb = next(v for v in verbs if look.viewer.may(v))
        at = centre().clock.now()
        body = FactWithdrawn(target.id, form.cleaned_data["reason"], chair.post)
        receipt = enter_facts(
            look, verb, [Fact(id_or_404(request.POST.get("fact_id", "")), "fact.withdrawn", at, target.incident, body)], "web"
        )
        messages.success(
            request,
            _("Withdrawn. %(voided)d duties changed or went, %(opened)d came.") % {"voided": receipt.voided, "opened": receipt.opened},
        )
        return redirect(back(request))
    gone, come, n_gone, n_come = consequences(target, look)
    context: dict[str, Any] = {
        "title": look.say(_TITLE), "line": line(target, look), "form": form, "gone": gone, "come": come, "n_gone": n_gone, "n_come": n_come,
        "next": back(request), "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)),
    }  # fmt: skip
    return show(request, "kit/withdraw.html", context, status=422 if request.method == "POST" else 200)


# --- for programs -----------------------------------------------------------------------------------------------------
def _means(name: str) -> Any:
    """A withdrawal that this verb may make: of a fact that there is, within the areas of the chair; what it undoes is tried."""

    def means(asking: Asking) -> Meant:
        look = asking.look
        found = look.facts().raw("fact", "id", asking.said["target"])
        if not found or found[0].kind == "fact.withdrawn" or _chair(name, found[0], look) is None:
            raise Http404
        said = line(found[0], look)
        shows = f"{said['word']} · {look.time(said['at'])} · {said['said']}"
        return Meant(VERBS[name], {**asking.said, "reason": asking.said["reason"].strip()}, (shows,), incident=found[0].incident)

    return means


for _name in ("withdraw", "withdraw_result", "part", "reopen_difference", "undo_entry"):
    confirmed(Confirmed(_name, ("target", "reason"), _means(_name)))
