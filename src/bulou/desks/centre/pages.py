"""Pages of the centre: chairs and who sits on them, accounts by link, what each role may do. Shifts and editions have their own modules."""

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from bulou.basis.facts import PersonEnrolled, PostHeld, PostLeft, PostOffered
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import FOREVER, Instant
from bulou.basis.words import ANSWERS, Word
from bulou.desks.centre import editions, founding, shifts  # declare their pages
from bulou.desks.centre.founding import PasswordTwice
from bulou.desks.centre.verbs import APPOINT, CHANGE_ACCOUNT, ESTABLISH, OFFER, RELIEVE, may_hold
from bulou.duties.enter import writing
from bulou.evidence.timeline import about_subjects, standing_facts
from bulou.kit.centre import centre
from bulou.kit.chairs import seated
from bulou.kit.doing import back, link
from bulou.kit.form import FactForm, LocalTime, dress, reasons
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import find, known
from bulou.kit.sheet import area_options, whole_centre
from bulou.kit.telling import told
from bulou.kit.verb import VERBS, Problem, Refused, Verb, do
from bulou.register import accounts
from bulou.register.models import Holding, Post, User
from bulou.register.roles import roles
from bulou.register.scope import standing

assert editions
assert founding
assert shifts


def areas_of(look: Looking) -> list[tuple[str, str]]:
    """The areas that a chair or a shift may be for: the centre's own, its streets and villages, within the viewer's areas."""
    return whole_centre(look) + area_options(look)


# --- chairs -----------------------------------------------------------------------------------------------------------
def post_or_404(look: Looking, post: str) -> Any:
    """A chair of the viewer's areas."""
    row = standing(Post, look.seq).filter(look.scope.q(), post=post).first()
    if row is None:
        raise Http404
    return row


def _offer(look: Looking, post: str) -> Any:
    """The offer of a chair that still waits to be accepted: the latest, when nobody has taken the chair since."""
    offered = standing_facts("post.offered", look.seq, look.about).filter(post=post).order_by("-at", "-id").first()
    if offered is None:
        return None
    since = standing_facts("post.held", look.seq, look.about).filter(post=post, acting=False, at__gte=offered.at)
    return None if since.exists() else offered


@page("post", "centre/post/<str:post>", "岗位", "A post", desk="people", sample="post")
def post_page(request: HttpRequest, look: Looking, post: str) -> HttpResponse:
    """A chair: where it is, what its role may do, who sits on it now and sat on it, and what happened to it."""
    row = post_or_404(look, post)
    holdings = list(standing(Holding, look.seq).filter(post=post, here_from__lte=look.about).order_by("-here_from"))
    offer = _offer(look, post)
    look.learn_names([*(bytes(h.holder) for h in holdings), *([bytes(offer.holder)] if offer else [])])
    here, given = request.get_full_path(), {"post": post}
    now = [h for h in holdings if h.here_until > look.about]
    context = {
        "title": row.name_en if look.language == "en" else row.name, "post": row, "role": roles().get(row.role), "now": now,
        "past": [h for h in holdings if h.here_until <= look.about], "offer": offer, "forever": FOREVER,
        "move": link(ESTABLISH, look, given, here), "give": link(OFFER, look, given, here), "act": link(APPOINT, look, given, here),
        "relieve": [(h, link(RELIEVE, look, {**given, "holder": bytes(h.holder)}, here)) for h in now],
        "invite": f"{reverse('account-invite')}?{urlencode(given)}" if look.viewer.may("change_account") and look.moment.live else None,
        "happened": told(about_subjects(connection, [post], look.seq, look.about), look, here),
    }  # fmt: skip
    return show(request, "centre/post.html", context)


