"""Files into verbs: a file becomes rows, its columns are recognised, every cell is read as the verb's fact has it. Enters nothing itself.

Columns are recognised by their words and may be put right; then ``kit.many`` checks and enters the rows. A fact's id follows from the
file and the row, so that the same file again changes nothing.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from bulou.basis.ids import from_text, named_id
from bulou.basis.kinds import KINDS, Field
from bulou.basis.time import parse_local
from bulou.basis.words import FIELD, LISTS, Word
from bulou.evidence.sql import select_in
from bulou.evidence.timeline import standing_facts
from bulou.identity.days import read_day
from bulou.identity.documents import read_document, read_kind
from bulou.kit.centre import EXERCISE, drill
from bulou.kit.looking import Looking
from bulou.kit.many import SHARED, WAYS, Act, Fate, Said, begin, new_receipt, receipts
from bulou.kit.models import ImportReceipt, ImportRow
from bulou.kit.verb import VERBS, Verb, in_whose_name
from bulou.lists.headings import field_of, fold
from bulou.lists.reading import Unreadable, read_file
from bulou.register.models import Person
from bulou.register.scope import standing

#: Rows in one file.
MOST_ROWS = 200_000
#: What no text has.
BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]")
#: Of a fact's fields, how the columns of lists of people are called.
_CALLED = {"person": ("document", "code"), "at": ("date", "sampled", "resulted", "reported")}
#: Looks at values of several rows of an incident (None: of none) at once, given the rows' numbers: a fate for those that are not to be
#: entered. It may say who the person of a row is.
Judge = Callable[[Sequence[int], Sequence[dict[str, Any]], Looking, bytes | None], list[Fate | None]]


@dataclass(frozen=True, slots=True)
class Import:
    """What rows of a file become: a verb, the columns that it takes, ids made for each row, and who is known already."""

    verb: Verb
    columns: tuple[str, ...]
    fresh: tuple[str, ...] = ()
    judge: Judge | None = None
    usual: Mapping[str, Any] = field(default_factory=dict)
    #: How else columns are headed, by field; and other words for codes, by field.
    called: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: The id of the fact of a row, from the file's digest and the row's number, where it is not the usual one.
    named: Callable[[str, int], bytes] | None = None
    #: Its receipts are everyone's who may do the verb and sees the whole centre, not the sender's alone.
    shared: bool = False
    #: Columns for the judge alone: no fields of the fact.
    beside: tuple[str, ...] = ()
    #: Whoever is not on the register is left to the judge, with no person in the values, and not refused.
    strangers: bool = False

    @property
    def heads(self) -> tuple[str, ...]:
        """Every column that a file may have."""
        return (*self.columns, *self.beside)

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns without which no row can be entered."""
        kind = KINDS[self.verb.kind]
        usual = {**getattr(kind.body, "_field_defaults", {}), **self.usual}
        return tuple(
            c for c in self.columns
            if (f := kind.field(c)) is not None and not f.optional and c not in usual and not (self.strangers and f.ref == "person")
        )  # fmt: skip

    @property
    def scoped(self) -> bool:
        """Whether its rows belong to the incident that the sender works in."""
        return KINDS[self.verb.kind].scope != "world"


DECLARED: dict[str, Import] = {}


def importing(declared: Import) -> Import:
    """Declares how a verb is imported that needs more than its own fields."""
    DECLARED[declared.verb.name] = declared
    if declared.shared:
        SHARED.add(declared.verb.name)
    return declared


def import_of(name: str) -> Import | None:
    """How a verb is imported: as declared; else by its own fields, where they say all that its fact needs. A setting of the centre is no list."""
    verb = VERBS.get(name)
    if name in DECLARED or verb is None or verb.page:
        return DECLARED.get(name)
    kind = KINDS[verb.kind]
    asked = tuple(dict.fromkeys([*([verb.about] if verb.about else []), *verb.fields]))
    usual = getattr(kind.body, "_field_defaults", {})
    needed = {f.name for f in kind.fields if not f.optional and f.name not in usual}
    if not needed <= {*asked, "post", "incident", "disease"} or (len(asked) == 1 and not verb.about and not verb.timed):
        return None
    return Import(verb, (*asked, "at") if verb.timed else asked)


