"""Pages of editions: those that come with Bulou and the centre's own, what differs from the one in force, adopting, signing."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from bulou.basis.ids import new_id, to_text
from bulou.basis.words import LISTS, Word
from bulou.desks.centre.verbs import ADOPT, SIGN
from bulou.evidence.timeline import standing_facts
from bulou.kit.adoption import HOLD, ORDER, Standing, expired, stands
from bulou.kit.doing import back, link
from bulou.kit.form import dress, reasons
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.sheet import area_options, whole_centre
from bulou.kit.verb import Refused, do
from bulou.protocol.diff import diff
from bulou.protocol.explain import explain
from bulou.protocol.lint import unverified, unverified_at_doors
from bulou.protocol.read import shipped_ids
from bulou.protocol.rules import Edition, PassingRule, Rule


def in_force(look: Looking, disease: str, area: str) -> Edition | None:
    """The edition adopted last for a disease in an area or above it, whatever incident; None where none was."""
    above = look.areas.upward(area)
    rows = standing_facts("edition.adopted", look.seq, look.about).filter(disease=disease, incident=None, area__in=above)
    found = sorted(rows, key=lambda r: (-above.index(r.area), r.at, bytes(r.id)))
    return look.protocol.editions.get(found[-1].edition) if found else None


def edition_or_404(look: Looking, id_: str) -> Edition:
    """An edition that the centre knows."""
    found = look.protocol.editions.get(id_)
    if found is None:
        raise Http404
    return found


def _summary(edition: Edition, look: Looking, area: str) -> dict[str, Any]:
    how: Standing = stands(look.facts(), edition, area, look.about)
    current = in_force(look, edition.disease, area)
    code = "done" if how.signed and current is edition else "overdue" if how.other_text else "pending" if how.adopted else "not_owed"
    words = {
        "done": Word("已采用并签署,现行", "adopted, signed, in force"), "overdue": Word("采用后文本已改动", "text changed since it was adopted"),
        "pending": Word("已采用,未签署", "adopted, not signed") if not how.signed else Word("曾采用,现行为另一方案", "adopted before, another is in force"),
        "not_owed": Word("未采用", "not adopted"),
    }  # fmt: skip
    late = expired(edition, look.protocol, look.about)
    return {
        "edition": edition, "title": look.say(edition.word), "disease": look.say(edition.disease_word), "authority": look.say(edition.authority),
        "code": code, "word": look.say(words[code]), "expired": look.say(late) if late else "", "unverified": len([*unverified(edition), *unverified_at_doors(edition)]),
        "rules": len(edition.rules), "own": edition.id not in shipped_ids(), "how": how,
    }  # fmt: skip


@page("editions", "centre/editions", "方案", "Editions", desk="centre", nav=1, icon="clipboard-check")
def editions_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Every edition that the centre knows, and how each stands in the centre's area."""
    area = look.areas.root or ""
    listed = [_summary(e, look, area) for _id, e in sorted(look.protocol.editions.items())]
    return show(request, "centre/editions.html", {"title": look.say(Word("方案", "Editions")), "editions": listed})


@page("edition", "centre/edition/<path:edition>", "方案", "An edition", desk="centre", sample="edition")
def edition_page(request: HttpRequest, look: Looking, edition: str) -> HttpResponse:
    """One edition: its rules as sentences with source and status, and what differs from the one in force."""
    found = edition_or_404(look, edition)
    area = look.areas.root or ""
    current = in_force(look, found.disease, area)
    here = request.get_full_path()
    sentences = {s.rule: s for s in explain(found)}
    context = {
        **_summary(found, look, area), "current": current, "same": current is found,
        "changes": [str(c) for c in diff(current, found)] if current and current is not found else [],
        "sentences": [
            {"rule": r.name, "text": look.say(Word(sentences[r.name].zh, sentences[r.name].en)),
             "status": look.pick(LISTS["status"], r.status), "code": "pending" if r.status == "unverified" else "done"}
            for r in found.rules
        ] + [
            {"rule": p, "text": look.say(at_door(p)), "status": look.pick(LISTS["status"], p.status),
             "code": "pending" if p.status == "unverified" else "done"}
            for p in found.passings
        ],
        "adopt": link(ADOPT, look, {"edition": found.id}, here), "sign": link(SIGN, look, {"edition": found.id}, here),
    }  # fmt: skip
    return show(request, "centre/edition.html", context)


def at_door(rule: PassingRule) -> Word:
    """A rule of doors as whoever signs it reads it: whom it keeps, and what is said to them."""
    of = {"order": LISTS["measure"], "zone": LISTS["zone_level"], "place": LISTS["place"]}[rule.when].get(
        rule.what, Word(rule.what, rule.what)
    )
    side = {"inside": Word("区内人员", "who stays inside"), "outside": Word("区外人员", "who stays outside")}.get(rule.who, Word("", ""))
    return Word(
        f"门口({of.zh}{side.zh}):暂不通行。“{rule.says.zh}”",
        f"At doors ({of.en}{', ' + side.en if side.en else ''}): not now. “{rule.says.en}”",
    )


