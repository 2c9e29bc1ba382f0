"""Lists as dirty as people have them, with the answer known: every row knows whose it is and which trap of the field it is.

``make(seed, people)`` gives up to eight lists of one made-up population; ``Dirty.write(folder)`` writes them as the files they came in
(XLSX with merged headings and hidden rows, CSV in GBK and with BOM, text from a chat group, a table pasted from a document);
``Dirty.listed()`` gives the same rows as if they had been read and mapped. ``Dirty.truth`` holds the answer.
Nothing here is anybody's: names, numbers and streets are drawn, phones begin with 199 0.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter

#: Each trap that can occur in a list: what it is, with its number in the field's catalogue of sixty.
TRAPS: dict[str, str] = {
    "plain": "an ordinary row",
    "no_document": "1 nobody has a card at hand: name and phone alone",
    "twins": "2 twins: one birthday, address and phone, two documents, names one character apart",
    "namesakes": "2 one name, sex, birthday and address, two documents: two people",
    "namesake_unknown": "2 one of two namesakes, without document or phone: nobody can say which",
    "passport": "3 a passport in one list, the identity card in the others",
    "old15": "3 the old number of 15 digits",
    "x_lower": "4 x for X",
    "x_times": "4 × for X",
    "full_width": "4 full-width digits",
    "spaces": "4 spaces and a soft hyphen inside the number",
    "checksum": "4 one digit mistyped, name and phone as they are",
    "child_code": "5 a child under the parent's number, which is said",
    "child_code_unsaid": "5 a child under the parent's number, which nobody says",
    "shared_phone": "6 a foreman's phone for eight workers",
    "middle_dot": "7 a name with its middle dot in another code point",
    "pinyin": "7 a foreigner's name in capitals, in another order of spaces",
    "name_typo": "48 Zhang, not Zhan: a character wrong, the number right",
    "moved": "10, 15 another street in another list",
    "late_result": "21 the result came later: another state",
    "days": "25 days in other writings, meaning the same",
    "twice": "30 the same person twice in one list: people and samples are two units",
    "other_phone": "6 another phone in another list",
    "phone_writing": "6 +86, spaces, hyphens in the phone",
    "first_january": "2 born on 1 January, as whoever does not know their birthday: one name, two people",
    "zero_tail": "47 an 18-digit number that a spreadsheet rounded to 000",
    "sci": "47 2.02E+17",
    "zero_tail_alone": "47 a rounded number, no phone and a name that others bear: whose it is cannot be known",
    "totals": "47 a row of totals",
    "heading": "47 the heading once more in the middle",
    "hidden": "47 a hidden row, which is a row",
    "formula": "47 a formula for a value",
}  # fmt: skip
NOBODY = {"totals", "heading"}
#: Rows of which it cannot be known whose they are: they must be in review, whatever is made of them.
UNKNOWABLE = {"namesake_unknown", "zero_tail_alone", "child_code_unsaid"}
#: Rows that must be in review although the person is known.
SPOILED = {"zero_tail", "sci", "zero_tail_alone"}
#: Rows whose tie may be made or put into review: both are right.
EITHER = {"passport", "shared_phone"}

STREETS = (
    "梧田街道",
    "青石街道",
    "白沙镇",
    "龙隐镇",
    "柳林街道",
    "三河村",
    "红桥社区",
    "观澜街道",
    "石板镇",
    "新桥街道",
    "安靖街道",
    "古井镇",
)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文辉志海燕春梅雪松林鹏飞宇轩子涵梓晨浩然欣怡思远佳琪俊熙诗雨博晓东晨曦若曦天佑雅婷"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_UYGHUR = ("买买提·艾力", "阿依古丽·吐尔逊", "古丽娜尔·买买提", "艾尼瓦尔·玉素甫", "热依汗·阿不都", "努尔兰·托合提")
_FOREIGN = ("SMITH JOHN", "GARCIA MARIA", "NGUYEN VAN AN", "MULLER ANNA", "SATO YUKI", "KIM MIN SEO", "ROSSI MARCO", "IVANOVA OLGA")
_LATIN = {"王": "WANG", "李": "LI", "张": "ZHANG", "刘": "LIU", "陈": "CHEN", "杨": "YANG", "赵": "ZHAO", "黄": "HUANG"}
_STATES = ("密接", "次密接", "阴性", "待检")


class Someone(NamedTuple):
    """A made-up person as they are in truth."""

    key: int
    name: str
    document: str
    phone: str
    born_on: str
    sex: str
    street: str
    address: str
    state: str
    day: str
    household: str


class Row(NamedTuple):
    """One row of one list: what it says, whose it is (``None``: nobody's), which trap."""

    said: dict[str, str]
    person: int | None
    trap: str


class Form(NamedTuple):
    """How one list comes: the name of its file, its form, and its columns with their headings."""

    file: str
    form: str
    columns: dict[str, str]


FORMS = (
    Form("检测组.xlsx", "xlsx-merged",
         {"name": "姓名", "document": "身份证号", "phone": "手机号", "area": "街道", "sampled": "采样日期", "state": "状态"}),
    Form("流调组.csv", "csv-gbk",
         {"name": "姓名", "document": "证件号码", "phone": "联系电话", "address": "现住址", "area": "所属街道", "sampled": "采样日期",
          "state": "人员状态"}),
    Form("隔离点.csv", "csv-bom",
         {"name": "姓名", "sex": "性别", "document": "身份证号码", "phone": "电话", "area": "街道（镇）", "state": "状态"}),
    Form("公安.xlsx", "xlsx",
         {"document": "公民身份号码", "name": "姓名", "sex": "性别", "born_on": "出生日期", "phone": "手机号码", "address": "住址"}),
    Form("接龙.txt", "chat", {"name": "姓名", "phone": "电话", "area": "街道"}),
    Form("网格.xlsx", "xlsx",
         {"household": "户号", "name": "姓名", "document": "证件号码", "code_of": "代扫码人", "phone": "联系电话", "area": "街道",
          "address": "详细地址"}),
    Form("转运.txt", "pasted", {"name": "姓名", "document": "身份证号", "phone": "电话", "area": "乡镇街道", "sampled": "采样日期"}),
    Form("上级推送.csv", "csv-bom",
         {"name": "姓名", "document": "证件号", "born_on": "出生日期", "phone": "联系方式", "area": "街道", "state": "状态"}),
)  # fmt: skip


def check(digits: str) -> str:
    """The check character of 17 digits, GB 11643-1999."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11]


class Truth(NamedTuple):
    """The answer. Rows are named by (list, number in the source)."""

    person_of: dict[tuple[int, int], int]
    trap_of: dict[tuple[int, int], str]
    nobody: dict[tuple[int, int], str]
    #: Person and field of which two lists say different things.
    differing: dict[str, set[int]]

    @property
    def known(self) -> dict[tuple[int, int], int]:
        """The rows of which it can be known whose they are."""
        return {at: p for at, p in self.person_of.items() if self.trap_of[at] not in UNKNOWABLE | EITHER}

    @property
    def unknowable(self) -> set[tuple[int, int]]:
        return {at for at, trap in self.trap_of.items() if trap in UNKNOWABLE}

    @property
    def either(self) -> set[tuple[int, int]]:
        return {at for at, trap in self.trap_of.items() if trap in EITHER}

    @property
    def spoiled(self) -> set[tuple[int, int]]:
        return {at for at, trap in self.trap_of.items() if trap in SPOILED}


class _People:
    """Draws people; no document, phone or pair of name and phone is drawn twice unless a trap says so."""

    def __init__(self, source: random.Random) -> None:
        self.source, self.documents, self.phone, self.all = source, set[str](), 0, list[Someone]()

    def document(self, born_on: str, sex: str, ends_x: bool = False) -> str:
        while True:
            order = self.source.randrange(1, 1000)
            digits = f"{self.source.choice(('510117', '510124', '510108', '511002'))}{born_on.replace('-', '')}{order:03d}"
            if (order % 2 == 1) != (sex == "男"):
                continue
            made = digits + check(digits)
            if made not in self.documents and not made.endswith("000") and (not ends_x or made[-1] == "X"):
                self.documents.add(made)
                return made

    def born(self) -> str:
        return f"{self.source.randrange(1938, 2016)}-{self.source.randrange(1, 13):02d}-{self.source.randrange(2, 29):02d}"

    def next_phone(self) -> str:
        self.phone += 1
        return f"1990{(self.phone * 7_368_787) % 10_000_000:07d}"

    def name(self, length: int | None = None) -> str:
        given = length or (2 if self.source.random() < 0.85 else 1)
        return self.source.choice(_SURNAMES) + "".join(self.source.choice(_GIVEN) for _ in range(given))

    def add(self, **given: Any) -> Someone:
        sex = given.get("sex") or self.source.choice("男女")
        born_on = given.get("born_on") or self.born()
        key = len(self.all) + 1
        street = given.get("street") or self.source.choice(STREETS)
        road = f"{self.source.choice('东西南北中')}{self.source.choice('风华林园')}路"
        home = f"{street}{road}{self.source.randrange(1, 400)}号{self.source.randrange(1, 30)}栋{self.source.randrange(101, 2400)}"
        made = Someone(
            key,
            given.get("name") or self.name(),
            given.get("document") or self.document(born_on, sex, given.get("ends_x", False)),
            given.get("phone") or self.next_phone(),
            born_on,
            sex,
            street,
            given.get("address") or home,
            self.source.choice(_STATES[:3]),
            f"2022-08-{self.source.randrange(5, 12):02d}",
            given.get("household") or f"H{key:06d}",
        )
        self.all.append(made)
        return made


class Dirty(NamedTuple):
    """The lists (their rows in order, each with its number in the source) and the answer."""

    forms: tuple[Form, ...]
    rows: list[list[tuple[int, Row]]]
    people: list[Someone]
    truth: Truth

    def write(self, folder: Path) -> list[Path]:
        """Writes the lists as files into a folder, as people send them; the paths in order."""
        paths = []
        for form, rows in zip(self.forms, self.rows, strict=True):
            path = folder / form.file
            _WRITERS[form.form](path, form, rows)
            paths.append(path)
        return paths

    def columns(self, i: int) -> tuple[list[int], dict[str, list[str | None]]]:
        """One list as if it had been read: numbers in the source and a column per field."""
        rows = self.rows[i]
        return [n for n, _ in rows], {f: [r.said.get(f) or None for _, r in rows] for f in self.forms[i].columns}


def make(seed: int = 1, people: int = 300, lists: int = 8, each: int = 2) -> Dirty:
    """Up to eight lists of about ``people`` people, every trap at least ``each`` times (more in large ones: one in 300 people)."""
    source = random.Random(seed)
    maker = _Maker(source, lists, max(each, people // 300))
    return maker.made(people)


class _Maker:
    def __init__(self, source: random.Random, lists: int, each: int) -> None:
        self.source, self.lists, self.each, self.people = source, lists, each, _People(source)
        self.rows: list[list[Row]] = [[] for _ in range(lists)]
        self.differing: dict[str, set[int]] = {}

    # --- rows -----------------------------------------------------------------------------------------------------------
    def said(self, who: Someone, i: int, **other: str) -> dict[str, str]:
        full = {
            "name": who.name, "document": who.document, "phone": who.phone, "address": who.address, "born_on": who.born_on, "sex": who.sex,
            "area": who.street, "sampled": who.day, "state": who.state, "household": who.household, "code_of": "", **other,
        }  # fmt: skip
        return {f: full[f] for f in FORMS[i].columns}

    def put(self, who: Someone, i: int, trap: str = "plain", **other: str) -> None:
        self.rows[i].append(Row(self.said(who, i, **other), who.key, trap))

    def everywhere(self, who: Someone, trap: str = "plain", but: Sequence[int] = (), **other: str) -> None:
        for i in range(self.lists):
            if i not in but:
                self.put(who, i, trap, **other)

    def some(self, field: str, besides: Sequence[int] = ()) -> int | None:
        """A list that has this field."""
        found = [i for i in range(self.lists) if field in FORMS[i].columns and i not in besides]
        return self.source.choice(found) if found else None

    def once(self, field: str, trap: str, who: Someone, differs: str = "", **other: str) -> None:
        """Someone who is in all lists as they are, and in one of them with a trap; not in one without documents, where it would leave
        nothing to know them by."""
        i = self.some(field, besides=() if field == "document" else self.undocumented)
        if i is None:
            return
        self.everywhere(who, but=(i,))
        self.put(who, i, trap, **other)
        if differs and any(differs in FORMS[j].columns for j in range(self.lists) if j != i):
            self.differing.setdefault(differs, set()).add(who.key)

    @property
    def undocumented(self) -> tuple[int, ...]:
        """Lists without documents."""
        return tuple(i for i in range(self.lists) if "document" not in FORMS[i].columns)

    # --- traps ----------------------------------------------------------------------------------------------------------
    def made(self, people: int) -> Dirty:
        for trap in ("documents", "families", "names", "values", "spoiled"):
            for _ in range(self.each):
                getattr(self, f"_{trap}")()
        while len(self.people.all) < people:
            self._ordinary()
        return self._finished()

    def _ordinary(self) -> None:
        who = self.people.add(born_on=f"{self.source.randrange(1940, 2015)}-01-01" if self.source.random() < 0.02 else None)
        there = [i for i in range(self.lists) if self.source.random() < 0.93] or [self.source.randrange(self.lists)]
        for i in there:
            self.put(who, i)

    def _documents(self) -> None:
        add, once = self.people.add, self.once
        who = add(ends_x=True)
        once("document", "x_lower", who, document=who.document.lower())
        who = add(ends_x=True)
        once("document", "x_times", who, document=who.document.replace("X", "×"))
        who = add()
        once("document", "full_width", who, document=who.document.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"}))
        who = add()
        once("document", "spaces", who, document=f"{who.document[:6]} {who.document[6:14]}\u00ad{who.document[14:]} ")
        who = add(born_on=f"19{self.source.randrange(40, 85)}-03-1{self.source.randrange(9)}")
        once("document", "old15", who, document=who.document[:6] + who.document[8:17])
        who = add()
        digit = self.source.randrange(14, 17)
        wrong = who.document[:digit] + str((int(who.document[digit]) + 1) % 10) + who.document[digit + 1 :]
        once("document", "checksum", who, "document", document=wrong)
        surname = self.source.choice(list(_LATIN))
        who = add(name=surname + "晓明")
        if self.lists == 8:
            self.everywhere(who, but=(7,))
            self.put(
                who, 7, "passport", document=f"E{self.source.randrange(10_000_000, 99_999_999)}", name=f"{_LATIN[surname]} {'XIAO MING'}"
            )
        once("document", "no_document", add(), document="")

    def _families(self) -> None:
        add = self.people.add
        born_on, phone = self.people.born(), self.people.next_phone()
        family, given = self.source.choice(_SURNAMES), self.source.sample("伟芳娜敏强磊洋", 3)
        first = add(name=family + given[0] + given[1], born_on=born_on, phone=phone, sex="女")
        second = add(
            name=family + given[0] + given[2],
            born_on=born_on,
            phone=phone,
            sex="女",
            street=first.street,
            address=first.address,
            household=first.household,
        )
        for twin in (first, second):
            self.everywhere(twin, "twins")
        # two people with one name and birthday, told apart by document alone: only in lists that have one
        lists = [i for i in range(self.lists) if "document" in FORMS[i].columns]
        name, born_on = self.people.name(2), self.people.born()
        one = add(name=name, born_on=born_on, sex="男")
        two = add(name=name, born_on=born_on, sex="男", street=one.street, address=one.address)
        for i in lists:
            self.put(one, i, "namesakes")
            self.put(two, i, "namesakes")
        where = self.some("document")
        if where is not None:
            third = add(name=name, born_on=born_on, sex="男", street=one.street, address=one.address)
            self.put(third, where, "namesake_unknown", document="", phone="")
        # 1 January: two people of one name, told apart by document and phone
        name = self.people.name(2)
        for _ in range(2):
            self.everywhere(add(name=name, born_on="1965-01-01"), "first_january")
        # a child under a parent's number
        parent = add(born_on=f"198{self.source.randrange(10)}-05-12")
        self.everywhere(parent)
        child = add(
            born_on="2019-06-01",
            phone=parent.phone,
            street=parent.street,
            address=parent.address,
            household=parent.household,
            name=parent.name[0] + self.people.name(2)[1:],
        )
        where = next((i for i in range(self.lists) if "code_of" in FORMS[i].columns), None)
        if where is not None:
            self.put(child, where, "child_code", document=parent.document, code_of=parent.name)
        other = add(
            born_on="2018-04-09",
            phone=parent.phone,
            street=parent.street,
            address=parent.address,
            household=parent.household,
            name=parent.name[0] + self.people.name(2)[1:],
        )
        self.put(other, 0, "child_code_unsaid", document=parent.document)
        # eight workers and one phone
        phone, street = self.people.next_phone(), self.source.choice(STREETS)
        for surname in self.source.sample("王李张刘陈杨赵黄周吴", 8):
            self.everywhere(add(name=surname + self.people.name(2)[1:], phone=phone, street=street), "shared_phone")

    def _names(self) -> None:
        add = self.people.add
        who = add(name=self.source.choice(_UYGHUR))
        self.once("document", "middle_dot", who, name=who.name.replace("·", self.source.choice(("•", "・", "‧", "."))))
        who = add(name=self.source.choice(_FOREIGN), document=f"P{self.source.randrange(1_000_000, 9_999_999)}", sex="女")
        self.once("document", "pinyin", who, name=who.name.title().replace(" ", "  "))
        who = add(name="张" + self.people.name(2)[1:])
        self.once("document", "name_typo", who, "name", name="章" + who.name[1:])

    def _values(self) -> None:
        add = self.people.add
        who = add()
        self.once("area", "moved", who, "area", area=self.source.choice([s for s in STREETS if s != who.street]))
        who = add()
        self.once("state", "late_result", who, "state", state="阳性")
        who = add()
        day = who.day
        self.once(
            "sampled",
            "days",
            who,
            sampled=self.source.choice(
                (
                    day.replace("-0", "/").replace("-", "/"),
                    f"2022年8月{int(day[-2:])}日",
                    day.replace("-", ""),
                    day.replace("-0", ".").replace("-", "."),
                )
            ),
        )
        who = add()
        i = self.source.randrange(self.lists)
        self.everywhere(who)
        self.put(who, i, "twice")
        who = add()
        self.once("phone", "other_phone", who, "phone", phone=self.people.next_phone())
        who = add()
        self.once(
            "phone",
            "phone_writing",
            who,
            phone=self.source.choice(
                (
                    f"+86 {who.phone}",
                    f"{who.phone[:3]}-{who.phone[3:7]}-{who.phone[7:]}",
                    f"{who.phone[:3]} {who.phone[3:7]} {who.phone[7:]}",
                )
            ),
        )
        who = add()
        self.everywhere(who, but=(0,))
        self.put(who, 0, "hidden")
        who = add()
        self.everywhere(who, but=(0,))
        self.put(who, 0, "formula")

    def _spoiled(self) -> None:
        who = self.people.add()
        self.once("document", "zero_tail", who, "document", document=who.document[:15] + "000")
        who = self.people.add()
        self.once("document", "sci", who, "document", document=f"{who.document[0]}.{who.document[1:6]}E+17")
        name = self.people.name(2)
        for _ in range(2):
            self.everywhere(self.people.add(name=name))
        third = self.people.add(name=name)
        i = self.some("document")
        if i is not None:
            self.put(third, i, "zero_tail_alone", document=third.document[:15] + "000", phone="", born_on="")

    # --- the whole --------------------------------------------------------------------------------------------------------
    def _finished(self) -> Dirty:
        forms, numbered = FORMS[: self.lists], list[list[tuple[int, Row]]]()
        for i, (form, rows) in enumerate(zip(forms, self.rows, strict=True)):
            self.source.shuffle(rows)
            if form.form.startswith(("xlsx", "csv")):
                first = next(iter(form.columns))
                heading = Row({f: form.columns[f] for f in form.columns}, None, "heading")
                rows.insert(len(rows) // 2, heading)
                rows.append(Row({first if first == "name" else "name": "合计", first: "合计"}, None, "totals"))
            numbered.append([(n, r) for n, r in zip(_numbers(form.form), rows, strict=False)])
            self.rows[i] = rows
        person_of, trap_of, nobody = {}, {}, {}
        for i, rows in enumerate(numbered):
            for n, r in rows:
                if r.person is None:
                    nobody[i, n] = r.trap
                else:
                    person_of[i, n] = r.person
                    trap_of[i, n] = r.trap
        return Dirty(forms, numbered, self.people.all, Truth(person_of, trap_of, nobody, self.differing))


def _numbers(form: str) -> Iterator[int]:
    """The numbers of rows in the source: those under the heading, as a person counts there."""
    yield from range({"xlsx-merged": 4, "chat": 3}.get(form, 2), 10_000_000)


# --- files --------------------------------------------------------------------------------------------------------------
def _csv(path: Path, form: Form, rows: list[tuple[int, Row]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(form.columns.values())
    writer.writerows([r.said.get(f, "") for f in form.columns] for _, r in rows)
    if form.form == "csv-gbk":
        path.write_bytes(out.getvalue().encode("gb18030"))
    else:
        path.write_bytes(out.getvalue().encode("utf-8-sig"))


def _xlsx(path: Path, form: Form, rows: list[tuple[int, Row]]) -> None:
    """Text cells; where a spreadsheet spoiled a number the cell is a number; the merged form has a title and two rows of headings."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": False, "strings_to_numbers": False}) as book:
        sheet, text = book.add_worksheet("名单"), book.add_format({"num_format": "@"})
        headings = list(form.columns.values())
        if form.form == "xlsx-merged":
            sheet.merge_range(0, 0, 0, len(headings) - 1, "各组对表(截至 8 月 11 日 20 时)")
            sheet.merge_range(1, 0, 1, 2, "人员")
            sheet.merge_range(1, 3, 1, len(headings) - 1, "采样")
            sheet.write_row(2, 0, headings)
        else:
            sheet.write_row(0, 0, headings)
        for n, r in rows:
            if r.trap == "hidden":
                sheet.set_row(n - 1, None, None, {"hidden": True})
            for c, f in enumerate(form.columns):
                value = r.said.get(f, "")
                if r.trap in ("zero_tail", "sci", "zero_tail_alone") and f == "document":
                    sheet.write_number(n - 1, c, float(value))
                elif r.trap == "formula" and f == "name":
                    sheet.write_formula(n - 1, c, f'="{value[0]}"&"{value[1:]}"', text, value)
                else:
                    sheet.write_string(n - 1, c, value, text)


