"""The chain of an incident: a picture and an equal table, by labels; a file of links. Names stand nowhere but on request, on the screen alone.

Calls nobody a source: candidates stay candidates, and an unknown source is written as large as a known one.
"""

import csv
import io
from functools import lru_cache
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _

from bulou.basis.ids import to_text
from bulou.basis.time import HOUR, MINUTE, to_datetime
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.chained import Chain, Member, read
from bulou.desks.tracing.seqverbs import COMPARE_SEQUENCES
from bulou.kit import reckonings
from bulou.kit.centre import EXERCISE, drill
from bulou.kit.doing import link
from bulou.kit.files import safe
from bulou.kit.incidents import current, members
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.questions.chain import FEW, NEAR, Link
from bulou.register.models import Place
from bulou.register.scope import standing

#: What a reckoning of the support for sources is called.
SUPPORT = "support"
_NOBODY = to_text(bytes(16))
#: Cases on one page of the table, and links that the picture draws at most: the table has all.
PER_PAGE, MOST_DRAWN = 50, 6000
_HEADS = (
    Word("来源(候选)", "source (candidate)"), Word("病例", "case"), Word("方向", "direction"), Word("关联种类", "what joins them"),
    Word("接触场景", "setting"), Word("末次接触日", "last day together"), Word("来源之日", "day of the source"), Word("病例之日", "day of the case"),
    Word("来源之日为发病", "day of the source is of onset"), Word("病例之日为发病", "day of the case is of onset"), Word("序列差异位点", "sites that differ"),
    Word("反面证据", "what speaks against it"),
)  # fmt: skip


