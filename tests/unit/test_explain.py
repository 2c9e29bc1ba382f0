"""Every rule as a sentence in both languages, the differences of editions, and the commands that print them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bulou.basis.kinds import KINDS
from bulou.cli import main
from bulou.protocol.diff import diff
from bulou.protocol.explain import WHEN, explain
from bulou.protocol.read import shipped
from bulou.protocol.rules import Edition
from tests.spec.play import HERE, editions
from tests.unit.test_lint import GOOD

RULES = [(e.id, r.name) for e in editions().values() for r in e.rules]
ONE, TWO = (str(HERE / "editions" / "bluefever" / f"{n}.toml") for n in ("one", "two"))


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


# --- sentences --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("edition", "name"), RULES, ids=lambda v: v)
def test_sentence_has_no_leftovers(edition: str, name: str) -> None:
    (sentence,) = explain(editions()[edition], name)
    for text in (sentence.zh, sentence.en):
        assert not re.search(r"None|[{}\[\]<>~]|[a-z]_[a-z]|\(\)|  |:;|,,|;;", text), text
        assert not [k for k in KINDS if k in text], text
    assert sentence.en.startswith("When ")
    assert sentence.en.endswith(".")
    assert sentence.zh.endswith("。")
    rule_zh = sentence.zh.split("来源")[0]
    assert not re.search(r"[A-Za-z]{2,}", rule_zh), rule_zh
    assert not re.search(r"[一-鿿]", sentence.en.split("Source:")[0]), sentence.en


def test_every_kind_that_opens_has_a_beginning() -> None:
    assert set(WHEN) == {k for k, v in KINDS.items() if v.opens}


@pytest.mark.parametrize(
    ("edition", "name", "zh", "en"),
    [
        (
            "covid19/cn-7", "recall.single",
            "试管出结果(检测结果为阳性或灰区;检测次序为初次)时,试管内人员4小时内须有:采样(管容为1);由采样组答复。来源:混检阳性:单人单管重新采样复核(未核实)。",
            "When a tube is read (result: positive or grey; run: first run), everyone in the tube must show: sample taken (tube capacity: 1) within 4 h of it;"
            " the sampling group answers. Source: single re-sampling of everyone in the pool; the hours are local (unverified).",
        ),
        (
            "covid19/cn-7", "recall.tell",
            "试管出结果(检测结果为阳性或灰区;检测次序为初次)时,试管内人员1小时内须有:告知(事项为原地等候告知),前提是已有常设授权,"
            "至原地等候结束为止;由网格答复。来源:混检阳性受检者暂时单独隔离、单管重采(未核实)。",
            "When a tube is read (result: positive or grey; run: first run), everyone in the tube must show: notice given (about: asked to stay put) within 1 h of it,"
            " provided that a standing authorisation is signed, until the hold is over; the grid answers."
            " Source: people of a positive pool stay apart until single re-sampling (unverified).",
        ),
        (
            "covid19/cn-7", "zone.review.medium",
            "划定风险区(级别为中风险)时,该风险区自区内末例感染之时起第14天24:00前须有:解除风险区;由指挥部答复。"
            "来源:第七版分区分级标准;连续14天无新增本地确诊病例后解除(公开转载)。",
            "When a zone is drawn (level: medium risk), the zone must have: zone lifted by 24:00 of the day 14 days later (counted from: the last infection"
            " in the zone); the command answers. Source: lifted after 14 days without a new local confirmed case (public copy).",
        ),
        (
            "covid19/cn-7", "escalation.transfer",
            "“转运到位”或“下达隔离令”超时1小时后,2小时内须完成或答复(缺口答复);由指挥部答复。来源:责任链:超时上报(未核实)。",
            'When "bring to the place" or "make the order" is overdue by 1 h, it must be done or answered (gap answered) within 2 h; the command answers.'
            " Source: chain of answering: what is overdue goes up (unverified).",
        ),
        (
            "bluefever/one", "close.test",
            "下达隔离令(接触者类别为密切接触者)时,本人自开始时刻起(那天为第0天)在第2、第4天24:00前须有:采样(管容为1),"
            "至其结束时刻或隔离令结束为止;由隔离转运组答复。来源:made up(未核实)。",
            "When an order is made (ring: close contact), the person must show: sample taken (tube capacity: 1), on days 2 and 4, each by 24:00; the first day"
            " is day 0 (counted from: its start), until its end or the order is over; the isolation and transfer group answers. Source: made up (unverified).",
        ),
    ],
)  # fmt: skip
def test_sentence(edition: str, name: str, zh: str, en: str) -> None:
    (sentence,) = explain(editions()[edition], name)
    assert sentence.zh == zh
    assert sentence.en == en


# --- differences ------------------------------------------------------------------------------------------------------
def told(was: Edition, now: Edition) -> list[str]:
    return [str(c) for c in diff(was, now)]


def test_differences_are_told_word_by_word() -> None:
    lines = told(editions()["bluefever/one"], editions()["bluefever/two"])
    assert "changed rule close.place: within: 12 h → 6 h" in lines
    assert "changed rule close.test: turns: days 2, 4 from 0 → days 1, 3, 5 from 1" in lines
    assert "removed rule contact.call" in lines
    assert "changed measure close: days: 6 → 5" in lines
    assert "removed zone high" in lines
    assert "removed parameter incubation" in lines
    assert "changed pool sizes: sizes: 1, 5 → 1" in lines
    back = told(editions()["bluefever/two"], editions()["bluefever/one"])
    assert "added rule contact.call" in back
    assert "changed rule close.place: within: 6 h → 12 h" in back


def test_no_difference_from_itself() -> None:
    for edition in editions().values():
        assert diff(edition, edition) == []


# --- commands ---------------------------------------------------------------------------------------------------------
def test_lint_of_what_is_shipped() -> None:
    code, output = run("protocol", "lint")
    assert code == 0
    assert "0 mistakes" in output


def test_lint_tells_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "blue" / "one.toml"
    path.parent.mkdir()
    path.write_text(GOOD.replace('within = "12 h"', 'whitin = "12 h"'), encoding="utf-8")
    code, output = run("protocol", "lint", str(path), "--lang", "both")
    assert code == 1
    assert re.search(r"blue/one\.toml:\d+: close\.place: whitin: is no word here; did you mean within\?", output)
    assert "这里没有这个词;是否想写 within?" in output
    code, output = run("protocol", "lint", str(path), "--json")
    assert code == 1
    assert {"file", "rule", "key", "right", "right_zh", "line"} == set(json.loads(output)[0])
    assert run("protocol", "explain", str(path))[0] == 1
    assert run("protocol", "diff", str(path), "covid19/cn-7")[0] == 1


def test_called_wrongly(tmp_path: Path) -> None:
    assert run("protocol", "lint", str(tmp_path / "none.toml"))[0] == 2
    code, output = run("protocol", "explain", "covid19/cn-77")
    assert code == 2
    assert "did you mean covid19/cn-7?" in output
    code, output = run("protocol", "explain", "covid19/cn-7", "--rule", "recall.singel")
    assert code == 2
    assert "did you mean recall.single?" in output
    assert run("protocol", "diff", "covid19/cn-7")[0] == 2


def test_explain_prints_sentences() -> None:
    code, output = run("protocol", "explain", "covid19/cn-7", "--rule", "recall.single", "--lang", "both")
    assert code == 0
    assert "everyone in the tube must show" in output
    assert "试管内人员4小时内须有" in output
    code, output = run("protocol", "explain", ONE, "--json")
    assert code == 0
    assert [s["rule"] for s in json.loads(output)] == [r.name for r in editions()["bluefever/one"].rules]
    assert "试管" not in run("protocol", "explain", "covid19/cn-7", "--rule", "recall.single", "--lang", "en")[1]


def test_diff_prints_differences() -> None:
    code, output = run("protocol", "diff", ONE, TWO)
    assert code == 1
    assert "changed rule close.place: within: 12 h → 6 h" in output
    assert run("protocol", "diff", "covid19/cn-7", "covid19/cn-7") == (0, "")
    code, output = run("protocol", "diff", ONE, TWO, "--json")
    assert {"table", "name", "change", "word", "was", "now"} == set(json.loads(output)[0])


def test_start_up_imports_little() -> None:
    """The command line is quick to start: nothing of the protocol, of Django or of the desks is read before it is needed; words are."""
    own = "('bulou.cli', 'bulou.basis.words', 'bulou.basis.toldwords')"
    code = f"import sys, bulou.cli; print([m for m in sys.modules if m.startswith(('django', 'bulou.')) and m != 'bulou.basis' and not m.startswith({own})])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "[]"


def test_shipped_editions_are_all_explained() -> None:
    for edition in shipped().values():
        assert len(explain(edition)) == len(edition.rules)
