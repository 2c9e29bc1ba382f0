"""Pages of testing: open pools and how far each person is, a tube, registering people into it, results by phone, hand and file."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.db import connection
from django.db.models import BigIntegerField, F, Q, Value
from django.db.models.functions import Abs
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from bulou.basis.facts import TubeOpened
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import MINUTE
from bulou.basis.words import LISTS, Word
from bulou.desks.testing.importing import RESULTS
from bulou.desks.testing.sheets import POOL_WORDS, pool_states
from bulou.desks.testing.verbs import REPORT_RESULT, TAKE_SAMPLE
from bulou.evidence.models import Tube
from bulou.evidence.timeline import about_subjects, sources, standing_facts
from bulou.gaps.coverage import rows
from bulou.gaps.pools import State, state_of
from bulou.kit.doing import back, link
from bulou.kit.duties import shown
from bulou.kit.form import dress, reasons
from bulou.kit.importpages import take_in
from bulou.kit.incidents import current, edition_of, members
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import area_of, find, known
from bulou.kit.pools import fetch_pools
from bulou.kit.sheet import area_options
from bulou.kit.telling import told
from bulou.kit.verb import VERBS, Acting, Refused, Verb, do
from bulou.register.models import Person, Stay
from bulou.register.scope import standing

#: How far before and after a pool its neighbours in the queue are looked for.
NEIGHBOURS = 30 * MINUTE
#: How many of them are shown: the nearest, three before and three after in a steady queue.
MOST_NEIGHBOURS = 6


def _visible(tube: str, look: Looking) -> Tube | None:
    """The tube as it stands, when it lies in the viewer's areas or someone in it does."""
    found = standing(Tube, look.seq).filter(tube=tube).first()
    if found is None or look.scope.codes is None or look.scope.holds(found.area):
        return found
    here = standing(Stay, look.seq).filter(look.scope.q(), here_from__lte=look.about, here_until__gt=look.about).values("person")
    mine = standing_facts("sample.taken", look.seq, look.about).filter(tube=tube, person__in=here).exists()
    return found if mine else None


# --- pools ------------------------------------------------------------------------------------------------------------
@page("pools", "testing/pools", "混管召回", "Pools", desk="testing", nav=1, icon="test-pipe", shortcut="g t", sample="")
def pools(request: HttpRequest, look: Looking) -> HttpResponse:
    """Every pool that is open or unresolved, and for each how many of its people are found, swabbed, read; and the fast way in."""
    incident = current(request, look)
    found: list[Any] = []
    if incident is not None:
        doubtful = standing(Tube, look.seq).filter(
            incident__in=members(look, incident.id), result__in=("positive", "grey"), resulted_at__lte=look.about
        )
        found = [t for t in doubtful.order_by("-resulted_at", "tube") if look.scope.codes is None or _visible(t.tube, look)]
        pool_states(found, look)
    pools_ = [t for t in found if t.pool]
    said = _located([m.person for t in pools_ for m in t.pool.members], min((t.pool.opened_at for t in pools_), default=0), look)
    read_by = dict(standing_facts("tube.resulted", look.seq, look.about).filter(tube__in=[t.tube for t in pools_]).order_by("-at", "-id")
                   .values_list("tube", "entry"))  # fmt: skip
    came_from = sources(read_by.values())
    context = {
        "title": look.say(Word("混管召回", "Pools")),
        "pools": [{**_summary(t, said, look), "source": came_from.get(read_by.get(t.tube, 0), "")} for t in pools_],
        "phone": look.viewer.may("report_result") and look.moment.live, "incident_now": incident,
        "take": link(TAKE_SAMPLE, look, {}, request.get_full_path()),
    }  # fmt: skip
    return show(request, "testing/pools.html", context)


def _summary(tube: Any, said: dict[bytes, dict[str, Any]], look: Looking) -> dict[str, Any]:
    state: State = tube.pool
    where = [said[m.person] for m in state.members if m.person in said]
    return {
        "tube": tube, "state": state, "word": look.say(POOL_WORDS[state.word(look.about)]), "code": state.word(look.about),
        "people": len(state.members), "found": sum(w["outcome"] != "not_reached" and w["at"] >= state.opened_at for w in where),
        "swabbed": sum(m.sampled_at is not None for m in state.members),
        "negative": sum(m.negative_at is not None for m in state.members), "positive": sum(m.positive_at is not None for m in state.members),
        "rerun": look.pick(LISTS["result"], state.rerun) if state.rerun else "",
    }  # fmt: skip


