"""Writes docs/reference/handbook.md and handbook.zh.md from the spec tables: ``python -m tests.spec.handbook``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bulou.basis.kinds import KINDS
from bulou.basis.words import FIELD, LISTS, STATE
from tests.spec.play import HERE, TREE, Case, Table, editions, topics

DOCS = HERE.parents[1] / "docs" / "reference"
PAGES = {"en": DOCS / "handbook.md", "zh": DOCS / "handbook.zh.md"}

#: What the pages say around the tables.
SAY: dict[str, dict[str, str]] = {
    "en": {
        "title": "# Handbook: what follows from what",
        "intro": (
            "Each case is a short story, the facts that were entered, and who owes what as a result. The tables are the tests of the"
            " engine (`tests/spec`), played in order of arrival and in other orders; this page is made from them by"
            " `python -m tests.spec.handbook`.\n\n"
            "Every table has two hours: it is *about* one hour, *as known at* another. Under the rules that it names, nobody owes"
            " anything but those in it. Times are local (Asia/Shanghai), in 2020; 24:00 ends a day.\n\n"
            "p1, p2 … are people, h1 … households, T1 … tubes, o1 … orders, z1 … zones, i1 … incidents, d1 … holders of posts. Unless a"
            " case says otherwise: "
        ),
        "tree": (
            "the district has {areas}; the standing watch i1 is open; the edition is adopted in the district and a standing"
            " authorisation for holds of 24 hours is signed."
        ),
        "facts": "| happened | known | fact | says |\n|---|---|---|---|",
        "people": "On the register: ",
        "edition": "Edition: ",
        "alike": "The same under ",
        "adopted": "Nothing is adopted beforehand.",
        "authorised": "No authorisation is signed beforehand.",
        "incident": "No incident is open beforehand.",
        "known": "As known at {known}",
        "about": "about {about}, as known at {known}",
        "nobody": "nobody owes anything under {rules}{only}.",
        "else": "under {rules}{only}:",
        "turns": " (turns {turns})",
        "all": "any rule",
        "same": "",
        "figures": "| figure | divided | parts | sum | missing |\n|---|---|---|---|---|",
        "levels": "| area | people | overdue |\n|---|---|---|",
        "strangers": "Under a duty and on no register: ",
        "states": "| state | people |\n|---|---|",
        "label": "called “{label}”",
        "yes": "yes", "no": "no", "nothing": "—", "sep": ", ", "is": ": ", "stop": "; ", "dot": ".",
        "other": "中文:[handbook.zh.md](handbook.zh.md)",
    },
    "zh": {
        "title": "# 手册:什么引出什么",
        "intro": (
            "每个案例是一个小故事、所录入的事实、由此谁该做什么。这些表就是引擎的测试(`tests/spec`),按到达顺序和打乱顺序各演一遍;"
            "本页由 `python -m tests.spec.handbook` 从中生成。\n\n"
            "每张表有两个时刻:**关于**哪一刻、**知道**到哪一刻。在所列规则之下,除表中所列,谁也不欠什么。时间为 2020 年当地时间"
            "(Asia/Shanghai),24:00 是一天的结束。\n\n"
            "p1、p2……是人,h1……是住户,T1……是试管,o1……是隔离令,z1……是风险区,i1……是事件,d1……是任职人。除另有说明:"
        ),
        "tree": "district 下有{areas};常态监测 i1 已启动;方案已在 district 采用,并签有每次 24 小时的等候常设授权。",
        "facts": "| 发生 | 知道 | 事实 | 内容 |\n|---|---|---|---|",
        "people": "在册:",
        "edition": "方案:",
        "alike": "以下方案相同:",
        "adopted": "事先未采用任何方案。",
        "authorised": "事先未签常设授权。",
        "incident": "事先没有事件。",
        "known": "知道到 {known} 为止",
        "about": "关于 {about}、知道到 {known} 为止",
        "nobody": "{rules}{only}之下,谁也不欠什么。",
        "else": "{rules}{only}之下:",
        "turns": "(第 {turns} 轮)",
        "all": "任何规则",
        "same": "",
        "figures": "| 数字 | 分法 | 各部分 | 合计 | 缺 |\n|---|---|---|---|---|",
        "levels": "| 区域 | 人数 | 超时 |\n|---|---|---|",
        "strangers": "有任务而不在册:",
        "states": "| 状态 | 人员 |\n|---|---|",
        "label": "记作“{label}”",
        "yes": "是", "no": "否", "nothing": "—", "sep": "、", "is": ":", "stop": ";", "dot": "。",
        "other": "English: [handbook.md](handbook.md)",
    },
}  # fmt: skip
COLUMN: dict[str, dict[str, str]] = {
    "en": {
        "who": "who", "rule": "must", "cell": "for", "incident": "incident", "turn": "turn", "opens": "opens", "due": "due", "end": "ends",
        "done": "done at", "area": "area", "state": "state", "answers": "answers", "holder": "holder", "vacant": "vacant",
    },
    "zh": {
        "who": "谁", "rule": "应做", "cell": "所属", "incident": "事件", "turn": "轮次", "opens": "开始", "due": "到期", "end": "终止",
        "done": "完成时刻", "area": "区域", "state": "状态", "answers": "答复岗位", "holder": "任职人", "vacant": "空岗",
    },
}  # fmt: skip
WORDS = {
    "en": {"never": "never", "nowhere": "nowhere", "nobody": "nobody", "none": "none"},
    "zh": {"never": "无", "nowhere": "不在任何区域", "nobody": "无人", "none": "无"},
}


class Page:
    """One language's page."""

    def __init__(self, lang: str) -> None:
        self.lang, self.say = lang, SAY[lang]

    def of(self, both: Any) -> str:
        """The text of this language, of a Word or of a table with both."""
        return str(both[self.lang] if isinstance(both, dict) else getattr(both, self.lang))

    def lines(self) -> Iterator[str]:
        areas = self.say["sep"].join(f"{area} ({parent})" for area, (parent, _) in TREE.items() if parent)
        yield from (self.say["title"], "", self.say["other"], "", self.say["intro"] + self.say["tree"].format(areas=areas), "")
        for topic in topics():
            yield from (f"## {self.of(topic.title)}", "", self.of(topic.about), "")
            for case in topic.cases:
                yield from self.case(case)
        yield from self.figures()

    # --- one case -----------------------------------------------------------------------------------------------------
    def case(self, case: Case) -> Iterator[str]:
        yield from (f"### {self.of(case.title)}", "", self.of(case.story), "")
        yield from self.setting(case)
        yield self.say["facts"]
        for raw in case.raw:
            known = raw.get("known", "")
            yield f"| {raw['at']} | {known} | {self.of(KINDS[raw['what']].word)} | {self.details(raw)} |"
        yield ""
        for table in case.tables:
            yield from self.table(case, table)

    def setting(self, case: Case) -> Iterator[str]:
        told = []
        if case.editions != ["covid19/cn-7"]:
            names = [f"{self.of(editions()[e].word)} `{e}`" for e in case.editions]
            told.append(self.say["edition"] + self.say["sep"].join(names) + self.say["dot"])
        told += [self.say[k] for k in ("incident", "adopted", "authorised") if case.given.get(k) is False]
        if case.people:
            told.append(self.say["people"] + self.say["sep"].join(f"{p} ({home})" for p, home in case.people.items()) + self.say["dot"])
        if case.alike:
            told.append(self.say["alike"] + self.say["sep"].join(f"`{e}`" for e in case.alike) + self.say["dot"])
        if told:
            yield from (" ".join(told), "")

    def details(self, raw: dict[str, Any]) -> str:
        kind = KINDS[raw["what"]]
        said = []
        for name, value in raw.items():
            if name in ("at", "known", "what"):
                continue
            if name == "label":
                said.append(self.say["label"].format(label=value))
                continue
            field = kind.field(name)
            said.append(self.of(FIELD[name]) + self.say["is"] + self.value(field.words if field else None, value))
        return self.say["stop"].join(said)

    def value(self, words: str | None, value: Any) -> str:
        if isinstance(value, bool):
            return self.say["yes"] if value else self.say["no"]
        if words and value in LISTS[words]:
            return self.of(LISTS[words][value])
        return str(value)

    # --- one table ----------------------------------------------------------------------------------------------------
    def table(self, case: Case, table: Table) -> Iterator[str]:
        same = table.raw.get("about", table.raw["known"]) == table.raw["known"]
        hour = self.say["known" if same else "about"].format(known=table.raw["known"], about=table.raw.get("about"))
        rules = self.say["all"] if table.rules == ["*"] else self.say["sep"].join(f"`{r}`" for r in table.rules)
        only = self.say["turns"].format(turns=self.say["sep"].join(map(str, table.turns))) if table.turns is not None else ""
        lead = f"**{hour[0].upper() + hour[1:]}** "
        yield lead + self.say["else" if table.rows else "nobody"].format(rules=rules, only=only)
        yield ""
        if table.rows:
            said = {c for row in table.rows for c in row.says}
            columns = ["who", "rule", *(c for c in COLUMN[self.lang] if c in said and c not in ("who", "state")), "state"]
            yield "| " + " | ".join(COLUMN[self.lang][c] for c in columns) + " |"
            yield "|" + "---|" * len(columns)
            for row in table.rows:
                yield "| " + " | ".join(self.cell(case, row.rule, row.says, c) for c in columns) + " |"
            yield ""
        if table.note:
            yield from (f"*{self.of(table.note)}*", "")

    def cell(self, case: Case, rule: str, says: dict[str, Any], column: str) -> str:
        if column == "rule":
            return f"{self.of(case.rule(rule).word)} `{rule}`"
        if column not in says:
            return ""
        value = says[column]
        if column == "state":
            return self.of(STATE[value])
        if isinstance(value, list):
            return self.say["sep"].join(map(str, value)) or WORDS[self.lang]["none"]
        return WORDS[self.lang].get(str(value), str(value))

    # --- figures ------------------------------------------------------------------------------------------------------
    def figures(self) -> Iterator[str]:
        raw = tomllib.loads((HERE / "figures.toml").read_text(encoding="utf-8"))
        yield from (f"## {self.of(raw['topic']['title'])}", "", self.of(raw["topic"]["about"]), "")
        for figure in raw["figure"]:
            yield from (self.of(figure["story"]), "", self.say["figures"])
            holes = {(h["figure"], h["partition"]): h for h in figure["holes"]}
            yield from self.divisions(figure, holes)
            yield ""
        for case in raw["case"]:
            yield from (f"### {self.of(case['title'])}", "", self.of(case["story"]), "")
            for stands in case["stands"]:
                known, about = stands["known"], stands.get("about", stands["known"])
                hour = self.say["known" if known == about else "about"].format(known=known, about=about)
                yield from (f"**{hour[0].upper() + hour[1:]}**", "", self.say["states"])
                yield from (f"| {self.of(STATE[s])} | {self.say['sep'].join(people)} |" for s, people in stands["states"].items())
                yield from ("", self.say["strangers"] + self.say["sep"].join(stands["strangers"]), "", self.say["levels"])
                yield from (f"| {area} | {n} | {stands['overdue'][area]} |" for area, n in stands["levels"].items())
                yield ""

    def divisions(self, figure: dict[str, Any], holes: dict[tuple[str, str], dict[str, Any]]) -> Iterator[str]:
        for division in figure.get("partitions", ()):
            parts = " + ".join(f"{p['name']} {p['value']:,}" for p in division["parts"])
            hole = holes.get((figure["name"], division["name"]))
            total = sum(p["value"] for p in division["parts"])
            missing = f"**{hole['missing']}**" if hole else self.say["nothing"]
            yield f"| {figure['name']} {figure['value']:,} | {division['name']} | {parts} | {total:,} | {missing} |"
            for each in division["parts"]:
                yield from self.divisions(each, holes)


def page(lang: str) -> str:
    """The whole page of a language."""
    return "\n".join(Page(lang).lines()).rstrip() + "\n"


def write(folder: Path | None = None) -> None:
    """Writes both pages."""
    for lang, path in PAGES.items():
        (folder / path.name if folder else path).write_text(page(lang), encoding="utf-8")


if __name__ == "__main__":
    write()
