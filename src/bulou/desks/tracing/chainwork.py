"""What to find out next about the chain: single data that are not on record, by how many links and unknown sources each could settle. Asks nobody itself."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from bulou.basis.ids import to_text
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.chained import Chain, read
from bulou.evidence.timeline import standing_facts
from bulou.kit.doing import link
from bulou.kit.incidents import current, members
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.kit.verb import VERBS
from bulou.questions.chain import Known, Lack, lacking

PER_PAGE = 50
#: By which act each is entered; a household where people are moved, on the person's own page.
_BY = {
    "onset": "record_onset", "interview": "interview", "path": "record_visit", "home": "record_stay", "judgement": "judge_contact", "sequence": "record_sequence",
}  # fmt: skip


def work(whole: Chain, look: Looking) -> list[Lack]:
    """What is not on record of the cases that the viewer sees. A fixed number of statements beside the chain's."""
    of = members(look, whole.incident.id)
    ids = [p for p, one in whole.records.items() if one in whole.members]

    def having(kind: str, **more: Any) -> frozenset[bytes]:
        facts = standing_facts(kind, look.seq, look.about).filter(in_incident__in=of, person__in=ids, **more)
        return frozenset(whole.records[bytes(p)] for p in facts.values_list("person", flat=True))

    compared = {p for pair in whole.apart for p in pair}
    known = Known(
        having("interview.held"), having("visit.recorded", place__isnull=False), having("sequence.read") | compared,
        frozenset(p for p, m in whole.members.items() if m.status == "asymptomatic"),
    )  # fmt: skip
    return lacking(whole.nodes, whole.links, known)


@page("chain-work", "tracing/chain/work", "链上待查", "To find out for the chain", desk="tracing", nav=4, icon="list-check")
def work_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Each thing that could settle something, what it could settle at most, and where it is entered."""
    incident = current(request, look)
    whole = read(incident, look) if incident else None
    found = work(whole, look) if whole else []
    only = request.GET.get("what", "")
    part = Paginator([one for one in found if not only or one.what == only], PER_PAGE).get_page(request.GET.get("page", 1))
    here = request.get_full_path()
    context = {
        "title": look.say(Word("链上待查", "To find out for the chain")), "incident": incident, "paged": part, "only": only, "cases": len(whole.members) if whole else 0,
        "kinds": [(code, look.say(word), n) for code, word in LISTS["lack"].items() if (n := sum(one.what == code for one in found))],
        "rows": [_row(one, whole, look, here) for one in part] if whole else [],
    }  # fmt: skip
    return show(request, "tracing/chain_work.html", context)


def _row(one: Lack, whole: Chain, look: Looking, here: str) -> dict[str, Any]:
    do = link(VERBS[_BY[one.what]], look, {"person": one.case}, here)
    if do is None and look.viewer.sees("people"):  # somebody else enters it: the person's page says who
        do = reverse("person", kwargs={"person": to_text(one.case)})
    return {
        "label": whole.members[one.case].label, "href": reverse("case", kwargs={"person": to_text(one.case)}), "what": look.pick(LISTS["lack"], one.what),
        "links": one.links, "sources": one.sources, "do": do,
    }  # fmt: skip
