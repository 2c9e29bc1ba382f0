"""Two editions played on the same stories: which duties appear, disappear or move. In memory; enters nothing, judges nothing.

Facts are taken as they happened. Orders are laid again as each edition proposes them: its measure, its length, and none where it
has no measure for the ring or where it would have been over before it began.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from bulou.basis.kinds import Fact
from bulou.basis.time import FOREVER, Instant, format_local
from bulou.basis.words import Word
from bulou.duties.memory import Memory
from bulou.duties.reckoning import Duty
from bulou.protocol.dates import dates
from bulou.protocol.rules import Edition, Every, MeasureRule
from bulou.protocol.stories import EARLY, FIRST, ZONE, Case, case_of, instant

Change = Literal["appears", "disappears", "moves"]
#: A rule's name without its edition, the names of its key, and of its subject.
Whose = tuple[str, tuple[str, ...], str]


class Turn(NamedTuple):
    """One turn of a duty and when it is due, as local time."""

    turn: int
    due: str


class Moved(NamedTuple):
    """What differs for one subject under one rule in one story."""

    story: str
    title: Word
    change: Change
    rule: str
    word: Word
    who: str
    key: tuple[str, ...]
    was: tuple[Turn, ...]
    now: tuple[Turn, ...]
    #: Whether turns follow one another at equal lengths, so that how many and until when says it all.
    repeats: bool


class Compared(NamedTuple):
    """Every difference, and on how many stories; ``skipped`` are those that adopt several editions or none."""

    moved: list[Moved]
    stories: int
    skipped: int


@dataclass(slots=True)
class Stage:
    """The stories as text by their files, and the editions by id; remembers what was played."""

    files: list[tuple[str, dict[str, Any]]]
    editions: Mapping[str, Edition]
    played: dict[tuple[str, str], dict[Whose, tuple[Turn, ...]]] = field(default_factory=dict)

    def compare(self, was: Edition, now: Edition) -> Compared:
        """What differs between two editions on the stories of their diseases, story by story."""
        diseases = {was.disease, now.disease}
        moved: list[Moved] = []
        played = skipped = 0
        for file, told in self.files:
            for text in told["case"]:
                own = text.get("editions", [FIRST])
                if own[0].partition("/")[0] not in diseases:
                    continue
                if len(own) > 1 or text.get("base", {}).get("adopted") is False or own[0] not in self.editions:
                    skipped += 1
                    continue
                played += 1
                moved.extend(_differences(text, was, self.owed(file, text, was), now, self.owed(file, text, now)))
        return Compared(moved, played, skipped)

    def owed(self, file: str, text: dict[str, Any], edition: Edition) -> dict[Whose, tuple[Turn, ...]]:
        """Everything that is owed at the end of a story under an edition, by rule, key and subject."""
        known = self.played.get((text["id"], edition.id))
        if known is None:
            own = text.get("editions", [FIRST])[0]
            case = case_of(file, text, {**self.editions, edition.id: edition}, edition.id, tables=False)
            facts = case.facts if own == edition.id else list(relaid(case.facts, self.editions[own], edition))
            known = self.played[(text["id"], edition.id)] = _owed(case, facts)
        return known


def relaid(facts: Iterable[tuple[Fact, Instant]], own: Edition, edition: Edition) -> Iterator[tuple[Fact, Instant]]:
    """The facts of a story of ``own``, with its orders laid again as ``edition`` proposes them."""
    first_ends: dict[bytes, Instant] = {}
    for fact, known in facts:
        if fact.kind != "order.made" or fact.body.edition != edition.id:
            yield fact, known
            continue
        body = fact.body
        follows = any(m.after for m in own.measures if (m.ring, m.measure) == (body.ring, body.measure))
        first = edition.measure(body.ring)
        measure: MeasureRule | None = edition.following(body.ring, first.measure) if follows and first else first
        if measure is None:
            continue
        starts = first_ends.get(body.person, body.starts) if follows else body.starts
        proposed = dates(measure, body.anchor if measure.length_from == "last_exposure" else None, Instant(starts), ZONE)
        if proposed.ends <= starts:
            continue
        if not follows:
            first_ends[body.person] = proposed.ends
        again = body._replace(measure=measure.measure, anchor=proposed.anchor, starts=starts, ends=proposed.ends)
        yield fact._replace(body=again), known


def _owed(case: Case, facts: Iterable[tuple[Fact, Instant]]) -> dict[Whose, tuple[Turn, ...]]:
    engine = Memory(case.protocol)
    engine.enter([f for f, _ in case.base], EARLY)
    for fact, known in sorted(facts, key=lambda f: f[1]):
        engine.enter([fact], known)
    asked = [instant(table["known"]) for table in case.text["then"]]
    engine.enter([], max((*asked, *(known for _, known in case.facts)), default=EARLY))
    found: dict[Whose, dict[int, str]] = {}
    for duty in engine.duties():
        whose = (duty.rule.rsplit("/", 1)[-1], tuple(_name(case, k) for k in duty.key[1:]), _name(case, duty.subject))
        found.setdefault(whose, {})[duty.turn] = _due(duty)
    return {whose: tuple(Turn(t, turns[t]) for t in sorted(turns)) for whose, turns in found.items()}


def _name(case: Case, value: object) -> str:
    return case.names.get(value, value.hex()[:8]) if isinstance(value, bytes) else str(value)


def _due(duty: Duty) -> str:
    return "" if duty.due_at == FOREVER else format_local(duty.due_at, ZONE, deadline=True)


def _differences(
    text: dict[str, Any], was: Edition, before: dict[Whose, tuple[Turn, ...]], now: Edition, after: dict[Whose, tuple[Turn, ...]]
) -> Iterator[Moved]:
    title = Word(text["title"]["zh"], text["title"]["en"])
    for whose in sorted({*before, *after}):
        name, key, who = whose
        old, new = before.get(whose, ()), after.get(whose, ())
        if old == new:
            continue
        change: Change = "appears" if not old else "disappears" if not new else "moves"
        rules = [r for r in (now.rule(name), was.rule(name)) if r]
        repeats = any(isinstance(r.turns, Every) for r in rules)
        yield Moved(text["id"], title, change, name, rules[0].word, who, key, old, new, repeats)


def said(moved: Moved, lang: str) -> str:
    """One difference as a line: what, who, when."""
    sign = {"appears": "+", "disappears": "−", "moves": "→"}[moved.change]
    cell = f" ({', '.join(moved.key)})" if moved.key != (moved.who,) else ""
    word = moved.word.zh if lang == "zh" else moved.word.en
    if moved.change != "moves":
        return f"{sign} {moved.rule} {word}: {moved.who}{cell}: {_turns(moved.was or moved.now, moved.repeats, lang)}"
    return f"{sign} {moved.rule} {word}: {moved.who}{cell}: {_turns(moved.was, moved.repeats, lang)} → {_turns(moved.now, moved.repeats, lang)}"


def _turns(turns: tuple[Turn, ...], repeats: bool, lang: str) -> str:
    if repeats and len(turns) > 1:
        return f"{len(turns)} 次,至 {_short(turns[-1].due)}" if lang == "zh" else f"{len(turns)} times until {_short(turns[-1].due)}"
    return ", ".join(_short(t.due) if len(turns) == 1 and t.turn == 0 else f"#{t.turn} {_short(t.due)}" for t in turns)


def _short(due: str) -> str:
    """A time of a story without the year that all stories share."""
    return re.sub(r"^2020-", "", due)
