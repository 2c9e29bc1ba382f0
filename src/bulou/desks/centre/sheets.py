"""Sheets of the centre: accounts, everything that administration did, and shifts. Names no one whom the viewer may not see."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from bulou.basis.ids import to_text
from bulou.basis.kinds import KINDS
from bulou.basis.words import Word
from bulou.evidence.append import load
from bulou.evidence.models import Entry, Envelope
from bulou.evidence.timeline import entered_facts
from bulou.kit.looking import Looking
from bulou.kit.sheet import Col, Narrow, Sheet, sheet
from bulou.kit.telling import line
from bulou.register.accounts import accounts
from bulou.register.models import Seat, Shift
from bulou.register.passes import locked
from bulou.register.roles import roles
from bulou.register.scope import standing

#: What administration enters: every chair, holding, account, edition, signature and shift.
ADMINISTRATION = (
    "centre.founded", "post.established", "post.offered", "post.held", "post.left", "account.changed", "edition.adopted",
    "authorisation.signed", "shift.opened", "shift.ended",
)  # fmt: skip


# --- accounts ---------------------------------------------------------------------------------------------------------
def account_rows(look: Looking) -> QuerySet[Any]:
    """Every account, for those who see the whole centre: an account is tied to a person, and so to wherever they hold a post."""
    found: QuerySet[Any] = accounts()
    return found if look.scope.codes is None else found.none()


def _posts_of(row: Any, look: Looking) -> str:
    if row.holder is None:
        return ""
    held = look.posts.held_by(bytes(row.holder), look.about)
    return "、".join(c.name for c in held) if look.language == "zh" else ", ".join(c.name_en for c in held)


def _account_state(row: Any) -> str:
    return "ended" if not row.is_active else "done" if row.has_usable_password() or row.demo else "pending"


_STATES = {"ended": Word("停用", "suspended"), "done": Word("可用", "in use"), "pending": Word("链接未用", "link not used yet")}

ACCOUNTS = sheet(Sheet(
    "accounts", "centre", Word("账号", "Accounts"), account_rows,
    (
        Col("username", Word("用户名", "User name"), lambda r, k: r.username, ("username",), strong=True),
        Col("person", Word("本人", "Person"), lambda r, k: k.name(bytes(r.holder)) if r.holder else ""),
        Col("posts", Word("岗位", "Posts"), _posts_of, narrow=False),
        Col("state", Word("状态", "State"), lambda r, k: k.say(_STATES[_account_state(r)]), ("is_active", "username"), badge=lambda r, k: _account_state(r)),
        Col("change", Word("办理", "Change"), lambda r, k: k.say(Word("变动", "Change")) if r.holder else "", act=True,
            href=lambda r, k: f"{reverse('account-change')}?{urlencode({'holder': to_text(bytes(r.holder))})}"
            if r.holder and k.viewer.may("change_account") and k.moment.live else None),
    ),
    (Narrow("q", Word("用户名", "User name"), lambda rows, v, k: rows.filter(username__startswith=v)),),
    order="username", people=lambda r: [bytes(r.holder)] if r.holder else [], nav=2, icon="user-check",
    note=Word("账号没有权限:权限来自本人所任岗位。班次通行码不需要账号。",
              "An account may do nothing: its person's posts may. A shift pass needs no account."),
))  # fmt: skip


# --- what administration did ------------------------------------------------------------------------------------------
def administration_rows(look: Looking) -> QuerySet[Envelope]:
    """Facts of administration, for those who see the whole centre.

    Found by their contents, which are few and kept for ever: of a district's millions of envelopes none is read that is something else.
    """
    few, *others = (entered_facts(kind, look.seq, look.about).values("id") for kind in ADMINISTRATION)
    found = Envelope.objects.filter(id__in=few.union(*others, all=True))
    return found if look.scope.codes is None else found.none()


def _told(rows: list[Any], look: Looking) -> None:
    """What each fact of this page says, and who entered it, in a statement for each kind."""
    by_kind: dict[str, list[bytes]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(bytes(row.id))
    facts = {f.id: f for kind, ids in by_kind.items() for f in load(connection, KINDS[kind], "id", ids)}
    by = dict(Entry.objects.filter(seq__in={r.entry for r in rows}).values_list("seq", "by"))
    look.learn_names(v for f in facts.values() for v in f.body if isinstance(v, bytes))
    for row in rows:
        fact = facts.get(bytes(row.id))
        row.said = " · ".join(s for s in (_about(fact), line(fact, look)["said"]) if s) if fact else ""
        row.whom = " · ".join(
            look.name(v) for n, v in zip(fact.body._fields, fact.body, strict=True) if n in ("holder", "person") and v
        ) if fact else ""  # fmt: skip
        row.by = by.get(row.entry, "")


def _about(fact: Any) -> str:
    """The chair or the edition that a fact is about, by its code: who reads a ledger wants to find it again."""
    return str(fact.body[0]) if isinstance(fact.body[0], str) and fact.kind.startswith(("post.", "edition.", "authorisation.")) else ""


def _kinds(look: Looking) -> list[tuple[str, str]]:
    return [(k, look.say(KINDS[k].word)) for k in ADMINISTRATION]


ADMINISTERED = sheet(Sheet(
    "administration", "centre", Word("管理记录", "Administration"), administration_rows,
    (
        Col("at", Word("时刻", "When"), lambda r, k: k.time(r.at), ("at", "id")),
        Col("kind", Word("事项", "What"), lambda r, k: k.say(KINDS[r.kind].word), ("kind", "at", "id"), strong=True),
        Col("whom", Word("人员", "Whom"), lambda r, k: r.whom),
        Col("said", Word("内容", "Content"), lambda r, k: r.said, narrow=False),
        Col("by", Word("由谁录入", "Entered by"), lambda r, k: r.by),
    ),
    (Narrow("kind", Word("事项", "What"), lambda rows, v, k: rows.filter(kind=v), choices=_kinds),),
    order="-at", prepare=_told, nav=5, icon="history",
    note=Word("管理本身也在账上:岗位、任职、账号、方案、班次的每一次变动,审计员都看得到。",
              "Administration is on the ledger too: every change of posts, holdings, accounts, editions and shifts is seen by the auditor."),
))  # fmt: skip


# --- shifts -----------------------------------------------------------------------------------------------------------
def shift_rows(look: Looking) -> QuerySet[Shift]:
    """The shifts of the viewer's areas."""
    return standing(Shift, look.seq).filter(look.scope.q())