def _chat(path: Path, form: Form, rows: list[tuple[int, Row]]) -> None:
    lines = ["#接龙", "今晚需转运人员,请各街道核对"]
    lines += [f"{k}. {' '.join(r.said.get(f, '') for f in form.columns).strip()}" for k, (_, r) in enumerate(rows, start=1)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _pasted(path: Path, form: Form, rows: list[tuple[int, Row]]) -> None:
    lines = ["\t".join(form.columns.values()), *("\t".join(r.said.get(f, "") for f in form.columns) for _, r in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


_WRITERS = {"csv-gbk": _csv, "csv-bom": _csv, "xlsx": _xlsx, "xlsx-merged": _xlsx, "chat": _chat, "pasted": _pasted}


# --- the answer held against the truth -------------------------------------------------------------------------------------
class Verdict(NamedTuple):
    """An answer held against the truth: rows that were joined though they are two people's, pairs of rows of one person that were not
    joined and are not in review, and unknowable or spoiled rows that are not in review."""

    joined: list[tuple[tuple[int, int], tuple[int, int]]]
    parted: list[tuple[tuple[int, int], tuple[int, int]]]
    not_in_review: list[tuple[int, int]]

    @property
    def right(self) -> bool:
        return not (self.joined or self.parted or self.not_in_review)


def judge(truth: Truth, group_of: dict[tuple[int, int], int], in_review: set[tuple[int, int]]) -> Verdict:
    """``group_of``: the answer, any number per row, equal for rows that it takes for one person."""
    unknowable, either = truth.unknowable, truth.either
    of_group: dict[int, tuple[int, tuple[int, int]]] = {}
    first_of: dict[int, tuple[int, tuple[int, int]]] = {}
    joined, parted = [], []
    for at, person in truth.person_of.items():
        group = group_of[at]
        if group in of_group and of_group[group][0] != person:
            joined.append((of_group[group][1], at))
        of_group.setdefault(group, (person, at))
        if at in unknowable:
            continue
        if at in either and at in in_review:
            continue
        if person in first_of and first_of[person][0] != group:
            parted.append((first_of[person][1], at))
        first_of.setdefault(person, (group, at))
    must = unknowable | truth.spoiled
    return Verdict(joined, parted, sorted(at for at in must if at not in in_review))
