"""Sheets of the register: people where they stay, areas, posts and who holds them."""

import re
from collections import Counter
from collections.abc import Collection
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from bulou.basis.ids import subject_of, subject_text, to_text
from bulou.basis.time import Instant
from bulou.basis.words import LISTS, Word
from bulou.evidence.now import NEVER
from bulou.evidence.timeline import standing_facts
from bulou.identity.names import fold
from bulou.identity.phones import as_written, phones
from bulou.kit.answering import post_name
from bulou.kit.areas import area_href
from bulou.kit.looking import FEW_CODES, Looking
from bulou.kit.sheet import Col, Edit, Gives, Narrow, Sheet, sheet
from bulou.register.models import Area, Household, Person, Place, Post, Stay
from bulou.register.roles import roles
from bulou.register.scope import standing


def people_rows(look: Looking) -> QuerySet[Stay]:
    """Everyone once, where they stay at the hour asked, within the viewer's areas."""
    here = standing(Stay, look.seq).filter(look.scope.q(), here_from__lte=look.about, here_until__gt=look.about)
    return here.exclude(nature="away")


def _search(rows: Any, text: str, look: Looking) -> Any:
    found = standing(Person, look.seq).filter(name__startswith=text).values("canonical")
    return rows.filter(person__in=found)


def _in_area(rows: Any, code: str, look: Looking) -> Any:
    return rows.filter(area__in=look.inside(code))


def _details(rows: list[Any], look: Looking) -> None:
    """Sex, birth and phone of the people on this page, in one statement."""
    fields = ("person", "sex", "born_on", "phone", "document")
    known = {r[0]: r[1:] for r in standing(Person, look.seq).filter(person__in=[r.person for r in rows]).values_list(*fields)}
    for row in rows:
        row.sex, row.born_on, row.phone, row.document = known.get(row.person, ("not_stated", None, None, None))


_SCIENTIFIC = re.compile(r"^\d(?:[.,]\d+)?E\+?\d+$", re.IGNORECASE)
#: The fewest digits of a telephone: a short number inside a works.
FEWEST_DIGITS = 5


def _no_name(text: str) -> Word | None:
    """What a cell should be that is to be somebody's name."""
    return (
        None
        if any(c.isalpha() for c in text) and len(text) <= 80
        else Word("应为姓名,不超过80字", "should be a name of at most 80 characters")
    )


def _no_phone(text: str) -> Word | None:
    """What a cell should be that is to be a telephone."""
    if _SCIENTIFIC.match(text):
        return Word("表格软件改成了科学计数法", "a spreadsheet has made a number in scientific notation of it")
    digits = sum(c.isdecimal() for c in text)
    return None if digits >= FEWEST_DIGITS and len(text) <= 60 else Word("应为电话号码", "should be a telephone number")


_ANOTHER = Word(
    "改后与登记册上另一人同名且电话或出生日期相同:请先核对是否同一人",
    "with this another person on the register has the same name and the same telephone or day of birth: see first whether they are one",
)


def made_equal(rows: list[tuple[Any, dict[str, Any]]]) -> list[Word | None]:
    """Of rows whose name or telephone a file changes: those that would then say what another person's record says, in the register as it
    is now or in the same file. Nobody could tell the two apart any more, so somebody looks first."""
    here = standing(Person, NEVER - 1)  # as it stands now: what rows further up have entered is there too
    fields = ("person", "canonical", "name", "phone", "born_on")
    mine = {bytes(p): rest for p, *rest in here.filter(person__in=[bytes(r.person) for r, _ in rows]).values_list(*fields)}
    then: list[tuple[bytes, str, set[str]] | None] = []
    for row, values in rows:
        if not values.keys() & {"name", "phone"} or bytes(row.person) not in mine:
            then.append(None)
            continue
        canonical, name, phone, born_on = mine[bytes(row.person)]
        some = {*phones(values.get("phone", phone)), *([born_on] if born_on else [])}
        then.append((bytes(canonical), fold(values.get("name", name)), some))
    dialled = {p for r, v in rows for p in _written(v.get("phone") or (mine.get(bytes(r.person)) or [None] * 4)[2])}
    said = {n for r, v in rows for n in (v.get("name"), (mine.get(bytes(r.person)) or [None] * 4)[1]) if n}
    others: dict[str, list[tuple[bytes, set[str]]]] = {}
    for canonical, name, phone, born_on in here.filter(Q(phone__in=dialled) | Q(name__in=said)).values_list(*fields[1:]):
        others.setdefault(fold(name), []).append((bytes(canonical), {*phones(phone), *([born_on] if born_on else [])}))
    found: list[Word | None] = []
    for one in then:
        if one is None:
            found.append(None)
            continue
        who, name, some = one
        found.append(_ANOTHER if any(other != who and some & theirs for other, theirs in others.get(name, [])) else None)
        others.setdefault(name, []).append((who, some))
    return found


