"""What differs between two editions: rules added, removed or changed word by word, and their tables. Judges nothing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bulou.basis.words import Word
from bulou.protocol.rules import Days, Edition, Every, From, Match, MeasureRule, Rule, Turns, Until


class Change(NamedTuple):
    """One difference: in which table, of what, and for a change in which word, what it was and what it is."""

    table: str
    name: str
    change: str
    word: str | None = None
    was: str | None = None
    now: str | None = None

    def __str__(self) -> str:
        if self.change != "changed":
            return f"{self.change} {self.table} {self.name}"
        return f"changed {self.table} {self.name}: {self.word}: {self.was or '—'} → {self.now or '—'}"


def diff(was: Edition, now: Edition) -> list[Change]:
    """Every difference between two editions, tables first in the order of the file, rules last."""
    tables: tuple[tuple[str, Mapping[str, Mapping[str, str]], Mapping[str, Mapping[str, str]]], ...] = (
        ("edition", {"edition": _head(was)}, {"edition": _head(now)}),
        ("pool", {"sizes": {"sizes": _list(was.pool_sizes)}}, {"sizes": {"sizes": _list(now.pool_sizes)}}),
        ("measure", {_phase(m): _fields(m) for m in was.measures}, {_phase(m): _fields(m) for m in now.measures}),
        (
            "exposure",
            {f"{e.ring} {e.setting}": _fields(e) for e in was.exposures},
            {f"{e.ring} {e.setting}": _fields(e) for e in now.exposures},
        ),
        ("passing", {p.name: _fields(p) for p in was.passings}, {p.name: _fields(p) for p in now.passings}),
        ("call", _call(was), _call(now)),
        ("zone", {z.level: _fields(z) for z in was.zones}, {z.level: _fields(z) for z in now.zones}),
        ("parameter", {p.name: _fields(p) for p in was.parameters}, {p.name: _fields(p) for p in now.parameters}),
        ("rule", {r.name: words_of(r) for r in was.rules}, {r.name: words_of(r) for r in now.rules}),
    )
    return [change for table, before, after in tables for change in _compare(table, before, after)]


def _compare(table: str, was: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]]) -> Iterator[Change]:
    for name in was:
        if name not in now:
            yield Change(table, name, "removed")
    for name, after in now.items():
        before = was.get(name)
        if before is None:
            yield Change(table, name, "added")
            continue
        for word in dict.fromkeys((*before, *after)):
            if before.get(word) != after.get(word):
                yield Change(table, name, "changed", word, before.get(word), after.get(word))


def words_of(rule: Rule) -> dict[str, str]:
    """A rule's words as an edition writes them; words that say nothing are left out."""
    said = {
        "title": _word(rule.word), "on": _match(rule.on), "key": _list(rule.key), "each": rule.each, "mode": rule.mode,
        "given": rule.given or "", "must": _match(rule.must) if isinstance(rule.must, Match) else rule.must, "turns": _turns(rule.turns),
        "from": _start(rule.start), "within": str(rule.within) if rule.within.days != 0 else "",
        "until": " or ".join(map(_until, rule.until)),
        "after": f"{_list(rule.after.rules)} {rule.after.when} by {rule.after.by}" if rule.after else "",
        "answers": rule.answers, "source": rule.source, "url": rule.url or "", "status": rule.status,
    }  # fmt: skip
    return {word: value for word, value in said.items() if value}


def _head(edition: Edition) -> dict[str, str]:
    return {
        "disease": edition.disease, "title": _word(edition.word), "disease_title": _word(edition.disease_word),
        "authority": _word(edition.authority), "valid_from": edition.valid_from,
        "valid_until": edition.valid_until or "", "url": edition.url or "",
    }  # fmt: skip


def _call(edition: Edition) -> dict[str, dict[str, str]]:
    found = edition.calling
    if found is None:
        return {}
    return {"call": {**_fields(found), "questions": " · ".join(map(_word, found.questions))}}


def _phase(measure: MeasureRule) -> str:
    return measure.ring if measure.after is None else f"{measure.ring} {measure.measure} after {measure.after}"


def _fields(row: object) -> dict[str, str]:
    """A row of a table, field by field."""
    return {name: _value(getattr(row, name)) for name in type(row).__dataclass_fields__}  # type: ignore[attr-defined]


def _value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Word):
        return _word(value)
    return _list(value) if isinstance(value, tuple) else str(value)


def _word(word: Word) -> str:
    return f"{word.zh} / {word.en}"


def _list(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))


def _match(match: Match) -> str:
    said = [f"{name}={'|'.join(sorted(map(str, allowed)))}" for name, allowed in match.equal]
    return " ".join([match.kind, *said, *([f"by {match.by}"] if match.by else [])])


def _turns(turns: Turns) -> str:
    if isinstance(turns, Days):
        return f"days {_list(turns.days)} from {turns.first}{' and the last' if turns.last_day else ''}"
    return f"every {turns.length}" if isinstance(turns, Every) else "once"


def _start(start: From) -> str:
    return start.reading or start.field


def _until(until: Until) -> str:
    if until.after:
        return str(until.after)
    return _match(until.match) if until.match else str(until.field or until.reading)


__all__ = ["Change", "diff", "words_of"]