@page("post-establish", "centre/establish", "设立岗位", "Establish a post", desk="centre", nav=3, icon="plus", verb="establish_post")
def post_establish(request: HttpRequest, look: Looking) -> HttpResponse:
    """A new chair; or, with the code of one that there is, that chair moved or changed from now on."""
    code = request.GET.get("post", "")
    was = standing(Post, look.seq).filter(look.scope.q(), post=code).first() if code else None
    given = {f: getattr(was, f) for f in ESTABLISH.fields} if was else {}
    form = FactForm(KINDS["post.established"], ESTABLISH.fields, given, look.language, look.zone, timed=False, now=look.about,
                    data=request.POST if request.method == "POST" else None)  # fmt: skip
    form.fields["role"] = forms.ChoiceField(
        label=form.fields["role"].label, choices=[(r.code, look.say(r.word)) for r in roles().values()], initial=given.get("role")
    )
    form.fields["area"] = forms.ChoiceField(label=form.fields["area"].label, choices=areas_of(look), initial=given.get("area"))
    if was:
        form.fields["post"].widget = forms.HiddenInput()
    dress(form)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            do(ESTABLISH, look, form.values(), id_=_fact_id(request))
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            messages.success(request, _("Entered: %(what)s") % {"what": look.say(ESTABLISH.word)})
            return redirect("post", post=form.cleaned_data["post"])
    return _form(request, look, ESTABLISH, form, problems, about={"text": code} if was else None)


def _fact_id(request: HttpRequest) -> bytes | None:
    text = request.POST.get("fact_id")
    return id_or_404(text) if text else None


def _form(
    request: HttpRequest, look: Looking, verb: Verb, form: forms.Form, problems: list[str], about: dict[str, Any] | None = None,
    template: str = "kit/do.html", **more: Any,
) -> HttpResponse:  # fmt: skip
    context = {
        "title": look.say(verb.word), "verb": verb, "form": form, "problems": problems, "about": about, "next": back(request, reverse("sheet-posts")),
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)), **more,
    }  # fmt: skip
    return show(request, template, context, status=422 if request.method == "POST" else 200)


class _Until(forms.Form):
    """Why, and until when."""

    def __init__(self, look: Looking, data: Any, *, reason: bool, required: bool) -> None:
        super().__init__(data)
        if reason:
            self.fields["reason"] = forms.CharField(
                label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
            )
        self.fields["until"] = LocalTime(
            zone=look.zone, label=_("Until (empty: without an end)") if not required else _("Until"), required=required
        )
        dress(self)


def _person_and(request: HttpRequest, look: Looking, verb: Verb, *, reason: bool) -> HttpResponse:
    """Someone of the register for a chair: searched for, chosen, entered."""
    post = post_or_404(look, request.POST.get("post") or request.GET.get("post", ""))
    asked = (request.POST.get("q") or request.GET.get("q", "")).strip()
    form = _Until(look, request.POST if request.method == "POST" else None, reason=reason, required=not reason)
    problems: list[str] = []
    chosen = request.POST.get("person", "")
    if request.method == "POST" and form.is_valid():
        if not chosen:
            problems.append(_("Choose a person."))
        else:
            holder = id_or_404(chosen)
            values: dict[str, Any] = {"post": post.post, "holder": holder, "until": form.cleaned_data["until"]}
            values |= {"reason": form.cleaned_data["reason"] or None} if reason else {"acting": True}
            try:
                do(verb, look, values, id_=_fact_id(request))
            except Refused as refused:
                problems = reasons(refused.problems, look, form)
            else:
                messages.success(request, _("Entered: %(what)s") % {"what": look.say(verb.word)})
                return redirect("post", post=post.post)
    found = find(look, asked) or (known(look, id_or_404(chosen)) if chosen else [])
    name = post.name_en if look.language == "en" else post.name
    return _form(request, look, verb, form, problems, {"text": name, "area": post.area}, "centre/person_pick.html", candidates=found, asked=asked,
                 post=post.post, chosen=chosen)  # fmt: skip


@page("post-offer", "centre/offer", "提出交接", "Offer a post", desk="centre", sample="chair", verb="offer_post")
def post_offer(request: HttpRequest, look: Looking) -> HttpResponse:
    """A chair offered to its next holder, who accepts it on their own page."""
    return _person_and(request, look, OFFER, reason=True)


@page("post-act", "centre/act", "安排代理", "Let someone act", desk="centre", sample="chair", verb="appoint")
def post_act(request: HttpRequest, look: Looking) -> HttpResponse:
    """Someone who stands in on a chair, at once, until an hour that is said."""
    return _person_and(request, look, APPOINT, reason=False)