class _Area(forms.Form):
    """For which area."""

    def __init__(self, look: Looking, data: Any) -> None:
        super().__init__(data)
        self.fields["area"] = forms.ChoiceField(label=_("For the area"), choices=whole_centre(look) + area_options(look))
        dress(self)


def _asked(request: HttpRequest, look: Looking) -> Edition:
    return edition_or_404(look, request.POST.get("edition") or request.GET.get("edition", ""))


@page("edition-adopt", "centre/adopt", "采用方案", "Adopt an edition", desk="centre", sample="adopt", verb="adopt_edition")
def edition_adopt(request: HttpRequest, look: Looking) -> HttpResponse:
    """An edition put in force in an area, with the hash of the text that was shown, in the name of a post."""
    edition = _asked(request, look)
    form = _Area(look, request.POST if request.method == "POST" else None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        values = {
            "edition": edition.id,
            "disease": edition.disease,
            "area": form.cleaned_data["area"],
            "hash": request.POST.get("hash", ""),
            "incident": None,
        }
        try:
            do(ADOPT, look, values, id_=id_or_404(request.POST.get("fact_id", "")))
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            messages.success(request, _("Adopted. It carries no order until it is signed."))
            return redirect(f"{reverse('edition-sign')}?{urlencode({'edition': edition.id, 'area': form.cleaned_data['area']})}")
    context = {
        "title": look.say(ADOPT.word), "verb": ADOPT, "form": form, "problems": problems, "edition": edition, "name": look.say(edition.word),
        "next": back(request, reverse("edition", kwargs={"edition": edition.id})), "hash": edition.hash, "expired": _late(edition, look),
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)),
    }  # fmt: skip
    return show(request, "centre/adopt.html", context, status=422 if request.method == "POST" else 200)


def _late(edition: Edition, look: Looking) -> str:
    late = expired(edition, look.protocol, look.about)
    return look.say(late) if late else ""


class _Signature(_Area):
    """For which area, and whether automatic holds are allowed."""

    def __init__(self, look: Looking, data: Any) -> None:
        super().__init__(look, data)
        self.fields["hours"] = forms.IntegerField(
            label=_("Automatic holds of at most (hours)"), min_value=0, max_value=24, initial=24, help_text=_("At most 24; 0 allows none.")
        )
        dress(self)


@page("edition-sign", "centre/sign", "签署方案", "Sign an edition", desk="centre", sample="adopt", verb="sign_edition")
def edition_sign(request: HttpRequest, look: Looking) -> HttpResponse:
    """Signing lists every rule that nobody has checked; each is taken over by its own tick, or nothing is signed."""
    edition = _asked(request, look)
    doubtful: list[Rule | PassingRule] = [*unverified(edition), *unverified_at_doors(edition)]
    form = _Signature(look, request.POST if request.method == "POST" else None)
    if request.method == "GET" and request.GET.get("area"):
        form.fields["area"].initial = request.GET["area"]
    taken = set(request.POST.getlist("rule"))
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        missing = [r.name for r in doubtful if r.name not in taken]
        if missing:
            problems.append(_("Not yet taken over, one by one: %(rules)s.") % {"rules": ", ".join(missing)})
        elif request.POST.get("hash") != edition.hash:
            problems.append(_("The text is not the one that was shown: open it again."))
        else:
            hours = form.cleaned_data["hours"]
            values = {"edition": edition.id, "area": form.cleaned_data["area"], "measure": HOLD if hours else ORDER, "hours": hours}
            try:
                do(SIGN, look, values, id_=id_or_404(request.POST.get("fact_id", "")))
            except Refused as refused:
                problems = reasons(refused.problems, look, form)
            else:
                messages.success(request, _("Signed: orders may rest on this edition here."))
                return redirect("edition", edition=edition.id)
    sentences = {s.rule: Word(s.zh, s.en) for s in explain(edition)} | {p.name: at_door(p) for p in edition.passings}
    context = {
        "title": look.say(SIGN.word), "verb": SIGN, "form": form, "problems": problems, "edition": edition, "name": look.say(edition.word),
        "next": back(request, reverse("edition", kwargs={"edition": edition.id})), "hash": edition.hash, "expired": _late(edition, look),
        "doubtful": [
            {"rule": r.name, "text": look.say(sentences[r.name]), "taken": r.name in taken}
            for r in doubtful
        ],
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)),
    }  # fmt: skip
    return show(request, "centre/sign.html", context, status=422 if request.method == "POST" else 200)
