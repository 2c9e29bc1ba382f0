"""A set of facts with its indexes: what stands, what was ever appended, which ids are one. Pure; stores nothing elsewhere."""

from collections.abc import Iterable, Sequence

from bulou.basis.ids import subject_of, subject_text
from bulou.basis.kinds import INCIDENT, KINDS, Fact, Value, members, ref_of
from bulou.basis.time import FOREVER, Instant


class Families:
    """Which ids are one: joined by facts, parted by their withdrawal. The smallest id of a family stands for it."""

    def __init__(self, pairs: Iterable[tuple[Value, Value]]) -> None:
        self._of: dict[Value, tuple[Value, ...]] = {}
        for a, b in pairs:
            joined = tuple(sorted({*self.of(a), *self.of(b)}, key=_sortable))
            for each in joined:
                self._of[each] = joined

    def of(self, value: Value) -> tuple[Value, ...]:
        return self._of.get(value, (value,))

    def canon(self, value: Value) -> Value:
        family = self._of.get(value)
        return family[0] if family else value


def _sortable(value: Value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


#: For each type of entity whose ids can be one: the kind that joins them and its two fields.
JOINS: dict[str, tuple[str, str, str]] = {
    "person": ("person.identified", "person", "same_as"),
    "incident": ("incident.joined", "incident", "into"),
}


class FactSet:
    """Facts with their indexes: what stands (``by``), what was ever appended (``raw``), and which ids are one."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self.facts: dict[bytes, Fact] = {}
        self.withdrawn: dict[bytes, Instant] = {}
        self._index: dict[tuple[str, str], dict[Value, list[Fact]]] = {}
        self._standing: dict[str, Families] = {}
        self._ever: dict[str, Families] = {}
        self.add(facts)

    def add(self, facts: Iterable[Fact]) -> None:
        joined = not self._standing
        for fact in facts:
            if fact.id in self.facts:
                continue
            self.facts[fact.id] = fact
            kind = KINDS[fact.kind]
            if fact.incident is not None:
                self._put(fact.kind, INCIDENT, fact.incident, fact)
            for each in kind.fields:
                if each.find:
                    value = getattr(fact.body, each.name)
                    if value is not None:
                        self._put(fact.kind, each.name, value, fact)
            if fact.kind == "fact.withdrawn":
                at = self.withdrawn.get(fact.body.target, FOREVER)
                self.withdrawn[fact.body.target] = min(at, fact.at)
                joined = True
            joined = joined or fact.kind in ("person.identified", "incident.joined")
        if joined:
            self._join()

    def _put(self, kind: str, field: str, value: Value, fact: Fact) -> None:
        self._index.setdefault((kind, field), {}).setdefault(value, []).append(fact)

    def _join(self) -> None:
        for ref, (kind, a, b) in JOINS.items():
            pairs = [(f, getattr(f.body, a), getattr(f.body, b)) for f in self._joining(kind, a)]
            self._ever[ref] = Families((x, y) for _, x, y in pairs)
            self._standing[ref] = Families((x, y) for f, x, y in pairs if not self._gone(f))

    def _joining(self, kind: str, field: str) -> Iterable[Fact]:
        return (f for found in self._index.get((kind, field), {}).values() for f in found)

    def _gone(self, fact: Fact) -> bool:
        """Withdrawn: and a withdrawal itself never is."""
        return fact.id in self.withdrawn and fact.kind != "fact.withdrawn"

    def _gone_at(self, fact: Fact) -> Instant:
        return self.withdrawn[fact.id]

    def _found(self, kind: str, field: str, values: Sequence[Value]) -> list[Fact]:
        kinds = members(kind, field)
        if len(kinds) == 1 and len(values) == 1:  # as nearly always
            return list(self.at(kind, field, values[0]))
        return [f for k in kinds for v in values for f in self.at(k, field, v)]

    def at(self, kind: str, field: str, value: Value) -> Sequence[Fact]:
        return self._index.get((kind, field), {}).get(value, ())

    def by(self, kind: str, field: str, value: Value) -> Sequence[Fact]:
        family = self._family(self._standing, ref_of(kind, field), value)
        found = self._found(kind, field, family)
        return [f for f in found if not self._gone(f)] if self.withdrawn else found

    def dropped(self, kind: str, field: str, value: Value) -> Sequence[tuple[Fact, Instant]]:
        family = self._family(self._standing, ref_of(kind, field), value)
        return [(f, self._gone_at(f)) for f in self._found(kind, field, family) if self._gone(f)]

    def raw(self, kind: str, field: str, value: Value) -> Sequence[Fact]:
        if kind == "fact":
            found = self.facts.get(value) if isinstance(value, bytes) else None
            return [found] if found else []
        return self._found(kind, field, self._family(self._ever, ref_of(kind, field), value))

    def family(self, ref: str | None, value: Value) -> Sequence[Value]:
        return self._family(self._ever, ref, value)

    def canon(self, ref: str | None, value: Value) -> Value:
        return self._standing[ref].canon(value) if ref in self._standing else value

    def fetch(self, wanted: dict[tuple[str, str], set[Value]]) -> None:
        """Everything is here already."""

    def standing(self, kind: str) -> list[Fact]:
        """Every fact of a kind that is not withdrawn."""
        return [f for f in self.facts.values() if f.kind == kind and not self._gone(f)]

    @staticmethod
    def _family(families: dict[str, Families], ref: str | None, value: Value) -> Sequence[Value]:
        if ref == "any" and isinstance(value, str):
            of = subject_of(value)
            return [subject_text(v) for ref in families for v in families[ref].of(of) if v != of and isinstance(v, bytes)] + [value]
        return families[ref].of(value) if ref in families else (value,)