# --- one's own chairs -------------------------------------------------------------------------------------------------
def _by(look: Looking, post: str) -> str:
    return f"{post} {look.viewer.user.get_username()}" if look.viewer.user else "nobody"


def enter_own(look: Looking, fact: Fact, refuse: Any) -> list[Problem]:
    """Enters what someone does about their own chairs, for which no role is asked; gives the reasons against it."""
    one = centre()
    with writing(_by(look, fact.body.post), "web", one.clock, one.protocol) as book:
        problems = list(refuse(book.facts))
        if not problems:
            book.add(fact)
    return problems


@page("my-posts", "my-posts", "本人岗位", "My posts", desk="shell", nav=9, icon="user-check")
def my_posts(request: HttpRequest, look: Looking) -> HttpResponse:
    """Someone's own chairs: those offered to them, to accept; those that they hold, to hand over or to leave."""
    user = look.viewer.user
    me = bytes(user.holder) if user and user.holder and look.viewer.device is None else None
    problems: list[str] = []
    if request.method == "POST" and me is not None and look.moment.live:
        found = _own(request, look, me)
        if not found:
            messages.success(request, _("Entered."))
            return redirect("my-posts")
        problems = reasons(found, look)
    offers = [o for p in _offered_to(look, me) if (o := _offer(look, p)) is not None and bytes(o.holder) == me] if me else []
    rows = {r.post: r for r in standing(Post, look.seq).filter(post__in=[o.post for o in offers])}
    asked, hand = request.GET.get("q", "").strip(), request.GET.get("hand", "")
    context = {
        "title": look.say(Word("本人岗位", "My posts")), "chairs": look.viewer.chairs if look.viewer.device is None else (),
        "offers": [(o, rows[o.post], roles().get(rows[o.post].role)) for o in offers if o.post in rows], "problems": problems,
        "hand": hand if hand in {c.post for c in look.viewer.chairs} else "", "asked": asked,
        "candidates": find(look, asked) if asked and hand else [], "seat": look.viewer.chair if look.viewer.device else None,
    }  # fmt: skip
    return show(request, "centre/my_posts.html", context, status=422 if problems else 200)


def _offered_to(look: Looking, holder: bytes | None) -> list[str]:
    found = standing_facts("post.offered", look.seq, look.about).filter(holder=holder).values_list("post", flat=True)
    return sorted(set(found))


def _own(request: HttpRequest, look: Looking, me: bytes) -> list[Problem]:
    """Accepts, leaves or hands over a chair; gives the reasons against it."""
    at = Instant(centre().clock.now())
    post, what = request.POST.get("post", ""), request.POST.get("do", "")
    mine = Problem("post", "该岗位现非本人所任", "you do not hold this post now")
    match what:
        case "accept":
            offer = _offer(look, post)

            def refuse(facts: Any) -> Any:
                if offer is None or bytes(offer.holder) != me:
                    yield Problem("post", "没有给您的交接", "this post is not offered to you")
                yield from may_hold(facts, post, me, at)

            return enter_own(
                look, Fact(new_id(at), "post.held", at, None, PostHeld(post, me, False, offer.until if offer else None)), refuse
            )
        case "leave":
            return enter_own(
                look,
                Fact(new_id(at), "post.left", at, None, PostLeft(post, me)),
                lambda facts: () if me in seated(facts, post, at) else [mine],
            )
        case "hand":
            to = id_or_404(request.POST.get("person", ""))

            def against(facts: Any) -> Any:
                if me not in seated(facts, post, at):
                    yield mine
                yield from may_hold(facts, post, to, at)

            return enter_own(look, Fact(new_id(at), "post.offered", at, None, PostOffered(post, to, None, None)), against)
    raise Http404