#: How a word on someone's whereabouts is shown: found, on the way, beyond this district, not reached.
_WHERE = {"staying": "done", "on_the_way": "due", "elsewhere": "excused", "not_reached": "overdue"}


def _located(people: list[bytes], since: int, look: Looking) -> dict[bytes, dict[str, Any]]:
    """Where each of these people was last said to be, since their pool was read."""
    names = {bytes(p): bytes(one) for p, one in standing(Person, look.seq).filter(canonical__in=people).values_list("person", "canonical")}
    said = standing_facts("person.located", look.seq, look.about).filter(person__in=[*people, *names], at__gte=since).order_by("at", "id")
    return {
        names.get(bytes(row.person), bytes(row.person)): {
            "outcome": row.outcome, "code": _WHERE.get(row.outcome, "pending"), "word": look.pick(LISTS["located"], row.outcome), "at": row.at,
            "note": look.show("words", row.note, bytes(row.person)),
        }
        for row in said
    }  # fmt: skip


def _member_state(member: Any, state: State, look: Looking) -> tuple[str, Word]:
    """What may be said of one person of a pool. While it is open nobody in it is negative."""
    over = state.word(look.about) == "resolved"
    if member.positive_at is not None:
        return "positive", Word("单采阳性(初筛阳性)", "single positive (preliminary)")
    if member.negative_at is not None:
        return ("negative", Word("单采阴性,混管已查明", "single negative, pool resolved")) if over else (
            "pending", Word("单采阴性,混管未查明", "single negative, pool still open")
        )  # fmt: skip
    if member.sampled_at is not None:
        return "pending", Word("已单采,待结果", "single taken, result pending")
    return "due", Word("未单采", "no single yet")


@page("tube", "testing/tube/<str:tube>", "试管", "A tube", desk="testing", sample="tube")
def tube_page(request: HttpRequest, look: Looking, tube: str) -> HttpResponse:
    """A tube: who is in it, what it was read as, what follows; for a pool each person's way, its re-run, its neighbours."""
    found = _visible(tube, look)
    if found is None:
        raise Http404
    facts = look.facts()
    fetch_pools(facts, {tube})
    state = state_of(facts, look.protocol, look.zone, tube, look.about)
    inside = sorted({bytes(f.body.person) for f in facts.by("sample.taken", "tube", tube) if f.at <= look.about})
    look.learn_names(inside)
    on_register = set(standing(Person, look.seq).filter(person__in=inside).values_list("person", flat=True))
    duty_rows = list(rows(look.seq, look.about, look.scope).filter(subject__in=[*inside, tube.encode()]).order_by("due_at", "id"))
    duties = shown(duty_rows, look, request.get_full_path())
    here = request.get_full_path()
    people = [_person_line(p, state, duties, look, p in on_register) for p in inside]
    if state:
        told_of = _located(inside, state.opened_at, look)
        stays = dict(standing(Stay, look.seq).filter(look.scope.q(), person__in=inside, here_from__lte=look.about, here_until__gt=look.about)
                     .values_list("person", "area"))  # fmt: skip
        for line in people:
            person = line["person"]
            line |= {
                "located": told_of.get(person),
                "area": stays.get(person),
                "locate": link(VERBS["locate"], look, {"person": person}, here),
            }
    context = {
        "title": f"{look.say(Word('试管', 'Tube'))} {tube}", "tube": found, "state": state, "people": people,
        "pool": state.word(look.about) if state and len(state.members) != 1 else None,
        "pool_word": look.say(POOL_WORDS[state.word(look.about)]) if state else "",
        "own": [d for d in duties if d.subject_type == "tube"],
        "happened": told(about_subjects(connection, [tube], look.seq, look.about), look, here),
        "enter": link(REPORT_RESULT, look, {"tube": tube}, here), "rerun": link(REPORT_RESULT, look, {"tube": tube, "run": "rerun"}, here),
        "review": link(VERBS["review_pool"], look, {"tube": tube}, here) if state else None,
        "take": link(TAKE_SAMPLE, look, {"tube": tube}, here), "neighbours": _neighbours(found, look) if state else [],
        "unknown": not inside,
    }  # fmt: skip
    return show(request, "testing/tube.html", context)


def _person_line(person: bytes, state: State | None, duties: list[Any], look: Looking, known: bool) -> dict[str, Any]:
    member = next((m for m in state.members if m.person == person), None) if state else None
    code, word = _member_state(member, state, look) if member and state else ("pending", Word("混采样本", "in this tube"))
    return {
        "person": person, "name": look.name(person), "known": known, "code": code, "word": look.say(word),
        "duties": [d for d in duties if d.subject == person and d.rule.name.startswith(("recall.", "case."))],
    }  # fmt: skip


