"""Those who swab: the clinic one by one, samplers of points in pools of ten, single swabs of whoever is recalled. They scan wrongly now and then."""

from typing import TYPE_CHECKING, Any

from bulou.basis.ids import from_text, to_text
from bulou.exercise.actors.desk import Desk, Told
from bulou.exercise.stage import DISEASE

if TYPE_CHECKING:
    from bulou.exercise.playing import Play

POOL = 10
#: Shares: of those with symptoms who come; of everyone who comes on a day for something else; of those in scope who come to a round;
#: of pools in which the scanner runs one person ahead.
COMES, OTHERS, ATTENDS, OFF_BY_ONE = 0.6, 0.001, 0.93, 0.03
#: Of the households so many move on a day, within their street (a model: about one in six in a year).
MOVES = 0.0005
#: Of a street's people so many are swabbed in pools every day: key trades and whoever asks.
ROUTINE = 0.01
#: Minutes from a swab until its box is at the laboratory.
CARRIED = (60, 180)


class Swabbing(Desk):
    """Somebody who swabs."""

    #: Whether recalled people are theirs, or those whom orders ask to be swabbed on their days.
    RECALLS = True
    hears = frozenset({"report_result"})

    def single(self, person: int, prefix: str, id_: bytes | None = None) -> bool:
        """A swab of one person into a tube of their own; whether the platform has it."""
        play, code = self.play, self.play.new_tube(prefix)
        known = id_ or play.world.citizens[person].id
        assert known is not None
        play.world.swab(code, person, int(play.minute))
        play.carry(code, self.chance.randint(*CARRIED))
        told = self.send("take_sample", _content(known, code, 1), play.stage.watch, play.minute)
        if not told.stands and "at" in told.fields:  # the clock of this device is ahead, and it hears so: the hour of entering will do
            told = self.send("take_sample", _content(known, code, 1), play.stage.watch)
        if not told.stands:
            self.gives_up("take_sample", {"tube": code, "person": to_text(known)}, told.text)
        return told.stands

    def recalled(self) -> None:
        """Reads its own list, and takes a single swab of everyone on it who can be reached."""
        play = self.play
        if not self.called():
            return
        for duty in self.duties("take_sample"):
            if duty.rule.startswith("recall.") != self.RECALLS:
                continue
            person = play.world.by_id.get(duty.person) if duty.person else None
            if person is None or (person, play.minute // 180) in play.swabbed:
                continue
            if self.chance.random() < 0.06:  # nobody opens: next time
                continue
            play.swabbed.add((person, play.minute // 180))
            play.wait(self.chance.randint(1, 4))
            self.single(person, "S", duty.person)


class Clinic(Swabbing):
    """The fever clinic: whoever comes is swabbed singly."""

    def plan(self, day: int) -> None:
        """Who comes on a day: some of those whose symptoms began since yesterday morning, and some with another cough."""
        play, begin = self.play, day * 1440
        for person, onset in play.world.ill(begin - 1440, begin):
            if self.chance.random() < COMES:
                play.at(max(begin + 480, onset + self.chance.randint(360, 2880)), lambda p=person: self.sees(p))  # type: ignore[misc]
        for _ in range(max(1, round(OTHERS * len(play.world.citizens)))):
            person = self.chance.randrange(len(play.world.citizens))
            play.at(begin + self.chance.randint(480, 1080), lambda p=person: self.sees(p))  # type: ignore[misc]

    def sees(self, person: int) -> None:
        """Somebody comes; whoever is on no register is enrolled first."""
        play = self.play
        if play.world.away(person, int(play.minute)):
            return
        if play.world.citizens[person].id is None and not play.registrar.enrols(person):
            return
        self.single(person, "C")


class Point(Swabbing):
    """A sampler of a street with a device: in rounds they open tubes and register people into them, sometimes without a signal for hours."""

    def __init__(self, play: "Play", seat: str, skew: int = 0) -> None:
        super().__init__(play, seat, skew)
        self._queue: list[tuple[str, list[dict[str, Any]]]] = []
        self.grids = sorted(g for g in play.world.by_grid if g.startswith(self.area))
        #: Until when this device has no signal.
        self.silent_until = 0.0

    def plan(self, day: int) -> None:
        """The day's pools: those of the round where there is one in this street, else key trades."""
        play = self.play
        if day:
            self.skew = 0  # somebody has set the device's clock right overnight
        today = self.chance.choice(self.grids) if self.grids else ""
        for n, grid in enumerate(self.grids):
            people = play.world.by_grid[grid]
            if grid in play.rounds.get(day, ()):
                chosen = [p for p in people if self.chance.random() < ATTENDS]
            elif play.rounds.get(day):
                continue
            else:
                some = grid == today or self.chance.random() < ROUTINE * len(people) / POOL
                chosen = self.chance.sample(people, min(len(people), POOL)) if some else []
            start = day * 1440 + 480 + n % 6 * 40
            for i in range(0, len(chosen), POOL):
                play.at(start + i // POOL * 6, lambda some=chosen[i : i + POOL], g=grid: self.pool(some, g))  # type: ignore[misc]
        if self.chance.random() < 0.3:
            play.at(day * 1440 + 500, lambda: self.loses_signal(self.chance.randint(120, 420)))

    def loses_signal(self, minutes: float) -> None:
        """What is registered from now on stands on the device until it has a signal again."""
        self.silent_until = max(self.silent_until, self.play.minute + minutes)
        self.play.at(self.silent_until + 1, self.syncs)

    def unsent(self) -> set[str]:
        """The tubes that stand on this device alone."""
        return {body["content"]["tube"] for _, bodies in self._queue for body in bodies}

    def pool(self, people: list[int], grid: str) -> None:
        """Ten people into one tube, as the scanner has them."""
        play, world = self.play, self.play.world
        here = [p for p in people if not world.away(p, int(play.minute)) and not world.at_home(p, int(play.minute))]
        for person in here:
            if world.citizens[person].id is None:
                play.registrar.enrols(person)
        here = [p for p in here if world.citizens[p].id is not None]
        if not here:
            return
        code = play.new_tube("P")
        for person in here:
            world.swab(code, person, int(play.minute))
        scanned = here
        if len(here) > 2 and self.chance.random() < OFF_BY_ONE:  # the list runs one ahead: the first is missed, another is there twice
            scanned = [*here[1:], here[-1]]
        play.carry(code, self.chance.randint(*CARRIED))
        watch = play.stage.watch
        opened = [self.body("open_tube", {"tube": code, "capacity": POOL, "area": grid}, watch, play.minute)]
        swabs = [
            self.body("take_sample", _content(world.citizens[p].id, code, POOL), watch, play.minute + i / 4) for i, p in enumerate(scanned)
        ]
        self._queue += [("open_tube", opened), ("take_sample", swabs)]
        if play.minute >= self.silent_until:
            self.syncs()

    def syncs(self) -> None:
        """Sends what stands on the device, in the order in which it was made."""
        if self.play.minute < self.silent_until:
            return
        queue, self._queue = self._queue, []
        for verb, bodies in queue:
            late: list[dict[str, Any]] = []
            for body, told in zip(bodies, self.sent(bodies, verb), strict=True):
                if "at" in told.fields:  # the clock of this device is ahead, and it hears so: the hour of entering will do
                    late.append({**body, "id": self.new_id()})
                    del late[-1]["at"]
                elif not told.stands:
                    self._refused(verb, body, told)
            for body, told in zip(late, self.sent(late, verb), strict=True):
                if not told.stands:
                    self._refused(verb, body, told)

    def _refused(self, verb: str, body: dict[str, Any], told: Told) -> None:
        """Somebody who needs a tube alone is swabbed again, alone; everything else is given up."""
        content = body["content"]
        self.gives_up(verb, content, told.text)
        person = self.play.world.by_id.get(from_text(content["person"])) if verb == "take_sample" else None
        if person is not None and "person" in told.fields and "alone" in told.text:
            self.play.at(self.play.minute + self.chance.randint(60, 180), lambda: self.single(person, "S"))


def _content(person: bytes | None, tube: str, capacity: int) -> dict[str, Any]:
    assert person is not None
    return {"person": to_text(person), "tube": tube, "disease": DISEASE, "capacity": capacity}


class Registrar(Desk):
    """The data desk, which enrols whoever is on no register; with the fault on, a second device does so too before it has heard of the first."""

    def enrols(self, person: int) -> bool:
        """Enrols somebody; whether they are on the register now."""
        play, who = self.play, self.play.world.citizens[person]
        twice = play.faulty("two devices") and self.chance.random() < 0.5
        done = False
        for _ in range(2 if twice else 1):
            id_ = self.new_id()
            name = play.world.name(person)
            told = self.send("enrol", {"person": id_, "name": name, "area": who.grid, "document_kind": "none"})
            if told.stands:
                done = True
                play.world.enrolled(person, from_text(id_))
                play.enrolled.append({"person": id_, "city": person})
            else:
                self.gives_up("enrol", {"person": id_}, told.text)
        return done

    def place_of(self, place: int, nature: str) -> str | None:
        """A place of the city on the register, recorded where it is not known yet; None where that was refused."""
        play = self.play
        if place not in play.places:
            id_ = self.new_id()
            content = {
                "place": id_,
                "name": f"演练场所{place} · exercise place {place}",
                "nature": nature,
                "area": play.world.area_of_place(place),
            }
            told = self.send("declare_place", content)
            play.places[place] = id_ if told.stands else None
            if not told.stands:
                self.gives_up("declare_place", content, told.text)
        return play.places[place]

    def moves(self, home: int) -> None:
        """A household moves into another grid of its street: the grid officer of both records it where there is one, else this desk. Whoever
        is on no register moves unrecorded."""
        play, world = self.play, self.play.world
        old = world.citizens[world.homes[home][0]].grid
        others = sorted(g for g in world.by_grid if g[:9] == old[:9] and g != old)
        if not others:
            return
        new = self.chance.choice(others)
        desk: Desk = next(
            (d for _, d in sorted(play.doors.items()) if old.startswith(d.area) and new.startswith(d.area) and d.holds()), self
        )
        for person in world.homes[home]:
            world.moved(person, new)
        known = [id_ for p in world.homes[home] if (id_ := world.citizens[p].id) is not None]
        bodies = [desk.body("record_stay", {"person": to_text(id_), "nature": "residence", "area": new}, None, None) for id_ in known]
        for body, told in zip(bodies, desk.sent(bodies, "record_stay"), strict=True):
            if not told.stands:
                desk.gives_up("record_stay", body["content"], told.text)

    def plan(self, day: int) -> None:
        """Which households move on a day."""
        for _ in range(max(1, round(MOVES * len(self.play.world.homes)))):
            home = self.chance.choice(sorted(self.play.world.homes))
            self.play.at(day * 1440 + self.chance.randint(540, 1140), lambda h=home: self.moves(h))  # type: ignore[misc]
