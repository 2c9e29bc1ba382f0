"""Keeping the centre by programs: what each act asks for and shows before it is done, as strict as its page. Enters nothing itself."""

from dataclasses import replace
from typing import Any

from django.http import Http404
from django.urls import reverse

from bulou.basis.facts import PersonEnrolled, PostOffered
from bulou.basis.ids import from_text, named_id, new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.words import Word
from bulou.desks.centre.editions import at_door, edition_or_404, in_force
from bulou.desks.centre.pages import areas_of, carry_out, offered_ok, post_or_404
from bulou.desks.centre.shifts import areas_for, issue, points_for, shift_or_404
from bulou.desks.centre.verbs import ADOPT, APPOINT, CHANGE_ACCOUNT, END_SHIFT, ESTABLISH, OFFER, OPEN_SHIFT, RELIEVE, SIGN
from bulou.duties.enter import Receipt
from bulou.kit.adoption import HOLD, ORDER, expired
from bulou.kit.centre import centre
from bulou.kit.confirming import Asking, Confirmed, Meant, More, confirmed
from bulou.kit.looking import Looking
from bulou.kit.people import known
from bulou.kit.verb import Problem, Refused
from bulou.protocol.diff import diff
from bulou.protocol.explain import explain
from bulou.protocol.lint import unverified, unverified_at_doors
from bulou.protocol.rules import Edition, PassingRule, Rule
from bulou.register import accounts
from bulou.register.models import Post
from bulou.register.roles import roles
from bulou.register.scope import standing

#: Of what differs from the edition in force, so much is said.
MOST_CHANGES = 100
_LINK = Word("一次性链接:只给出一次,一天内有效", "a link that works once, within a day; given this once")


# --- chairs -----------------------------------------------------------------------------------------------------------
def _establishes(asking: Asking) -> Meant:
    look, said = asking.look, asking.said
    was = standing(Post, look.seq).filter(look.scope.q(), post=said["post"]).first()
    role = roles().get(said["role"])
    shows = [f"{said['post']} · {look.say(role.word) if role else said['role']} · {look.area(said['area'])}"]
    if was:
        shows.append(look.say(Word("原为:", "until now: ")) + f"{was.name} · {was.role} · {look.area(was.area)}")
    return Meant(ESTABLISH, said, tuple(shows), bound=f"{was.role} {was.area}" if was else "")


def _someone(look: Looking, holder: bytes) -> str:
    """Somebody whom the viewer can choose for a chair, by name."""
    if not known(look, holder):
        raise Refused([Problem("holder", "您负责的区域内没有此人", "is nobody of the areas that your post answers for")])
    return look.name(holder)


def _offers(asking: Asking) -> Meant:
    look, said = asking.look, asking.said
    row = post_or_404(look, said["post"])
    return Meant(OFFER, said, (f"{row.name} · {_someone(look, said['holder'])}",))


def _appoints(asking: Asking) -> Meant:
    look, said = asking.look, asking.said
    row = post_or_404(look, said["post"])
    return Meant(APPOINT, {**said, "acting": True}, (f"{row.name} · {_someone(look, said['holder'])} · {look.time(said['until'])}",))


def _relieves(asking: Asking) -> Meant:
    look, said = asking.look, asking.said
    row = post_or_404(look, said["post"])
    return Meant(RELIEVE, said, (f"{row.name} · {look.name(said['holder'])}",))


confirmed(Confirmed("establish_post", ("post", "role", "area", "name", "name_en", "unit", "unit_en", "phone"), _establishes))
confirmed(Confirmed("offer_post", ("post", "holder", "reason", "until"), _offers))
confirmed(Confirmed("appoint", ("post", "holder", "until"), _appoints))
confirmed(Confirmed("relieve", ("post", "holder"), _relieves))


# --- accounts ---------------------------------------------------------------------------------------------------------
_USERNAME = Word("用户名(仅邀请):字母、数字与 . _ -", "user name (of an invitation alone): letters, digits and . _ -")
_INVITED = {
    "username": More(_USERNAME, optional=True), "name": More(Word("姓名(仅邀请)", "name of the person (of an invitation alone)"), optional=True),
    "area": More(Word("居停区域(仅邀请)", "area where they stay (of an invitation alone)"), optional=True),
    "offered": More(Word("提出交接的岗位(仅邀请)", "the post offered to them (of an invitation alone)"), optional=True),
}  # fmt: skip


