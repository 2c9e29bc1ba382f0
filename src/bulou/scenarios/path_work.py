"""What the made-up investigators of the scenario enter: where cases were, who else was there, two risk points, two call-ups. All synthetic.

The hospital, the courtyard and the words of the call-ups were published; every other place, every hour but the hospital's window, who else was
there and until when anything runs is made up and says so. Of whoever was a case nothing is told that was not published.
"""

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from bulou.basis.callupfacts import CallupAnswered, CallupPublished, CallupWithdrawn
from bulou.basis.facts import InterviewHeld, PlaceDeclared
from bulou.basis.ids import named_id
from bulou.basis.pathfacts import VisitRecorded
from bulou.basis.pointfacts import PointClosed, PointDisinfected, PointNamed, PointReopened, SurfacesRead, SurfacesSampled
from bulou.basis.time import HOUR, Instant
from bulou.scenarios.reading import Scheduled, place_of

if TYPE_CHECKING:
    from bulou.scenarios.staff_work import Work

#: Places that nobody published: id, name, kind, area.
MADE_UP = (
    ("market", "合成菜市场 · synthetic market", "market", "510117001012"),
    ("noodles", "合成面馆 · synthetic noodle shop", "restaurant", "510117104227"),
)
#: Samples of surfaces taken at a place at one stage.
SAMPLES = 20
#: What a made-up record says of how it was obtained.
AUTHORITY = "合成函〔2020〕1号 · synthetic letter no. 1"


class Told(NamedTuple):
    """One visit: whose, where, its hours, the space, on what it rests, the words, and when it became known."""

    who: str
    where: str
    since: str
    until: str | None
    space: str | None
    proof: str
    words: str
    known: str


#: The cases' days, made up around the places. Two were told differently from what a record says, one record nobody spoke of.
CASES = (
    Told("case 1", "market", "2020-12-05 09:00", "2020-12-05 09:40", None, "payment", "买菜付款 · a payment", "2020-12-08 16:20"),
    Told("case 1", "courtyard", "2020-12-05 14:00", "2020-12-05 17:00", "2桌", "interview", "打牌 · cards", "2020-12-08 10:10"),
    Told("case 2", "courtyard", "2020-12-05 14:00", "2020-12-05 17:00", "2桌", "interview", "打牌 · cards", "2020-12-08 11:30"),
    Told("case 2", "courtyard", "2020-12-05 14:35", "2020-12-05 18:10", "2桌", "camera", "监控所见 · seen by a camera", "2020-12-08 17:05"),
    Told("case 2", "market", "2020-12-06 08:00", "2020-12-06 08:45", None, "interview", "买菜 · shopping", "2020-12-08 11:32"),
    Told("case 2", "courtyard", "2020-12-06 14:00", "2020-12-06 16:30", "2桌", "interview", "打牌 · cards", "2020-12-08 11:35"),
    Told("case 4", "courtyard", "2020-12-06 14:00", "2020-12-06 16:30", "2桌", "interview", "打牌 · cards", "2020-12-08 23:40"),
    Told("case 4", "market", "2020-12-07 08:10", "2020-12-07 09:00", None, "interview", "买菜 · shopping", "2020-12-08 23:44"),
    Told("case 4", "noodles", "2020-12-07 11:30", "2020-12-07 12:20", "5桌", "payment", "付款 · a payment", "2020-12-09 08:05"),
    Told(
        "case 4",
        "courtyard",
        "2020-12-07 14:00",
        None,
        "3桌",
        "interview",
        "喝茶,未说何时离开 · tea, nobody said until when",
        "2020-12-08 23:50",
    ),
    Told("case 5", "courtyard", "2020-12-07 13:30", "2020-12-07 16:30", "3桌", "interview", "喝茶 · tea", "2020-12-09 07:20"),
    Told("case 5", "market", "2020-12-07 17:00", "2020-12-07 17:30", None, "payment", "买菜付款 · a payment", "2020-12-09 08:10"),
    Told("case 7", "courtyard", "2020-12-07 15:00", "2020-12-07 16:30", "3桌", "interview", "喝茶 · tea", "2020-12-09 10:15"),
)
#: Who else was there by the places' own lists: how many, where, the hours, the space, when the list was obtained.
OTHERS = (
    (3, "noodles", "2020-12-07 11:40", "2020-12-07 12:15", "5桌", "2020-12-09 08:20"),
    (4, "noodles", "2020-12-07 11:20", "2020-12-07 12:30", "7桌", "2020-12-09 08:20"),
    (5, "courtyard", "2020-12-07 14:00", "2020-12-07 16:00", "3桌", "2020-12-09 08:30"),
    (4, "market", "2020-12-07 17:00", "2020-12-07 17:20", None, "2020-12-09 10:40"),
)


