"""The pages of what outlasts a comparison: lists kept for tomorrow, and how others count. Shows no name of a person.

A kept list is seen by its maker and the posts that it was handed to; a definition names nobody and is everyone's at the bench.
"""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bulou.basis.words import UNIT, Word
from bulou.desks.compare import lasting
from bulou.desks.compare.answer import PER_PAGE, TOLD, Answer
from bulou.desks.compare.found import answer_of, found_or_404, group_word
from bulou.desks.compare.posts import offered
from bulou.kit.centre import centre
from bulou.kit.form import dress
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.lists.columns import DATES
from bulou.lists.comparing import LETTERS
from bulou.lists.definitions import CLOCK_WORDS, Definition, NotADefinition, read, write

COUNTING = {
    "cumulative": Word("累计到截止", "cumulative until the cut-off"),
    "new": Word("当日新增", "new since the cut-off of the day before"),
}
_UNITS = ("people", "samples", "households")


# --- lists --------------------------------------------------------------------------------------------------------------
@page(
    "bench-keep",
    "compare/<str:comparison>/names/<slug:group>/keep/list",
    "留作名单",
    "Keep as a list",
    desk="compare",
    sample="comparison-group",
)
def bench_keep(request: HttpRequest, look: Looking, comparison: str, group: str) -> HttpResponse:
    """Keeps the rows of one list, or the people of a figure, for another comparison: until an hour, seen by its maker alone at first."""
    found = found_or_404(look, comparison)
    answer, problem = answer_of(found), ""
    if not answer.has(group):
        raise Http404
    now = centre().clock.now()
    word = group_word(answer, group, look)[0]
    if request.method == "POST":
        hours, name = request.POST.get("hours", ""), request.POST.get("name", "").strip()
        if not hours.isdigit() or int(hours) not in lasting.HOURS:
            raise Http404
        if not answer.count(group):
            problem = _("There is nobody in it.")
        elif not name:
            problem = _("Say what the list is called.")
        elif lasting.lists(look, now).count() >= lasting.MOST_LISTS:
            problem = _("You keep %(n)d lists already: take one away first.") % {"n": lasting.MOST_LISTS}
        else:
            lasting.keep(look, name, columns_of(answer, group), now, int(hours))
            messages.success(request, _("Kept. It is offered when the next lists are put in."))
            return redirect("bench-kept")
    letter = group.removeprefix("in_")
    named = answer.said["lists"][LETTERS.index(letter)]["name"] if group.startswith("in_") else word
    context = {
        "title": look.say(Word("留作名单", "Keep as a list")), "c": found, "group": group, "word": word, "count": answer.count(group), "problem": problem,
        "name": request.POST.get("name") or f"{named} {look.time(now)}"[:120], "hours": lasting.HOURS, "rows": group.startswith("in_"),
    }  # fmt: skip
    return show(request, "compare/keep.html", context, status=422 if problem else 200)