def _written(phone: str | None) -> set[str]:
    return {p for p in (phone, *as_written(phone), *phones(phone)) if p}


PEOPLE = sheet(Sheet(
    "people", "people", Word("人员", "People"), people_rows,
    (
        Col("name", Word("姓名", "Name"), lambda r, k: k.name(r.person), strong=True,
            href=lambda r, k: reverse("person", kwargs={"person": to_text(r.person)})),
        Col("sex", Word("性别", "Sex"), lambda r, k: k.pick(LISTS["sex"], r.sex)),
        Col("born_on", Word("出生日期", "Born on"), lambda r, k: k.born(r.born_on, r.person)),
        Col("phone", Word("电话", "Phone"), lambda r, k: k.show("phone", r.phone, r.person), manner="phone"),
        Col("area", Word("居停区域", "Staying in"), lambda r, k: k.area(r.area), ("area", "person"), narrow=False, href=lambda r, k: area_href(r.area, k)),
        Col("nature", Word("性质", "Nature"), lambda r, k: k.pick(LISTS["stay"], r.nature)),
        Col("since", Word("自", "Since"), lambda r, k: k.time(r.here_from), ("here_from",)),
    ),
    (
        Narrow("q", Word("姓名", "Name"), _search),
        Narrow("area", Word("区域", "Area"), _in_area, area=True),
        Narrow("nature", Word("性质", "Nature"), lambda rows, v, k: rows.filter(nature=v), words="stay"),
    ),
    order="area", people=lambda r: [r.person], prepare=_details, nav=1, icon="users",
    empty=Word("登记册内没有符合条件的人员", "Nobody on the register here"),
    note=Word("每人只按当前居停计一次。", "Everyone once, where they stay."), covers=True,
    detail=lambda r: reverse("person", kwargs={"person": to_text(r.person)}),
    ids=lambda k: lambda r: {"household": r.household and bytes(r.household), "area": r.area},
    gives=Gives(("person", "subject"), lambda k: lambda r: {"person": bytes(r.person), "subject": subject_text(bytes(r.person))}),
    edits=(
        Edit("area", "record_stay", "area", lambda r: r.area), Edit("nature", "record_stay", "nature", lambda r: r.nature),
        Edit("name", "amend_person", "name", lambda r: None, _no_name), Edit("phone", "amend_person", "phone", lambda r: None, _no_phone),
    ),
    key=("person",), doubts=made_equal,
))  # fmt: skip


def area_rows(look: Looking) -> QuerySet[Area]:
    """The areas of the viewer's scope, with their register at the hour asked."""
    return standing(Area, look.seq).filter(look.scope.q("code"))


def registered(look: Looking, codes: Collection[str]) -> Counter[str]:
    """People on the register in each of some areas with all that lies in it: one statement, summed up the tree and across it."""
    inside = {b for code in codes for b in look.inside(code)}
    counted = people_rows(look).values_list("area").annotate(n=Count("*"))
    if len(inside) <= FEW_CODES:
        counted = counted.filter(area__in=inside)
    totals: Counter[str] = Counter()
    for code, n in counted:
        for above in look.areas.around(code, look.about):
            totals[above] += n
    return totals


def _counts(rows: list[Any], look: Looking) -> None:
    """People on the register in and below each area of this page."""
    totals = registered(look, [r.code for r in rows])
    for row in rows:
        row.people = totals[row.code]


def _called(rows: Any, text: str, look: Looking) -> Any:
    return rows.filter(Q(name__contains=text) | Q(name_en__icontains=text) | Q(code__startswith=text))


_OFFICIAL, _LOCAL = Word("官方", "official"), Word("本地", "local")

