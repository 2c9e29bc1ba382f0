"""What is pasted from groups and documents: 接龙, forwarded chat, blocks, tables; each with its known people and nobody lost."""

from __future__ import annotations

import pytest

from bulou.lists.reading import Table, Unreadable, read_pasted
from tests.lists.made import HEADS, IDS, NAMES, PEOPLE


def column(table: Table, heading: str) -> list[str]:
    return [r[table.columns.index(heading)] for r in table.rows]


def away(table: Table) -> dict[int, str]:
    return {a.number: a.code for a in table.aside}


JIELONG = """#接龙
太平村11组应采名单,请各户接龙
例 1. 某某 身份证号 电话

1. 张三 510117199001011234 13980001234
2. 李四，51011719900202123X，139-8000-1235，太平村11组3号
3、王五510117195503031236 13980001236 未采
4) 阿卜杜拉·买买提 男 35岁 护照E12345678
5. 赵六
   139 8000 1237
⑥ 钱七 身份证号：510117199001011111 电话：13980001238 住址：太平村2组1-2-301
(7) John Smith PA1234567 13980001239 +8613980001240
8. 周九 2.02E+17
收到
"""


def test_a_group_s_list() -> None:
    table = read_pasted(JIELONG, "群")
    assert table.form == "chat"
    assert column(table, "姓名") == ["张三", "李四", "王五", "阿卜杜拉·买买提", "赵六", "钱七", "John Smith", "周九"]
    assert column(table, "证件号码") == [IDS[0], IDS[1], IDS[2], "E12345678", "", "510117199001011111", "PA1234567", "2.02E+17"]
    assert column(table, "联系电话") == [
        "13980001234",
        "139-8000-1235",
        "13980001236",
        "",
        "139 8000 1237",
        "13980001238",
        "13980001239",
        "",
    ]
    assert column(table, "联系电话2")[6] == "+8613980001240"
    assert column(table, "住址")[1] == "太平村11组3号"
    assert column(table, "住址")[5] == "太平村2组1-2-301"
    assert column(table, "状态")[2] == "未采"
    assert column(table, "序号") == ["1", "2", "3", "4", "5", "⑥", "7", "8"]
    assert (column(table, "性别")[3], column(table, "年龄")[3]) == ("男", "35")
    assert table.numbers == [5, 6, 7, 8, 9, 11, 12, 13]
    assert away(table) == {1: "title", 2: "title", 3: "example", 4: "blank", 10: "joined", 14: "chatter"}
    assert [n.row for n in table.notices if n.code == "scientific"] == [13]


def test_two_people_in_one_line_are_two() -> None:
    table = read_pasted("1. 钱七 510117199001011111 13980001234 孙八 510117199001012222\n2. 李四 139 8000 1235", "群")
    assert list(zip(column(table, "姓名"), column(table, "证件号码"), strict=True)) == [
        ("钱七", "510117199001011111"),
        ("孙八", "510117199001012222"),
        ("李四", ""),
    ]
    assert table.numbers == [1, 1, 2]
    assert [(n.code, n.row) for n in table.notices] == [("split", 1)]


@pytest.mark.parametrize(
    "head",
    [
        "李网格 2022/8/14 20:15",
        "李网格 20:15",
        "2022-08-14 20:15:33 李网格",
        "李网格(11组) 8月14日 20:15",
        "李网格:",
        "李网格 昨天 下午8:15",
    ],
)
def test_forwarded_chat_keeps_who_sent_it(head: str) -> None:
    table = read_pasted(f"{head}\n张三 {IDS[0]} 13980001234\n收到\n王网格员 20:16\n李四 13980001235 太平街12号\n", "群")
    assert column(table, "姓名") == ["张三", "李四"]
    assert column(table, "发送人")[0].startswith("李网格")
    assert column(table, "发送人")[1] == "王网格员"
    assert away(table) == {1: "sender", 3: "chatter", 4: "sender"}


def test_bracketed_hours_of_chat() -> None:
    table = read_pasted(f"[2022/8/14 20:15:02] 李网格: 张三 {IDS[0]}\n[2022/8/14 20:16:00] 王五: 收到", "群")
    assert (column(table, "姓名"), column(table, "发送时间"), table.numbers) == (["张三"], ["2022/8/14 20:15:02"], [1])
    assert away(table) == {2: "chatter"}


def test_blocks_of_labels() -> None:
    table = read_pasted(
        "姓名:张三\n身份证:510117199001011234\n电话:13980001234\n\n姓名：李四\n电话：13980001235\n地址：太平村3组\n备注：在外地\n"
        "姓名:王五 电话:13980001236 地址:太平村4组",
        "群",
    )
    assert (table.form, column(table, "姓名")) == ("blocks", ["张三", "李四", "王五"])
    assert column(table, "电话") == ["13980001234", "13980001235", "13980001236"]
    assert column(table, "地址") == ["", "太平村3组", "太平村4组"]
    assert table.numbers == [1, 5, 9]


