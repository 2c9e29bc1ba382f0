"""Which rules are one rule under several names: what is tried for each rule is tried once for those. Plays nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bulou.protocol.diff import words_of
from bulou.protocol.rules import Edition, Rule


def content(edition: Edition, rule: Rule) -> tuple[object, ...]:
    """Everything of a rule that the engine can see: its words without names and sources, those of the rules it builds on, and
    the table of zones where a reading of it looks there. Rules of equal content are one rule under several names."""
    said = {k: v for k, v in words_of(rule).items() if k not in ("title", "source", "url", "status", "answers", "after")}
    below = tuple(content(edition, base) for name in (rule.after.rules if rule.after else ()) if (base := edition.rule(name)))
    after = (rule.after.when, rule.after.by) if rule.after else ()
    zones = tuple((z.level, z.clean_days, z.counts) for z in edition.zones if ("level", frozenset({z.level})) in rule.on.equal)
    return (tuple(sorted(said.items())), after, below, zones)


def shape(edition: Edition, rule: Rule) -> tuple[object, ...]:
    """What decides which facts can affect a rule's cells: its branches, and which of its words are there, whatever they equal."""
    below = tuple(shape(edition, base) for name in (rule.after.rules if rule.after else ()) if (base := edition.rule(name)))
    readings = (rule.start.reading, rule.given, rule.must if isinstance(rule.must, str) else rule.must.kind, rule.each, rule.mode)
    ends = tuple((bool(u.after), u.field, u.match.kind if u.match else None, u.reading) for u in rule.until)
    return (frozenset(rule.branches), rule.on.kind, rule.key, readings, rule.start.field, type(rule.turns), ends, below)


def first_of_each(editions: Mapping[str, Edition], of: Callable[[Edition, Rule], object]) -> list[tuple[str, str]]:
    """One rule for each content or shape, the first that has it; none where there is none."""
    found: dict[object, tuple[str, str]] = {}
    for edition in editions.values():
        for rule in edition.rules:
            if (like := of(edition, rule)) is not None:
                found.setdefault(like, (edition.id, rule.name))
    return list(found.values())
