"""Who is who: each trap of FIELD E in rows, with a careless linker beside ours that falls into it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulou.basis.words import TIE
from bulou.identity import documents, keys, linking, names
from bulou.identity.documents import Document
from bulou.identity.linking import JOINING, Linked, Records, Thresholds, link
from tests.run import thorough

from .people import FIELDS, asked, card, groups, one, records

Row = dict[str, Any]
HOME = "红光街道太平村8组12号"


# --- careless linkers, each of which some trap must catch ------------------------------------------------------------
def _by(*keys: Callable[[Row], Any]) -> Callable[[list[Row]], list[int]]:
    def linker(rows: list[Row]) -> list[int]:
        person = list(range(len(rows)))
        for key in keys:
            seen: dict[Any, int] = {}
            for i, row in enumerate(rows):
                if (k := key(row)) is not None:
                    old, new = person[i], person[seen.setdefault(k, i)]
                    person = [new if p == old else p for p in person]
        return person

    return linker


CARELESS = {
    "phone": _by(lambda r: r.get("phone")),
    "document": _by(lambda r: r.get("document")),
    "name and birth": _by(lambda r: (r["name"], r["born_on"]) if r.get("born_on") else None),
    "name, sex, birth, address": _by(lambda r: (r["name"], r.get("sex"), r.get("born_on"), r.get("address"))),
    "birth, phone, address": _by(lambda r: (r.get("born_on"), r.get("phone"), r.get("address"))),
}


class Trap:
    """Rows, which of them are one person, and which careless linkers get it wrong."""

    def __init__(
        self,
        rows: list[Row],
        people: list[set[int]],
        caught: tuple[str, ...] | list[str] = (),
        ask: dict[tuple[int, int], str] | None = None,
    ) -> None:
        self.rows, self.people, self.caught, self.ask = rows, {frozenset(p) for p in people}, caught, ask or {}


TRAPS = {
    "2 twins: one birthday, one home, one phone, another name": Trap(
        [
            {"name": "李小明", "born_on": "2015-06-01", "address": HOME, "phone": "13811112222", "sex": "male"},
            {"name": "李小红", "born_on": "2015-06-01", "address": HOME, "phone": "13811112222", "sex": "male"},
        ],
        [{0}, {1}], ["phone", "birth, phone, address"], {(0, 1): "siblings"},
    ),
    "2 twins whose names sound alike": Trap(
        [
            {"name": "李昊", "born_on": "2015-06-01", "address": HOME, "phone": "13811112222", "sex": "male"},
            {"name": "李豪", "born_on": "2015-06-01", "address": HOME, "phone": "13811112222", "sex": "male"},
        ],
        [{0}, {1}], ["phone", "birth, phone, address"], {(0, 1): "siblings"},
    ),
    "2 twins told apart by their documents alone": Trap(
        [
            {"name": "李明", "document": card("2015-06-01", 101), "born_on": "2015-06-01", "address": HOME, "phone": "13811112222"},
            {"name": "李明", "document": card("2015-06-01", 103), "born_on": "2015-06-01", "address": HOME, "phone": "13811112222"},
        ],
        [{0}, {1}], ["phone", "name and birth", "name, sex, birth, address"], {(0, 1): "other_document"},
    ),
    "2 same name, sex, birthday, address and no document": Trap(
        [
            {"name": "王芳", "born_on": "1990-03-07", "address": HOME, "sex": "female"},
            {"name": "王芳", "born_on": "1990-03-07", "address": HOME, "sex": "female"},
        ],
        [{0}, {1}], ["name and birth", "name, sex, birth, address"], {(0, 1): "no_document"},
    ),
    "2 two newborns without a name": Trap(
        [
            {"name": "王芳之女", "born_on": "2022-08-01", "address": HOME, "phone": "13811112222", "sex": "female"},
            {"name": "王芳之女", "born_on": "2022-08-01", "address": HOME, "phone": "13811112222", "sex": "female"},
        ],
        [{0}, {1}], ["phone", "name and birth"], {(0, 1): "unnamed"},
    ),
    "6 a second telephone in the cell": Trap(
        [
            {"name": "欧阳明", "phone": "13811112222 / 13911113333", "born_on": "1990-03-07"},
            {"name": "欧阳明", "phone": "139-1111-3333", "born_on": "1990-03-07"}, {"name": "欧阳亮", "phone": "13911113333", "born_on": "1990-03-07"},
            {"name": "司马明", "phone": "010-62345678、13711114444"}, {"name": "司马明", "phone": "13711114444,13611115555"},
        ],
        [{0, 1}, {2}, {3, 4}], ["phone", "document"], {},
    ),
    "3 one person, card and passport": Trap(
        [
            {"name": "张晓明", "document": card(), "phone": "13811112222", "born_on": "1990-03-07"},
            {"name": "ZHANG XIAOMING", "document": "E12345678", "phone": "+86 138 1111 2222", "born_on": "07/03/1990"},
        ],
        [{0, 1}], ["document"],
    ),
    "3 a 台胞证 where the list says that it is one": Trap(
        [
            {"name": "陈怡君", "document": "02151234", "document_kind": "台胞证"}, {"name": "陈怡君", "document": "0215123401", "document_kind": "台胞证"},
            {"name": "陈怡君", "document": "02151234"},
        ],
        [{0, 1}, {2}], ["document"],
    ),
    "3 old number and new": Trap(
        [{"name": "张晓明", "document": card()}, {"name": "张晓明", "document": card()[:6] + card()[8:17]}], [{0, 1}], ["document"],
    ),
    "4 x, ×, full width, spaces": Trap(
        [
            {"name": "张晓明", "document": "11010519491231002X"}, {"name": "张晓明", "document": "１１０１０５１９４９１２３１００２×"},
            {"name": "張曉明", "document": "'110105 19491231 002x"},
        ],
        [{0, 1, 2}], ["document"],
    ),
    "5 a child under the mother's code": Trap(
        [
            {"name": "王芳", "document": card("1990-03-07", 124), "phone": "13811112222"},
            {"name": "李小宝", "document": card("1990-03-07", 124), "phone": "13811112222", "born_on": "2018-05-05"},
        ],
        [{0}, {1}], ["document", "phone"], {(0, 1): "other_name"},
    ),
    "5 a child whose row says whose code it is": Trap(
        [
            {"name": "王芳", "document": card("1990-03-07", 124), "phone": "13811112222"},
            {"name": "李小宝", "document": card("1990-03-07", 124), "phone": "13811112222", "born_on": "2018-05-05", "code_of": "王芳"},
        ],
        [{0}, {1}], ["document", "phone"], {(0, 1): None},  # type: ignore[dict-item]
    ),
    "5 her number under her son's, his under his own": Trap(
        [
            {"name": "李建国", "document": card("1970-02-02", 111), "phone": "13811112222"},
            {"name": "陈秀英", "document": card("1970-02-02", 111), "phone": "13811112222", "code_of": card("1970-02-02", 111)},
            {"name": "陈秀英", "document": card("1944-09-09", 222), "phone": "13811112222"},
        ],
        [{0}, {1, 2}], ["document", "phone"],
    ),
    "5 twins with one code": Trap(
        [{"name": "李小明", "document": card("2015-06-01", 101)}, {"name": "李小红", "document": card("2015-06-01", 101)}],
        [{0}, {1}], ["document"], {(0, 1): "other_name"},
    ),
    "5 a column for another's code that says 'own'": Trap(
        [{"name": "王芳", "document": card(), "code_of": word} for word in ("本人", "自己", "无", "self", "王芳", "WANG FANG", card())],
        [{0, 1, 2, 3, 4, 5}, {6}], [],
    ),
    "6 a landlord's phone": Trap(
        [{"name": n, "phone": "13811112222", "address": f"{HOME}{i}室"} for i, n in enumerate(["张三", "李四", "王五", "赵六", "张三丰", "孙七"])],
        [{i} for i in range(6)], ["phone"],
    ),
    "6 two namesakes on a foreman's phone": Trap(
        [{"name": n, "phone": "13811112222", "born_on": b} for n, b in
         [("王伟", "1980-02-03"), ("王伟", "1991-07-08"), ("李四", None), ("赵六", None), ("孙七", None), ("周八", None)]],
        [{i} for i in range(6)], ["phone"],
    ),
    "7 a dot of another code point, parts the other way round": Trap(
        [
            {"name": "买买提·艾力", "document": card(), "phone": "13811112222"}, {"name": "买买提•艾力", "document": card()},
            {"name": "艾力‧买买提", "document": card()}, {"name": "买买提艾力", "document": card()}, {"name": "买买提", "document": card()},
        ],
        [{0, 1, 2, 3, 4}], [],
    ),
    "7 a name in letters with slips, its parts the other way round, one of them alone": Trap(
        [
            {"name": "Samantha Santini", "document": "7147784", "born_on": "1990-03-07", "address": "15 Hensman Street"},
            {"name": "Santini Samanta", "document": "7147784", "born_on": "1990-03-07", "address": "15 Hensman Street"},
            {"name": "Santini", "document": "7147784", "born_on": "1990-03-07", "address": "15 Hensman Street"},
        ],
        [{0, 1, 2}], [],
    ),
    "5 twins under one number of no known kind": Trap(
        [
            {"name": "Samantha Santini", "document": "7147784", "born_on": "2015-06-01", "address": "15 Hensman Street"},
            {"name": "Gabrielle Santini", "document": "7147784", "born_on": "2015-06-01", "address": "15 Hensman Street"},
            {"name": "Santini", "document": "7147784", "born_on": "2015-06-01", "address": "15 Hensman Street"},
        ],
        [{0}, {1}, {2}], ["document"], {(0, 1): "other_name"},
    ),
    "2 twins with neighbouring numbers of no known kind": Trap(
        [
            {"name": "Samantha Santini", "document": "7147784", "born_on": "2015-06-01", "address": "15 Hensman Street"},
            {"name": "Gabrielle Santini", "document": "7147785", "born_on": "2015-06-01", "address": "15 Hensman Street"},
        ],
        [{0}, {1}], [], {(0, 1): "siblings"},
    ),
    "a day of birth misread, a number of no known kind": Trap(
        [
            {"name": "Samantha Santini", "document": "7147784", "born_on": "1990-03-07", "address": "15 Hensman Street"},
            {"name": "Samantha Santini", "document": "7147784", "born_on": "1996-11-17", "address": "15 Hensman Street"},
        ],
        [{0, 1}], ["name and birth"],
    ),
    "a father and his son of one name under the number of their house": Trap(
        [
            {"name": "Samuel Santini", "document": "7147784", "born_on": "1960-03-07", "address": "15 Hensman Street"},
            {"name": "Samuel Santini", "document": "7147784", "born_on": "1990-11-17", "address": "15 Hensman Street"},
        ],
        [{0}, {1}], ["document"], {(0, 1): "possible"},
    ),
    "7 an input method's homophone under one number": Trap(
        [{"name": "李晓明", "document": card()}, {"name": "李小明", "document": card()}], [{0, 1}], [],
    ),
    "47 the tail of zeros is not a number": Trap(
        [
            {"name": "张三", "document": "510117199003071000", "phone": "13811112222"},
            {"name": "李四", "document": "510117199003071000", "phone": "13833334444"},
            {"name": "张三", "document": card("1990-03-07", 123), "phone": "13811112222"},
        ],
        [{0, 2}, {1}], ["document"],
    ),
    "47 scientific notation": Trap(
        [{"name": "张三", "document": "5.10117E+17", "phone": "13811112222"}, {"name": "张三", "document": "5.10117E+17", "phone": "13899990000"}],
        [{0}, {1}], ["document"],
    ),
    "47 what a spreadsheet cut is asked about": Trap(
        [{"name": "张三", "document": card("1990-03-07", 123)[:15] + "000"}, {"name": "张三", "document": card("1990-03-07", 123)}],
        [{0}, {1}], [], {(0, 1): "lost_digits"},
    ),
    "48 one digit wrong, name and birth agree": Trap(
        [
            {"name": "张晓明", "document": card("1990-03-07", 123)},
            {"name": "张晓明", "document": card("1990-03-07", 123)[:15] + "73" + card("1990-03-07", 123)[17], "born_on": "1990-03-07"},
        ],
        [{0, 1}], ["document"],
    ),
    "48 one digit wrong, and another's name": Trap(
        [
            {"name": "张晓明", "document": card("1990-03-07", 123)},
            {"name": "赵六", "document": card("1990-03-07", 123)[:15] + "73" + card("1990-03-07", 123)[17], "born_on": "1990-03-07"},
        ],
        [{0}, {1}], [],
    ),
    "1 January is not a birthday": Trap(
        [
            {"name": "王伟", "born_on": "1965-01-01", "phone": "13811112222", "address": HOME, "list": 0},
            {"name": "王伟", "born_on": "1965-01-01", "address": "犀浦街道天河路99号", "list": 1},
        ],
        [{0}, {1}], ["name and birth"],
    ),
    "two sound numbers are two people, whatever stands between": Trap(
        [
            {"name": "王伟", "document": card("1990-03-07", 111), "phone": "13811112222", "born_on": "1990-03-07"},
            {"name": "王伟", "phone": "13811112222", "born_on": "1990-03-07"},
            {"name": "王伟", "document": card("1990-03-07", 333), "phone": "13811112222", "born_on": "1990-03-07"},
        ],
        [{0}, {1}, {2}], ["phone", "name and birth"], {(0, 2): "other_document"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS)
def test_trap(trap: str) -> None:
    held = TRAPS[trap]
    linked = link(records(*held.rows))
    assert groups(linked) == held.people, linked
    for (a, b), why in held.ask.items():
        assert asked(linked, a, b) == why, linked.review


@pytest.mark.parametrize(("trap", "careless"), [(name, c) for name, held in TRAPS.items() for c in held.caught])
def test_trap_catches_a_careless_linker(trap: str, careless: str) -> None:
    held = TRAPS[trap]
    rows = [{f: None, **row} if (f := "born_on") else row for row in held.rows]
    person = CARELESS[careless](rows)
    found = {frozenset(i for i, p in enumerate(person) if p == one_) for one_ in set(person)}
    assert found != held.people


def test_every_careless_linker_is_caught() -> None:
    assert {c for held in TRAPS.values() for c in held.caught} == set(CARELESS)


def _sound(text: str | None, kind: str | None = None) -> Document | None:
    found = documents.read_document(text, kind)
    return found._replace(verdict="sound") if found else None


#: Edits of our own that someone might make in good faith, and the trap that must notice each.
PLANTED: dict[str, tuple[Any, str, Any, str]] = {
    "contradictions are not looked for": (
        linking._Work, "_contradicting", lambda *_: np.empty(0, np.int64), "two sound numbers are two people, whatever stands between",
    ),
    "one other character is the same name": (names, "COMPATIBLE", names.COMPATIBLE | {"near"}, "5 twins with one code"),
    "every name is a name": (names, "unnamed", lambda name: False, "2 two newborns without a name"),
    "a spreadsheet's zeros are digits": (keys, "read_document", _sound, "47 the tail of zeros is not a number"),
    "another's code is one's own": (
        keys, "_own", lambda said, read, *_: said.code >= 0, "5 her number under her son's, his under his own",
    ),
    "whoever shares number, birth and home is one": (
        linking._Work, "_one_written_worse", lambda *_: True, "5 twins under one number of no known kind",
    ),
    "another birth is always a slip": (
        linking._Work, "_birth_misread", lambda *_: True, "a father and his son of one name under the number of their house",
    ),
    "probability decides alone": (linking._Work, "_decide", lambda *_: "likely", "2 same name, sex, birthday, address and no document"),
}  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_a_careless_edit_is_caught(planted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, instead, trap = PLANTED[planted]
    monkeypatch.setattr(where, what, instead)
    held = TRAPS[trap]
    linked = link(records(*held.rows))
    assert groups(linked) != held.people or any(asked(linked, *pair) != why for pair, why in held.ask.items())


def test_the_refused_are_told_and_their_people_stay() -> None:
    linked = link(records(*TRAPS["47 the tail of zeros is not a number"].rows))
    assert [r.record for r in linked.refused] == [0, 1]
    assert len(linked.person) == 3


def test_joins_and_questions_use_the_closed_list() -> None:
    assert set(JOINING) < set(TIE)
    for held in TRAPS.values():
        linked = link(records(*held.rows))
        assert {tie.why for tie in linked.ties} <= set(JOINING)
        assert {tie.why for tie in linked.review} <= set(TIE) - set(JOINING)
        assert all(linked.person[t.a] == linked.person[t.b] for t in linked.ties)
        assert all(linked.person[t.a] != linked.person[t.b] for t in linked.review)


def test_ties_hold_every_group_together() -> None:
    """Whoever asks why two records are one person finds a chain of reasons."""
    linked = link(records(*(row | {"list": k} for k in range(3) for held in TRAPS.values() for row in held.rows)))
    person = list(range(len(linked.person)))
    for tie in linked.ties:
        old, new = person[tie.a], person[tie.b]
        person = [new if p == old else p for p in person]
    assert groups(linked) == {frozenset(i for i, p in enumerate(person) if p == q) for q in set(person)}


def test_the_most_consequential_are_asked_first() -> None:
    rows = [
        row
        for name in ("2 twins: one birthday, one home, one phone, another name", "2 same name, sex, birthday, address and no document")
        for row in TRAPS[name].rows
    ]
    plain = link(records(*rows))
    assert [{t.a, t.b} for t in plain.review] == [{2, 3}, {0, 1}]
    ordered = link(records(*rows), weights=[0, 5, 0, 0])
    assert [{t.a, t.b} for t in ordered.review] == [{0, 1}, {2, 3}]


def test_thresholds_move_what_is_joined_and_what_is_asked() -> None:
    rows = TRAPS["3 one person, card and passport"].rows
    assert one(link(records(*rows)), 0, 1)
    strict = link(records(*rows), Thresholds(merge=1.1))
    assert not one(strict, 0, 1) and asked(strict, 0, 1) == "possible"
    assert not link(records(*rows), Thresholds(merge=1.1, review=1.1)).review


def test_a_phone_of_many_joins_nobody_without_a_birthday() -> None:
    rows: list[Row] = [{"name": n, "phone": "13811112222"} for n in ["王伟", "李四", "赵六", "孙七", "周八", "王伟"]]
    assert not one(link(records(*rows)), 0, 5)
    assert one(link(records(rows[0], rows[5])), 0, 1)


def test_columns_of_different_length_are_told() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        link(records({"name": "张三"})._replace(phone=[]))


def test_nobody() -> None:
    assert link(records()) == Linked([], [], [], [])


def test_a_list_from_a_chat_group_has_only_names() -> None:
    linked = link(records({"name": "欧阳娜娜"}, {"name": "欧阳娜娜", "phone": "13811112222", "document": card()}))
    assert not one(linked, 0, 1) and asked(linked, 0, 1) == "name_only"


# --- properties ------------------------------------------------------------------------------------------------------
def everything() -> list[Row]:
    return [row for held in TRAPS.values() for row in held.rows]


def shuffled(rows: list[Row], order: list[int]) -> Records:
    return records(*(rows[i] for i in order))


def people_by_content(rows: list[Row], order: list[int], linked: Linked) -> list[list[str]]:
    """The people as sorted contents: the same whatever the numbering."""
    found: dict[int, list[str]] = {}
    for place, person in enumerate(linked.person):
        found.setdefault(person, []).append(repr(sorted((k, v) for k, v in rows[order[place]].items() if k in FIELDS and v is not None)))
    return sorted(sorted(members) for members in found.values())


def test_the_order_of_rows_changes_nothing_but_numbers() -> None:
    rows = [row | {"list": k % 3, "row": k} for k, row in enumerate(everything() + everything()[::2])]
    straight = list(range(len(rows)))
    usual = link(shuffled(rows, straight))
    for seed in range(3):
        order = straight[:]
        random.Random(seed).shuffle(order)
        again = link(shuffled(rows, order))
        back = {old: new for new, old in enumerate(order)}
        assert groups(again) == {frozenset(back[m] for m in members) for members in groups(usual)}
        for mine, theirs in ((usual.ties, again.ties), (usual.review, again.review)):
            a = [(sorted((back[t.a], back[t.b])), t.why, str(t.probability), t.detail) for t in mine]
            b = [(sorted((t.a, t.b)), t.why, str(t.probability), t.detail) for t in theirs]
            assert a == b if mine is usual.review else sorted(a) == sorted(b)


some = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["王伟", "王芳", "王芳之女", "WANG WEI", "王*", "买买提·艾力", "艾力·买买提", "王威", None]),
        "document": st.sampled_from(
            [card(), card(order=333), card()[:15] + "000", card()[:16] + "9X", "E12345678", "E87654321", None, None]
        ),
        "phone": st.sampled_from(["13811112222", "13833334444", "1.38E+10", None]),
        "born_on": st.sampled_from(["1990-03-07", "1990-01-01", "1991-03-07", None]),
        "address": st.sampled_from([HOME, HOME + "1单元", None]),
        "sex": st.sampled_from(["male", "female", None]),
        "area": st.sampled_from(["510117001218", None]),
        "code_of": st.sampled_from([None, None, None, "王芳", card()]),
        "list": st.integers(0, 2),
    }
)


@given(st.lists(some, min_size=1, max_size=9), st.randoms(use_true_random=False))
@settings(max_examples=25 if thorough() else 8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_group_contradicts_itself_in_any_order(rows: list[Row], source: random.Random) -> None:
    rows = [row | {"row": i} for i, row in enumerate(rows)]
    linked = link(records(*rows))
    for members in groups(linked):
        cards = {rows[m]["document"] for m in members if rows[m]["document"] in (card(), card(order=333)) and not rows[m]["code_of"]}
        passports = {rows[m]["document"] for m in members if str(rows[m]["document"]).startswith("E") and not rows[m]["code_of"]}
        assert len(cards) <= 1 and len(passports) <= 1
        called = {rows[m]["name"] for m in members}
        assert not {"王伟", "王芳"} <= called and not {"王芳", "王芳之女"} <= called
    order = list(range(len(rows)))
    source.shuffle(order)
    again = link(shuffled(rows, order))
    assert people_by_content(rows, order, again) == people_by_content(rows, list(range(len(rows))), linked)
    assert len(again.review) == len(linked.review) and len(again.ties) == len(linked.ties)