def _changes(asking: Asking) -> Meant:
    """An account suspended, restored or given a new link, by whoever keeps all of the centre; or a new one for a new person."""
    look, said = asking.look, asking.said
    if said["change"] == "invited":
        return _invites(asking)
    if wrong := [n for n in _INVITED if said[n]]:
        raise Refused([Problem(n, "仅用于邀请", "is of an invitation alone") for n in wrong])
    if said["holder"] is None:
        raise Refused([Problem("holder", "必填", "is required")])
    name = accounts.named([said["holder"]]).get(said["holder"])
    if name is None or look.scope.codes is not None:
        raise Http404
    values = {"holder": said["holder"], "change": said["change"], "reason": said["reason"]}
    return Meant(CHANGE_ACCOUNT, values, (f"{name} · {look.name(said['holder'])}",))


def _invites(asking: Asking) -> Meant:
    look, said = asking.look, asking.said
    wrong = [Problem(n, "必填", "is required") for n in ("username", "name", "area") if not said[n]]
    if said["holder"] is not None:
        wrong.append(Problem("holder", "邀请时不填:随账号登记新的人", "is left out of an invitation: the person is enrolled with it"))
    if said["username"] and not accounts.may_be(said["username"]):
        wrong.append(Problem("username", "应为2至40位字母、数字与 . _ -", "should be 2 to 40 letters, digits and . _ -"))
    elif said["username"] and accounts.of_name(said["username"]):
        wrong.append(Problem("username", "此用户名已被使用", "is taken"))
    if said["area"] and said["area"] not in dict(areas_of(look)):
        wrong.append(Problem("area", "不是您可选的区域", "is none of the areas that you may choose"))
    if said["name"] and len(said["name"]) > 80:
        wrong.append(Problem("name", "不超过80字", "should be at most 80 characters"))
    if said["offered"] and not standing(Post, look.seq).filter(look.scope.q(), post=said["offered"]).exists():
        wrong.append(Problem("offered", "没有这个岗位", "there is no such post"))
    if wrong:
        raise Refused(wrong)
    at, person = centre().clock.now(), named_id("invited", asking.id.hex())
    more = [Fact(person, "person.enrolled", at, None, PersonEnrolled(person, said["name"].strip(), said["area"]))]
    if said["offered"]:
        more.append(Fact(new_id(at), "post.offered", at, None, PostOffered(said["offered"], person)))
    declared = replace(CHANGE_ACCOUNT, more=lambda acting, fact: more, check=(offered_ok(more),))
    shows = " · ".join(t for t in (said["username"], said["name"], look.area(said["area"]), said["offered"]) if t)
    return Meant(declared, {"holder": person, "change": "invited", "reason": said["reason"]}, (shows,))


def _carries_out(asking: Asking, meant: Meant, receipt: Receipt) -> dict[str, str]:
    """What becomes of the account itself; the link, where there is one to give."""
    holder, change = meant.values["holder"], meant.values["change"]
    if change == "invited":
        token: str | None = accounts.link(accounts.make(asking.said["username"], holder), centre().clock.now())
    else:
        user = accounts.of_name(accounts.named([holder])[holder])
        assert user
        token = carry_out(user, change)
    return {"link": asking.request.build_absolute_uri(reverse("welcome", kwargs={"token": token})) if token else ""}


confirmed(Confirmed(
    "change_account", ("holder", "change", "reason"), _changes, _INVITED, frozenset({"holder"}), _carries_out, {"link": _LINK},
))  # fmt: skip


# --- editions ---------------------------------------------------------------------------------------------------------
def _adopts(asking: Asking) -> Meant:
    look, said = asking.look, asking.said
    edition = edition_or_404(look, said["edition"])
    current, late = in_force(look, edition.disease, said["area"]), expired(edition, look.protocol, look.about)
    shows = [f"{look.say(edition.word)} · {edition.hash}", *([look.say(late)] if late else [])]
    if current is not None and current is not edition:
        shows += [f"{look.say(Word('与现行方案不同:', 'differs from the one in force: '))}{c}" for c in diff(current, edition)][
            :MOST_CHANGES
        ]
    values = {"edition": edition.id, "disease": edition.disease, "area": said["area"], "hash": edition.hash, "incident": None}
    return Meant(ADOPT, values, tuple(shows), bound=f"{edition.hash} {current.id if current else ''}")


