"""What people enter at desks that they took, through the site's ordinary pages: read from the ledger into the diary, and felt in the world.

Enters nothing. What came through the interface for programs, or in a file whose facts the diary knows, is the simulated staff's and left alone.
"""

from typing import TYPE_CHECKING, Any

from django.db import connection

from bulou.basis.ids import from_text, to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import MINUTE, to_datetime
from bulou.evidence.append import present
from bulou.evidence.models import Entry, Envelope
from bulou.exercise.actors.desk import Duty
from bulou.exercise.live import TOLD, Live
from bulou.kit.verb import BY_KIND

if TYPE_CHECKING:
    from bulou.exercise.playing import Play

#: Where an entry comes from that a program of the simulated staff sent.
PROGRAMS = "api"
#: Minutes until a swab that a person took is at a laboratory.
CARRIED = 120


def notices(live: Live, play: "Play") -> None:
    """Everything entered since the last time by whoever holds a post of the stage, but for its programs: a line each. Does the worker's part first."""
    play.works_off()
    posts = {s.post: s.name for s in play.stage.seats.values()}
    entries = list(Entry.objects.filter(seq__gt=live.seq).order_by("seq").values_list("seq", "by", "source", "known"))
    if not entries:
        return
    live.seq = entries[-1][0]
    theirs = {
        seq: (posts[by.split(" ")[0]], known) for seq, by, source, known in entries if source != PROGRAMS and by.split(" ")[0] in posts
    }
    ids = [bytes(i) for i in Envelope.objects.filter(entry__in=theirs).values_list("id", flat=True)]
    facts = present(connection, ids) if ids else {}
    files = {f.entry for f in facts.values() if to_text(f.id) in play.diary.kept}  # handed in by simulated staff, by the page for it
    for fact in sorted((f for f in facts.values() if f.entry not in files), key=lambda f: (f.entry, f.at, f.id)):
        seat, known = theirs[fact.entry]
        _noticed(live, play, seat, fact, (known - play.begin) / MINUTE)


def _noticed(live: Live, play: "Play", seat: str, fact: Fact, minute: float) -> None:
    verb, content = BY_KIND[fact.kind].name if fact.kind in BY_KIND else fact.kind, said(fact, play)
    play.diary.people[to_text(fact.id)] = fact
    at = to_datetime(fact.at, play.zone).isoformat(timespec="seconds")
    play.diary.line(
        seat, minute, minute, verb, {**content, "at": at}, fact=to_text(fact.id), status=200, told=TOLD,
        incident=to_text(fact.incident) if fact.incident else None,
    )  # fmt: skip
    live.entered(seat, verb, content)
    if verb == "report_result":
        play.heard(verb, content)
    else:
        play.news[verb] += 1
    _felt(play, verb, content, int(minute))


def said(fact: Fact, play: "Play") -> dict[str, Any]:
    """The content of a fact as a program would have sent it."""
    found: dict[str, Any] = {}
    for field in KINDS[fact.kind].fields:
        value = getattr(fact.body, field.name)
        if value is not None:
            found[field.name] = (
                to_text(value)
                if isinstance(value, bytes)
                else to_datetime(value, play.zone).isoformat()
                if field.type == "instant"
                else value
            )
    return found


def _felt(play: "Play", verb: str, content: dict[str, Any], minute: int) -> None:
    """What follows in the world: a swab is in its tube and on its way, whoever is told to stay mostly stays, who is placed is away."""
    person = play.world.by_id.get(from_text(content["person"])) if "person" in content else None
    if person is None:
        return
    if verb == "take_sample":
        code, tube = content["tube"], play.world.tubes.get(content["tube"])
        if tube is None or person not in {who for who, _ in tube.swabs}:
            play.world.swab(code, person, minute)
            if tube is None:
                play.carry(code, CARRIED)
    elif verb in ("tell", "place"):
        play.room.follows(verb, Duty("", "", None, "", verb, {"person": content["person"]}), content)
    elif verb == "name_contact":
        play.named.setdefault(person, _together(play, person, content, minute))


def _together(play: "Play", person: int, content: dict[str, Any], minute: int) -> tuple[int, str]:
    """For how long a contact truly was with whoever they are said to have met, and where."""
    case = play.world.by_id.get(from_text(content["met"])) if content.get("met") else None
    found = [m for m in play.world.met(case, minute - 2 * 1440, minute) if m.other == person] if case is not None else []
    kinds = [m.kind for m in found]
    return sum(m.end - m.start for m in found), "home" if "home" in kinds else kinds[0] if kinds else ""


def still_there(play: "Play") -> list[tuple[str, str]]:
    """Of each fact that people entered what the ledger says at the end: the same, something else under its id, or nothing."""
    noted = play.diary.people
    facts = present(connection, [f.id for f in noted.values()]) if noted else {}
    return [
        (text, "new" if fact.id not in facts else "same" if facts[fact.id][:5] == fact[:5] else "conflict")
        for text, fact in sorted(noted.items())
    ]


__all__ = ["notices", "said", "still_there"]