def test_names_one_to_a_line() -> None:
    table = read_pasted("张三\n李四\n王五、赵六\n收到\n", "群")
    assert column(table, "姓名") == ["张三", "李四", "王五", "赵六"]
    assert away(table) == {4: "chatter"}


def test_a_bare_name_among_people_with_documents_is_kept_and_said() -> None:
    table = read_pasted(f"张三 {IDS[0]}\n\n赵六\n", "群")
    assert column(table, "姓名") == ["张三", "赵六"]
    assert [(n.code, n.row) for n in table.notices if n.code != "blank"] == [("bare_name", 3)]


@pytest.mark.parametrize("sign", [" ", "  ", "，", "、", "/", "；", "|", " - ", ","])
def test_free_separators(sign: str) -> None:
    table = read_pasted("\n".join(sign.join(p[1:4]) for p in PEOPLE), "群")
    found = {tuple(c for c in r if c) for r in table.rows}
    assert {tuple(p[1:4]) for p in PEOPLE} == {tuple(x for x in f if x in {*NAMES, *IDS} or x.startswith("139")) for f in found}
    assert len(table.rows) == 4


def test_cells_copied_from_a_spreadsheet() -> None:
    text = "\r\n".join("\t".join(r) for r in [HEADS, *PEOPLE[:2], ["合计", "2", "", "", ""]])
    table = read_pasted(text, "表")
    assert (table.form, table.rows, away(table)) == ("text", [tuple(p) for p in PEOPLE[:2]], {1: "header", 4: "total"})


def test_numbers_in_brackets_and_numbers_with_nothing_after_them() -> None:
    text = f"各位,未采名单如下:\n【1】张三,男,34岁,身份证{IDS[0]},现住郫筒街道太平村11组3号,在外地出差\n2李四 {IDS[1]}\n11组王五家 13980001236\n共3人"
    table = read_pasted(text, "群")
    assert (column(table, "姓名")[:2], column(table, "年龄")[0], column(table, "序号")[:2]) == (["张三", "李四"], "34", ["1", "2"])
    assert column(table, "住址")[0] == "郫筒街道太平村11组3号"
    assert away(table)[5] == "total"


def test_people_of_one_line_with_telephones_alone() -> None:
    table = read_pasted("张三13980001234,李四13980001235,王五13980001236", "群")
    assert table.rows == [("张三", "13980001234"), ("李四", "13980001235"), ("王五", "13980001236")]


def test_names_of_any_script() -> None:
    table = read_pasted(
        f"扎西多吉 {IDS[0]}\nTashi Dorje  P1234567\n次仁拉姆·卓玛 13980001235\nأحمد محمد 13980001236\nརྡོ་རྗེ 13980001237", "群"
    )
    assert column(table, "姓名") == ["扎西多吉", "Tashi Dorje", "次仁拉姆·卓玛", "أحمد محمد", "རྡོ་རྗེ"]


@pytest.mark.parametrize("sign", [" ", "   "])
def test_headings_and_people_parted_by_spaces(sign: str) -> None:
    table = read_pasted(
        "\n".join(sign.join(r) for r in [["姓名", "电话", "住址"], ["张三", "13980001234", "太平村"], ["李四", "13980001235", "永安村"]]),
        "群",
    )
    assert (table.columns, [r[0] for r in table.rows], table.numbers) == (("姓名", "电话", "住址"), ["张三", "李四"], [2, 3])


def test_a_table_drawn_with_bars() -> None:
    table = read_pasted("| 姓名 | 电话 | 住址 |\n|---|---|---|\n| 张三 | 13980001234 | 太平村 |\n| 李四 | 13980001235 | 永安村 |", "群")
    assert column(table, "姓名") == ["张三", "李四"]
    assert away(table) == {1: "header", 2: "note"}


def test_a_table_copied_from_a_document() -> None:
    html = """<table><tr><td colspan=3>名单</td></tr><tr><th rowspan=2>姓名</th><th colspan=2>联系</th></tr><tr><th>电话</th><th>住址</th></tr>
    <tr><td>张<b>三</b></td><td>13980001234</td><td>太平村<br>11组</td></tr><tr style="display: none"><td>李四</td><td>1</td><td>x</td></tr></table>"""
    table = read_pasted(html, "文档")
    assert table.columns == ("姓名", "联系/电话", "联系/住址")
    assert table.rows == [("张三", "13980001234", "太平村\n11组"), ("李四", "1", "x")]
    assert {n.code for n in table.notices} == {"title", "hidden_rows"}


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff"])
def test_nothing_pasted_is_said(text: str) -> None:
    with pytest.raises(Unreadable, match="nothing was pasted"):
        read_pasted(text)