def _doubtful(edition: Edition) -> dict[str, Word]:
    """Every rule that nobody has checked, as a sentence."""
    sentences = {s.rule: Word(s.zh, s.en) for s in explain(edition)} | {p.name: at_door(p) for p in edition.passings}
    doubtful: list[Rule | PassingRule] = [*unverified(edition), *unverified_at_doors(edition)]
    return {r.name: sentences[r.name] for r in doubtful}


def _signs(asking: Asking) -> Meant:
    """Signing takes over each rule that nobody has checked by its own name, or nothing is signed."""
    look, said = asking.look, asking.said
    edition = edition_or_404(look, said["edition"])
    doubtful = _doubtful(edition)
    missing = [name for name in doubtful if name not in said["rules"]]
    if missing:
        raise Refused(
            [Problem("rules", f"尚未逐条确认:{n}:{doubtful[n].zh}", f"not yet taken over: {n}: {doubtful[n].en}") for n in missing]
        )
    hours = said["hours"]
    values = {"edition": edition.id, "area": said["area"], "measure": HOLD if hours else ORDER, "hours": hours}
    shows = (f"{look.say(edition.word)} · {edition.hash}", *(f"{name}: {look.say(word)}" for name, word in doubtful.items()))
    return Meant(SIGN, values, shows, bound=edition.hash)


confirmed(Confirmed("adopt_edition", ("edition", "area"), _adopts))
confirmed(Confirmed(
    "sign_edition", ("edition", "area", "hours"), _signs,
    {"rules": More(Word("逐条确认的未核实条款名称", "the names of the unverified rules that are taken over, one by one"), optional=True, many=True)},
))  # fmt: skip


# --- shifts -----------------------------------------------------------------------------------------------------------
_GIVES = {"link": Word("加入班次的链接", "the link by which one joins"), "pin": Word("口头告知的 PIN", "the PIN that is said aloud")}


def _opens(asking: Asking) -> Meant:
    """A shift of a point or team of the leader's own areas; its area and, where none is said, its name are the point's."""
    look, said = asking.look, dict(asking.said)
    if said["place"] is not None:
        point = points_for(look).get(to_text(said["place"]))
        if point is None:
            raise Refused([Problem("place", "您负责的区域内没有这个点位", "is no point of the areas that your post answers for")])
        name, area = point
        if said["area"] not in (None, area):
            raise Refused([Problem("area", "点位不在所选区域内", "the point does not lie in the area that was chosen")])
        said |= {"area": area, "name": (said["name"] or "").strip() or name.split(" · ")[0]}
    elif said["area"] not in dict(areas_for(look)):
        raise Refused([Problem("area", "请选择您负责的区域或点位", "choose a point, or one of the areas that your post answers for")])
    shows = f"{said['name'] or ''} · {look.area(said['area'])} · {look.time(said['starts'])} – {look.time(said['ends'], deadline=True)}"
    return Meant(OPEN_SHIFT, {**said, "name": said["name"] or "", "shift": asking.id}, (shows,))


def _pass(asking: Asking, shift: bytes) -> dict[str, str]:
    link, pin = issue(shift)
    return {"link": asking.request.build_absolute_uri(reverse("join", kwargs={"token": link})), "pin": pin}


def _opened(asking: Asking, meant: Meant, receipt: Receipt) -> dict[str, str]:
    return _pass(asking, asking.id)


def _ends(asking: Asking) -> Meant:
    look, said = asking.look, asking.said
    row: Any = shift_or_404(look, to_text(said["shift"]))
    shows = f"{row.name} · {look.name(said['person'])}" if said["person"] else row.name
    return Meant(END_SHIFT, said, (shows,))


def _ended(asking: Asking, meant: Meant, receipt: Receipt) -> dict[str, str]:
    """Whoever was sent off may know the PIN: the leader is given another for those still to come."""
    shift: Any = shift_or_404(asking.look, to_text(meant.values["shift"]))
    if meant.values["person"] is None or not asking.look.viewer.may(OPEN_SHIFT.name, shift.area):
        return {"link": "", "pin": ""}
    return _pass(asking, from_text(to_text(meant.values["shift"])))


confirmed(Confirmed(
    "open_shift", ("name", "role", "area", "seats", "starts", "ends", "place"), _opens, maybe=frozenset({"name", "area"}), carry=_opened, gives=_GIVES,
))  # fmt: skip
confirmed(Confirmed("end_shift", ("shift", "person", "reason"), _ends, carry=_ended, gives=_GIVES))
