"""A drill from beginning to end: the register entered, the stage built, the play played, what it leaves written beside the city, whole or not at all."""

import json
from collections.abc import Callable, Iterable
from contextlib import closing, nullcontext
from importlib.resources import files as resources
from pathlib import Path
from typing import Any, NamedTuple

from bulou.basis.time import MINUTE, SECOND, Instant, SetClock, midnight, to_datetime
from bulou.evidence.append import head as ledger_head
from bulou.exercise import entering, leaving, stage, truth
from bulou.exercise.actors import tracing
from bulou.exercise.actors.trainer import Event
from bulou.exercise.client import one_process
from bulou.exercise.diary import Diary
from bulou.exercise.files import read_head, title, whole
from bulou.exercise.live import Alone, Live, leading
from bulou.exercise.outbreak import Pathogen
from bulou.exercise.parameters import Unfit
from bulou.exercise.playing import FAULTS as FAULTS
from bulou.exercise.playing import Play
from bulou.exercise.world import World
from bulou.kit.centre import centre, set_clock

FOLDER = "play"
#: What a site that people are served by cannot have done to it: a copy of its process, with their requests half done, is no site.
NOT_LIVE = frozenset({"killed"})
#: Tells how far it has come: the part, done, of how many.
Say = Callable[[str, int, int], None]


class Told(NamedTuple):
    """What a drill came to."""

    days: int
    lines: int
    #: Facts that the platform acknowledged; what it said when asked about each again.
    acknowledged: int
    again: dict[str, int]
    infected: int
    rows: dict[str, int]
    events: int


def checked(folder: Path, days: int, faults: Iterable[str], imported: int) -> frozenset[str]:
    """The faults that are asked for; Unfit for one that there is not, for days that the city does not have, for a play that is there already."""
    head = read_head(folder)
    if not 1 <= days <= head.days:
        raise Unfit(f"--days {days}:城市有 {head.days} 天活动", f"--days {days}: the city has visits of {head.days} days")
    if not 1 <= imported <= head.people:
        raise Unfit(f"{imported} 名输入病例:可为 1 至 {head.people:,}", f"{imported} imported cases: there may be 1 to {head.people:,}")
    if days > stage.LONGEST:
        raise Unfit(f"--days {days}:至多 {stage.LONGEST} 天", f"--days {days}: at most {stage.LONGEST}")
    if (folder / FOLDER).exists():
        raise Unfit(f"{folder / FOLDER} 已有一次演练:请先移走", f"{folder / FOLDER} holds a play already: move it away first")
    wanted = frozenset(faults)
    if unknown := sorted(wanted - set(FAULTS)):
        raise Unfit(f"没有故障 {unknown[0]!r};有:{'、'.join(FAULTS)}", f"no fault {unknown[0]!r}; there are: {', '.join(FAULTS)}")
    return wanted


def run(
    folder: Path, connection: Any, receipts: Path, days: int, seed: int, pathogen: Pathogen, imported: int, faults: Iterable[str],
    events: list[Event], say: Say, live: Live | None = None, after: Callable[[Told], object] = lambda _told: None, by_visits: bool = False,
) -> Told:  # fmt: skip
    """Plays so many days of the city in ``folder`` in the ledger of ``connection``; Unfit for what cannot be played, before anything is
    entered. ``live``: who leads it, where people take part; ``after``: what is done when its folder is whole, the clock still the play's. ``by_visits``: cases are
    traced by their paths and the lists of places as well."""
    wanted, head, protocol = checked(folder, days, faults, imported), read_head(folder), centre().protocol
    if live is not None and (forked := wanted & NOT_LIVE):
        raise Unfit(f"实时演练不能有故障 {min(forked)!r}", f"a live play knows no fault {min(forked)!r}")
    world = World(folder, head, pathogen, imported, days, seed)
    before, first = centre().clock, midnight(head.first_day.isoformat(), protocol.zone)
    entering.enter(folder, connection, protocol, receipts, lambda done, all_: say("register", done, all_))
    if ledger_head(connection).known > first + SECOND:
        raise stage.played()
    clock = SetClock(first)
    set_clock(clock)
    try:
        with nullcontext() if live is None else leading(live):
            with one_process() as site, whole(folder / FOLDER) as to, closing(Diary(to / "log.jsonl")) as diary:
                built = stage.build(folder, head, site, clock, protocol, days, seed)
                play = Play(world, built, diary, clock, seed, wanted, events, lead=live or Alone(), by_visits=by_visits)
                if live is not None:
                    live.begins(play, ledger_head(connection).seq)
                play.run(lambda done, all_: say("play", done, all_))
                if live is not None:
                    live.ends()
                told = _leave(play, to, say)
                truth.write(folder, world.outbreak)
                (to / "edition.toml").write_bytes(_edition())
                _say_what(play, to, live)
            after(told)
            return told
    finally:
        set_clock(before)


def _leave(play: Play, to: Path, say: Say) -> Told:
    say("exports", 0, 2)
    again = leaving.asked_again(play, to / "again.jsonl")
    say("exports", 1, 2)
    rows = leaving.exports(play, to / "exports")
    say("exports", 2, 2)
    infected = len(play.world.outbreak.cases())
    return Told(play.days, play.diary.lines, len(play.diary.kept) + len(play.diary.people), again, infected, rows, len(play.trainer.done))


def _edition() -> bytes:
    """The text of the edition by which the play is played."""
    return (resources("bulou.protocol") / "editions" / f"{stage.EDITION}.toml").read_bytes()


def _say_what(play: Play, to: Path, live: Live | None) -> None:
    """``play.json``, written last: a folder without it is no play that came to its end."""
    head, seats = play.world.head, play.stage.seats.values()
    said = {
        "city": title(head), "name": head.name, "seed": play.seed, "days": play.days, "first_day": head.first_day.isoformat(),
        "edition": stage.EDITION, "contact": {"minutes": tracing.CLOSE, "look_back_days": tracing.LOOK_BACK // 1440},
        "disease": stage.DISEASE, "traced_by": "visits" if play.by_visits else "memory", "incident": play.stage.watch_text, "zone": play.zone.key,
        "ended": to_datetime(Instant(play.begin + int(play.ended) * MINUTE), play.zone).isoformat(timespec="minutes"), "faults": sorted(play.faults),
        "events": play.trainer.done, "enrolled": play.enrolled,
        "staff": [{"actor": s.name, "post": s.post, "role": s.role, "area": s.area, "person": s.holder_text} for s in seats], "wholly": True,
    }  # fmt: skip
    if live is not None:
        said |= {"speed": live.speed, "minutes_behind": round(live.behind), "desks": live.sat, "people": len(play.diary.people)}
    (to / "play.json").write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