class Paths:
    """Makes what the investigators enter; its chance is its own, so that the rest of the demo stays as it is."""

    def __init__(self, work: "Work") -> None:
        self.work, self.head = work, work.published.head
        self.random = Random("pidu-2020-12 paths")
        everyone = [p for v, some in sorted(work.cast.people.items()) if v.startswith("510117001218") for p in some]
        self.others = self.random.sample(everyone, min(len(everyone), sum(n for n, *_ in OTHERS) + 3))

    def all(self) -> Iterator[Scheduled]:
        yield from self.places()
        yield from self.visits()
        yield from self.points()
        yield from self.callups()

    def place(self, name: str) -> bytes:
        return place_of(self.head.id, name)

    def places(self) -> Iterator[Scheduled]:
        """Places that nobody published, each with a name that says so."""
        for name, told, nature, area in MADE_UP:
            at = self.work.at("2020-12-07 21:30")
            made = self.work.one("place.declared", at, PlaceDeclared(self.place(name), told, nature, area))
            yield made._replace(facts=(made.facts[0]._replace(incident=None),))

    def visits(self) -> Iterator[Scheduled]:
        """Visits of cases, and of others by the lists of the places."""
        for t in CASES:
            yield self._visit(self.work.published.people[t.who], t)
        left = iter(self.others)
        for many, where, since, until, space, known in OTHERS:
            for _, person in zip(range(many), left, strict=False):
                yield self._visit(person, Told("", where, since, until, space, "register", "场所登记 · the place's list", known))

    def _visit(self, person: bytes, t: Told) -> Scheduled:
        recorded = t.proof != "interview"
        zh, en = t.words.split(" · ")
        body = VisitRecorded(
            person, f"合成:{zh} · synthetic: {en}", "recorded" if recorded else "stated", self.place(t.where), None,
            None if t.until is None else self.work.at(t.until), t.space, proof=t.proof, authority=AUTHORITY if recorded else None,
        )  # fmt: skip
        return self.work.one("visit.recorded", self.work.at(t.since), body, known=self.work.at(t.known))

    # --- risk points --------------------------------------------------------------------------------------------------
    def points(self) -> Iterator[Scheduled]:
        """The hospital, sampled and cleaned when the board opens; the courtyard, closed and waiting for its samples. The market is only proposed."""
        yield from self._point("hospital", ("2020-12-06 08:00", "2020-12-07 08:00"), "2020-12-07 07:00", "2020-12-14 24:00", (
            ("closed", "2020-12-07 07:40"), ("before", "2020-12-07 09:30"), ("before read", "2020-12-07 20:00"), ("disinfected", "2020-12-08 10:00"),
            ("after", "2020-12-08 15:00"), ("after read", "2020-12-09 11:20"), ("reopened", "2020-12-10 09:00"),
        ))  # fmt: skip
        yield from self._point("courtyard", ("2020-12-05 14:00", "2020-12-07 17:00"), "2020-12-08 22:30", "2020-12-22 24:00", (
            ("closed", "2020-12-08 23:10"), ("before", "2020-12-09 10:30"), ("before read", "2020-12-09 20:00"), ("disinfected", "2020-12-09 15:00"),
            ("after", "2020-12-09 17:30"), ("after read", "2020-12-10 09:00"), ("reopened", "2020-12-22 09:00"),
        ))  # fmt: skip

    def _point(
        self, name: str, hours: tuple[str, str], named: str, closed_until: str, acts: tuple[tuple[str, str], ...]
    ) -> Iterator[Scheduled]:
        work, place, point = self.work, self.place(name), named_id(self.head.id, "point", name)
        since, until = (work.at(h) for h in hours)
        post, reason = "pidu.tracing", "合成:病例停留 · synthetic: cases were here"
        yield work.one("point.named", work.at(named), PointNamed(place, point, since, until, "closed", reason, post, work.at(closed_until)))
        for act, at in acts:
            yield work.one(*self._act(act, place, point, positive=3 if name == "courtyard" else 0, at=work.at(at)))

    @staticmethod
    def _act(act: str, place: bytes, point: bytes, positive: int, at: Instant) -> tuple[str, Instant, NamedTuple]:
        """What is done at a risk point: its kind, when, its body. Positive surfaces are found before the disinfection alone."""
        post, stage = "pidu.tracing", act.split(" ", maxsplit=1)[0]
        if act == "closed":
            return "point.closed", at, PointClosed(place, point, post)
        if act == "disinfected":
            return "point.disinfected", at, PointDisinfected(place, point, post)
        if act == "reopened":
            return "point.reopened", at, PointReopened(place, point, "合成:环境样本阴性 · synthetic: surfaces negative", post)
        if act.endswith("read"):
            n = positive if stage == "before" else 0
            return "surfaces.read", at, SurfacesRead(place, point, stage, "positive" if n else "negative", n, SAMPLES - n, post)
        return "surfaces.sampled", at, SurfacesSampled(place, point, stage, SAMPLES, post)

    # --- call-ups -----------------------------------------------------------------------------------------------------
    def callups(self) -> Iterator[Scheduled]:
        """The two notices of 7 December, in their published words; where to answer, until when and who answered is made up."""
        work = self.work
        reason = "通告所载;期限为合成 · as published; its end is synthetic"
        reply = "所在社区(合成)· the community of where you live (synthetic)"
        notices = (
            ("hospital", "510117001", "郫都区人民医院", "2020-12-06 08:00", "2020-12-07 08:00", "2020-12-14 12:00", self.place("hospital")),
            ("group 11", "510117001218", "郫筒街道太平村11组", "2020-11-23 00:00", "2020-12-07 12:00", "2020-12-21 12:00", None),
        )  # fmt: skip
        for name, area, public, since, until, ends, place in notices:
            callup, at = named_id(self.head.id, "callup", name), work.at("2020-12-07 12:00")
            body = CallupPublished(
                area, callup, public, work.at(since), work.at(until), work.at(ends), reply, reason, "pidu.command", place
            )
            yield work.one("callup.published", at, body)
            down = CallupWithdrawn(area, callup, "到期,合成 · its end has come, synthetic", "pidu.command")
            yield work.one("callup.withdrawn", work.at(ends) + HOUR, down)
        answers = (
            ("2020-12-07 15:00", "2020-12-07 20:10"),
            ("2020-12-08 08:20", "2020-12-08 10:05"),
            ("2020-12-09 08:10", "2020-12-09 11:30"),
        )
        for person, (answered, asked) in zip(self.others[-3:], answers, strict=False):
            callup = named_id(self.head.id, "callup", "hospital")
            words = "合成:当日陪同就诊 · synthetic: went along to the hospital"
            yield work.one("callup.answered", work.at(answered), CallupAnswered(person, callup, "hotline", "pidu.tracing.1", words))
            yield work.one("interview.held", work.at(asked), InterviewHeld(person, "last_days", "pidu.tracing.1"))