def _counted(rows: list[Any], look: Looking) -> None:
    """How many are on each shift of this page, and whether its pass is locked."""
    ids = [bytes(r.shift) for r in rows]
    seats = standing(Seat, look.seq).filter(shift__in=ids, here_from__lte=look.about, here_until__gt=look.about)
    many: dict[bytes, int] = {}
    for shift in seats.values_list("shift", flat=True):
        many[bytes(shift)] = many.get(bytes(shift), 0) + 1
    shut = locked(ids)
    for row in rows:
        row.on, row.locked = many.get(bytes(row.shift), 0), bytes(row.shift) in shut


def shift_state(row: Any, look: Looking) -> str:
    """Whether a shift goes on, is to come or is over."""
    return "ended" if row.ends <= look.about else "upcoming" if row.starts > look.about else "done"


STATE_WORDS = {"ended": Word("已结束", "over"), "upcoming": Word("未开始", "to come"), "done": Word("进行中", "going on")}

SHIFTS = sheet(Sheet(
    "shifts", "shift", Word("班次", "Shifts"), shift_rows,
    (
        Col("name", Word("点位或小队", "Point or team"), lambda r, k: r.name, ("name", "id"), strong=True,
            href=lambda r, k: reverse("shift", kwargs={"shift": to_text(bytes(r.shift))})),
        Col("state", Word("状态", "State"), lambda r, k: k.say(STATE_WORDS[shift_state(r, k)]), badge=shift_state),
        Col("role", Word("角色", "Role"), lambda r, k: k.say(roles()[r.role].word) if r.role in roles() else r.role, ("role", "id")),
        Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area), ("area", "id"), narrow=False),
        Col("starts", Word("开始", "From"), lambda r, k: k.time(r.starts), ("starts", "id")),
        Col("ends", Word("结束", "Until"), lambda r, k: k.time(r.ends), ("ends", "id")),
        Col("on", Word("在岗", "On shift"), lambda r, k: f"{r.on} / {r.seats}"),
        Col("locked", Word("通行码", "Pass"), lambda r, k: k.say(Word("已锁定", "locked")) if r.locked else "", badge=lambda r, k: "overdue" if r.locked else ""),
    ),
    (Narrow("role", Word("角色", "Role"), lambda rows, v, k: rows.filter(role=v),
            choices=lambda k: [(r.code, k.say(r.word)) for r in roles().values() if any(r.code in o.shifts for o in roles().values())]),),
    order="-starts", prepare=_counted, nav=1, icon="users", empty=Word("尚未开设班次", "No shift so far"),
    detail=lambda r: reverse("shift", kwargs={"shift": to_text(bytes(r.shift))}),
))  # fmt: skip