def imports(look: Looking) -> list[Import]:
    """Every verb that a viewer may do and that can be imported."""
    found = [one for name in VERBS if look.viewer.may(name) and (one := import_of(name))]
    return sorted(found, key=lambda one: (one.verb.desk, one.verb.name))


# --- a file becomes rows ----------------------------------------------------------------------------------------------
def receive(one: Import, data: bytes, name: str, look: Looking, incident: bytes | None) -> ImportReceipt:
    """A receipt whose columns are recognised, with every row of the file as it stands. Unreadable says what would be right.

    A file sent before by the same user for the same verb gives the receipt of then.
    """
    tables = [t for t in read_file(data, name) if t.rows]
    if not tables:
        raise Unreadable(Word("没有数据行", "there is no row in it"))
    if len(tables) > 1:
        names = "、".join(t.sheet for t in tables)
        raise Unreadable(Word(f"有多张工作表({names}):请每张另存为一个文件", f"several sheets ({names}): save each as a file of its own"))
    table = tables[0]
    if any(BINARY.search(cell) for row in (table.columns, *table.rows) for cell in row):
        raise Unreadable(Word("既不是表格也不是文本", "neither a spreadsheet nor text"))
    if not drill() and any(EXERCISE in cell for row in (table.columns, *table.rows) for cell in row):
        raise Unreadable(Word("这是演练的文件,不得录入真实账本", "it is a file of an exercise: a real ledger never takes it in"))
    if len(table.rows) > MOST_ROWS:
        raise Unreadable(Word(f"超过 {MOST_ROWS:,} 行:请拆分", f"more than {MOST_ROWS:,} rows: split the file"))
    sha256, by = hashlib.sha256(data).hexdigest(), in_whose_name(look, look.viewer.chair_for(one.verb.name))
    before = receipts(look).filter(verb=one.verb.name, sha256=sha256, incident=incident).first()
    if before:
        return before
    receipt = new_receipt(
        "file", by, what=one.verb.desk, file=name[:255], sha256=sha256, state="mapping", verb=one.verb.name, incident=incident,
        columns=list(table.columns), total=len(table.rows), mapping=remembered(one, table.columns, look) or recognised(one, table.columns),
    )  # fmt: skip
    return begin(receipt, zip(table.numbers, table.rows, strict=True))


def recognised(one: Import, heads: Sequence[str]) -> dict[str, int]:
    """Which column is which, by the names of fields in both languages and by what lists call them; each column once."""
    found: dict[str, int] = {}
    folded = [fold(h) for h in heads]
    for name in one.heads:
        words = FIELD.get(name, Word(name, name))
        wanted = {fold(name), fold(words.zh), fold(words.en), *map(fold, one.called.get(name, ()))}
        called = (name, *_CALLED.get(name, ()))
        exact = [i for i, head in enumerate(folded) if head in wanted]
        loose = [i for i, head in enumerate(heads) if (known := field_of(head)) and known[0] in called]
        free = [i for i in (*exact, *loose) if i not in found.values()]
        if free:
            found[name] = free[0]
    return found


def remembered(one: Import, heads: Sequence[str], look: Looking) -> dict[str, int] | None:
    """How this user put right the columns of the last file with these headings."""
    for earlier in receipts(look).filter(verb=one.verb.name).exclude(state="mapping").order_by("-pk")[:20]:
        if list(earlier.columns) == list(heads):
            return dict(earlier.mapping)
    return None


