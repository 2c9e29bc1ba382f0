"""How a rule's words become branches: every way in which a fact can affect one of its cells. Pure; feeds ``touches``.

One declaration serves four masters: what settling reads, what a new fact touches, which kinds the test histories draw from,
and what lint refuses. A branch too many is slow; a branch too few is a bug, and for each there is a mutant that a test catches.
"""

from dataclasses import replace

from bulou.basis.kinds import INCIDENT, KINDS, members
from bulou.protocol.readings import MET, READINGS, Reading
from bulou.protocol.relations import INCIDENT_UP, PLACED, RELATIONS, Relation, own
from bulou.protocol.rules import Branch, Edition, Match, Read, Rule, Step, Until, reads_of_steps


def relation_of(rule: Rule) -> Relation:
    """The relation behind "each": a named one, or the opener's own field."""
    named = RELATIONS.get(rule.each)
    if named:
        return named
    field = KINDS[rule.on.kind].field(rule.each)
    if field is None or field.ref is None:
        raise LookupError(f"{rule.id}: each = {rule.each!r} is neither a relation nor a reference of {rule.on.kind}")
    return own(rule.key, rule.on.kind, rule.each, field.ref)


def evidence_field(rule: Rule, match: Match, relation: Relation) -> tuple[str, str]:
    """The field by which evidence is found, and what it must equal: ``subject`` or a field of the key."""
    kind = KINDS[match.kind]
    if match.by is None:
        found = kind.finds(relation.subject)
        if found is None:
            raise LookupError(f"{rule.id}: {match.kind} does not say which {relation.subject} it is about")
        return found.name, "subject"
    ref = kind.field(match.by)
    assert ref is not None
    if ref.ref in (relation.subject, "any"):
        return match.by, "subject"
    return match.by, next(k for k in rule.key if _ref(rule, k) == ref.ref)


def _ref(rule: Rule, key_field: str) -> str | None:
    field = KINDS[rule.on.kind].field(key_field)
    return field.ref if field else None


#: Which edition is in force for an opener, by its incident's disease and area.
_ADOPTION = (
    Read("incident.opened", "incident", INCIDENT),
    Read("edition.adopted", "disease", INCIDENT, (Step("incident.opened", "incident", "disease"),)),
    Read("area.declared", "area", INCIDENT, INCIDENT_UP),
)


def _named(rule: Rule) -> list[Reading]:
    names = [rule.given, rule.start.reading, *(u.reading for u in rule.until)]
    names.append(rule.must if isinstance(rule.must, str) and rule.must != MET else None)
    return [READINGS[name] for name in names if name]


def _end_reads(rule: Rule, until: Until) -> list[Read]:
    if until.match is None:
        return []
    field = until.match.by or rule.key[0]
    return [Read(until.match.kind, field, rule.key[0])]


def branches_of(rule: Rule, edition: Edition) -> tuple[Branch, ...]:
    """Every branch of a rule, each once; a narrow one that a wide one covers is dropped."""
    relation = relation_of(rule)
    route = (relation.needs if relation.needs in rule.key else rule.key[0], relation.steps)
    reads: list[Read] = [Read(rule.on.kind, field, field) for field in rule.key]
    reads.extend(_ADOPTION)
    reads.extend(relation.reads)
    if rule.each in RELATIONS:
        reads.append(Read(relation.steps[-1].kind, relation.steps[-1].leave, "subject"))
        reads.extend(reads_of_steps(route[0], relation.steps[:-1]))
    for reading in _named(rule):
        reads.extend(reading.reads)
    if isinstance(rule.must, Match):
        field, start = evidence_field(rule, rule.must, relation)
        reads.append(Read(rule.must.kind, field, start))
    for until in rule.until:
        reads.extend(_end_reads(rule, until))
    reads.extend(PLACED[relation.subject][1])
    reads.append(Read("duty.excused", "subject", "subject"))
    found: dict[Branch, None] = {}
    for read in reads:
        steps = [Read(s.kind, s.field, read.start, s.steps) for s in reads_of_steps(read.start, read.steps)]
        for each in (*steps, read):
            found.setdefault(_branch(each, route, rule.on.kind == "incident.opened"))
    if rule.after:
        for name in rule.after.rules:
            base = edition.rule(name)
            assert base is not None, f"{rule.id}: after names {name}, which is no rule of the edition"
            for branch in branches_of(base, edition):
                found.setdefault(branch)
    return tuple(b for b in found if not any(_covers(other, b) for other in found if other != b))


def _covers(wide: Branch, branch: Branch) -> bool:
    """Whether everything that ``branch`` touches, ``wide`` touches too: the same read for all subjects, or the same facts
    read again by the field in which they were left (a field that each of them has)."""
    if wide.kind != branch.kind or wide.start != branch.start or wide.subject_at is not None:
        return False
    if wide.field == branch.field:
        return wide.steps == branch.steps and branch.subject_at is not None
    if any((field := KINDS[k].field(wide.field)) is None or field.optional for k in branch_kinds(branch)):
        return False
    left = Step(branch.kind, branch.field, wide.field)
    return wide.steps == (*branch.steps, left) or (wide.steps == branch.steps and branch.steps[-1:] == (left._replace(deep=True),))


def _branch(read: Read, route: tuple[str, tuple[Step, ...]], own: bool) -> Branch:
    if own and read.start == INCIDENT:  # the incident that opens is the incident of its own envelope
        read = read._replace(start="incident")
    if read.start != "subject":
        return Branch(read.kind, read.field, read.start, read.steps, None)
    start, steps = route
    return Branch(read.kind, read.field, start, steps + read.steps, len(steps))


def with_branches(edition: Edition) -> Edition:
    """The edition with every rule's branches worked out."""
    return replace(edition, rules=tuple(replace(r, branches=branches_of(r, edition)) for r in edition.rules))


def branch_kinds(branch: Branch) -> tuple[str, ...]:
    """The kinds of fact that a branch looks at."""
    return members(branch.kind, branch.field)
