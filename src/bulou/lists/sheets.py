"""A comparison as sheets of names, each person with their rows in the sources and the reason why rows are one person. Shows, decides nothing.

The order is that in which a tired person needs them: the result, what only a person can decide, who is missing where, what differs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from bulou.basis.masks import masked, scrubbed
from bulou.basis.words import Word
from bulou.lists.comparing import DIFFERING, LETTERS
from bulou.lists.findings import HEAD, UNITS, Findings, short

#: Sheets for streets of their own at most; the streets after these share one sheet.
STREETS = 30
_TOLD = ("name", "document", "phone", "address", "state")


class Sheet(NamedTuple):
    """One sheet of the answer: a code, its name, headings, rows, and one sentence that says what it is."""

    code: str
    name: Word
    says: Word
    heads: Sequence[Word]
    rows: Iterable[Sequence[str | int]]


#: The sheets by code; a sheet of a street bears the street's name.
NAMES: dict[str, Word] = {
    "summary": Word("结果", "Result"),
    "review": Word("待核", "To review"),
    "not_in_all": Word("不全在", "Not in all"),
    "differs": Word("说法不一", "Differs"),
    "twice": Word("重复", "Twice"),
    "not_registered": Word("不在名册", "Not registered"),
    "only_register": Word("只在名册", "Only on register"),
    "not_read": Word("不是人的行", "Nobody's rows"),
    "areas": Word("各区域", "Areas"),
    "bridges": Word("衔接", "Bridge"),
    "partitions": Word("分法", "Partitions"),
    "everyone": Word("全部人员", "Everyone"),
    "notices": Word("提示", "Notices"),
}


def sheets(findings: Findings) -> list[Sheet]:
    """Every sheet in the order in which it is opened; one without rows is left out, but the summary."""
    return _Sheets(*findings).all()


class _Sheets(Findings):
    """The findings, with the sheets that are made of them."""

    def all(self) -> list[Sheet]:
        """Every sheet in the order in which it is opened; one without rows is left out, but the summary."""
        c = self.comparison
        made = [self._summary(), self._review(), self._not_in_all(), self._differs(), self._twice(), self._unregistered(), self._only_register(),
                self._not_read(), self._areas(), *self._streets(), self._bridges(), self._partitions(), self._everyone(), self._notices()]  # fmt: skip
        kept = [s for s in made if s is not None]
        assert not c.reconciles(), c.reconciles()
        return kept

    def _summary(self) -> Sheet:
        c = self.comparison
        lists = list[Sequence[str | int]]()
        for i, each in enumerate(c.lists):
            further = sum(len(h) - 1 for _, j, h in c.twice if j == i)
            people, nobodys = len(c.in_list(i)), len(each.unread)
            sum_ = Word(
                f"{each.rows:,} 行 = {people:,} 人 + 重复 {further:,} 行 + 不是人的行 {nobodys:,}",
                f"{each.rows:,} rows = {people:,} people + {further:,} further rows + {nobodys:,} nobody's",
            )
            lists.append((f"{LETTERS[i]} {each.name}", people, self.say(UNITS["people"]), self.say(sum_), "", ""))
        names = {s.code: self.say(s.name) for s in self._named()}
        figures: list[Sequence[str | int]] = [
            (self.say(f.word), f.number, self.say(UNITS[f.unit]), self.say(f.means), f.until, names.get(f.sheet, ""))
            for f in self.figures()
        ]
        rows = [*figures[:3], *lists, *figures[3:]]
        for x in self.checks:
            rows.append(
                (
                    self.say(Word("合计核对", "does it add up")),
                    x.over,
                    self.say(UNITS[x.unit or "people"]),
                    self.say(x.say()),
                    "",
                    names["partitions"],
                )
            )
        for b in self.bridges:
            rows.append(
                (
                    f"{b.before_name} → {b.after_name}",
                    b.unexplained,
                    self.say(Word("原因不明", "without explanation")),
                    self.say(b.say()),
                    "",
                    names["bridges"],
                )
            )
        heads = [
            Word("问题", "question"),
            Word("数", "number"),
            Word("单位", "unit"),
            Word("定义", "definition"),
            Word("截止", "cut-off"),
            Word("名单在", "names in"),
        ]
        return Sheet(
            "summary",
            Word("结果", "Result"),
            Word("每个数字都能点到名单:看右边一列所指的表", "every number has its names: in the sheet that the last column names"),
            heads,
            rows,
        )

    @staticmethod
    def _named() -> list[Sheet]:
        """The sheets by name only, for pointing at them."""
        return [Sheet(code, word, word, (), ()) for code, word in NAMES.items()]

    def _lists_heads(self) -> list[Word]:
        return [
            Word(f"{LETTERS[i]} {short(x.name)} 行号", f"{LETTERS[i]} {short(x.name)} row") for i, x in enumerate(self.comparison.lists)
        ]

    def _told_heads(self) -> list[Word]:
        return [HEAD[f] for f in self._told]

    @property
    def _told(self) -> list[str]:
        return [f for f in _TOLD if f in self.comparison.values]

    def _cell(self, f: str, value: str | None) -> str:
        return _mask(f, value) if self.masked else (value or "")

    def _row(self, number: int) -> list[str | int]:
        """A person as every sheet shows them: where in which list, and what is told of them first."""
        c = self.comparison
        p = c.person(number)
        where: list[list[str]] = [[] for _ in c.lists]
        for r in p.records:
            where[c.of[r]].append(str(c.row[r]))
        told = [self._cell(f, next((v for r in p.records if (v := c.values[f][r])), None)) for f in self._told]
        mark = "、" if self.lang == "zh" else ", "
        return [number, *told, *(int(w[0]) if len(w) == 1 else mark.join(w) for w in where)]

    def _ends(self, number: int) -> list[str]:
        """Where a person counts, and why their rows are one person."""
        c = self.comparison
        return [c.area_name(c.person(number).area, self.lang), c.reasons(number, self.lang)]

    def _people(self, code: str, says: Word, heads: Sequence[Word], rows: Callable[[], Iterator[Sequence[str | int]]]) -> Sheet:
        return Sheet(code, NAMES[code], says, heads, rows())

    def _review(self) -> Sheet | None:
        c = self.comparison
        if not c.review:
            return None
        fields = [f for f in (*_TOLD, "born_on", "sex", "code_of") if f in c.values]
        heads = [Word("为何", "why"), Word("概率", "probability")]
        for side_zh, side_en in (("甲", "1st"), ("乙", "2nd")):
            heads += [Word(f"{side_zh}:名单", f"{side_en}: list"), Word(f"{side_zh}:行号", f"{side_en}: row"),
                      *(Word(f"{side_zh}:{HEAD[f].zh}", f"{side_en}: {HEAD[f].en}") for f in fields)]  # fmt: skip
        heads += [Word("细节", "detail"), Word("是否同一人(填)", "one person? (fill in)")]

        def side(r: int | None) -> list[str | int]:
            if r is None:
                return [""] * (2 + len(fields))
            name = c.lists[c.of[r]].name if c.of[r] < len(c.lists) else self.say(Word("名册", "register"))
            letter = LETTERS[c.of[r]] if c.of[r] < len(c.lists) else "R"
            return [f"{letter} {name}", c.row[r], *(self._cell(f, c.values[f][r]) for f in fields)]

        spoiled = {x.first for x in c.review if x.second is None}

        def beside(r: int) -> int | None:
            """Another row of the same person, whose document says what the spoiled one should have been."""
            held = (o for o in c.person(c.person_of(r)).records if o not in spoiled)
            return next((o for o in held if c.values["document"][o]), None)

        def rows() -> Iterator[Sequence[str | int]]:
            for x in c.review:
                other = beside(x.first) if x.second is None else x.second
                yield [
                    self.say(x.word),
                    "" if x.probability is None else f"{x.probability:.3f}",
                    *side(x.first),
                    *side(other),
                    "" if self.masked else self._detail(x.detail),
                    "",
                ]

        return self._people(
            "review", Word("后果大的在前;两条记录并排", "the most consequential first; both records side by side"), heads, rows
        )

    def _detail(self, detail: str) -> str:
        """What agreed and what did not (``name=sound phone=same``) in words; a text that is no such list stands as it is."""
        pairs = [t.partition("=") for t in detail.split()]
        if self.lang != "zh" or not all(mark for _, mark, _ in pairs):
            return detail
        return "、".join(f"{_AGREED.get(f, f)}{_AGREED.get(how, how)}" for f, _, how in pairs)

    def _not_in_all(self) -> Sheet | None:
        c = self.comparison
        if not c.not_everywhere:
            return None
        n = len(c.lists)
        masks = [r.mask for r in c.regions if r.mask != c.everywhere]
        masks.sort(key=lambda m: (m.bit_count() != 1, m.bit_count() != n - 1, m))
        people = {r.mask: r.people for r in c.regions}

        def rows() -> Iterator[Sequence[str | int]]:
            for m in masks:
                words = self.in_words(m)
                for number in people[m]:
                    yield [words, *self._row(number), *self._ends(number)]

        heads = [
            Word("在哪里", "where"),
            HEAD["person"],
            *self._told_heads(),
            *self._lists_heads(),
            HEAD["area"],
            Word("为何认作同一人", "why one person"),
        ]
        return self._people(
            "not_in_all",
            Word(
                "不是每张名单都有的人;先是仅在一张的,再是仅缺一张的",
                "people who are not in every list; those in one alone first, then those missing in one",
            ),
            heads,
            rows,
        )

    def _differs(self) -> Sheet | None:
        c = self.comparison
        if not c.differences:
            return None

        def rows() -> Iterator[Sequence[str | int]]:
            for d in c.differences:
                said: list[list[str]] = [[] for _ in c.lists]
                f = "name" if d.field == "name_writing" else d.field
                for r, value in d.said:
                    said[c.of[r]].append(self._cell(f, value))
                side_by_side = (" / ".join(dict.fromkeys(s)) for s in said)
                yield [self.say(DIFFERING[d.field]), *side_by_side, *self._row(d.person), *self._ends(d.person)]

        heads = [
            Word("哪一项", "field"),
            *(Word(f"{LETTERS[i]} 写的", f"{LETTERS[i]} says") for i in range(len(c.lists))),
            HEAD["person"],
            *self._told_heads(),
            *self._lists_heads(),
            HEAD["area"],
            Word("为何认作同一人", "why one person"),
        ]
        return self._people(
            "differs",
            Word(
                "同一个人,各名单写的不一样;写法不同而意思一样的不算",
                "one person of whom lists say different things; other writings of the same are left out",
            ),
            heads,
            rows,
        )

    def _twice(self) -> Sheet | None:
        c = self.comparison
        if not c.twice:
            return None

        def rows() -> Iterator[Sequence[str | int]]:
            for number, i, held in sorted(c.twice, key=lambda t: (t[1], t[0])):
                yield [f"{LETTERS[i]} {c.lists[i].name}", len(held), *self._row(number), c.reasons(number, self.lang)]

        heads = [
            Word("名单", "list"),
            Word("行数", "rows"),
            HEAD["person"],
            *self._told_heads(),
            *self._lists_heads(),
            Word("为何认作同一人", "why one person"),
        ]
        return self._people(
            "twice",
            Word(
                "同一张名单里出现两次以上的人:人数与行数(人次)之差",
                "people who are in one list more than once: the difference between people and rows",
            ),
            heads,
            rows,
        )

    def _unregistered(self) -> Sheet | None:
        c = self.comparison
        if not c.not_registered:
            return None

        def rows() -> Iterator[Sequence[str | int]]:
            for number in c.not_registered:
                yield [*self._row(number), c.area_name(c.person(number).area, self.lang)]

        heads = [HEAD["person"], *self._told_heads(), *self._lists_heads(), HEAD["area"]]
        return self._people(
            "not_registered",
            Word("名单里有、名册上没有的人:需登记", "people in the lists who are not on the register: to enrol"),
            heads,
            rows,
        )

    def _only_register(self) -> Sheet | None:
        c = self.comparison
        if not c.only_register:
            return None
        fields = [f for f in (*_TOLD, "area") if f in c.values]

        def rows() -> Iterator[Sequence[str | int]]:
            for r in c.only_register or ():
                yield [c.row[r], *(self._cell(f, c.values[f][r]) for f in fields)]

        return self._people(
            "only_register",
            Word("名册上有、各名单都没有的人", "people on the register who are in no list"),
            [Word("名册行号", "row of the register"), *(HEAD[f] for f in fields)],
            rows,
        )

    def _not_read(self) -> Sheet | None:
        lists = self.comparison.lists
        rows = [
            (f"{LETTERS[i]} {x.name}", u.row, self.say(u.why), "***" if self.masked else u.text)
            for i, x in enumerate(lists)
            for u in x.unread
        ]
        heads = [Word("名单", "list"), Word("行号", "row"), Word("为何", "why"), Word("内容", "text")]
        return (
            Sheet(
                "not_read",
                NAMES["not_read"],
                Word("没有当作人的行,请看一眼有没有漏人", "rows that were not taken for people: see that nobody is among them"),
                heads,
                rows,
            )
            if rows
            else None
        )

    def _sets(self) -> dict[str, set[int]]:
        c = self.comparison
        review = {c.person_of(r) for x in c.review for r in (x.first, x.second) if r is not None and r < c.size}
        return {
            "not_in_all": set(c.not_everywhere),
            "differs": set(c.differing_people),
            "twice": {p for p, _, _ in c.twice},
            "review": review,
            "not_registered": set(c.not_registered),
        }

    def _areas(self) -> Sheet | None:
        c = self.comparison
        if "area" not in c.values:
            return None
        sets = self._sets()
        if c.only_register is None:
            del sets["not_registered"]
        rows: list[Sequence[str | int]] = []
        for area, people in c.areas.items():
            rows.append((c.area_name(area, self.lang), len(people), *(sum(p in s for p in people) for s in sets.values())))
        rows.append((self.say(Word("合计", "total")), len(c.people), *(len(s) for s in sets.values())))
        heads = [HEAD["area"], Word("人数", "people"), *(NAMES[code] for code in sets)]
        return Sheet(
            "areas",
            NAMES["areas"],
            Word(
                "每人只计在一个区域;各区域相加等于总数。列之间有重叠",
                "everyone counts in one area; the areas add up to the total. The columns overlap",
            ),
            heads,
            rows,
        )

    def _streets(self) -> Iterator[Sheet]:
        """A sheet of names for each street: those to see to there, and what."""
        c = self.comparison
        if "area" not in c.values:
            return
        sets = self._sets()
        wanted = set().union(*sets.values())
        differs: dict[int, list[str]] = {}
        for d in c.differences:
            if d.field != "name_writing":
                differs.setdefault(d.person, []).append(self.say(DIFFERING[d.field]))
        twice: dict[int, list[str]] = {}
        for number, i, _ in c.twice:
            twice.setdefault(number, []).append(LETTERS[i])
        mark, stop = ("、", ";") if self.lang == "zh" else (", ", "; ")

        def todo(number: int) -> str:
            p = c.person(number)
            said = []
            gone = [LETTERS[i] for i in range(len(c.lists)) if not p.mask >> i & 1]
            if gone:
                said.append(self.say(Word(f"缺在 {mark.join(gone)}", f"missing in {mark.join(gone)}")))
            if number in differs:
                said.append(self.say(Word("不一样:", "differs: ")) + mark.join(differs[number]))
            if number in twice:
                said.append(self.say(Word(f"重复在 {mark.join(twice[number])}", f"twice in {mark.join(twice[number])}")))
            if number in sets["review"]:
                said.append(self.say(Word("待核", "to review")))
            if number in sets["not_registered"]:
                said.append(self.say(Word("不在名册", "not on the register")))
            return stop.join(said)

        heads = [Word("要做什么", "what to do"), HEAD["person"], *self._told_heads(), *self._lists_heads()]
        theirs = {a: [p for p in people if p in wanted] for a, people in c.areas.items()}
        theirs = {a: p for a, p in theirs.items() if p}
        own = [a for a in theirs if a][:STREETS]
        if "" in theirs:
            own.append("")
        says = Word("本街道要核对的人", "the people to see to in this area")
        for a in own:
            name = c.area_name(a, "zh"), c.area_name(a, "en")
            yield Sheet(f"area:{a}", Word(*name), says, heads, ([todo(p), *self._row(p)] for p in theirs[a]))
        rest = [a for a in theirs if a not in own]
        if rest:
            rows = ([c.area_name(a, self.lang), todo(p), *self._row(p)] for a in rest for p in theirs[a])
            yield Sheet("area:rest", Word("其余区域", "Other areas"), says, [HEAD["area"], *heads], rows)

    def _bridges(self) -> Sheet | None:
        c = self.comparison
        if not self.bridges:
            return None

        def rows() -> Iterator[Sequence[str | int]]:
            blank = [""] * (1 + len(self._told) + len(c.lists))
            for b in self.bridges:
                yield [f"{b.before_name} → {b.after_name}", self.say(Word("起", "from")), b.before, *blank]
                for t in b.terms:
                    yield ["", self.say(t.word), t.sign * t.number, *blank]
                    for number in t.people:
                        yield ["", "", "", *self._row(number)]
                yield ["", self.say(Word("止", "to")), b.after, *blank]

        heads = [
            Word("从哪到哪", "from and to"),
            Word("项", "term"),
            Word("数", "number"),
            HEAD["person"],
            *self._told_heads(),
            *self._lists_heads(),
        ]
        return self._people(
            "bridges",
            Word(
                "从前一个数到后一个数,逐项列名;原因不明的单列",
                "from one figure to the other, each term with its names; what has no explanation stands by itself",
            ),
            heads,
            rows,
        )

    def _partitions(self) -> Sheet | None:
        c = self.comparison
        rows: list[Sequence[str | int]] = []
        blank = [""] * (1 + len(self._told) + len(c.lists))
        for x in self.checks:
            rows.append((self.say(Word("填写的数", "figures typed in")), "", x.over, self.say(x.say()), *blank))
        for p in self.partitions():
            name, closing = f"{LETTERS[p.list]} {c.lists[p.list].name}", p.classed.closing()
            rows.append((name, self.say(HEAD[p.field]), closing.over, self.say(closing.say()), *blank))
            for number in p.classed.none:
                rows.append((name, self.say(HEAD[p.field]), "", self.say(Word("不在任何一类", "in no class")), *self._row(number)))
            for number, said in p.classed.two.items():
                rows.append(
                    (name, self.say(HEAD[p.field]), "", self.say(Word("同时在:", "in several: ")) + " / ".join(said), *self._row(number))
                )
        heads = [
            Word("名单", "list"),
            Word("按什么分", "divided by"),
            Word("差", "over"),
            Word("说明", "what it says"),
            HEAD["person"],
            *self._told_heads(),
            *self._lists_heads(),
        ]
        return (
            Sheet(
                "partitions",
                NAMES["partitions"],
                Word("各类相加是否等于总数;谁不在任何一类,谁在两类", "whether the classes add up; who is in none, who in two"),
                heads,
                rows,
            )
            if rows
            else None
        )

    def _everyone(self) -> Sheet:
        c = self.comparison

        def rows() -> Iterator[Sequence[str | int]]:
            words = {r.mask: self.in_words(r.mask) for r in c.regions}
            for p in c.people:
                yield [*self._row(p.number), c.area_name(p.area, self.lang), words[p.mask]]

        heads = [HEAD["person"], *self._told_heads(), *self._lists_heads(), HEAD["area"], Word("在哪里", "where")]
        return self._people(
            "everyone", Word("全部不重复的人及其在各名单的行号", "all distinct people, and their rows in each list"), heads, rows
        )

    def _notices(self) -> Sheet | None:
        c = self.comparison
        rows: list[Sequence[str | int]] = [(f"{LETTERS[i]} {x.name}", self.say(n)) for i, x in enumerate(c.lists) for n in x.notices]
        for f, i, j, agree, both in c.unlike:
            word = Word(f"「{HEAD[f].zh}」一列说的不是一回事({both:,} 人中只有 {agree:,} 人一致),未比较",
                        f"their columns of {HEAD[f].en} speak of different things (of {both:,} people {agree:,} agree): not compared")  # fmt: skip
            rows.append((f"{LETTERS[i]}, {LETTERS[j]}", self.say(word)))
        heads = [Word("名单", "list"), Word("提示", "notice")]
        return (
            Sheet("notices", NAMES["notices"], Word("读名单时看到的", "what was noticed when the lists were read"), heads, rows)
            if rows
            else None
        )


#: The words of a tie's detail in Chinese.
_AGREED = {
    "name": "姓名", "document": "证件", "phone": "电话", "born": "生日", "sex": "性别", "area": "区域", "address": "住址", "joined": "合并依据",
    "same": "一致", "sound": "同音", "near": "相近", "order": "次序不同", "letters": "为拼音", "part": "为一部分", "masked": "打码后一致",
    "different": "不同", "missing": "缺", "unnamed": "未取名", "other": "不同",
}  # fmt: skip
#: How each field is hidden where names are masked; every other is shown.
_MASKS = {"name": "name", "code_of": "name", "phone": "phone", "document": "document", "address": "address", "born_on": "born_on"}


def _mask(f: str, value: str | None) -> str:
    return masked(_MASKS[f], value) if f in _MASKS else scrubbed(value or "")


def values(findings: Findings) -> dict[str, list[str | None]]:
    """Everyone once, as columns by field: what fills the city's own workbook. The first row that says something speaks for a person."""
    c = findings.comparison
    return {
        f: [next((v for r in p.records if (v := column[r])), None) for p in c.people]
        for f, column in c.values.items()
        if f not in ("code_of", "count")
    }