# --- accounts ---------------------------------------------------------------------------------------------------------
class _Invite(forms.Form):
    """A new account: whose it is, and for which chair."""

    def __init__(self, look: Looking, data: Any, post: str) -> None:
        super().__init__(data)
        self.fields["username"] = forms.RegexField(
            r"^[0-9A-Za-z][0-9A-Za-z._-]{1,39}$", label=_("User name"), help_text=_("Letters, digits and . _ -; at most 40.")
        )
        self.fields["name"] = forms.CharField(label=_("Name of the person"), max_length=80)
        self.fields["area"] = forms.ChoiceField(label=_("Stays in"), choices=areas_of(look))
        self.fields["post"] = forms.ChoiceField(
            label=_("Post offered to them"), required=False, initial=post,
            choices=[("", "—"), *((p.post, f"{p.name_en if look.language == 'en' else p.name} · {p.unit_en if look.language == 'en' else p.unit}")
                                  for p in standing(Post, look.seq).filter(look.scope.q()).order_by("post"))],
        )  # fmt: skip
        dress(self)


@page("account-invite", "centre/invite", "邀请账号", "Invite someone", desk="centre", nav=4, icon="user-plus", verb="change_account")
def account_invite(request: HttpRequest, look: Looking) -> HttpResponse:
    """An account for a person who is enrolled with it, and a chair offered to them; the link is shown once and never kept."""
    form = _Invite(look, request.POST if request.method == "POST" else None, request.GET.get("post", ""))
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        told_ = form.cleaned_data
        now = centre().clock.now()
        person = new_id(now)
        more = [Fact(person, "person.enrolled", now, None, PersonEnrolled(person, told_["name"].strip(), told_["area"]))]
        if told_["post"]:
            more.append(Fact(new_id(now), "post.offered", now, None, PostOffered(told_["post"], person)))
        try:
            with transaction.atomic():
                user = accounts.make(told_["username"], person)
                _change(look, person, "invited", None, more)
                token = accounts.link(user, now)
        except accounts.Taken:
            form.add_error("username", _("This user name is taken."))
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            return _link_page(request, look, token, user)
    context = {
        "title": look.say(Word("邀请账号", "Invite someone")),
        "form": form,
        "problems": problems,
        "next": back(request, reverse("sheet-accounts")),
    }
    return show(request, "centre/form.html", context, status=422 if request.method == "POST" else 200)


def _change(look: Looking, holder: bytes, change: str, reason: str | None, before: list[Fact] | None = None) -> None:
    """Enters what becomes of an account; ``before`` are facts that belong to the same entry."""
    # Someone enrolled by the same entry is on no register yet that the verb's own check could ask.
    declared = replace(CHANGE_ACCOUNT, more=lambda acting, fact: before, check=(offered_ok(before),)) if before else CHANGE_ACCOUNT
    do(declared, look, {"holder": holder, "change": change, "reason": reason})


def offered_ok(before: list[Fact]) -> Any:
    def check(acting: Any, body: Any) -> Any:
        for fact in before:
            if fact.kind == "post.offered" and not acting.book.facts.by("post.established", "post", fact.body.post):
                yield Problem("post", "没有这个岗位", "there is no such post")

    return check


def _link_page(request: HttpRequest, look: Looking, token: str, user: User) -> HttpResponse:
    url = request.build_absolute_uri(reverse("welcome", kwargs={"token": token}))
    context = {"title": look.say(Word("一次性链接", "A link that works once")), "url": url, "user": user, "next": reverse("sheet-accounts")}
    response = show(request, "centre/link.html", context)
    response["Cache-Control"] = "no-store"
    return response


class _Change(forms.Form):
    """What becomes of an account, and why."""

    def __init__(self, look: Looking, data: Any) -> None:
        super().__init__(data)
        from_words = [(c, look.pick(_CHANGES, c)) for c in _CHANGES]
        self.fields["change"] = forms.ChoiceField(label=_("What"), choices=from_words)
        self.fields["reason"] = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
        dress(self)


_CHANGES = {"reset": Word("重发链接", "give a new link"), "suspended": Word("停用", "suspend"), "restored": Word("恢复", "restore")}


