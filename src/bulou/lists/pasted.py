"""Pasted text as tables: tables of documents (HTML), a group's list (接龙), forwarded chat, "姓名:…" blocks, lines of names.

Every line becomes part of a person or stands aside with its reason; what fits no column goes to the remarks, never away.
"""

import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from typing import NamedTuple

from bulou.lists.delimited import split
from bulou.lists.headings import field_of
from bulou.lists.noticed import notice
from bulou.lists.rows import TOTAL, to_table
from bulou.lists.spreadsheet import Merge, runs
from bulou.lists.table import Aside, Notice, Table

# --- HTML -------------------------------------------------------------------------------------------------------------


def is_html(text: str) -> bool:
    """Whether text is HTML with a table: pasted from a document, or an ".xls" that a web system made."""
    return bool(re.search(r"<table[\s>]", text, re.IGNORECASE)) and bool(re.search(r"<t[dh][\s>]", text, re.IGNORECASE))


class _Tables(HTMLParser):
    """Cells of each table with what they span; a table within a cell is text of that cell."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[tuple[str, int, int]]]] = []
        self.hidden: list[list[int]] = []
        self._depth = 0
        self._cell: list[str] | None = None
        self._span = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
                self.hidden.append([])
        elif self._depth == 1 and tag == "tr":
            self._close()
            self.tables[-1].append([])
            if re.search(r"display\s*:\s*none", said.get("style") or ""):
                self.hidden[-1].append(len(self.tables[-1]))
        elif self._depth == 1 and tag in ("td", "th"):
            self._close()
            if not self.tables[-1]:
                self.tables[-1].append([])
            self._cell = []
            self._span = (_whole(said.get("rowspan")), _whole(said.get("colspan")))
        elif tag in ("br", "p", "div", "li") and self._cell:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            if self._depth == 1:
                self._close()
            self._depth = max(0, self._depth - 1)
        elif self._depth == 1 and tag in ("td", "th", "tr"):
            self._close()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _close(self) -> None:
        if self._cell is not None:
            text = "\n".join(" ".join(line.split()) for line in "".join(self._cell).split("\n"))
            self.tables[-1][-1].append((text.strip(), *self._span))
            self._cell = None


def _whole(text: str | None) -> int:
    return min(int(text), 1000) if text and text.isdigit() and int(text) > 0 else 1


def html_tables(text: str, name: str) -> list[Table]:
    """Every table of an HTML text; rows are counted from the first of their table."""
    reader = _Tables()
    reader.feed(text)
    reader.close()
    found = []
    for at, (rows, hidden) in enumerate(zip(reader.tables, reader.hidden, strict=True), start=1):
        cells, merges = _spread(rows)
        if not any(map(any, cells)):
            continue
        notices = [notice("hidden_rows", first, times=times) for first, times in runs(r for r in hidden if any(cells[r - 1]))]
        found.append(to_table(name, "" if len(reader.tables) == 1 else str(at), cells, merges, notices, "html"))
    return found


def _spread(rows: list[list[tuple[str, int, int]]]) -> tuple[list[list[str]], list[Merge]]:
    taken: dict[tuple[int, int], str] = {}
    merges: list[Merge] = []
    for r, row in enumerate(rows):
        c = 0
        for value, down, right in row:
            while (r, c) in taken:
                c += 1
            down_to = min(down, len(rows) - r)
            for i in range(down_to):
                for j in range(right):
                    taken[(r + i, c + j)] = "" if i or j else value
            if down_to * right > 1:
                merges.append((r, c, r + down_to - 1, c + right - 1))
            c += right
    width = max((c for _, c in taken), default=-1) + 1
    return [[taken.get((r, c), "") for c in range(width)] for r in range(len(rows))], merges


# --- what a line says of a person -------------------------------------------------------------------------------------
COLUMNS = ("序号", "姓名", "性别", "年龄", "证件号码", "联系电话", "联系电话2", "住址", "状态", "备注", "发送人", "发送时间")
_FIELDS = ("serial", "name", "sex", "age", "document", "phone", "phone2", "address", "state", "remark", "sender", "sent")

_DIGIT = r"[0-9０-９]"
_DOCUMENT = re.compile(
    rf"(?<!{_DIGIT}){_DIGIT}{{6}}[ \-]?(?:{_DIGIT}{{4}}[ \-]?{_DIGIT}{{4}}|{_DIGIT}{{8}})[ \-]?{_DIGIT}{{3}}[0-9０-９xXＸｘ×✕✖╳*](?!{_DIGIT})"
    rf"|(?<!{_DIGIT}){_DIGIT}{{15}}(?!{_DIGIT})"
    r"|(?<![A-Za-z0-9])(?:[A-Za-z]{1,2}\d{7,9}|[HMhm]\d{8,10})(?![A-Za-z0-9])"
    r"|(?<![\d.])\d(?:\.\d+)?[eE]\+\d{1,2}(?!\d)"
)
_PHONE = re.compile(
    rf"(?<!{_DIGIT})(?:\+?86[ \-]?)?[1１][3-9３-９]{_DIGIT}[ \-]?{_DIGIT}{{4}}[ \-]?{_DIGIT}{{4}}(?!{_DIGIT})"
    rf"|(?<!{_DIGIT})0\d{{2,3}}[\- ]?\d{{7,8}}(?!{_DIGIT})"
)
_LABELS = re.compile(
    r"(?:公民身份号码|居民身份证号码|身份证号码|身份证号|身份证|证件号码|证件号|护照号码|护照号|护照|联系电话|联系方式|手机号码|手机号|手机|电话号码|电话|现住址|家庭住址|详细地址|居住地址|居住地|住址|地址|姓名|性别|年龄)\s*(?:[:：]|为|是)?\s*$"
)
_LIVES = re.compile(r"^(?:现居住|现住|家住|居住|住)(?:在|于|址|地)?(?=.{3})")
_PLACE = re.compile(
    r"[省市区县镇乡街道路村组栋幢号室楼弄巷苑园府城座期寨庄里屯社厂院校店]|小区|社区|单元|公寓|宿舍|大厦|广场|\d+-\d+(?:-\d+)?$"
)
_SEX = re.compile(r"^(?:男|女|男性|女性)$")
_AGE = re.compile(r"^(\d{1,3})(?:周?岁|岁半)?$")
_STATE = re.compile(
    r"^(?:已采|未采|已做|未做|已检|未检|已采样|未采样|已转运|未转运|阴性|阳性|已隔离|在外地|外地|不在|已完成|未完成|拒绝|居家)$"
)
_HAN_NAME = re.compile(r"^[㐀-鿿\U00020000-\U0003ffff]{2,4}$|^[㐀-鿿\U00020000-\U0003ffff]+(?:[·•・‧∙][㐀-鿿]+)+$")
_HAN = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]")
_SEPARATOR = re.compile(r"[\s,，;；、|｜/+＋:：()（）【】\[\]。]+")
#: Two hanzi that are said in a group and are nobody's name.
_SAID = frozenset([
    "收到", "好的", "谢谢", "辛苦", "辛苦了", "明白", "已报", "知道", "知道了", "可以", "是的", "没有",
    "稍等", "马上", "大家", "好滴", "嗯嗯", "哈哈", "已接龙", "加油", "早上好", "晚上好", "你好", "各位",
    "请问", "在吗", "不用", "完成", "已完成", "已填", "OK", "ok", "1", "+1", "👌", "接龙",

])  # fmt: skip


class _Person(NamedTuple):
    said: dict[str, str]
    number: int


def _alphabetic(token: str) -> bool:
    """Whether a token could be a part of a name in a script of letters: Latin, Tibetan, Arabic, any but hanzi."""
    return len(token) > 1 and not _HAN.search(token) and all(unicodedata.category(c)[0] in "LM" or c in "'’.-་" for c in token)


def _said_of(text: str) -> dict[str, str]:
    """What one line says of one person; what fits nothing stands under ``remark``."""
    found: dict[str, str] = {}
    rest = text

    def take(pattern: re.Pattern[str], *fields: str) -> None:
        nonlocal rest
        kept = []
        at = 0
        for i, hit in enumerate(pattern.finditer(rest)):
            if i < len(fields):
                found[fields[i]] = hit[0]
                kept.append(_LABELS.sub("", rest[at : hit.start()]))
                at = hit.end()
        kept.append(rest[at:])
        rest = " ".join(kept) if len(kept) > 1 else rest

    take(_DOCUMENT, "document")
    take(_PHONE, "phone", "phone2")
    places: list[str] = []
    remarks: list[str] = []
    latin: list[str] = []
    for token in filter(None, _SEPARATOR.split(rest)):
        bare = _LIVES.sub("", _LABELS.sub("", token))
        if not bare:
            continue
        if "sex" not in found and _SEX.match(bare):
            found["sex"] = bare
        elif "age" not in found and ("岁" in bare or len(bare) < 3) and (age := _AGE.match(bare)):
            found["age"] = age[1]
        elif "state" not in found and _STATE.match(bare):
            found["state"] = bare
        elif "name" not in found and not latin and _HAN_NAME.match(bare) and not (len(bare) > 3 and _PLACE.search(bare)):
            found["name"] = bare
        elif "name" not in found and not places and _alphabetic(bare):
            latin.append(bare)
        elif (_PLACE.search(bare) and (len(bare) > 2 or places)) or (places and bare[:1].isdigit()):
            places.append(bare)
        else:
            remarks.append(token)
    if latin:
        if "name" in found:
            remarks += latin
        else:
            found["name"] = " ".join(latin)
    if places:
        found["address"] = " ".join(places)
    if remarks:
        found["remark"] = " ".join(remarks)
    return found


# --- forms of text ----------------------------------------------------------------------------------------------------
_HOUR = r"(?:[上下]午|凌晨|早上|中午|晚上|[AaPp][Mm])?\s*\d{1,2}[::]\d{2}(?:[::]\d{2})?(?:\s*[AaPp][Mm])?"
_DAY = r"(?:\d{2,4}[-/.年])?\d{1,2}[-/.月]\d{1,2}日?|昨天|今天|前天|星期[一二三四五六日天]|周[一二三四五六日天]"
_SENDER = (
    re.compile(rf"^(?P<who>[^\d\s][^:：]{{0,30}}?)\s+(?P<when>(?:(?:{_DAY})\s*)?{_HOUR})\s*$"),
    re.compile(rf"^(?P<when>(?:{_DAY})\s*{_HOUR})\s+(?P<who>\S[^:：]{{0,30}})$"),
    re.compile(r"^\[(?P<when>[^\]]*\d[::]\d{2}[^\]]*)\]\s*(?P<who>[^:：]{1,30})[:：]?(?P<rest>.*)$"),
    re.compile(r"^(?P<who>[^\s\d:：,，]{1,20})[:：]$"),
)
_DAY_LINE = re.compile(rf"^[—\-─=\s]*(?:{_DAY})(?:\s*{_HOUR})?[—\-─=\s]*$")
#: What begins a person in a group's list: "1." "2、" "(3)" "【4】" "⑤" or "6张三"; never "11组".
_NUMBERED = re.compile(
    r"^\s*(?:(\d{1,4})\s*(?:[.．、)）](?!\d{2,}\b\.)|[:：](?!\d{2}))|[(（【\[](\d{1,4})[)）】\]]|([①-⑳㉑-㉟])"
    r"|(\d{1,3})(?=[㐀-鿿]{2})(?!\d+[组栋幢号楼村岁人月日年点时室户区街例个次队社单层期巷弄]))\s*(?P<rest>.*)$"
)
_LABEL = re.compile(r"(?:^|(?<=[\s,，;；、。]))([^\s:：,，;；、。\d]{1,12}?)\s*[:：]\s*")


def pasted(text: str, name: str) -> Table:
    """Text of people, line by line, as a table."""
    cells, notices = split(text, "")
    lines = [row[0] if row else "" for row in cells]
    spaced = _spaced(lines)
    if spaced is not None:
        return to_table(name, "", spaced, (), notices, "text")
    labels = [field for line in lines for m in _LABEL.finditer(line) if (field := _label(m[1]))]
    if labels.count("name") >= 1 and len(set(labels)) >= 2:
        return _blocks(lines, name, notices)
    return _chat(lines, name, notices)


def _spaced(lines: list[str]) -> list[list[str]] | None:
    """Lines under headings parted by spaces ("姓名  电话  住址"), as cells; None when the text does not begin with headings."""
    head = next((line for line in lines if line), "")
    for sign in (r"\s{2,}", r"\s+"):
        said = re.split(sign, head)
        if len(said) > 1 and all(field_of(c) for c in said):
            return [re.split(sign, line) if line else [""] for line in lines]
    return None


def _label(text: str) -> str | None:
    known = field_of(text)
    return known[0] if known and known[0] not in ("serial", "sent_by", "sent_at") else None


def _blocks(lines: list[str], name: str, notices: list[Notice]) -> Table:
    """ "姓名:… 电话:…" over several lines or in one: a label that comes again, or a new name, begins another person."""
    people: list[tuple[int, dict[str, str]]] = []
    heads: list[str] = []
    aside: list[Aside] = []
    said: list[Notice] = []
    for number, line in enumerate(lines, start=1):
        if not line:
            aside.append(Aside(number, "blank", ("",)))
            continue
        numbered = _NUMBERED.match(line)
        rest = numbered["rest"] if numbered else line
        marks = list(_LABEL.finditer(rest))
        if not marks or not any(_label(m[1]) for m in marks):
            if people and not _is_title(line):
                _add(people[-1][1], heads, "备注", line)
                aside.append(Aside(number, "joined", (line,)))
            else:
                aside.append(Aside(number, "title", (line,)))
                said.append(notice("title", number, text=line))
            continue
        begun = False
        for mark, after in zip(marks, [*marks[1:], None], strict=True):
            value = rest[mark.end() : after.start() if after else len(rest)].strip(" \t,，;；、。")
            label = mark[1]
            if not people or (label in people[-1][1] and people[-1][1][label] and (label == _first(people[-1][1]) or field_name(label))):
                people.append((number, {}))
                begun = True
            if rest[: mark.start()].strip() and mark is marks[0]:
                _add(people[-1][1], heads, "备注", rest[: mark.start()].strip())
            _add(people[-1][1], heads, label, value)
        if not begun:
            aside.append(Aside(number, "joined", (line,)))
    rows = [tuple(p.get(h, "") for h in heads) for _, p in people]
    said += [notice("blank", start, times=times) for start, times in runs(a.number for a in aside if a.code == "blank")]
    return Table(name, "", tuple(heads), rows, [n for n, _ in people], notices + said, "blocks", tuple(aside))


def _first(said: dict[str, str]) -> str:
    return next(iter(said), "")


def field_name(label: str) -> bool:
    """Whether a label names the person."""
    known = field_of(label)
    return known is not None and known[0] == "name"


def _add(person: dict[str, str], heads: list[str], label: str, value: str) -> None:
    if label not in heads:
        heads.append(label)
    person[label] = f"{person[label]} {value}".strip() if person.get(label) else value


def _is_title(line: str) -> bool:
    return line.startswith("#") or "接龙" in line


def _chat(lines: list[str], name: str, notices: list[Notice]) -> Table:
    """A group's list, forwarded chat or plain lines: a person a line, or a line and what follows it up to the next number."""
    counted = sum(1 for line in lines if _NUMBERED.match(line))
    filled = sum(1 for line in lines if line)
    numbered_list = counted >= max(1, filled / 4)
    telling = sum(1 for line in lines if _DOCUMENT.search(line) or _PHONE.search(line))
    people: list[_Person] = []
    aside: list[Aside] = []
    said: list[Notice] = []
    sender, sent, open_person = "", "", False

    def away(number: int, code: str, line: str) -> None:
        aside.append(Aside(number, code, (line,)))
        if code != "blank":
            said.append(notice(code, number, text=line))

    for number, source in enumerate(lines, start=1):
        line = source
        if not line:
            away(number, "blank", line)
            open_person = False
            continue
        head = None if _NUMBERED.match(line) else _sender(line)
        if head is not None:
            who, when, rest = head
            sender, sent, open_person = who or sender, when or sent, False
            if not rest:
                away(number, "sender", line)
                continue
            line = rest
        elif _DAY_LINE.match(line):
            sent, open_person = line.strip("—-─= "), False
            away(number, "sender", line)
            continue
        found = _NUMBERED.match(line)
        if re.match(r"^(?:例|示例|样例|例如|模板)\s*[:：.、\d ]", line):
            away(number, "example", line)
            continue
        if _is_title(line) and not found:
            away(number, "title", line)
            continue
        rest = found["rest"] if found else line
        has_key = bool(_DOCUMENT.search(rest) or _PHONE.search(rest))
        about = _said_of(rest)
        if found:
            if not rest.strip():
                away(number, "chatter", line)
                continue
            said += _enter(people, rest, number, found[1] or found[2] or found[3] or found[4] or "", sender, sent)
            open_person = True
            continue
        if line in _SAID:
            away(number, "chatter", line)
            continue
        if TOTAL.match(line.replace(" ", "")):
            away(number, "total", line)
            open_person = False
            continue
        adds = has_key and not about.get("name") and not about.get("remark") and not any(people[-1].said.get(k) for k in ("document", "phone")
                                                                                       if k in about) if people else False  # fmt: skip
        if people and open_person and (numbered_list or adds):
            _merge(people[-1].said, about, line)
            away(number, "joined", line)
            continue
        if has_key:
            said += _enter(people, rest, number, "", sender, sent)
            open_person = True
            continue
        if numbered_list and not people:
            away(number, "title", line)
            continue
        bare = about.get("name")
        names = [t for t in _SEPARATOR.split(line) if t]
        is_name = bool(bare) and line not in _SAID and len(line) <= 60 and all(t not in _SAID for t in names)
        if is_name and (bare == line or len(names) <= 4):
            if all(_HAN_NAME.match(t) for t in names) and len(names) > 1 and not telling and not numbered_list:
                for one in names:
                    people.append(_Person({"name": one, "sender": sender, "sent": sent}, number))
                said.append(notice("split", number, text=str(len(names))))
            else:
                people.append(_Person(about | {"sender": sender, "sent": sent}, number))
                if telling:
                    said.append(notice("bare_name", number, text=bare or ""))
            open_person = True
            continue
        away(number, "chatter", line)
    used = [i for i, f in enumerate(_FIELDS) if any(p.said.get(f) for p in people)] or [1]
    rows = [tuple(p.said.get(_FIELDS[i], "") for i in used) for p in people]
    said += [notice("blank", start, times=times) for start, times in runs(a.number for a in aside if a.code == "blank")]
    said += [notice("scientific", p.number, "证件号码", text=p.said["document"]) for p in people if "+" in p.said.get("document", "")]
    return Table(name, "", tuple(COLUMNS[i] for i in used), rows, [p.number for p in people], notices + said, "chat", tuple(aside))


