"""What was said of differences: explained, passed on, taken back. Reads how each stands; enters it, of many at once. Changes no register.

Of people on the register all of it is facts, so that tomorrow's comparison of the same lists knows it; of people on no register it is kept with
the comparison, and goes with it. A difference is told by its key (``differences``); of several things said of one the latest holds.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bulou.basis.facts import FactWithdrawn
from bulou.basis.ids import new_id
from bulou.basis.kinds import Fact, Value
from bulou.basis.time import DAY, Instant
from bulou.basis.words import LISTS, Word
from bulou.desks.compare import kept
from bulou.desks.compare.answer import Answer, Lines
from bulou.desks.compare.differences import Index, called, in_group, keys, what_of
from bulou.desks.compare.models import Comparison, DifferenceAct
from bulou.desks.compare.verbs import EXPLAIN, PASS, hour_wanted, one_taker, passed_to
from bulou.duties.enter import CHUNK, Book, writing
from bulou.evidence.timeline import standing_facts
from bulou.kit.centre import centre
from bulou.kit.looking import Looking
from bulou.kit.verb import VERBS, Acting, Problem, Verb, area_of, beyond, in_whose_name, prepare
from bulou.protocol.relations import PLACED

#: How long what was said of a difference holds: nothing that was in transfer is still in transfer after two weeks.
HOLDS = 14 * DAY
#: Differences settled by one press: whoever waits for the page sees it come back.
AT_ONCE = 1000
_KINDS = {"explained": "difference.explained", "passed": "difference.passed"}
_VERBS: dict[str, Verb] = {"explained": EXPLAIN, "passed": PASS}


class Stands(NamedTuple):
    """How a difference stands: explained or passed on, why, whose it is now, who said so and when, and where that is kept."""

    act: str
    what: str
    reason: str
    cut_off: str | None
    to_area: str | None
    to_post: str | None
    post: str
    at: Instant
    #: A fact's id, of people on the register; else the id of an act of the comparison.
    fact: bytes | None
    own: bytes | None
    person: bytes | None = None
    comparison: bytes | None = None
    entry: int = 0


class Point(NamedTuple):
    """One difference of one person of an answer: its key, in what, whose record it is where they are on the register."""

    key: str
    what: str
    number: int
    person: bytes | None


class Done(NamedTuple):
    """What became of a press: how many were settled, how many are left, and why others were refused."""

    done: int
    left: int
    refused: Counter[Problem]


# --- how differences stand --------------------------------------------------------------------------------------------
def said(look: Looking, comparison: Comparison | None) -> dict[str, Stands]:
    """Everything said of differences lately, by key; with a comparison also what is kept with it."""
    found: dict[str, Stands] = {}
    since = (comparison.at if comparison else look.about) - HOLDS
    for act, kind in _KINDS.items():
        fields = ["id", "at", "entry", "difference", "what", "reason", "person", "post", "comparison"]
        fields += ["cut_off"] if act == "explained" else ["to_area", "to_post"]
        for row in standing_facts(kind, look.seq, look.about).filter(at__gte=since).order_by("at", "entry").values(*fields):
            one = Stands(
                act, row["what"], row["reason"], row.get("cut_off"), row.get("to_area"), row.get("to_post"), row["post"] or "", Instant(row["at"]),
                bytes(row["id"]), None, bytes(row["person"]), _bytes(row["comparison"]), row["entry"],
            )  # fmt: skip
            _put(found, row["difference"], one)
    for a in DifferenceAct.objects.filter(comparison=comparison.pk, back_at=None).order_by("at", "pk") if comparison else ():
        _put(found, a.difference, _of_act(a))
    return found


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def _of_act(a: DifferenceAct) -> Stands:
    return Stands(
        a.act, a.what, a.reason, a.cut_off, a.to_area, a.to_post, a.post, Instant(a.at), None, bytes(a.pk), None, bytes(a.comparison)
    )


def _put(found: dict[str, Stands], key: str, one: Stands) -> None:
    if key not in found or (found[key].at, found[key].entry) <= (one.at, one.entry):
        found[key] = one


class Settled(NamedTuple):
    """How the differences of one answer stand: only those of which something was said."""

    answer: Answer
    stands: dict[str, Stands]
    #: The people of whom something was said, as the answer has them, and their keys.
    lines: dict[int, dict[str, Any]]
    keys: dict[int, dict[str, str]]

    def how(self, group: str, number: int) -> str:
        """How a person stands in a group: ``open``, ``explained``, or ``passed`` where any difference of theirs is another's now."""
        line = self.lines.get(number)
        acts = [self._act(number, w) for w in what_of(group, line)] if line else []
        if not acts or None in acts:
            return "open"
        return "passed" if "passed" in acts else "explained"

    def _act(self, number: int, what: str) -> str | None:
        stands = self.stands.get(self.keys[number].get(what, ""))
        return stands.act if stands else None

    def tally(self, group: str) -> dict[str, int]:
        """Of a group's people how many are explained and how many passed on; the others are open."""
        lists = len(self.answer.said["lists"])
        some = Counter(self.how(group, n) for n, line in self.lines.items() if in_group(group, line, lists))
        explained, passed = some["explained"], some["passed"]
        return {"explained": explained, "passed": passed, "open": self.answer.count(group) - explained - passed}

    def numbers(self, group: str, how: str) -> list[int]:
        """The people of a group who stand so."""
        return [n for n in self.answer.numbers(group, 0, self.answer.count(group)) if self.how(group, n) == how]


