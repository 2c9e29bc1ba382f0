"""Taking a fact back: what the withdrawal will undo is shown before it is done, and correcting is entering the fact again."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bulou.basis.facts import FactWithdrawn
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import SetClock
from bulou.basis.words import Word
from bulou.duties.enter import enter
from bulou.duties.models import Duty
from bulou.kit.centre import centre
from bulou.kit.doing import back
from bulou.kit.duties import Shown, shown
from bulou.kit.form import dress
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.telling import line
from bulou.kit.verb import Verb, enter_facts, verb
from bulou.register.scope import asof

_TITLE = Word("撤回事实", "Withdraw a fact")
_WARNING = Word("撤回会撤销由该事实产生的应办事项。", "A withdrawal undoes what follows from the fact.")
for _name, _word in (("withdraw", _TITLE), ("withdraw_result", Word("撤回结果", "Withdraw a result"))):
    verb(Verb(_name, _word, "kit", "fact.withdrawn", None, ("reason",), timed=False, page="withdraw", warning=_WARNING))
#: How many of the duties undone are shown by name.
MOST = 50


class _Reason(forms.Form):
    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


def consequences(fact: Fact, look: Looking) -> tuple[list[Shown], list[Shown], int, int]:
    """What withdrawing a fact would do now: duties that would go, duties that would come, and how many of each.

    The withdrawal is tried under the lock and taken back, so that what is shown is what would happen.
    """
    one = centre()
    try_id = new_id(look.about)
    with transaction.atomic():
        receipt = enter(
            [Fact(try_id, "fact.withdrawn", one.clock.now(), fact.incident, FactWithdrawn(fact.id, "-"))], by="trial", source="trial",
            clock=SetClock(one.clock.now()), protocol=one.protocol,
        )  # fmt: skip
        gone = list(Duty.objects.filter(void_seq=receipt.seq).order_by("due_at", "id"))
        come = list(asof(Duty.objects.filter(opened_seq=receipt.seq), receipt.seq).order_by("due_at", "id"))
        names = {(bytes(d.cell), bytes(d.subject), d.turn) for d in come}
        undone = [d for d in gone if (bytes(d.cell), bytes(d.subject), d.turn) not in names]
        after = {(bytes(d.cell), bytes(d.subject), d.turn) for d in gone}
        changed = [d for d in come if (bytes(d.cell), bytes(d.subject), d.turn) in after or d.opened_seq == receipt.seq]
        shown_gone, shown_come = shown(undone[:MOST], look, ""), shown(changed[:MOST], look, "")
        transaction.set_rollback(True)
    return shown_gone, shown_come, len(undone), len(changed)


@page("withdraw", "withdraw/<str:fact>", "撤回事实", "Withdraw a fact", desk="kit", sample="fact")
def withdraw(request: HttpRequest, look: Looking, fact: str) -> HttpResponse:
    """The fact, what its withdrawal will undo, the reason; then the withdrawal itself."""
    found = look.facts().raw("fact", "id", id_or_404(fact))
    allowed = look.viewer.may("withdraw") or (bool(found) and found[0].kind == "tube.resulted" and look.viewer.may("withdraw_result"))
    if not found or not allowed or not look.moment.live or found[0].kind == "fact.withdrawn":
        raise Http404
    target = found[0]
    form = _Reason(request.POST if request.method == "POST" else None)
    form.fields["reason"].label = _("Reason")
    dress(form)
    if request.method == "POST" and form.is_valid():
        verb = "withdraw" if look.viewer.may("withdraw") else "withdraw_result"
        at = centre().clock.now()
        chair = look.viewer.chair_for(verb)
        body = FactWithdrawn(target.id, form.cleaned_data["reason"], chair.post if chair else None)
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