def _neighbours(tube: Tube, look: Looking) -> list[dict[str, Any]]:
    """The tubes before and after in the queue of the same point: where a mis-scanned person may be."""
    if tube.began_at is None or tube.area is None:
        return []
    near = standing(Tube, look.seq).filter(
        Q(place=tube.place) if tube.place else Q(area=tube.area),
        began_at__gte=tube.began_at - NEIGHBOURS,
        began_at__lte=tube.began_at + NEIGHBOURS,
    )
    nearest = near.exclude(tube=tube.tube).order_by(Abs(F("began_at") - Value(tube.began_at, BigIntegerField())), "tube")[:MOST_NEIGHBOURS]
    found = sorted(nearest, key=lambda t: (t.began_at, t.tube))
    swabs = standing_facts("sample.taken", look.seq, look.about).filter(tube__in=[t.tube for t in found]).values_list("tube", "person")
    people: dict[str, set[bytes]] = {}
    for code, person in swabs:
        people.setdefault(code, set()).add(bytes(person))
    look.learn_names(p for some in people.values() for p in some)
    return [
        {"tube": t.tube, "at": t.began_at, "people": [(p, look.name(p)) for p in sorted(people.get(t.tube, ()))],
         "result": look.pick(LISTS["result"], t.result) if t.result and (t.resulted_at or 0) <= look.about else ""}
        for t in found
    ]  # fmt: skip


# --- swabs ------------------------------------------------------------------------------------------------------------
class _SampleForm(forms.Form):
    tube = forms.CharField(max_length=40)
    capacity = forms.TypedChoiceField(coerce=int)
    area = forms.ChoiceField(required=False)
    q = forms.CharField(max_length=60, required=False)

    def __init__(self, look: Looking, data: Any, sizes: tuple[int, ...]) -> None:
        super().__init__(data)
        self.fields["tube"].label = _("Tube")
        self.fields["tube"].widget.attrs["autocomplete"] = "off"
        self.fields["capacity"].label = _("Tube for")
        self.fields["capacity"].choices = [(s, s) for s in sizes]  # type: ignore[attr-defined]
        self.fields["area"].label = _("Sampling point (where the tube is opened)")
        self.fields["area"].choices = [("", _("where the first person stays")), *area_options(look)]  # type: ignore[attr-defined]
        self.fields["q"].label = _("Find a person: name, end of phone or document")
        self.fields["q"].widget.attrs["autocomplete"] = "off"
        self.fields["q" if data.get("tube") else "tube"].widget.attrs["autofocus"] = True
        dress(self)


def _opening(area: str | None) -> Verb:
    """Taking a sample, with the fact that binds a new tube to its point and size before its first person."""

    def more(acting: Acting, fact: Fact) -> Iterator[Fact]:
        if area is not None and not acting.book.facts.by("tube.opened", "tube", fact.body.tube):
            yield Fact(new_id(fact.at), "tube.opened", fact.at, None, TubeOpened(fact.body.tube, fact.body.capacity, area))

    return replace(TAKE_SAMPLE, more=more)


@page("sample-take", "testing/sample", "采样登记", "Register people into a tube", desk="testing", nav=2, icon="user-plus", sample="",
      verb="take_sample")  # fmt: skip