def names_of(answer: Answer) -> list[str]:
    """What the lists of an answer are called on every day."""
    return [called(x["name"]) for x in answer.said["lists"]]


def settled(look: Looking, comparison: Comparison, answer: Answer) -> Settled:
    """How the differences of an answer stand."""
    stands = said(look, comparison)
    there = Index(answer.folder).find(stands)
    numbers = sorted(set(there.values()))
    lines = dict(zip(numbers, Lines(answer.folder / "people").read([n - 1 for n in numbers]), strict=True))
    names = names_of(answer)
    return Settled(answer, {k: s for k, s in stands.items() if k in there}, lines, {n: keys(line, names) for n, line in lines.items()})


def points(answer: Answer, group: str, numbers: Sequence[int]) -> list[Point]:
    """The differences of these people in a group."""
    names, found = names_of(answer), list[Point]()
    for line in Lines(answer.folder / "people").read([n - 1 for n in numbers]):
        known = keys(line, names)
        person = bytes.fromhex(min(line["ids"])) if line["ids"] else None
        found += [Point(known[w], w, line["n"], person) for w in what_of(group, line) if w in known]
    return found


# --- saying it --------------------------------------------------------------------------------------------------------
def say(look: Looking, comparison: bytes, act: str, some: Sequence[Point], values: Mapping[str, Any]) -> Done:
    """Explains these differences or passes them on; each that may not be is left and counted with the reason."""
    verb = _VERBS[act]
    if look.viewer.chair_for(verb.name) is None or not look.moment.live:
        return Done(0, len(some), Counter([Problem(None, "您的岗位无此权限", "your post may not do this")] * bool(some)))
    now, rest = some[:AT_ONCE], len(some) - AT_ONCE
    facts = [(p, {"person": p.person, "what": p.what, "difference": p.key, "comparison": comparison, **values}) for p in now if p.person]
    done, refused = _enter(look, verb, facts)
    strangers = [p for p in now if not p.person]
    wrong = _wrong_for_strangers(look, act, values) if strangers else []
    if wrong:
        refused.update(wrong * len(strangers))
    else:
        done += _keep(look, comparison, act, strangers, values)
    return Done(done, max(0, rest), refused)


def _enter(look: Looking, verb: Verb, some: Sequence[tuple[Point, dict[str, Any]]]) -> tuple[int, Counter[Problem]]:
    one, chair, done, refused = centre(), look.viewer.chair_for(verb.name), 0, Counter[Problem]()
    for start in range(0, len(some), CHUNK):
        part = some[start : start + CHUNK]
        with writing(in_whose_name(look, chair), "bench", one.clock, one.protocol) as book:
            now = book.now()
            _fetch(book, [p.person for p, _ in part if p.person])
            for _point, values in part:
                facts, problems = prepare(verb, Acting(look, chair, book, now, now, None), values)
                if problems:
                    refused[problems[0]] += 1
                else:
                    book.add(*facts)
                    done += 1
    return done, refused


def _fetch(book: Book, people: Iterable[bytes]) -> None:
    """What the checks read of these people, read at once."""
    wanted: set[Value] = set(people)
    kinds = ("person.enrolled", "difference.explained", "difference.passed")
    book.facts.fetch({(r.kind, r.field): set(wanted) for r in PLACED["person"][1]} | {(k, "person"): set(wanted) for k in kinds})


def _wrong_for_strangers(look: Looking, act: str, values: Mapping[str, Any]) -> list[Problem]:
    """The same reasons against as a verb gives, for someone whom no fact can be about."""
    if values.get("reason") not in LISTS["explained" if act == "explained" else "not_mine"]:
        return [Problem("reason", "请选择理由", "choose a reason")]
    if act == "explained":
        return list(hour_wanted(values["reason"], values.get("cut_off")))
    area, post, chair = values.get("to_area"), values.get("to_post"), look.viewer.chair_for(PASS.name)
    known = post is not None and look.posts.chair(post, look.about) is not None
    return list(one_taker(area in look.areas.places, known, area, post, chair.post if chair else None))


def _keep(look: Looking, comparison: bytes, act: str, some: Sequence[Point], values: Mapping[str, Any]) -> int:
    chair, now = look.viewer.chair_for(_VERBS[act].name), centre().clock.now()
    assert chair is not None and look.viewer.user is not None
    by = look.viewer.user.get_username()
    DifferenceAct.objects.bulk_create([
        DifferenceAct(id=new_id(now), comparison=comparison, difference=p.key, what=p.what, act=act, by=by, post=chair.post, at=now,
                      **{k: values.get(k) for k in ("reason", "cut_off", "to_area", "to_post")})
        for p in some
    ])  # fmt: skip
    return len(some)


