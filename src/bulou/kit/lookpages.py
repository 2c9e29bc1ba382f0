"""Pages of the looks, for those who audit: who was shown a person, what a user was shown, and one look with its seal. Enters nothing."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from bulou.basis.ids import from_text
from bulou.basis.words import LISTS, Word
from bulou.kit.files import FORMS
from bulou.kit.looking import Looking
from bulou.kit.looks import last_seal, looks, of_person, same_person, sealed_by, shown_in, verify
from bulou.kit.models import Look
from bulou.kit.page import PAGES, page, show
from bulou.kit.sheet import SHEETS, Col, Narrow, Sheet, sheet
from bulou.register.models import Household, Person
from bulou.register.scope import standing

#: How a field that stood unmasked is called.
BARE = {
    "name": Word("姓名", "name"), "phone": Word("电话", "phone"), "document": Word("证件号", "document number"), "born": Word("出生日期", "born on"),
    "address": Word("地址", "address"), "words": Word("原话", "words"),
}  # fmt: skip
_FILE = Word("(文件)", " (file)")
#: How a list was told to a program: by the beginning of the route's name.
_TOLD = {"list": Word("(接口)", " (interface)"), "row": Word("(接口,一行)", " (interface, one row)")}
#: How many of the people of a look are listed.
MOST = 200


def look_rows(look: Looking) -> QuerySet[Look]:
    """Every look before the hour asked about. Who audits sees the whole centre; others have none."""
    found = looks(until=look.about)
    return found.filter(at__lte=look.moment.known) if not look.moment.live else found


def page_word(name: str, look: Looking) -> str:
    """What a page, a list or a file is called."""
    kind, _, of = name.partition("-")
    told = _FILE if kind in FORMS else _TOLD.get(kind)
    if (kind == "sheet" or told) and of in SHEETS:
        return look.say(SHEETS[of].word) + (look.say(told) if told else "")
    return look.say(PAGES[name].word) if name in PAGES else name


def bare_words(codes: str, look: Looking) -> str:
    return ("、" if look.language != "en" else ", ").join(look.say(BARE[c]) for c in codes.split() if c in BARE)


def _about(rows: Any, text: str, look: Looking) -> Any:
    """Looks that showed a person, under any of their records, or the household in which they live."""
    try:
        person = from_text(text)
    except ValueError:
        return rows.none()
    return of_person(rows, same_person(person))


LOOKS = sheet(Sheet(
    "looks", "audit", Word("查看记录", "Looks"), look_rows,
    (
        Col("at", Word("时间", "When"), lambda r, k: k.time(r.at), ("at", "number"), strong=True,
            href=lambda r, k: reverse("look", kwargs={"number": r.number})),
        Col("account", Word("账号", "Account"), lambda r, k: r.account, ("account", "number")),
        Col("post", Word("岗位", "Post"), lambda r, k: r.post, ("post", "number")),
        Col("page", Word("页面", "Page"), lambda r, k: page_word(r.page, k), ("page", "number")),
        Col("purpose", Word("用途", "Purpose"), lambda r, k: k.pick(LISTS["purpose"], r.purpose), ("purpose", "number")),
        Col("n", Word("涉及人数(含住户)", "People and households shown"), lambda r, k: f"{r.n:,}", ("n", "number")),
        Col("bare", Word("未掩码的项", "Unmasked"), lambda r, k: bare_words(r.bare, k)),
    ),
    (
        Narrow("account", Word("账号", "Account"), lambda rows, v, k: rows.filter(account=v)),
        Narrow("purpose", Word("用途", "Purpose"), lambda rows, v, k: rows.filter(purpose=v), words="purpose"),
        Narrow("person", Word("人员编号", "Id of a person"), _about),
    ),
    order="-at", nav=1, icon="eye",
    note=Word("每次显示人员信息的应答一行;每分钟封入哈希链,可用 bulou audit verify 核验。",
              "One row for each answer that showed people; sealed into the hash chain once a minute: bulou audit verify reads it again."),
    empty=Word("没有符合条件的查看记录", "No looks here"),
))  # fmt: skip


@page("look", "audit/look/<int:number>", "一次查看", "A look", desk="audit", sample="look")
def look_page(request: HttpRequest, look: Looking, number: int) -> HttpResponse:
    """One look: who, when, what for, which page, whom it showed (masked for those who audit), and under which seal it lies."""
    found = look_rows(look).filter(number=min(number, 2**62)).first()
    if found is None or look.scope.codes is not None:
        raise Http404
    shown = shown_in(found)[:MOST]
    people = set(standing(Person, look.seq).filter(person__in=shown).values_list("person", flat=True))
    homes = dict(
        standing(Household, look.seq).filter(household__in=[s for s in shown if s not in people]).values_list("household", "address")
    )
    look.learn_names(people)
    context = {
        "title": look.say(PAGES["look"].word), "found": found, "page": page_word(found.page, look), "bare": bare_words(found.bare, look),
        "people": sorted(people), "homes": [look.show("address", address, bytes(home)) for home, address in sorted(homes.items())],
        "more": found.n - len(people) - len(homes), "seal": sealed_by(found.number, look.seq), "typed": found.typed.split(),
    }  # fmt: skip
    return show(request, "kit/look.html", context)


@page("looks-chain", "audit/chain", "核验哈希链", "Verify the chain", desk="audit", nav=2, icon="lock", sample="")
def chain_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Every look against its seal and every seal against the ledger, read again when an auditor asks for it; changes nothing, shows nobody."""
    if look.scope.codes is not None:
        raise Http404
    found = verify() if request.method == "POST" else None
    last = last_seal(look.seq)
    context = {
        "title": look.say(PAGES["looks-chain"].word), "found": found, "last": last[0] if last else None, "hash": last[1] if last else "",
        "wrong": [{"look": d.look, "seal": d.seal, "said": look.say(d.wrong)} for d in found.wrong[:MOST]] if found else [],
    }  # fmt: skip
    return show(request, "kit/chain.html", context)
