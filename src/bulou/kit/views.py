"""Views of a sheet that someone keeps: filters, order and columns under a name, for themselves and for posts. Holds nothing typed.

A view decides what is shown first, never what may be seen: every row still goes through the viewer's areas and role.
"""

from typing import NamedTuple

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.words import Word
from bulou.kit.centre import centre
from bulou.kit.exports import open_filters
from bulou.kit.form import dress
from bulou.kit.looking import Looking
from bulou.kit.models import SavedView
from bulou.kit.page import page, show
from bulou.kit.sheet import SHEETS, Sheet
from bulou.register.models import Post
from bulou.register.scope import standing

_TITLE = Word("视图与列", "Views and columns")
#: Views of one user and sheet, and posts that one is shared with, at most.
MOST, MOST_POSTS = 20, 40
#: Of a list's address, what a view does not keep: where one is in it, and the moment.
_PASSING = ("page", "all", "about", "known", "row", "verb", "which")


class Kept(NamedTuple):
    """A view as a list shows it: its name, where it leads, whether it is one's own and shown first."""

    pk: int
    name: str
    url: str
    own: bool
    first: bool
    posts: tuple[str, ...]


def kept(sheet: Sheet, look: Looking) -> list[Kept]:
    """The views of a sheet that someone has: their own, then those shared with a post that they hold."""
    user = look.viewer.user
    if user is None:
        return []
    posts = {c.post for c in look.viewer.chairs}
    found = SavedView.objects.filter(sheet=sheet.name).order_by("name", "pk")
    mine = [v for v in found if v.user_id == user.pk or posts & set(v.posts)]
    at = reverse(f"sheet-{sheet.name}")
    made = [Kept(v.pk, v.name, f"{at}?{v.query or 'all=1'}", v.user_id == user.pk, v.first, tuple(v.posts)) for v in mine]
    return sorted(made, key=lambda v: not v.own)


def first_of(views: list[Kept]) -> str | None:
    """Where a list opens that is asked for without any word: one's own first view."""
    return next((v.url for v in views if v.own and v.first), None)


def narrowed(sheet: Sheet, query: QueryDict) -> str:
    """What a view keeps of an address: closed filters, order, columns. What was typed may name someone, and is left out."""
    asked = query.copy()
    for name in (*_PASSING, *open_filters(sheet, query)):
        asked.pop(name, None)
    known = {n.name for n in sheet.narrows} | {"sort", "columns"}
    for name in [n for n in asked if n not in known or not any(asked.getlist(n))]:
        asked.pop(name)
    return asked.urlencode()


class _ViewForm(forms.Form):
    columns = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    name = forms.CharField(max_length=60, required=False)
    posts = forms.MultipleChoiceField(required=False, widget=forms.SelectMultiple)
    first = forms.BooleanField(required=False)

    def __init__(self, sheet: Sheet, look: Looking, request: HttpRequest) -> None:
        chosen = request.GET.getlist("columns") or [c.name for c in sheet.columns]
        super().__init__(request.POST if request.method == "POST" else None, initial={"columns": chosen})
        self.fields["columns"].choices = [(c.name, look.say(c.word)) for c in sheet.columns]  # type: ignore[attr-defined]
        self.fields["columns"].label = _("Columns, on the page and in files")
        self.fields["name"].label = _("Keep it under a name")
        named = standing(Post, look.seq).filter(look.scope.q()).order_by("post").values_list("post", "name", "name_en")[:500]
        self.fields["posts"].choices = [(p, en if look.language == "en" else zh) for p, zh, en in named]  # type: ignore[attr-defined]
        self.fields["posts"].label = _("Share it with whoever holds these posts")
        self.fields["first"].label = _("Open the list with it")
        dress(self)
        self.fields["columns"].widget.attrs["class"] = "form-check-input"


@page("views", "views/<slug:sheet>", "视图与列", "Views and columns", desk="kit", sample="views")
def views_page(request: HttpRequest, look: Looking, sheet: str) -> HttpResponseBase:
    """Which columns are shown; the filters of now kept under a name; the views that one has, and taking them away."""
    declared = SHEETS.get(sheet)
    if declared is None or not look.viewer.sees(declared.desk) or look.viewer.user is None or not look.viewer.chairs:
        raise Http404
    form, problem = _ViewForm(declared, look, request), ""
    left_out = open_filters(declared, request.GET)
    if request.method == "POST":
        if request.POST.get("do", "").startswith("drop-"):
            number = request.POST["do"].removeprefix("drop-")
            SavedView.objects.filter(
                user=look.viewer.user, sheet=declared.name, pk=int(number) if number.isdecimal() and len(number) < 18 else 0
            ).delete()
            return redirect(request.get_full_path())
        if form.is_valid():
            query = QueryDict(narrowed(declared, request.GET), mutable=True)
            chosen = [c.name for c in declared.columns if c.name in form.cleaned_data["columns"]]
            query.setlist("columns", [] if len(chosen) in (0, len(declared.columns)) else chosen)
            if request.POST.get("do") != "keep":
                return redirect(f"{reverse(f'sheet-{declared.name}')}?{query.urlencode() or 'all=1'}")
            problem = _keep(declared, look, form.cleaned_data, query.urlencode())
            if not problem:
                messages.success(request, _("Kept: %(name)s") % {"name": form.cleaned_data["name"].strip()})
                return redirect(f"{reverse(f'sheet-{declared.name}')}?{query.urlencode() or 'all=1'}")
    words = {n.name: look.say(n.word) for n in declared.narrows}
    context = {
        "title": f"{look.say(_TITLE)} · {look.say(declared.word)}", "form": form, "problem": problem, "views": kept(declared, look),
        "left_out": [words[n] for n in left_out], "next": f"{reverse(f'sheet-{declared.name}')}?{request.GET.urlencode() or 'all=1'}",
        "filters": [(words[n], v) for n, v in QueryDict(narrowed(declared, request.GET)).items() if n in words],
    }  # fmt: skip
    return show(request, "kit/views.html", context, status=422 if problem or (request.method == "POST" and form.errors) else 200)


def _keep(sheet: Sheet, look: Looking, said: dict[str, object], query: str) -> str:
    """Keeps a view under its name, in place of an earlier one of that name; why not, where not."""
    name, posts, user = str(said["name"]).strip(), list(said["posts"]), look.viewer.user  # type: ignore[call-overload]
    own = SavedView.objects.filter(user=user, sheet=sheet.name)
    if not name:
        return _("Give it a name.")
    if len(query) > 2000 or len(posts) > MOST_POSTS or own.exclude(name=name).count() >= MOST:
        return _("Too much for one view, or too many views: take some away first.")
    if said["first"]:
        own.update(first=False)
    SavedView.objects.update_or_create(
        user=user,
        sheet=sheet.name,
        name=name,
        defaults={"query": query, "posts": posts, "first": bool(said["first"]), "at": centre().clock.now()},
    )
    return ""


__all__ = ["Kept", "first_of", "kept", "narrowed"]