@page("account-change", "centre/account", "账号变动", "Change an account", desk="centre", sample="account", verb="change_account")
def account_change(request: HttpRequest, look: Looking) -> HttpResponse:
    """An account suspended, restored or given a new link; whoever is signed in by it no longer is, at once."""
    text = request.POST.get("holder") or request.GET.get("holder", "")
    holder = id_or_404(text)
    name = accounts.named([holder]).get(holder)
    if name is None or look.scope.codes is not None:
        raise Http404
    form = _Change(look, request.POST if request.method == "POST" else None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        change = form.cleaned_data["change"]
        user = accounts.of_name(name)
        assert user
        try:
            with transaction.atomic():
                _change(look, holder, change, form.cleaned_data["reason"])
                token = carry_out(user, change)
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            if token:
                return _link_page(request, look, token, user)
            messages.success(request, _("Entered: %(what)s") % {"what": look.pick(_CHANGES, change)})
            return redirect("sheet-accounts")
    context = {
        "title": look.say(CHANGE_ACCOUNT.word), "form": form, "problems": problems, "next": back(request, reverse("sheet-accounts")),
        "about": f"{name} · {look.name(holder)}", "hidden": {"holder": to_text(holder)},
    }  # fmt: skip
    return show(request, "centre/form.html", context, status=422 if request.method == "POST" else 200)


def carry_out(user: User, change: str) -> str | None:
    """Does to the account what was entered; a link where there is one to give."""
    match change:
        case "suspended":
            accounts.suspend(user)
        case "restored":
            accounts.restore(user)
        case "reset":
            accounts.reset(user)
            return accounts.link(user, centre().clock.now())
    return None


class _Password(PasswordTwice):
    """The password of someone who was invited."""

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data)
        self.user = user
        self.ask_password()


@page("welcome", "welcome/<str:token>", "设定密码", "Choose your password", desk="shell", sample="token", part=True, open_=True)
def welcome(request: HttpRequest, look: Looking, token: str) -> HttpResponse:
    """The link of an invitation: its person chooses a password and is signed in. It works once, for a day; used or late it says so."""
    now = centre().clock.now()
    found = accounts.open_link(token, now)
    title = look.say(Word("设定密码", "Choose your password"))
    if found is None or found.user is None:
        return show(request, "centre/link_over.html", {"title": title})
    form = _Password(found.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            if not accounts.use(found, now):
                return show(request, "centre/link_over.html", {"title": title})
            accounts.set_password(found.user, form.cleaned_data["password"])
        login(request, found.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return redirect("my-posts")
    context = {"title": title, "form": form, "about": found.user.username, "problems": [], "next": "/"}
    return show(request, "centre/form.html", context, status=422 if request.method == "POST" else 200)


# --- roles ------------------------------------------------------------------------------------------------------------
_MANNERS = {
    "name": Word("姓名", "names"), "phone": Word("电话", "phones"), "document": Word("证件号", "documents"), "address": Word("地址", "addresses"),
    "words": Word("原话", "what was said"),
}  # fmt: skip
DESKS = {
    "command": Word("指挥", "command"), "testing": Word("检测", "testing"), "tracing": Word("流调", "tracing"), "people": Word("人员与区域", "people and areas"),
    "signals": Word("信号", "signals"),
    "shift": Word("班次", "shifts"), "audit": Word("审计", "audit"), "compare": Word("对表", "comparing lists"), "centre": Word("中心管理", "the centre"),
}  # fmt: skip


@page("roles", "centre/roles", "角色", "Roles", desk="centre", nav=6, icon="shield")
def roles_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """What each role may do and see, as it stands in the data of this centre."""
    listed = [
        {
            "role": r, "sees": [look.pick(DESKS, d) for d in sorted(r.sees)], "answers": [look.pick(ANSWERS, a) for a in r.answers],
            "verbs": sorted(look.say(VERBS[v].word) for v in r.verbs if v in VERBS),
            "unmasked": [look.pick(_MANNERS, m) for m in sorted(r.unmasked)], "shifts": [look.say(roles()[s].word) for s in r.shifts],
        }
        for r in roles().values()
    ]  # fmt: skip
    return show(request, "centre/roles.html", {"title": look.say(Word("角色", "Roles")), "roles": listed})