AREAS = sheet(Sheet(
    "areas", "people", Word("区域", "Areas"), area_rows,
    (
        Col("code", Word("代码", "Code"), lambda r, k: r.code, ("code",)),
        Col("name", Word("名称", "Name"), lambda r, k: k.areas.name(r.code, k.language), ("name",), strong=True,
            href=lambda r, k: area_href(r.code, k)),
        Col("level", Word("级别", "Level"), lambda r, k: k.pick(LISTS["area_level"], r.level), ("level", "code")),
        Col("parent", Word("上级", "Under"), lambda r, k: k.areas.name(r.parent, k.language), ("parent", "code")),
        Col("people", Word("登记人数(含下级)", "People on the register (with all below)"), lambda r, k: f"{r.people:,}",
            href=lambda r, k: f"{reverse('sheet-people')}?area={r.code}"),
        Col("official", Word("代码性质", "Code is"), lambda r, k: k.say(_OFFICIAL if r.official else _LOCAL)),
    ),
    (
        Narrow("q", Word("名称或代码", "Name or code"), _called),
        Narrow("level", Word("级别", "Level"), lambda rows, v, k: rows.filter(level=v), words="area_level"),
        Narrow("area", Word("区域", "Area"), lambda rows, v, k: rows.filter(code__in=k.inside(v)), area=True),
    ),
    order="code", prepare=_counts, ids=lambda k: lambda r: {"area": r.code, "parent": r.parent}, nav=2, icon="sitemap", covers=True,
))  # fmt: skip


def post_rows(look: Looking) -> QuerySet[Post]:
    """The posts of the viewer's areas."""
    return standing(Post, look.seq).filter(look.scope.q())


def _holder(row: Any, look: Looking) -> str:
    held = look.posts.holder(row.post, look.about)
    if held is None:
        return look.say(_VACANT)
    return look.name(held.holder) + (f" ({look.say(_ACTING)})" if held.acting else "")


def _holders(rows: list[Any], look: Looking) -> None:
    """The names of those who hold the posts of this page, read at once."""
    held = [look.posts.holder(row.post, look.about) for row in rows]
    look.learn_names(h.holder for h in held if h is not None)


_VACANT, _ACTING = Word("空缺", "vacant"), Word("代理", "acting")

POSTS = sheet(Sheet(
    "posts", "people", Word("岗位", "Posts"), post_rows,
    (
        Col("name", Word("岗位", "Post"), lambda r, k: r.name_en if k.language == "en" else r.name, ("post",), strong=True,
            href=lambda r, k: reverse("post", kwargs={"post": r.post})),
        Col("unit", Word("单位", "Unit"), lambda r, k: r.unit_en if k.language == "en" else r.unit, ("unit",)),
        Col("role", Word("角色", "Role"), lambda r, k: k.say(roles()[r.role].word) if r.role in roles() else r.role, ("role", "post")),
        Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area), ("area", "post"), narrow=False, href=lambda r, k: area_href(r.area, k)),
        Col("holder", Word("任职人", "Holder"), _holder),
        Col("phone", Word("值班电话", "Duty phone"), lambda r, k: r.phone or ""),
    ),
    (
        Narrow("role", Word("角色", "Role"), lambda rows, v, k: rows.filter(role=v),
               choices=lambda k: [(r.code, k.say(r.word)) for r in roles().values()]),
        Narrow("area", Word("区域", "Area"), _in_area, area=True),
    ),
    order="name", prepare=_holders, ids=lambda k: lambda r: {"post": r.post, "area": r.area}, nav=3, icon="user-check",
))  # fmt: skip


def place_rows(look: Looking) -> QuerySet[Place]:
    """The places of the viewer's areas."""
    return standing(Place, look.seq).filter(look.scope.q())


PLACES = sheet(Sheet(
    "places", "people", Word("场所", "Places"), place_rows,
    (
        Col("name", Word("名称", "Name"), lambda r, k: r.name, ("name", "place"), strong=True,
            href=lambda r, k: reverse("who-answers", kwargs={"type_": "place", "text": to_text(bytes(r.place))})),
        Col("nature", Word("性质", "Nature"), lambda r, k: k.pick(LISTS["place"], r.nature), ("nature", "name")),
        Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area), ("area", "name"), narrow=False, href=lambda r, k: area_href(r.area, k)),
        Col("address", Word("地址", "Address"), lambda r, k: k.show("address", r.address, bytes(r.place)), narrow=False),
    ),
    (
        Narrow("q", Word("名称", "Name"), lambda rows, v, k: rows.filter(name__contains=v)),
        Narrow("nature", Word("性质", "Nature"), lambda rows, v, k: rows.filter(nature=v), words="place"),
        Narrow("area", Word("区域", "Area"), _in_area, area=True),
    ),
    order="name", nav=5, icon="map-pin", ids=lambda k: lambda r: {"place": bytes(r.place), "area": r.area},
    detail=lambda r: reverse("who-answers", kwargs={"type_": "place", "text": to_text(bytes(r.place))}),
))  # fmt: skip