# --- rows are read ----------------------------------------------------------------------------------------------------
class FileWay:
    """The way of a file: a row is one act of the verb that the file is for."""

    def __init__(self, receipt: ImportReceipt, look: Looking) -> None:
        one = import_of(receipt.verb)
        assert one
        self.receipt, self.look, self.one = receipt, look, one
        self.words = Reading(receipt.mapping, receipt.incident, one, look)

    def ids(self, row: ImportRow) -> list[bytes]:
        receipt, name = self.receipt, self.one.named
        if name is not None:
            return [name(receipt.sha256, row.n)]
        return [named_id("import", receipt.verb, receipt.sha256, (receipt.incident or b"").hex(), str(row.n))]

    def read(self, rows: Sequence[ImportRow]) -> list[Said]:
        one, ids = self.one, [self.ids(row)[0] for row in rows]
        there = {bytes(id_) for (id_,) in select_in(connection, "id", '"fact"', "id", ids)}
        self.words.meet([row.cells for row in rows])
        read = [self.words.values(row.cells, id_) for row, id_ in zip(rows, ids, strict=True)]
        fates: list[Fate | None] = [Fate("same") if id_ in there else wrong for id_, (_values, wrong) in zip(ids, read, strict=True)]
        if one.judge:
            open_ = [i for i, fate in enumerate(fates) if fate is None]
            for i, fate in zip(
                open_, one.judge([rows[i].n for i in open_], [read[i][0] for i in open_], self.look, self.receipt.incident), strict=True
            ):
                fates[i] = fate
        said = []
        for id_, fate, (told, _) in zip(ids, fates, read, strict=True):
            at = told.pop("at", None)
            values = {k: v for k, v in told.items() if k not in one.beside}
            said.append(Said([] if fate else [Act(one.verb, id_, values, at, self.receipt.incident)], fate))
        return said

    def heads(self) -> list[str]:
        return list(self.receipt.columns)

    def shown(self, rows: Sequence[ImportRow]) -> list[list[str]]:
        return [list(row.cells) for row in rows]


WAYS["file"] = FileWay