def take_back(look: Looking, some: Sequence[Stands]) -> Done:
    """Opens differences again; only what the viewer's own post said, or what is about someone in its areas."""
    verb = VERBS["reopen_difference"]
    chair = look.viewer.chair_for(verb.name)
    if chair is None or not look.moment.live:
        return Done(0, len(some), Counter([Problem(None, "您的岗位无此权限", "your post may not do this")] * bool(some)))
    one, done, refused = centre(), 0, Counter[Problem]()
    now, rest = some[:AT_ONCE], max(0, len(some) - AT_ONCE)
    facts = [s for s in now if s.fact and s.person]
    for start in range(0, len(facts), CHUNK):
        part = facts[start : start + CHUNK]
        with writing(in_whose_name(look, chair), "bench", one.clock, one.protocol) as book:
            at = book.now()
            acting = Acting(look, chair, book, at, at, None)
            _fetch(book, [s.person for s in part if s.person])
            for s in part:
                wrong = [] if s.post == chair.post else list(beyond(acting, None, area_of(acting, "person", s.person or b"")))
                if wrong:
                    refused[wrong[0]] += 1
                else:
                    reason = "对表撤回" if look.language == "zh" else "taken back on the bench"
                    book.add(Fact(new_id(at), "fact.withdrawn", at, None, FactWithdrawn(s.fact or b"", reason, chair.post)))
                    done += 1
    own = [s.own for s in now if s.own]
    DifferenceAct.objects.filter(pk__in=own, back_at=None).update(back_at=one.clock.now())
    return Done(done + len(own), rest, refused)


# --- what was passed to me --------------------------------------------------------------------------------------------
class Passed(NamedTuple):
    """A difference that somebody passed to the viewer: its key, how it stands, the person of the comparison while that is there."""

    key: str
    stands: Stands
    line: dict[str, Any] | None


def passed(look: Looking) -> list[tuple[str, Stands]]:
    """What others passed to the viewer's posts and areas and is still theirs to settle, the latest first."""
    found = said(look, None)
    live = kept.there()
    acts: dict[str, Stands] = {}
    for a in DifferenceAct.objects.filter(back_at=None, at__gte=look.about - kept.KEPT).order_by("at", "pk"):
        if bytes(a.comparison) in live:
            _put(acts, a.difference, _of_act(a))
    own = {c.post for c in look.viewer.chairs}
    theirs = [
        (k, s) for k, s in [*found.items(), *acts.items()]
        if s.act == "passed" and s.post not in own and any(passed_to(c, s) for c in look.viewer.chairs)
    ]  # fmt: skip
    return sorted(theirs, key=lambda one: (-one[1].at, one[0]))


def with_lines(some: Sequence[tuple[str, Stands]]) -> list[Passed]:
    """The same with the person of each, as far as the comparison where it was seen is still there."""
    by: dict[bytes, list[str]] = {}
    for key, s in some:
        if s.comparison:
            by.setdefault(s.comparison, []).append(key)
    lines: dict[str, dict[str, Any]] = {}
    for id_, wanted in by.items():
        folder = kept.folder(id_) / "answer"
        if not (folder / "answer.json").exists():
            continue
        there = Index(folder).find(wanted)
        read = Lines(folder / "people").read([n - 1 for n in there.values()])
        lines |= dict(zip(there, read, strict=True))
    return [Passed(key, s, lines.get(key)) for key, s in some]


# --- words ------------------------------------------------------------------------------------------------------------
def in_words(look: Looking, s: Stands) -> str:
    """How a difference stands, as it is read: why, whose it is, who said so and when."""
    reason = look.pick(LISTS["explained" if s.act == "explained" else "not_mine"], s.reason)
    if s.cut_off:
        reason += f" {s.cut_off}"
    whose = look.area(s.to_area) if s.to_area else post_words(look, s.to_post)
    head = look.say(Word("已说明", "explained") if s.act == "explained" else Word("已转交", "passed to"))
    parts = [f"{head} {whose}".strip() if s.act == "passed" else head, reason, post_words(look, s.post), look.time(s.at)]
    return " · ".join(p for p in parts if p)


def post_words(look: Looking, post: str | None) -> str:
    """What a post is called."""
    chair = look.posts.chair(post, look.about) if post else None
    if chair is None:
        return post or ""
    return f"{chair.unit_en} · {chair.name_en}" if look.language == "en" else f"{chair.unit} · {chair.name}"


__all__ = [
    "AT_ONCE",
    "Done",
    "Point",
    "Settled",
    "Stands",
    "in_words",
    "passed",
    "points",
    "said",
    "say",
    "settled",
    "take_back",
    "with_lines",
]
