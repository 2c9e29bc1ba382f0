"""A sheet's file put back: rows found by their number, what differs shown first, then entered through the sheet's verbs. Never a mask.

Three are compared: the file, the sheet as it was when the file was taken out (a row's number says when), and the sheet as it is. Only
columns that a verb changes are taken (``Sheet.edits``); what changed meanwhile, what a spreadsheet has damaged and what cannot be
changed here is refused row by row, with the reason.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from bulou.basis.ids import from_text, named_id
from bulou.basis.kinds import KINDS
from bulou.basis.time import Instant, parse_local
from bulou.basis.words import Word
from bulou.identity.days import read_day
from bulou.kit.exports import masked
from bulou.kit.importing import BINARY, MOST_ROWS, Import, Reading
from bulou.kit.looking import Looking, Moment, Seen
from bulou.kit.many import WAYS, Act, Fate, Said, begin, new_receipt, step
from bulou.kit.models import ImportReceipt, ImportRow
from bulou.kit.sheet import ROW, ROW_ID, SHEETS, Col, Edit, Sheet, make_ready
from bulou.kit.verb import VERBS, in_whose_name
from bulou.lists.headings import field_of
from bulou.lists.reading import Unreadable, read_file

_CHANGE = Word("改动", "Change")
#: In the mapping of a file: a column of document numbers that someone has added to it.
_NUMBER = "document number"
_MARKED = re.compile(r"[*＊]")
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?E\+?\d+$", re.IGNORECASE)
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
_TIME = re.compile(r"^\d{4}-\d\d-\d\d(?: \d\d:\d\d)?$")


def editable(sheet: Sheet, look: Looking) -> list[Edit]:
    """The columns of a sheet that this viewer may change by putting its file back."""
    return [e for e in sheet.edits if look.viewer.may(e.verb)] if look.moment.live else []


# --- a file becomes rows ----------------------------------------------------------------------------------------------
def put_back(sheet: Sheet, data: bytes, name: str, look: Looking) -> ImportReceipt:
    """A receipt of a sheet's file, its check begun. Unreadable says what would be right."""
    for table in read_file(data, name):
        heads = [h.strip() for h in table.columns]
        where = next((i for i, h in enumerate(heads) if h in (ROW.zh, ROW.en, ROW_ID)), None)
        if where is None or not table.rows:
            continue
        if len(table.rows) > MOST_ROWS or any(BINARY.search(c) for row in table.rows for c in row):
            raise Unreadable(
                Word(f"超过 {MOST_ROWS:,} 行或不是文本:请拆分后重试", f"more than {MOST_ROWS:,} rows, or no text: split the file")
            )
        mapping = {ROW_ID: where}
        for col in sheet.columns:
            at = next((i for i, h in enumerate(heads) if h in (col.word.zh, col.word.en, col.name)), None)
            mapping |= {col.name: at} if at is not None else {}
        number = next((i for i, h in enumerate(heads) if i not in mapping.values() and (field_of(h) or ("",))[0] == "document"), None)
        mapping |= {_NUMBER: number} if number is not None else {}
        edits = editable(sheet, look)
        chair = look.viewer.chair_for(edits[0].verb) if edits else None
        twice = [key for key, n in Counter(_plain(row[where]) for row in table.rows).items() if n > 1]
        receipt = new_receipt(
            "sheet", in_whose_name(look, chair), what=sheet.desk, file=name[:255], sha256=hashlib.sha256(data).hexdigest(), state="checking",
            sheet=sheet.name, columns=heads, mapping=mapping, total=len(table.rows),
            given={"verbs": sorted({e.verb for e in edits}), "twice": twice},
        )  # fmt: skip
        begin(receipt, zip(table.numbers, table.rows, strict=True))
        step(receipt, look)
        return receipt
    raise Unreadable(
        Word(
            f"没有「{ROW.zh}」一列:请从清单导出 CSV 或 XLSX,在该文件中修改",
            f"there is no column “{ROW.en}”: take the list out as CSV or XLSX and edit that file",
        )
    )