# --- what is written in a cell ----------------------------------------------------------------------------------------
class Reading:
    """Reads the cells of one file as values of a body: words of closed lists in both languages, local times, areas by code or name."""

    def __init__(self, mapping: Mapping[str, int], incident: bytes | None, one: Import, look: Looking) -> None:
        self.one, self.look, self.mapping = one, look, {k: int(v) for k, v in mapping.items()}
        self.kind = KINDS[one.verb.kind]
        self.usual = {**getattr(self.kind.body, "_field_defaults", {}), **one.usual}
        if self.kind.field("disease") is not None and "disease" not in one.columns:
            self.usual["disease"] = _disease(incident, look)
        self.areas: dict[str, set[str]] = {}
        if any(f.ref == "area" for f in self.kind.fields if f.name in self.mapping):
            for code, place in look.areas.places.items():
                for name in {code, place.name, look.areas.path(code, "zh"), place.name_en or "", look.areas.path(code, "en")} - {""}:
                    self.areas.setdefault(name, set()).add(code)
        self.people: dict[str, list[bytes]] = {}

    def cell(self, cells: Sequence[str], name: str) -> str:
        i = self.mapping.get(name, -1)
        return cells[i].strip() if 0 <= i < len(cells) else ""

    def meet(self, rows: Sequence[Sequence[str]]) -> None:
        """Finds the people whom these rows name by the number of a document, at once."""
        if not any(f.ref == "person" for f in self.kind.fields if f.name in self.mapping):
            return
        names = [f.name for f in self.kind.fields if f.ref == "person" and f.name in self.mapping]
        said = {text: doc.value for row in rows for n in names if (text := self.cell(row, n)) and (doc := read_document(text))}
        people = standing(Person, self.look.seq)
        by: dict[str, set[bytes]] = {}
        for document, canonical in people.filter(document__in={*said, *said.values()}).values_list("document", "canonical"):
            by.setdefault(document, set()).add(bytes(canonical))
        # A passport recorded later names its person as well as the card that they were enrolled with.
        later = standing_facts("document.recorded", self.look.seq, self.look.about).filter(document__in={*said, *said.values()})
        recorded = list(later.values_list("document", "person"))
        ones = dict(people.filter(person__in={p for _, p in recorded}).values_list("person", "canonical")) if recorded else {}
        for document, person in recorded:
            by.setdefault(document, set()).add(bytes(ones.get(person, person)))
        self.people = {text: sorted(by.get(text, set()) | by.get(value, set())) for text, value in said.items()}

    def values(self, cells: Sequence[str], id_: bytes) -> tuple[dict[str, Any], Fate | None]:
        """The values of a row, and what is wrong with it."""
        values: dict[str, Any] = {f.name: self.usual.get(f.name) for f in self.kind.fields if f.name != "post"}
        values |= dict.fromkeys(self.one.fresh, id_)
        for name in self.one.columns:
            text = self.cell(cells, name)
            if not text:
                continue
            if name == "at" and self.kind.field("at") is None:
                try:
                    values["at"] = parse_local(text.replace("/", "-").replace("T", " "), self.look.zone)
                except ValueError:
                    return values, _wrong("at", "应为 YYYY-MM-DD HH:MM", "should be YYYY-MM-DD HH:MM")
                continue
            declared = self.kind.field(name)
            assert declared is not None
            value, wrong = self.value(declared, text)
            if wrong and not (self.one.strangers and declared.ref == "person" and wrong.fate == "refused"):
                return values, wrong
            values[name] = value
        values |= {name: self.cell(cells, name) or None for name in self.one.beside}
        return values, None

    def value(self, declared: Field, text: str) -> tuple[Any, Fate | None]:
        """One cell as the field has it."""
        name = declared.name
        if declared.words:
            folded = text.lower()
            text = self.one.words.get(name, {}).get(folded, text)
            folded = text.lower()
            code = next((c for c, w in LISTS[declared.words].items() if folded in (c.lower(), w.zh.lower(), w.en.lower())), None)
            code = read_kind(text) if code is None and declared.words == "document" else code
            some = list(LISTS[declared.words].values())
            return code, None if code else _wrong(
                name, "应为:" + "、".join(w.zh for w in some), f"should be one of: {', '.join(w.en for w in some)}"
            )
        if declared.ref == "area":
            codes = self.areas.get(text, set())
            if len(codes) == 1:
                return next(iter(codes)), None
            return None, _wrong(name, "同名区域不止一个:请写代码", "several areas are called so: write the code") if codes else _wrong(
                name, "没有这个区域:请写代码或全名", "there is no such area: write its code or its full name")  # fmt: skip
        try:
            match declared.type:
                case "id":
                    return self._id(declared, text)
                case "instant":
                    return parse_local(text.replace("/", "-").replace("T", " "), self.look.zone), None
                case "day":
                    day = read_day(text)
                    return (day.value, None) if day else (None, _wrong(name, "应为日期 YYYY-MM-DD", "should be a day YYYY-MM-DD"))
                case "int":
                    return int(text), None
                case "float":
                    return float(text), None
                case "bool":
                    return text.lower() in ("1", "true", "yes", "y", "是", "有", "√"), None
        except ValueError:
            words = {"instant": ("应为 YYYY-MM-DD HH:MM", "should be YYYY-MM-DD HH:MM")}
            return None, _wrong(name, *words.get(declared.type, ("应为数字", "should be a number")))
        return text, None

    def _id(self, declared: Field, text: str) -> tuple[bytes | None, Fate | None]:
        name = declared.name
        people = self.people.get(text, [])
        if len(people) == 1:
            return people[0], None
        if len(people) > 1:
            return None, Fate(
                "waiting", name, "登记册中有多人用此证件号:请先核实", "several people on the register have this number: settle that first"
            )
        try:
            return from_text(text), None
        except ValueError:
            if declared.ref == "person":
                return None, _wrong(name, "登记册中没有此证件号", "nobody on the register has a document with this number")
            return None, _wrong(name, "应为编号(UUID)", "should be an id (a UUID)")


def _wrong(name: str, zh: str, en: str) -> Fate:
    return Fate("refused", name, zh, en)


def _disease(incident: bytes | None, look: Looking) -> str | None:
    """The disease of an incident."""
    opened = next((f for f in look.facts().standing("incident.opened") if f.body.incident == incident), None)
    return opened.body.disease if opened else None