def _sender(line: str) -> tuple[str, str, str] | None:
    for pattern in _SENDER:
        found = pattern.match(line)
        if found:
            groups = found.groupdict()
            who = (groups.get("who") or "").strip()
            if _DOCUMENT.search(who) or _PHONE.search(who) or _label(who):
                continue
            return who, (groups.get("when") or "").strip(), (groups.get("rest") or "").strip()
    return None


def _enter(people: list[_Person], text: str, number: int, serial: str, sender: str, sent: str) -> Iterator[Notice]:
    """The people of one line: as many as it has documents after the first name."""
    parts = _parts(text)
    for i, part in enumerate(parts):
        about = _said_of(part)
        people.append(_Person({"serial": serial if not i else ""} | about | {"sender": sender, "sent": sent}, number))
    if len(parts) > 1:
        return iter([notice("split", number, text=str(len(parts)))])
    return iter(())


def _parts(text: str) -> list[str]:
    """A line that holds several people, each with a name before a document or (without documents) a phone, parted before each name."""
    hits = list(_DOCUMENT.finditer(text))
    if len(hits) < 2:
        hits = [] if hits else list(_PHONE.finditer(text))
    cuts = [0]
    for before, hit in pairwise(hits):
        between = text[before.end() : hit.start()]
        tokens = list(re.finditer(r"[^\s,，;；、|｜/:：]+", between))
        named = [
            t
            for t in tokens
            if _HAN_NAME.match(_LABELS.sub("", t[0])) and not _PLACE.search(t[0]) and not _SEX.match(t[0]) and not _LABELS.fullmatch(t[0])
        ]
        if not named:
            return [text]
        cuts.append(before.end() + named[-1].start())
    return [text[a:b].strip(" \t,，;；、") for a, b in zip(cuts, [*cuts[1:], len(text)], strict=True)]


def _merge(person: dict[str, str], more: dict[str, str], line: str) -> None:
    """What a further line says of the same person; what the person has already goes to the remarks."""
    for field, value in more.items():
        if not person.get(field):
            person[field] = value
        elif field == "phone" and not person.get("phone2"):
            person["phone2"] = value
        else:
            person["remark"] = f"{person.get('remark', '')} {value}".strip()