def columns_of(answer: Answer, group: str) -> dict[str, list[str | None]]:
    """The rows of a group as columns by field: of a list its own rows, of a figure each person once, by whoever says something first."""
    whose = LETTERS.index(group.removeprefix("in_")) if re.fullmatch(r"in_[A-H]", group) else None
    told = list[dict[str, str]]()
    for number in range(1, -(-answer.count(group) // PER_PAGE) + 1):
        for p in answer.people(group, number):
            if whose is not None:
                told += [r[2] for r in p["rows"] if r[0] == whose]
            else:
                told.append({f: v for r in reversed(p["rows"]) for f, v in r[2].items()})
    used = [f for f in (*TOLD, *DATES) if any(f in t for t in told)]
    return {f: [t.get(f) for t in told] for f in used}


@page("bench-kept", "lists/kept", "留着的名单", "Lists kept", desk="compare")
def bench_kept(request: HttpRequest, look: Looking) -> HttpResponse:
    """The lists kept for another comparison: whose, until when, handed to whom; taken away at once when their maker says so."""
    now = centre().clock.now()
    if request.method == "POST":
        one = lasting.lists(look, now).filter(pk=id_or_404(request.POST.get("list", ""))).first()
        if one is None or look.viewer.user is None or one.by != look.viewer.user.get_username():
            raise Http404
        if request.POST.get("act") == "drop":
            lasting.drop(one)
            messages.success(request, _("Taken away: the list and every name in it."))
        elif request.POST.get("act") == "hand":
            known = {p["post"] for p in offered(look, one.handed)}
            lasting.hand(one, [p for p in request.POST.getlist("posts") if p in known])
            messages.success(request, _("Handed over."))
        else:
            raise Http404
        return redirect("bench-kept")
    own = look.viewer.account
    lines = [
        {"id": one.pk, "name": one.name, "rows": one.rows, "by": one.by, "at": one.at, "until": one.until, "own": one.by == own,
         "posts": offered(look, one.handed) if one.by == own else []}
        for one in lasting.lists(look, now)
    ]  # fmt: skip
    return show(request, "compare/kept.html", {"title": look.say(Word("留着的名单", "Lists kept")), "lines": lines})


# --- definitions --------------------------------------------------------------------------------------------------------
class _Counting(forms.Form):
    """How someone counts, as a form: each field one of ``lists.definitions.Definition``."""

    def __init__(self, look: Looking, data: Any, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        say = look.say
        clocks = [("", say(Word("不按日期", "by no date"))), *((c, say(CLOCK_WORDS[c])) for c in DATES)]
        self.fields["zh"] = forms.CharField(label=_("Name in Chinese"), max_length=80, required=False)
        self.fields["en"] = forms.CharField(label=_("Name in English"), max_length=80, required=False)
        self.fields["code"] = forms.RegexField(
            r"^[a-z][a-z0-9_-]{0,39}$", label=_("Code"), help_text=_("Small letters and digits: city, report_8pm. The same code is the same definition."),
            error_messages={"invalid": _("A code is small letters, digits, - and _, beginning with a letter.")},
        )  # fmt: skip
        self.fields["unit"] = forms.ChoiceField(label=_("Unit"), choices=[(u, say(UNIT[u])) for u in _UNITS])
        self.fields["clock"] = forms.ChoiceField(label=_("By which date"), choices=clocks, required=False)
        self.fields["cut_off"] = forms.RegexField(
            r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$", label=_("A day ends at"), initial="24:00",
            error_messages={"invalid": _("An hour such as 20:00; 24:00 is midnight.")},
        )  # fmt: skip
        self.fields["counting"] = forms.ChoiceField(label=_("Counting"), choices=[(c, say(w)) for c, w in COUNTING.items()])
        many = forms.Textarea(attrs={"rows": 2})
        for f, label in (("states", _("Only these states")), ("without", _("Never these states")), ("areas", _("Only these areas"))):
            self.fields[f] = forms.CharField(
                label=label, required=False, widget=many, max_length=2000, help_text=_("One on each line; empty: all.")
            )
        self.fields["undated"] = forms.BooleanField(label=_("Count rows without that date"), required=False)
        dress(self)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not found.get("zh") and not found.get("en"):
            raise forms.ValidationError(_("Give it a name in one language at least."))
        return found

    def definition(self) -> Definition:
        told = self.cleaned_data
        lines = {f: tuple(dict.fromkeys(w.strip() for w in told[f].splitlines() if w.strip())) for f in ("states", "without", "areas")}
        zh, en = told["zh"] or told["en"], told["en"] or told["zh"]
        return Definition(
            told["code"], zh, en, told["unit"], told["clock"], told["cut_off"], told["counting"], undated=told["undated"], **lines
        )


@page("bench-definitions", "lists/definitions", "别人的口径", "How others count", desk="compare")
def bench_definitions(request: HttpRequest, look: Looking) -> HttpResponse:
    """How others count, kept for the centre: chosen, written in a form or brought as a file, each said in words."""
    there = {d.code: d for d in lasting.definitions()}
    chosen = there.get(request.GET.get("code", ""))
    initial = {**chosen._asdict(), **{f: "\n".join(getattr(chosen, f)) for f in ("states", "without", "areas")}} if chosen else {}
    form, problem = _Counting(look, None, initial), ""
    if request.method == "POST":
        match request.POST.get("act"):
            case "save":
                form = _Counting(look, request.POST, initial)
                made = [form.definition()] if form.is_valid() else []
            case "file":
                made, problem = _brought(request)
            case "drop":
                if request.POST.get("code", "") not in there:
                    raise Http404
                lasting.undefine(request.POST["code"])
                messages.success(request, _("Taken away."))
                return redirect("bench-definitions")
            case _:
                raise Http404
        if len(there.keys() | {d.code for d in made}) > lasting.MOST_DEFINITIONS:
            made, problem = [], _("The centre keeps %(n)d definitions already: take one away first.") % {"n": lasting.MOST_DEFINITIONS}
        if made:
            lasting.define(look, made, centre().clock.now())
            messages.success(request, _("Kept for everyone at the bench."))
            return redirect("bench-definitions")
    day = look.time(look.about)[:10]
    lines = [
        {"code": d.code, "name": d.en if look.language == "en" else d.zh, "says": look.say(d.say(day)), "toml": write([d])} for d in there.values()
    ]  # fmt: skip
    failed = bool(problem) or (form.is_bound and not form.is_valid())
    context = {
        "title": look.say(Word("别人的口径", "How others count")),
        "form": form,
        "problem": problem,
        "lines": lines,
        "chosen": chosen,
    }
    return show(request, "compare/definitions.html", context, status=422 if failed else 200)


def _brought(request: HttpRequest) -> tuple[list[Definition], str]:
    """The definitions of a file, or what is wrong with it."""
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > 200_000:
        return [], _("Choose a TOML or JSON file of definitions, smaller than 200 kB.")
    try:
        found = read(file.read().decode("utf-8-sig"), "json" if (file.name or "").lower().endswith(".json") else "toml")
    except UnicodeDecodeError:
        return [], _("The file is not UTF-8 text.")
    except NotADefinition as why:
        return [], str(why)
    strange = [d.code for d in found if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", d.code)]
    if strange:
        return [], _("%(code)s: a code is small letters, digits, - and _, beginning with a letter.") % {"code": strange[0]}
    return found, ""
