"""Sheets of the register: people where they stay, areas, posts and who holds them."""

from collections import Counter
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from bulou.basis.ids import to_text
from bulou.basis.words import LISTS, Word
from bulou.kit.looking import Looking
from bulou.kit.sheet import Col, Narrow, Sheet, sheet
from bulou.register.models import Area, Person, Post, Stay
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
    return rows.filter(area__in=look.areas.subtree(code))


def _details(rows: list[Any], look: Looking) -> None:
    """Sex, birth and phone of the people on this page, in one statement."""
    fields = ("person", "sex", "born_on", "phone", "document")
    known = {r[0]: r[1:] for r in standing(Person, look.seq).filter(person__in=[r.person for r in rows]).values_list(*fields)}
    for row in rows:
        row.sex, row.born_on, row.phone, row.document = known.get(row.person, ("not_stated", None, None, None))


PEOPLE = sheet(Sheet(
    "people", "people", Word("人员", "People"), people_rows,
    (
        Col("name", Word("姓名", "Name"), lambda r, k: k.name(r.person), strong=True,
            href=lambda r, k: reverse("person", kwargs={"person": to_text(r.person)})),
        Col("sex", Word("性别", "Sex"), lambda r, k: k.pick(LISTS["sex"], r.sex)),
        Col("born_on", Word("出生日期", "Born on"), lambda r, k: k.born(r.born_on)),
        Col("phone", Word("电话", "Phone"), lambda r, k: k.viewer.show("phone", r.phone)),
        Col("area", Word("居停区域", "Staying in"), lambda r, k: k.area(r.area), ("area", "person"), narrow=False),
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
    note=Word("每人只按当前居停计一次;登记册的完整程度须另行核实。", "Everyone once, where they stay; how complete the register is, is another question."),
    detail=lambda r: reverse("person", kwargs={"person": to_text(r.person)}),
))  # fmt: skip


def area_rows(look: Looking) -> QuerySet[Area]:
    """The areas of the viewer's scope, with their register at the hour asked."""
    return standing(Area, look.seq).filter(look.scope.q("code"))


def _counts(rows: list[Any], look: Looking) -> None:
    """People on the register in and below each area of this page: one statement, summed up the tree."""
    wanted = {r.code for r in rows}
    below = {b for code in wanted for b in look.areas.subtree(code)}
    totals: Counter[str] = Counter()
    if len(below) > 2000:
        counted = people_rows(look).values_list("area").annotate(n=Count("id"))
    else:
        counted = people_rows(look).filter(area__in=below).values_list("area").annotate(n=Count("id"))
    for code, n in counted:
        for above in look.areas.upward(code):
            totals[above] += n
    for row in rows:
        row.people = totals[row.code]


_OFFICIAL, _LOCAL = Word("官方", "official"), Word("本地", "local")

AREAS = sheet(Sheet(
    "areas", "people", Word("区域", "Areas"), area_rows,
    (
        Col("code", Word("代码", "Code"), lambda r, k: r.code, ("code",)),
        Col("name", Word("名称", "Name"), lambda r, k: k.areas.name(r.code, k.language), ("name",), strong=True,
            href=lambda r, k: f"{reverse('sheet-people')}?area={r.code}"),
        Col("level", Word("级别", "Level"), lambda r, k: k.pick(LISTS["area_level"], r.level), ("level", "code")),
        Col("parent", Word("上级", "Under"), lambda r, k: k.areas.name(r.parent, k.language), ("parent", "code")),
        Col("people", Word("登记人数(含下级)", "People on the register (with all below)"), lambda r, k: f"{r.people:,}"),
        Col("official", Word("代码性质", "Code is"), lambda r, k: k.say(_OFFICIAL if r.official else _LOCAL)),
    ),
    (
        Narrow("level", Word("级别", "Level"), lambda rows, v, k: rows.filter(level=v), words="area_level"),
        Narrow("area", Word("区域", "Area"), lambda rows, v, k: rows.filter(code__in=k.areas.subtree(v)), area=True),
    ),
    order="code", prepare=_counts, nav=2, icon="sitemap",
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
        Col("name", Word("岗位", "Post"), lambda r, k: r.name_en if k.language == "en" else r.name, ("post",), strong=True),
        Col("unit", Word("单位", "Unit"), lambda r, k: r.unit_en if k.language == "en" else r.unit, ("unit",)),
        Col("role", Word("角色", "Role"), lambda r, k: k.say(roles()[r.role].word) if r.role in roles() else r.role, ("role", "post")),
        Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area), ("area", "post"), narrow=False),
        Col("holder", Word("任职人", "Holder"), _holder),
        Col("phone", Word("值班电话", "Duty phone"), lambda r, k: r.phone or ""),
    ),
    (
        Narrow("role", Word("角色", "Role"), lambda rows, v, k: rows.filter(role=v),
               choices=lambda k: [(r.code, k.say(r.word)) for r in roles().values()]),
        Narrow("area", Word("区域", "Area"), _in_area, area=True),
    ),
    order="name", prepare=_holders, nav=3, icon="user-check",
))  # fmt: skip