def household_rows(look: Looking) -> QuerySet[Household]:
    """The households of the viewer's areas."""
    return standing(Household, look.seq).filter(look.scope.q())


def _living(rows: list[Any], look: Looking) -> None:
    """How many people of the register stay in each household of this page, and who answers for it: two statements."""
    homes = [bytes(r.household) for r in rows]
    counted = people_rows(look).filter(household__in=homes).values_list("household").annotate(n=Count("person"))
    living = {bytes(h): n for h, n in counted}
    headed = standing_facts("household.headed", look.seq, look.about).filter(household__in=homes).order_by("at", "id")
    heads = {bytes(h): bytes(p) for h, p in headed.values_list("household", "person")}
    look.learn_names(heads.values())
    for row in rows:
        row.living, row.head = living.get(bytes(row.household), 0), heads.get(bytes(row.household))


HOUSEHOLDS = sheet(Sheet(
    "households", "people", Word("住户", "Households"), household_rows,
    (
        Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area), ("area", "household"), narrow=False, strong=True,
            href=lambda r, k: reverse("who-answers", kwargs={"type_": "household", "text": to_text(bytes(r.household))})),
        Col("address", Word("地址", "Address"), lambda r, k: k.show("address", r.address, bytes(r.household)), narrow=False),
        Col("living", Word("登记人数", "People on the register"), lambda r, k: f"{r.living:,}"),
        Col("head", Word("户主", "Answers for it"), lambda r, k: k.name(r.head) if r.head else ""),
    ),
    (Narrow("area", Word("区域", "Area"), _in_area, area=True),),
    order="area", prepare=_living, nav=6, icon="home", covers=True,
    detail=lambda r: reverse("who-answers", kwargs={"type_": "household", "text": to_text(bytes(r.household))}),
    ids=lambda k: lambda r: {"area": r.area},
    gives=Gives(("household", "subject"), lambda k: lambda r: {"household": bytes(r.household), "subject": subject_text(bytes(r.household))}),
))  # fmt: skip


def charge_rows(look: Looking) -> QuerySet[Any]:
    """What was offered to be handed over, for whoever sends and whoever receives."""
    rows: QuerySet[Any] = standing_facts("charge.offered", look.seq, look.about)
    if look.scope.codes is None:
        return rows
    chairs = standing(Post, look.seq).filter(look.scope.q()).values("post")
    return rows.filter(Q(to_area__in=look.scope.codes) | Q(post__in=chairs) | Q(to_post__in=chairs))


def _charges(rows: list[Any], look: Looking) -> None:
    """How each handing over of this page stands, and the names of the people it is about."""
    for row in rows:
        row.charge_ = look.charges.all.get(bytes(row.charge))
        row.who = subject_of(row.subject)
    look.learn_names(r.who for r in rows if isinstance(r.who, bytes))


def _charge_state(row: Any, look: Looking) -> str:
    return (row.charge_.state(Instant(look.about)) if row.charge_ else None) or "lapsed"


def _about(row: Any, look: Looking) -> str:
    return look.name(row.who) if isinstance(row.who, bytes) else look.area(row.who)


_CHARGE_BADGE = {"offered": "pending", "accepted": "done", "declined": "blocked", "lapsed": "ended"}

CHARGES = sheet(Sheet(
    "charges", "people", Word("责任移交", "Handed over"), charge_rows,
    (
        Col("about", Word("对象", "About"), _about, strong=True),
        Col("party", Word("责任方", "Party"), lambda r, k: k.pick(LISTS["party"], r.party), ("party", "at")),
        Col("by", Word("提出岗位", "By"), lambda r, k: post_name(k, r.post), ("post", "at")),
        Col("to", Word("接收方", "To"), lambda r, k: k.area(r.to_area) if r.to_area else post_name(k, r.to_post), narrow=False),
        Col("at", Word("提出时间", "Offered"), lambda r, k: k.time(r.at), ("at", "id")),
        Col("state", Word("状态", "State"), lambda r, k: k.pick(LISTS["transfer"], _charge_state(r, k)),
            badge=lambda r, k: _CHARGE_BADGE[_charge_state(r, k)]),
        Col("reason", Word("理由", "Reason"), lambda r, k: r.reason, narrow=False),
    ),
    (Narrow("party", Word("责任方", "Party"), lambda rows, v, k: rows.filter(party=v), words="party"),),
    order="-at", prepare=_charges, nav=7, icon="share",
    empty=Word("没有移交", "Nothing was handed over"),
    note=Word("接受之前由移出方负责。", "Until it is accepted the sender answers."),
))  # fmt: skip