# --- rows are read ----------------------------------------------------------------------------------------------------
class _Key(NamedTuple):
    """What a row's number says: the row, and the moment at which its file was taken out."""

    row: tuple[bytes, ...]
    seq: int
    about: int


class _Found(NamedTuple):
    """A row of the sheet at a moment: itself, and its columns as texts in both languages, unmasked and masked."""

    row: Any
    texts: dict[str, tuple[str, ...]]


class _Compared(NamedTuple):
    """What a row of the file says: acts, or why none; its changes as column, text then, text in the file."""

    said: Said
    changes: list[tuple[Col, str, str]]
    row: Any
    values: dict[str, Any] | None = None


class SheetWay:
    """The way of a sheet's file put back."""

    def __init__(self, receipt: ImportReceipt, look: Looking) -> None:
        self.receipt, self.look, self.sheet = receipt, look, SHEETS[receipt.sheet]
        self.where = {k: int(v) for k, v in receipt.mapping.items()}
        self.columns = [c for c in self.sheet.columns if c.name in self.where]
        self.edits = {e.column: e for e in self.sheet.edits if e.verb in receipt.given.get("verbs", [])}
        self.twice = set(receipt.given.get("twice", []))
        self.gives = self.sheet.gives.of(look) if self.sheet.gives else lambda row: {}
        self.readers = {e.column: Reading({e.field: 0}, None, Import(VERBS[e.verb], (e.field,)), look) for e in self.edits.values()}

    def ids(self, row: ImportRow) -> list[bytes]:
        return [self._id(row, verb) for verb in self.receipt.given.get("verbs", [])]

    def _id(self, row: ImportRow, verb: str) -> bytes:
        return named_id("sheet", str(self.receipt.pk), self.receipt.sha256, str(row.n), verb)

    def heads(self) -> list[str]:
        return [self.look.say(self.sheet.columns[0].word), self.look.say(_CHANGE)]

    def read(self, rows: Sequence[ImportRow]) -> list[Said]:
        return [one.said for one in self._compare(rows)]

    def shown(self, rows: Sequence[ImportRow]) -> list[list[str]]:
        look, found = self.look, []
        compared = self._compare(rows)
        make_ready(self.sheet, [c.row for c in compared if c.row is not None], look)
        for one in compared:
            called = self.sheet.columns[0].text(one.row, look) if one.row is not None else ""
            for col, _old, _new in one.changes:
                col.text(one.row, look)  # what is shown of a person is noted in the look
            found.append([called, " · ".join(f"{look.say(col.word)}: {old or '—'} → {new or '—'}" for col, old, new in one.changes)])
        return found

    def _compare(self, rows: Sequence[ImportRow]) -> list[_Compared]:
        keys = [_key(row.cells[self.where[ROW_ID]]) if row.cells else None for row in rows]
        now = self._at(self.look, [k.row for k in keys if k])
        then: dict[tuple[int, int], dict[tuple[bytes, ...], _Found]] = {}
        for seq, about in {(k.seq, k.about) for k in keys if k}:
            if seq <= self.look.seq:
                look = self.look.at(Moment(Instant(about), seq, Instant(about), live=False))
                then[(seq, about)] = self._at(look, [k.row for k in keys if k and (k.seq, k.about) == (seq, about)])
        found = [self._one(row, key, now, then) for row, key in zip(rows, keys, strict=True)]
        open_ = [i for i, one in enumerate(found) if one.values]
        if self.sheet.doubts and open_:
            for i, doubt in zip(open_, self.sheet.doubts([(found[i].row, found[i].values or {}) for i in open_]), strict=True):
                if doubt:
                    found[i] = found[i]._replace(said=Said(fate=Fate("waiting", "", doubt.zh, doubt.en)))
        return found

    def _at(self, look: Looking, keys: Iterable[tuple[bytes, ...]]) -> dict[tuple[bytes, ...], _Found]:
        """Rows of the sheet at a moment, within what the viewer may see now. Nobody is shown anything: what is seen here is not noted."""
        first, wanted = self.sheet.key[0], set(keys)
        rows = list(self.sheet.rows(look).filter(**{f"{first}__in": [k[0] for k in wanted]})) if wanted else []
        texts: dict[int, dict[str, list[str]]] = {i: {c.name: [] for c in self.columns} for i in range(len(rows))}
        for language in ("zh", "en"):
            bare = replace(look, language=language, seen=Seen())
            for eyes in (bare, masked(bare)):
                make_ready(self.sheet, rows, eyes)
                for i, row in enumerate(rows):
                    for col in self.columns:
                        texts[i][col.name].append(_plain(col.text(row, eyes)))
        found = {}
        for i, row in enumerate(rows):
            key = tuple(bytes(getattr(row, name)) for name in self.sheet.key)
            if key in wanted:
                found[key] = _Found(row, {name: tuple(said) for name, said in texts[i].items()})
        return found

    def _one(
        self, row: ImportRow, key: _Key | None, now: dict[tuple[bytes, ...], _Found],
        then: dict[tuple[int, int], dict[tuple[bytes, ...], _Found]],
    ) -> _Compared:  # fmt: skip
        def wrong(zh: str, en: str, fate: str = "refused", column: str = ROW_ID, is_: Any = None) -> _Compared:
            return _Compared(Said(fate=Fate(fate, "", f"{zh}", f"{en}")), changes, is_)

        changes: list[tuple[Col, str, str]] = []
        if not row.cells:  # entered, or the same as it was
            return _Compared(Said(), changes, None)
        if key is None:
            return wrong(f"「{ROW.zh}」被改动或缺失", f"“{ROW.en}” was changed or is missing")
        if _plain(row.cells[self.where[ROW_ID]]) in self.twice:
            return wrong("文件中同一行出现两次", "the file has this row twice")
        if _NUMBER in self.where and self.where[_NUMBER] < len(row.cells) and row.cells[self.where[_NUMBER]].strip():
            return wrong(
                "证件号不能在文件中修改:请对照证件原件用「登记证件」逐人登记",
                "numbers of documents are never changed in a file: record each with the document itself at hand",
            )
        is_, was = now.get(key.row), then.get((key.seq, key.about), {}).get(key.row)
        if is_ is None or was is None:
            return wrong("您的清单中(已)没有这一行", "your list has no such row (any more)")
        values: dict[str, Any] = {}
        for col in self.columns:
            cell = _plain(row.cells[self.where[col.name]]) if self.where[col.name] < len(row.cells) else ""
            old, current = was.texts[col.name], is_.texts[col.name]
            if any(self._alike(cell, text) for text in (*old, *current)):
                continue
            spoilt = damage(cell, old)
            if spoilt is not None or _MARKED.search(cell):
                word = spoilt or Word("打码的值不能作为改动", "a masked value is never taken as a change")
                return wrong(f"{col.word.zh}: {word.zh}", f"{col.word.en}: {word.en}", is_=is_.row)
            edit = self.edits.get(col.name)
            if edit is None:
                return wrong(f"{col.word.zh}:此列不能在文件中修改", f"{col.word.en}: this column cannot be changed in a file", is_=is_.row)
            said = old[0 if self.look.language != "en" else 2]
            changes.append((col, said, cell))
            if old != current:
                return wrong(
                    f"{col.word.zh}:导出后已被改为「{current[0]}」,导出时为「{old[0]}」", f"{col.word.en}: changed since to “{current[2]}”; it was “{old[2]}”",
                    "waiting", is_=is_.row)  # fmt: skip
            field = KINDS[VERBS[edit.verb].kind].field(edit.field)
            assert field
            if not cell:
                return wrong(f"{col.word.zh}:不能为空", f"{col.word.en}: cannot be empty", is_=is_.row)
            value, bad = self.readers[col.name].value(field, cell)
            unfit = edit.wrong(cell)
            if bad or unfit:
                right = unfit or bad
                assert right
                return wrong(f"{col.word.zh}: {right.zh}", f"{col.word.en}: {right.en}", is_=is_.row)
            values[col.name] = value
        return _Compared(Said(self._acts(row, is_.row, values), None, " ".join(values)), changes, is_.row, values)

    def _acts(self, row: ImportRow, is_: Any, values: dict[str, Any]) -> list[Act]:
        """One act for each verb that a change belongs to; what else the verb says stays as the row has it."""
        given = self.gives(is_)
        acts = []
        for verb in sorted({self.edits[name].verb for name in values}):
            kind = KINDS[VERBS[verb].kind]
            usual = getattr(kind.body, "_field_defaults", {})
            body = {f.name: given.get(f.name, usual.get(f.name)) for f in kind.fields if f.name != "post"}
            if kind.field("source") is not None:  # who or what said so
                body["source"] = self.receipt.file
            for edit in (e for e in self.edits.values() if e.verb == verb):
                body[edit.field] = values[edit.column] if edit.column in values else edit.value(is_)
            acts.append(Act(VERBS[verb], self._id(row, verb), body, None, given.get("incident") if kind.scope != "world" else None))
        return acts

    def _alike(self, cell: str, text: str) -> bool:
        """Whether a cell says what the sheet said: the same text, or the same day or hour as another program writes it."""
        if cell == text:
            return True
        if not _TIME.match(text) or not cell:
            return False
        try:
            if len(text) == 10:
                day = read_day(cell)
                return day is not None and day.value == text
            return parse_local(_hour(cell), self.look.zone) == parse_local(text, self.look.zone)
        except ValueError:
            return False


