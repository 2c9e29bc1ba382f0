"""Results from a laboratory's CSV: columns recognised, every row given its fate, the same file twice harmless. Enters nothing bad."""

import csv
import hashlib
import io
from typing import NamedTuple

from bulou.basis.facts import TubeResulted
from bulou.basis.ids import named_id
from bulou.basis.kinds import KINDS, Fact, check
from bulou.basis.time import Instant, parse_local
from bulou.basis.words import RESULT, RUN, Word
from bulou.desks.testing.verbs import code_problem
from bulou.kit.looking import Looking

#: How columns may be headed, folded to lower case without spaces.
HEADS: dict[str, tuple[str, ...]] = {
    "tube": ("tube", "试管", "试管号", "管号", "样本编号", "barcode", "条码"),
    "result": ("result", "结果", "检测结果"),
    "run": ("run", "检测次序", "复测"),
    "at": ("at", "time", "出结果时间", "检测时间", "报告时间"),
    "ct_orf": ("ct_orf", "orf", "orf1ab", "ctorf"),
    "ct_n": ("ct_n", "n", "ctn", "n基因"),
}
#: In one file. Above this a file is split: every part has its receipt.
MOST_ROWS = 20_000


class Row(NamedTuple):
    """One row of the file with its fate: ``fact`` when it can be entered, else what is wrong with which field.

    ``timed``: the row gives its own hour; without one it happened when the file first came.
    """

    number: int
    tube: str
    result: str
    fact: Fact | None
    field: str
    wrong: Word | None
    timed: bool


class Unreadable(ValueError):
    """The file as a whole cannot be read; nothing of it was entered."""

    def __init__(self, word: Word) -> None:
        super().__init__(word.en)
        self.word = word


def decode(data: bytes) -> str:
    """The text of a file in UTF-8 (with or without its mark) or GBK; Unreadable for anything else."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(
        Word("文件编码既非 UTF-8 也非 GBK:请另存为 UTF-8 的 CSV", "the file is neither UTF-8 nor GBK: save it as CSV in UTF-8")
    )


def columns(heads: list[str]) -> dict[str, int]:
    """Which column is which; Unreadable when tube or result is not among them."""
    folded = [h.strip().lower().replace(" ", "") for h in heads]
    found = {name: next((i for i, h in enumerate(folded) if h in known), -1) for name, known in HEADS.items()}
    missing = [name for name in ("tube", "result") if found[name] < 0]
    if missing:
        zh = "、".join(HEADS[m][1] for m in missing)
        raise Unreadable(Word(f"缺少列:{zh}。首行须为列名", f"missing columns: {', '.join(missing)}. The first row names the columns"))
    return {name: i for name, i in found.items() if i >= 0}


def read(data: bytes, look: Looking, disease: str, incident: bytes | None, now: Instant) -> list[Row]:
    """Every row of the file with its fate. Facts get their ids from the file and the row, so that entering twice changes nothing."""
    text = decode(data)
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:4096], ",;\t")
    except csv.Error:
        dialect = csv.excel
    lines = list(csv.reader(io.StringIO(text), dialect))
    if not lines:
        raise Unreadable(Word("文件是空的", "the file is empty"))
    if len(lines) > MOST_ROWS + 1:
        raise Unreadable(Word(f"超过{MOST_ROWS:,}行:请拆分", f"more than {MOST_ROWS:,} rows: split the file"))
    where = columns(lines[0])
    digest = hashlib.sha256(data).hexdigest()
    return [
        _row(i, line, where, digest, look, disease, incident, now)
        for i, line in enumerate(lines[1:], start=2)
        if any(c.strip() for c in line)
    ]


def _row(
    number: int, line: list[str], where: dict[str, int], digest: str, look: Looking, disease: str, incident: bytes | None, now: Instant
) -> Row:
    def cell(name: str) -> str:
        i = where.get(name, -1)
        return line[i].strip() if 0 <= i < len(line) else ""

    def wrong(field: str, zh: str, en: str) -> Row:
        return Row(number, tube, cell("result"), None, field, Word(zh, en), bool(cell("at")))

    tube = cell("tube")
    bad = code_problem(tube)
    if bad:
        return wrong("tube", bad.zh, bad.en)
    result = _code(cell("result"), RESULT)
    if result is None:
        return wrong("result", "应为:" + "、".join(w.zh for w in RESULT.values()), f"should be one of {', '.join(RESULT)}")
    run = _code(cell("run"), RUN) if cell("run") else "first"
    if run is None:
        return wrong("run", "应为:初次、原管复测", "should be first or rerun")
    at: Instant = now
    if cell("at"):
        try:
            at = parse_local(cell("at").replace("/", "-"), look.zone)
        except ValueError:
            return wrong("at", "应为 YYYY-MM-DD HH:MM", "should be YYYY-MM-DD HH:MM")
        if at > now:
            return wrong("at", "时间不能晚于现在", "lies in the future")
    cts: dict[str, float | None] = {}
    for name in ("ct_orf", "ct_n"):
        try:
            cts[name] = float(cell(name)) if cell(name) else None
        except ValueError:
            return wrong(name, "应为数字", "should be a number")
    body = TubeResulted(tube, disease, result, run, "file", False, cts["ct_orf"], cts["ct_n"])
    fact = Fact(named_id("result file", digest, str(number)), "tube.resulted", at, incident, body)
    shape = check(KINDS["tube.resulted"], body, incident)
    if shape:
        return wrong(shape[0].field, shape[0].zh, shape[0].en)
    return Row(number, tube, result, fact, "", None, bool(cell("at")))


def _code(text: str, words: dict[str, Word]) -> str | None:
    """A word of a closed list by its code, its Chinese or its English."""
    folded = text.strip().lower()
    signs = {"+": "positive", "-": "negative", "－": "negative", "＋": "positive", "可疑": "grey"}
    if words is RESULT and folded in signs:
        return signs[folded]
    return next((code for code, word in words.items() if folded in (code, word.zh, word.en.lower())), None)
