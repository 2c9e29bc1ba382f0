"""Boundaries as shapes of one picture: what is drawn is where it lies, neighbours keep their border, and nothing that is typed breaks it."""

from __future__ import annotations

import json
import re

import pytest

from bulou.register.outlines import MOST_POINTS, SIDE, SPECK, path, picture, polygons, thin
from tests import district


def box(west: float, south: float, east: float, north: float, *holes: list[list[float]]) -> str:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring, *holes]})


def drawn(text: str) -> list[list[tuple[int, int]]]:
    """The rings of a path, read again."""
    found = []
    for part in re.findall(r"M(.*?)z", text):
        start, _, steps = part.partition("l")
        x, y = map(int, re.findall(r"-?\d+", start))
        ring, told = [(x, y)], list(map(int, re.findall(r"-?\d+", steps)))
        for dx, dy in zip(told[::2], told[1::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        found.append(ring)
    return found


def test_north_is_up_east_is_right_and_longitudes_are_shortened() -> None:
    made = picture({"a": box(100, 60, 101, 61), "b": box(101, 60, 102, 61)})
    assert made.shapes["a"].x < made.shapes["b"].x
    high = picture({"n": box(100, 61, 101, 62), "s": box(100, 60, 101, 61)})
    assert high.shapes["n"].y < high.shapes["s"].y
    # one degree of longitude at 60.5 degrees north is half a degree of latitude: cos(60.5°) = 0.4924
    assert made.width / made.height == pytest.approx(2 * 0.4924, rel=0.01)


def test_neighbours_keep_their_border_point_for_point() -> None:
    codes = [f"{n}" for n in range(9)]
    made = picture(district.boundaries(codes))
    corners = {c: {p for ring in drawn(s.path) for p in ring} for c, s in made.shapes.items()}
    edges: dict[frozenset[tuple[int, int]], int] = {}
    for shape in made.shapes.values():
        for ring in drawn(shape.path):
            for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
                edges[frozenset((a, b))] = edges.get(frozenset((a, b)), 0) + 1
    assert set(edges.values()) <= {1, 2}
    inner = sum(n == 2 for n in edges.values())
    assert inner > 100, "borders between neighbours are drawn from both sides alike"
    assert all(corners.values())


def test_a_hole_stays_open_and_every_part_is_drawn() -> None:
    hole = [[100.4, 30.4], [100.6, 30.4], [100.6, 30.6], [100.4, 30.6], [100.4, 30.4]]
    assert len(drawn(picture({"a": box(100, 30, 101, 31, hole)}).shapes["a"].path)) == 2
    two = {
        "type": "MultiPolygon",
        "coordinates": [json.loads(box(100, 30, 101, 31))["coordinates"], json.loads(box(103, 30, 104, 31))["coordinates"]],
    }
    assert len(drawn(picture({"a": json.dumps(two)}).shapes["a"].path)) == 2
    ring = [c for c in district.cells(5, 5) if c != (2, 2)]
    assert len(polygons(district.geometry(ring)) or []) == 1
    assert len((polygons(district.geometry(ring)) or [[]])[0]) == 2, "the district of the tests has holes too"


def test_what_crosses_the_antimeridian_is_one_piece() -> None:
    split = {
        "type": "MultiPolygon",
        "coordinates": [json.loads(box(179, 10, 180, 11))["coordinates"], json.loads(box(-180, 10, -179, 11))["coordinates"]],
    }
    made = picture({"a": json.dumps(split), "b": box(-179, 10, -178, 11)})
    assert made.width / made.height == pytest.approx(3 * 0.983, rel=0.02), "three degrees wide, not three hundred and sixty"
    assert made.shapes["b"].x > made.shapes["a"].x


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '{"type":"Point","coordinates":[1,2]}', '{"type":"Polygon","coordinates":[]}', '{"type":"Polygon","coordinates":[[]]}',
        '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}', '{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}',
        '{"type":"Polygon","coordinates":[[[0,0],[181,0],[1,1],[0,0]]]}', '{"type":"Polygon","coordinates":[[[0,0],["x",0],[1,1],[0,0]]]}',
        '{"type":"Polygon","coordinates":[[[0,0],[1],[1,1],[0,0]]]}', '{"type":"MultiPolygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}',
        '{"type":"Polygon","coordinates":[[[0,0],[NaN,0],[1,1],[0,0]]]}', '{"type":"Polygon","coordinates":5}', '{"type":"MultiPolygon","coordinates":[[]]}',
    ],
)  # fmt: skip
def test_what_is_no_boundary_is_said_and_never_drawn(text: str) -> None:
    assert polygons(text) is None
    made = picture({"bad": text, "good": box(100, 30, 101, 31)})
    assert made.unread == ("bad",)
    assert list(made.shapes) == ["good"]
    assert picture({"bad": text}).shapes == {}


def test_a_picture_has_no_more_points_than_asked_for() -> None:
    codes = [f"{n}" for n in range(12)]
    whole, coarse = picture(district.boundaries(codes)), picture(district.boundaries(codes), most=600)
    assert whole.points > 800
    assert coarse.points <= 600
    assert set(coarse.shapes) == set(whole.shapes), "thinned, never left out"


def test_what_is_too_small_to_see_is_a_speck_where_it_lies() -> None:
    made = picture({"large": box(100, 30, 110, 40), "tiny": box(105, 35, 105.000001, 35.000001)})
    tiny = made.shapes["tiny"]
    assert (tiny.width, tiny.height) == (SPECK, SPECK)
    assert tiny.x == pytest.approx(made.width / 2, abs=2)
    assert tiny.y == pytest.approx(made.height / 2, abs=2)


def test_two_thousand_grids_are_small_enough_for_a_page() -> None:
    grids = {f"510117001218-{i}": district.geometry([cell]) for i, cell in enumerate(district.cells(50, 40))}
    made = picture(grids)
    assert len(made.shapes) == 2000
    assert made.points <= MOST_POINTS
    assert sum(len(s.path) for s in made.shapes.values()) < 150_000
    assert max(made.width, made.height) == SIDE


def test_thinning_takes_nothing_that_is_seen() -> None:
    assert thin([(0, 0), (5, 0), (9, 0), (9, 9), (0, 9), (0, 0)]) == [(0, 0), (9, 0), (9, 9), (0, 9)]
    assert thin([(0, 0), (9, 0), (9, 9), (9, 20), (9, 9), (0, 9), (0, 0)]) == [(0, 0), (9, 0), (9, 9), (0, 9)], "a spike"
    assert thin([(0, 0), (5, 0), (9, 0), (0, 0)]) == []
    assert drawn(path([[(3, 4), (9, 4), (9, -2)]])) == [[(3, 4), (9, 4), (9, -2)]]