def sample_take(request: HttpRequest, look: Looking) -> HttpResponse:
    """People into a tube one after another: the tube stays, the count is said, a full tube or a recalled person is stopped."""
    asked = request.POST if request.method == "POST" else request.GET
    incident, problems = current(request, look), []
    edition = edition_of(look, incident)
    sizes = edition.pool_sizes if edition else (1,)
    form = _SampleForm(
        look, {"capacity": str(sizes[-1]), "tube": "", **{k: asked[k] for k in ("tube", "capacity", "area", "q") if asked.get(k)}}, sizes
    )
    form.is_valid()
    cleaned = getattr(form, "cleaned_data", {})
    if request.method == "POST" and request.POST.get("person") and incident and cleaned.get("tube"):
        values = {"person": id_or_404(request.POST["person"]), "tube": cleaned["tube"], "disease": incident.disease,
                  "capacity": cleaned.get("capacity") or sizes[0], "place": None, "code_of": None}  # fmt: skip
        try:
            do(_opening(cleaned.get("area") or area_of(values["person"], look)), look, values, incident=incident.id,
               id_=id_or_404(request.POST.get("fact_id", "")))  # fmt: skip
        except Refused as refused:
            problems = reasons(refused.problems, look)
        else:
            messages.success(request, _("%(name)s is in tube %(tube)s") % {"name": look.name(values["person"]), "tube": values["tube"]})
            kept = {"tube": cleaned["tube"], "capacity": values["capacity"], "area": cleaned.get("area", "")}
            return redirect(f"{reverse('sample-take')}?{urlencode(kept)}")
    inside = []
    if cleaned.get("tube"):
        swabs = standing_facts("sample.taken", look.seq, look.about).filter(tube=cleaned["tube"]).order_by("at", "id")
        inside = list(dict.fromkeys(bytes(p) for p in swabs.values_list("person", flat=True)))
    # A duty names whom to swab; a search for someone else forgets them.
    named = "" if cleaned.get("q") else request.GET.get("person", "")
    candidates = known(look, id_or_404(named)) if named else find(look, cleaned.get("q", ""))
    look.learn_names(inside)
    context = {
        "title": look.say(TAKE_SAMPLE.word), "form": form, "problems": problems, "inside": [look.name(p) for p in inside],
        "capacity": cleaned.get("capacity"), "candidates": candidates, "fact_id": to_text(new_id(look.about)), "asked": cleaned.get("q", ""), "named": named,
        "stranger": link(VERBS["enrol"], look, {}, request.get_full_path()),
    }  # fmt: skip
    return show(request, "testing/sample.html", context, status=422 if problems else 200)


# --- results ----------------------------------------------------------------------------------------------------------
class _ResultForm(forms.Form):
    tube = forms.CharField(max_length=40)
    result = forms.ChoiceField()
    run = forms.ChoiceField()

    def __init__(self, look: Looking, data: Any, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        for name in ("result", "run"):
            self.fields[name].choices = [(c, look.say(w)) for c, w in LISTS[name].items()]  # type: ignore[attr-defined]
        self.fields["tube"].label, self.fields["result"].label, self.fields["run"].label = _("Tube"), _("Result"), _("Which run")
        self.fields["tube"].widget.attrs.update({"autocomplete": "off", "autofocus": True, "data-key": "t"})
        dress(self)


@page("result-enter", "testing/result", "录入结果", "Enter a result", desk="testing", sample="", verb="report_result")
def result_enter(request: HttpRequest, look: Looking) -> HttpResponse:
    """A result by tube code. By phone first: code, one press, and the clock runs; ten seconds, before any file."""
    incident = current(request, look)
    if incident is None:
        raise Http404
    phone = request.GET.get("phone") == "1" or request.POST.get("phone") == "1"
    initial = {
        "tube": request.GET.get("tube", ""),
        "run": request.GET.get("run", "first"),
        "result": request.GET.get("result", "positive" if phone else "negative"),
    }
    form = _ResultForm(look, request.POST if request.method == "POST" else None, initial)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        values = {
            "tube": form.cleaned_data["tube"].strip(), "disease": incident.disease, "result": form.cleaned_data["result"],
            "run": form.cleaned_data["run"], "channel": "phone" if phone else "form", "provisional": phone, "ct_orf": None, "ct_n": None,
            "laboratory": None,
        }  # fmt: skip
        try:
            receipt = do(REPORT_RESULT, look, values, incident=incident.id, id_=id_or_404(request.POST.get("fact_id", "")))
        except Refused as refused:
            problems = reasons(refused.problems, look)
        else:
            said = look.pick(LISTS["result"], values["result"])
            text = _("Tube %(tube)s: %(result)s. %(n)d duties follow.") % {"tube": values["tube"], "result": said, "n": receipt.opened}
            messages.success(request, text)
            return redirect("tube", tube=values["tube"])
    context = {
        "title": look.say(Word("电话先报", "Result by phone") if phone else REPORT_RESULT.word), "form": form, "problems": problems, "phone": phone,
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)), "next": back(request, reverse("pools")), "incident_now": incident,
    }  # fmt: skip
    return show(request, "testing/result.html", context, status=422 if request.method == "POST" else 200)


@page(
    "results-import", "testing/results/import", "导入结果", "Results from a file", desk="testing", nav=5, icon="upload", sample="",
    verb="report_result",
)  # fmt: skip
def results_import(request: HttpRequest, look: Looking) -> HttpResponseBase:
    """A laboratory's file: where it is handed in, and those that were. From then on it goes as every file goes."""
    return take_in(request, look, RESULTS, look.say(Word("导入结果", "Results from a file")))