@page("chain", "tracing/chain", "传播链", "Chain", desk="tracing", nav=2, icon="git-fork")
def chain_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Cases and what joins them: whom nothing joins first, every candidate source of a case, those without one as large as those with one."""
    incident = current(request, look)
    title = look.say(Word("传播链", "Chain"))
    if incident is None:
        return show(request, "tracing/chain.html", {"title": title, "chain": None})
    whole = read(incident, look)
    by_generation = request.GET.get("view") == "generation"
    only = request.GET.get("only", "")
    part = Paginator(_chosen(whole, only), PER_PAGE).get_page(request.GET.get("page", 1))
    may_name = "name" in look.viewer.unmasked
    names = may_name and request.GET.get("names") == "1"
    if names:
        look.learn_names([*part, *(whole.other(link, p).person for p in part for link in whole.candidates.get(p, ()))])
    places = _places(whole, list(part), look)
    infected = [m for m in whole.members.values() if m.infected]
    reckoned = reckonings.latest(SUPPORT, members(look, incident.id), look)
    context = {
        "title": title, "chain": whole, "incident": incident, "rev": look.seq, "picture": _picture(whole, by_generation, look), "few": FEW, "near": NEAR,
        "by_generation": by_generation, "only": only, "names": names, "may_name": may_name, "paged": part,
        "rows": [_row(whole, p, names, places, look) for p in part],
        "undiagnosed": len(whole.members) - len(infected),
        "sums": [
            ("", look.say(Word("在链上", "On the chain")), len(whole.members)),
            ("unknown", look.say(Word("来源未明", "Source unknown")), len(whole.sourceless)),
            ("known", look.say(Word("有候选来源", "With a candidate source")), sum(p in whole.candidates or p in whole.beyond for p in whole.members)),
            ("several", look.say(Word("有多个候选来源", "With several")), sum(len(some) > 1 for some in whole.candidates.values())),
            ("outside", look.say(Word("外来", "From outside")), sum(m.node.outside for m in whole.members.values())),
            ("unlinked", look.say(Word("与他人无关联", "Joined to nobody")), len(whole.unlinked)),
        ],
        "many": sum(len(some) > 1 for some in whole.clusters), "drawn": min(len(whole.links), MOST_DRAWN), "most": MOST_DRAWN,
        "compare": link(COMPARE_SEQUENCES, look, {}, request.path), "reckoned": reckoned,
        "age": _age(look.about - reckoned.about, look) if reckoned else "", "reckoned_cases": len(reckoned.answer["cases"]) if reckoned else 0,
    }  # fmt: skip
    return show(request, "tracing/chain.html", context)


def _age(micros: int, look: Looking) -> str:
    """How old an answer is, in the unit that says it shortest."""
    hours = micros // HOUR
    if hours < 1:
        return look.say(Word(f"{micros // MINUTE}分钟前", f"{micros // MINUTE} min ago"))
    if hours < 48:
        return look.say(Word(f"{hours}小时前", f"{hours} h ago"))
    return look.say(Word(f"{hours // 24}天前", f"{hours // 24} days ago"))


def _chosen(whole: Chain, only: str) -> list[bytes]:
    """The cases that were asked for, whom nothing joins first. What is no choice chooses nobody."""
    if not only:
        return whole.ordered
    if only.isdecimal() and only.isascii() and len(only) < 10:
        return [p for p in whole.ordered if whole.cluster_of[p] == int(only) and int(only)]
    wanted = {
        "unknown": whole.sourceless, "known": {*whole.candidates, *whole.beyond}, "unlinked": whole.unlinked,
        "several": {p for p, some in whole.candidates.items() if len(some) > 1}, "outside": {p for p, m in whole.members.items() if m.node.outside},
    }.get(only, set())  # fmt: skip
    return [p for p in whole.ordered if p in wanted]


def _places(whole: Chain, people: list[bytes], look: Looking) -> dict[bytes, str]:
    """What the places are called that join the cases of a page, in one statement."""
    ids = {link.place for p in people for link in whole.candidates.get(p, ()) if link.place is not None}
    return {bytes(p.place): p.name for p in standing(Place, look.seq).filter(place__in=ids)} if ids else {}


def _row(whole: Chain, person: bytes, names: bool, places: dict[bytes, str], look: Looking) -> dict[str, Any]:
    member = whole.members[person]
    return {
        "label": member.label, "name": look.name(person) if names else "", "href": reverse("case", kwargs={"person": to_text(person)}),
        "day": member.node.day, "onset": member.node.onset, "status": look.pick(LISTS["case_status"], member.status), "outside": member.node.outside,
        "asymptomatic": member.status == "asymptomatic", "how": look.pick(LISTS["how_found"], member.how), "cluster": whole.cluster_of[person],
        "generation": whole.generations.get(person), "beyond": whole.beyond.get(person, 0), "after": whole.after.get(person, 0),
        "sources": [_source(whole, link, person, names, places, look) for link in whole.candidates.get(person, ())],
    }  # fmt: skip


def _source(whole: Chain, link: Link, person: bytes, names: bool, places: dict[bytes, str], look: Looking) -> dict[str, Any]:
    other = whole.other(link, person)
    return {
        "label": other.label, "name": look.name(other.person) if names else "", "either": link.either, "ways": _ways(link, look),
        "place": places.get(link.place or b"", ""), "settings": [look.pick(LISTS["setting"], s) for s in link.settings],
        "apart": link.apart, "against": [look.pick(LISTS["against"], a) for a in link.against],
    }  # fmt: skip


def _ways(link: Link, look: Looking) -> list[str]:
    return [look.pick(LISTS["link"], w) for w in link.ways]


def _picture(whole: Chain, by_generation: bool, look: Looking) -> dict[str, Any]:
    """What the island draws: labels, days and links. It is given no name, so that no picture taken of it has one."""
    at = {p: n for n, p in enumerate(whole.ordered)}
    return {
        "by": "generation" if by_generation else "day",
        "nodes": [node(whole, whole.members[p], look) for p in whole.ordered],
        "links": [[at[k.source], at[k.case], k.ways[0], int(k.either), int(bool(k.against))] for k in whole.links[:MOST_DRAWN]],
        "ways": {code: look.say(word) for code, word in LISTS["link"].items()},
    }  # fmt: skip


def _case_href() -> str:
    """Where a case is, but for who it is: two thousand addresses are asked for at once, and asking for each takes a tenth of a second in all."""
    return _page_of("case", get_script_prefix())


@lru_cache
def _page_of(name: str, _prefix: str) -> str:
    return reverse(name, kwargs={"person": _NOBODY})


def node(whole: Chain, member: Member, look: Looking) -> dict[str, Any]:
    kind = "asymptomatic" if member.status == "asymptomatic" else "infected" if member.infected else "open"
    return {
        "label": member.label, "day": member.node.day, "onset": member.node.onset, "kind": kind, "status": look.pick(LISTS["case_status"], member.status),
        "outside": member.node.outside, "unknown": member.person in whole.sourceless, "cluster": whole.cluster_of[member.person],
        "generation": whole.generations.get(member.person), "href": _case_href().replace(_NOBODY, to_text(member.person)),
    }  # fmt: skip


@page("chain-file", "tracing/chain/links.csv", "传播链关联文件", "Links of the chain as a file", desk="tracing", part=True)
def chain_file(request: HttpRequest, look: Looking) -> HttpResponse:
    """Every link as CSV, by labels: no name, no id and no address, whoever asks. A case without a candidate source has its row too."""
    incident = current(request, look)
    whole = read(incident, look) if incident else None
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [look.say(h) for h in _HEADS] + [f"{look.say(Word('截至', 'about'))} {look.time(look.about)}", *([EXERCISE] if drill() else [])]
    )
    for row in _lines(whole, look) if whole else ():
        writer.writerow([safe(cell) for cell in row])
    response = HttpResponse(b"\xef\xbb\xbf" + out.getvalue().encode(), content_type="text/csv; charset=utf-8")
    name = f"{'EXERCISE_' if drill() else ''}chain_about-{to_datetime(look.about, look.zone):%Y%m%dT%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(whole: Chain, look: Looking) -> list[list[str]]:
    yes, no, gap = look.say(Word("是", "yes")), look.say(Word("否", "no")), "、" if look.language == "zh" else ", "
    found = []
    for one in whole.links:
        a, b = whole.members[one.source], whole.members[one.case]
        found.append([
            a.label, b.label, look.say(Word("未定", "either way") if one.either else Word("来源→病例", "source to case")), gap.join(_ways(one, look)),
            gap.join(look.pick(LISTS["setting"], s) for s in one.settings), look.time(one.until)[:10], a.node.day or "", b.node.day or "",
            yes if a.node.onset else no, yes if b.node.onset else no, "" if one.apart is None else str(one.apart),
            gap.join(look.pick(LISTS["against"], x) for x in one.against),
        ])  # fmt: skip
    for p in whole.ordered:
        if p in whole.sourceless:
            m = whole.members[p]
            found.append([_("source unknown"), m.label, *[""] * 5, m.node.day or "", "", yes if m.node.onset else no, "", ""])
    return found