WAYS["sheet"] = SheetWay


def _plain(text: str) -> str:
    """A cell without what a file adds to keep it from being a formula."""
    text = text.strip()
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@" else text


def _hour(cell: str) -> str:
    """2020/12/9 9:00 or 2020-12-09T09:00:00 as 2020-12-09 09:00."""
    day, _, hour = cell.replace("/", "-").replace("T", " ").partition(" ")
    year, month, of = (*day.split("-"), "", "")[:3]
    clock = (hour or "0:00").split(":")
    return f"{year}-{month.zfill(2)}-{of.zfill(2)} {clock[0].zfill(2)}:{(*clock, '00')[1].zfill(2)}"


def _key(text: str) -> _Key | None:
    ids, _, moment = _plain(text).partition("@")
    seq, _, about = moment.partition("@")
    try:
        return _Key(tuple(from_text(part) for part in ids.split(".")), int(seq), int(about))
    except ValueError:
        return None


def damage(cell: str, old: Iterable[str]) -> Word | None:
    """What a spreadsheet has done to a cell: zeros at the front, the last digits, a day or an hour. None where it did nothing known."""
    for text in old:
        digits = text.isdecimal()
        if digits and text.startswith("0") and cell == text.lstrip("0"):
            return Word("表格软件去掉了前面的零", "a spreadsheet has taken the zeros at the front away")
        if (
            digits
            and len(text) > 15
            and len(cell) == len(text)
            and cell.isdecimal()
            and cell[:15] == text[:15]
            and not cell[15:].strip("0")
        ):
            return Word("表格软件只保留15位数字,末尾写成了零", "a spreadsheet kept 15 digits and wrote zeros for the rest")
        if digits and len(text) > 11 and _SCIENTIFIC.match(cell):
            return Word("表格软件改成了科学计数法", "a spreadsheet has made a number in scientific notation of it")
        if _TIME.match(text) and _SERIAL.match(cell):
            return Word("表格软件把日期改成了数字", "a spreadsheet has made a number of this day")
    return None


__all__ = ["SheetWay", "damage", "editable", "put_back"]
