"""What a comparison says to a tired person: figures with their definitions, ten lines, JSON. Judges nothing, names nobody.

Everything here is printed from a ``Comparison``; nothing is worked out twice. Names are in ``lists.sheets`` alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bulou.basis.words import UNIT, Word
from bulou.lists.bridge import Bridge
from bulou.lists.comparing import DIFFERING, LETTERS, Comparison, Division
from bulou.lists.definitions import Counted
from bulou.lists.partitions import Classed, Closing

#: A column with more different words than this is no division into classes.
CLASSES = 40
HEAD: dict[str, Word] = {
    "name": Word("姓名", "name"),
    "document": Word("证件号", "document"),
    "phone": Word("电话", "phone"),
    "address": Word("住址", "address"),
    "born_on": Word("出生日期", "born on"),
    "sex": Word("性别", "sex"),
    "area": Word("街道/区域", "area"),
    "state": Word("状态", "state"),
    "person": Word("人员序号", "person no."),
    "code_of": Word("代码人", "code of"),
}


#: The units of figures: those of people and things, and two of work.
UNITS = {**UNIT, "rows": Word("行", "rows"), "points": Word("项", "points")}


class Figure(NamedTuple):
    """One number with what it needs to be believed: its unit, what it counts, until when, and the sheet that holds its names."""

    code: str
    word: Word
    number: int
    unit: str
    means: Word
    sheet: str = ""
    until: str = ""


class Findings(NamedTuple):
    """A comparison with all that was asked beside it, ready to be printed. ``masked``: names and numbers hidden as far as they can be."""

    comparison: Comparison
    lang: str = "zh"
    masked: bool = False
    bridges: Sequence[Bridge] = ()
    counted: Sequence[tuple[str | Word, Counted]] = ()
    checks: Sequence[Closing] = ()

    # --- words ----------------------------------------------------------------------------------------------------------
    def say(self, word: Word) -> str:
        return word.zh if self.lang == "zh" else word.en

    def letter(self, i: int) -> str:
        return LETTERS[i]

    def in_words(self, mask: int) -> str:
        """Who is in which lists, so that it is read at once: in all, only in B, missing only in C, A B D."""
        c, n = self.comparison, len(self.comparison.lists)
        there = [LETTERS[i] for i in range(n) if mask >> i & 1]
        if mask == c.everywhere:
            return self.say(Word("都在", "in all"))
        if len(there) == 1:
            return self.say(Word(f"仅在 {there[0]}", f"only in {there[0]}"))
        if len(there) == n - 1:
            (gone,) = (LETTERS[i] for i in range(n) if not mask >> i & 1)
            return self.say(Word(f"仅缺 {gone}", f"missing only in {gone}"))
        return self.say(Word(f"在 {'、'.join(there)}", f"in {', '.join(there)}"))

    # fmt: off
    # --- figures --------------------------------------------------------------------------------------------------------
    def figures(self) -> list[Figure]:
        """Every figure of the answer in the order in which it is read."""
        c, found = self.comparison, list[Figure]()
        letters = list(enumerate(LETTERS[: len(c.lists)]))
        sizes = {r.mask: len(r.people) for r in c.regions}
        further = sum(len(held) - 1 for _, _, held in c.twice)

        def add(code: str, zh: str, en: str, number: int, means_zh: str, means_en: str, sheet: str, unit: str = "people") -> None:
            found.append(Figure(code, Word(zh, en), number, unit, Word(means_zh, means_en), sheet))

        add("distinct", "不重复的人", "distinct people", len(c.people), "各名单里的人,同一人只计一次", "everyone in the lists, each once", "everyone")
        add("fewest", "至少(待核的若都是同一人)", "at least (were all in review one person)", c.fewest,
            "把待核的每一对都当作同一人", "every pair in review taken for one person", "review")
        add("in_all", "各名单都在", "in all lists", sizes.pop(c.everywhere, 0), "每张名单里都有", "in every one of the lists", "everyone")
        for i, x in letters:
            name = c.lists[i].name
            add(f"only_{x}", f"仅在 {x}", f"only in {x}", sizes.pop(1 << i, 0), f"在「{name}」,不在其他任何名单", f"in {name} and in no other", "not_in_all")
        for i, x in letters if len(letters) > 2 else ():
            name = c.lists[i].name
            add(f"missing_{x}", f"仅缺 {x}", f"missing only in {x}", sizes.pop(c.everywhere & ~(1 << i), 0),
                f"在其他每张名单,唯独不在「{name}」", f"in every other list and not in {name}", "not_in_all")
        if len(letters) > 3:
            add("other", "其他组合", "in some of the lists", sum(sizes.values()),
                "在两张以上、又不止缺一张", "in two or more of the lists, and missing in more than one", "not_in_all")
        add("differing", "说法不一", "differing", len(c.differing_people),
            "至少一项在两行里不一样;没写不算不一样", "at least one field differs between two rows; a blank is no difference", "differs")
        for f, people in c.differing.items():
            zh, en = DIFFERING[f]
            add(f"differs_{f}", f"其中:{zh}", f"of them: {en}", len(people), f"{zh}不一样", f"of whom the {en} differs", "differs")
        add("twice", "同一名单里重复的人", "people twice in one list", len({p for p, _, _ in c.twice}),
            f"共多出 {further:,} 行", f"{further:,} further rows in all", "twice")
        if c.only_register is not None:
            add("not_registered", "不在名册", "not on the register", len(c.not_registered),
                "名单里有、名册上没有", "in the lists and not on the register", "not_registered")
            add("only_register", "只在名册", "only on the register", len(c.only_register),
                "名册上有、各名单都没有的记录", "records of the register that are in no list", "only_register", "rows")
        add("review", "待核", "to review", len(c.review),
            "机器不能定:是否同一人,或证件号已坏", "no program can know: one person or two, or a spoiled document", "review", "points")
        add("not_read", "不是人的行", "nobody's rows", sum(len(x.unread) for x in c.lists),
            "合计行、重复表头等,逐行列出", "totals, headings and the like; each is listed", "not_read", "rows")
        for called, each in self.counted:
            d = each.definition
            of = called if isinstance(called, Word) else Word(called, called)
            word = Word(f"{of.zh}:{d.zh}", f"{of.en}: {d.en}")
            until = f"{each.day} {d.cut_off}" if d.clock else ""
            found.append(Figure(f"counted_{d.code}_{of.zh}", word, each.number, d.unit, d.say(each.day), "", until))
        return found
    # fmt: on

    def partitions(self) -> list[Division]:
        """For each list, what its state and its area divide its people into: who is in no class, who in two."""
        return [d for d in self.comparison.divisions if len(d.classed.classes) <= CLASSES]

    def agrees(self) -> bool:
        """Whether there is nothing to see to: everyone is in all lists, once, the same everywhere, nothing in review, every sum closes."""
        c = self.comparison
        return not (
            c.not_everywhere or c.differing_people or c.twice or c.review or c.not_registered
            or any(not p.classed.closing().closes for p in self.partitions() if p.field == "state")
            or any(not x.closes for x in self.checks) or any(b.unexplained for b in self.bridges)
        )  # fmt: skip

    # --- ten lines ------------------------------------------------------------------------------------------------------
    def lines(self) -> list[str]:
        """The answer in about ten lines: numbers and letters, no name of a person."""
        c = self.comparison
        zh, n = self.lang == "zh", len(c.lists)
        mark, stop = ("、", ";") if zh else (", ", "; ")
        of = {f.code: f.number for f in self.figures()}
        rows, further = sum(x.rows for x in c.lists), sum(len(h) - 1 for _, _, h in c.twice)
        between = f"{c.fewest:,}–{len(c.people):,}" if c.fewest < len(c.people) else f"{len(c.people):,}"
        out = [
            f"{n} 张名单,{rows:,} 行:不重复的人 {len(c.people):,} 人" + (f"(待核之后在 {between} 人之间)" if "–" in between else "")
            if zh
            else f"{n} lists, {rows:,} rows: {len(c.people):,} distinct people"
            + (f" ({between} when the review is done)" if "–" in between else ""),
            ("名单:" if zh else "lists: ")
            + "  ".join(
                f"{LETTERS[i]} {short(x.name)} " + (f"{len(c.in_list(i)):,} 人" if zh else f"{len(c.in_list(i)):,}")
                for i, x in enumerate(c.lists)
            ),
        ]

        def some(title: Word, codes: Iterable[tuple[str, str]]) -> None:
            there = [f"{word} {of[code]:,}" for code, word in codes if of.get(code)]
            out.append(f"{self.say(title)}{mark.join(there)}" if there else f"{self.say(title)}{'无' if zh else 'nobody'}")

        out.append(
            f"都在:{of['in_all']:,} 人;不全在:{len(c.not_everywhere):,} 人"
            if zh
            else f"in all: {of['in_all']:,}; not in all: {len(c.not_everywhere):,}"
        )
        some(Word("仅在一张:", "only in one: "), [(f"only_{x}", x) for x in LETTERS[:n]])
        if n > 2:
            other = [("other", "其他组合" if zh else "other combinations")] if n > 3 else []
            some(Word("仅缺一张:", "missing only in one: "), [*((f"missing_{x}", x) for x in LETTERS[:n]), *other])
        some(
            Word(f"说法不一:{of['differing']:,} 人;", f"differing: {of['differing']:,}; ")
            if c.differing
            else Word("说法不一:", "differing: "),
            [(f"differs_{f}", self.say(DIFFERING[f])) for f in DIFFERING],
        )
        notices = sum(len(x.notices) for x in c.lists) + len(c.unlike)
        rest = [
            (
                Word("同一名单里重复 ", "twice in a list "),
                f"{of['twice']:,}" + self.say(Word(f" 人(多 {further:,} 行)", f" ({further:,} further rows)")),
            ),
            (Word("不是人的行 ", "nobody's rows "), f"{of['not_read']:,}"),
            (Word("读名单时的提示 ", "notices "), f"{notices:,}"),
        ]
        if c.only_register is not None:
            rest[1:1] = [
                (Word("不在名册 ", "not on the register "), f"{of['not_registered']:,}"),
                (Word("只在名册 ", "only on it "), f"{of['only_register']:,}"),
            ]
        out.append(stop.join(f"{self.say(word)}{number}" for word, number in rest))
        open_ = [
            f"{LETTERS[p.list]} {self.say(HEAD[p.field])} {self.say(_hole(p.classed))}"
            for p in self.partitions()
            if p.classed.none or p.classed.two
        ]
        open_ += [self.say(x.say()) for x in self.checks]
        if open_:
            out.append(("合不上:" if zh else "does not close: ") + stop.join(open_))
        out += [("衔接 " if zh else "bridge ") + self._bridge_line(b) for b in self.bridges[:2]]
        out.append(f"待核:{of['review']:,} 项,按后果排序" if zh else f"to review: {of['review']:,}, the most consequential first")
        return out

    def _bridge_line(self, b: Bridge) -> str:
        return f"{short(b.before_name)} → {short(b.after_name)}: {self.say(b.say())}"

    # --- as data ----------------------------------------------------------------------------------------------------------
    def as_data(self) -> dict[str, Any]:
        """The answer as JSON: figures in both languages, and people by their rows alone; no name, document or phone is in it."""
        c = self.comparison

        def at(r: int | None) -> Mapping[str, object] | None:
            if r is None:
                return None
            return {"list": LETTERS[c.of[r]] if c.of[r] < len(c.lists) else "register", "row": c.row[r]}

        def who(numbers: Iterable[int]) -> list[object]:
            return [[at(r) for r in c.person(n).records] for n in numbers]

        letters = range(len(c.lists))
        return {
            "lists": [
                {"letter": LETTERS[i], "name": x.name, "rows": x.rows, "people": len(c.in_list(i)), "not_read": [u.row for u in x.unread]}
                for i, x in enumerate(c.lists)
            ],
            "figures": [
                {"code": f.code, "number": f.number, "unit": f.unit, "zh": f.word.zh, "en": f.word.en, "means_zh": f.means.zh,
                 "means": f.means.en, "until": f.until}
                for f in self.figures()
            ],
            "regions": [
                {"in": [LETTERS[i] for i in letters if r.mask >> i & 1], "number": len(r.people),
                 "people": [] if r.mask == c.everywhere else who(r.people)}
                for r in c.regions
            ],
            "differing": [{"field": d.field, "rows": [at(r) for r, _ in d.said]} for d in c.differences],
            "twice": [{"list": LETTERS[i], "rows": [c.row[r] for r in held]} for _, i, held in c.twice],
            "not_registered": who(c.not_registered),
            "review": [
                {"why": x.why, "zh": x.word.zh, "en": x.word.en, "first": at(x.first), "second": at(x.second), "probability": x.probability}
                for x in c.review
            ],
            "areas": [{"area": c.area_name(a, "zh"), "people": len(people)} for a, people in c.areas.items()],
            "partitions": [
                {"list": LETTERS[p.list], "field": p.field, "over": p.classed.closing().over, "none": len(p.classed.none),
                 "two": len(p.classed.two)}
                for p in self.partitions()
            ],
            "checks": [{"over": x.over, "closes": x.closes, "zh": x.say().zh, "en": x.say().en} for x in self.checks],
            "bridges": [
                {"from": b.before_name, "before": b.before, "to": b.after_name, "after": b.after, "unexplained": b.unexplained,
                 "terms": [{"code": t.code, "sign": t.sign, "number": t.number, "zh": t.word.zh, "en": t.word.en} for t in b.terms]}
                for b in self.bridges
            ],
            "agrees": self.agrees(),
        }  # fmt: skip


def short(name: str) -> str:
    stem = name.rsplit("/", 1)[-1]
    stem = stem.rsplit(".", 1)[0] if "." in stem[-6:] else stem
    return stem if len(stem) <= 12 else stem[:11] + "…"


def _hole(classed: Classed) -> Word:
    zh, en = [], []
    if classed.none:
        zh.append(f"{len(classed.none):,} 人不在任何一类")
        en.append(f"{len(classed.none):,} in no class")
    if classed.two:
        zh.append(f"{len(classed.two):,} 人在两类")
        en.append(f"{len(classed.two):,} in two")
    return Word(",".join(zh), ", ".join(en))
