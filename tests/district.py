"""A made-up district of honeycomb cells: boundaries for tests and pictures, where neighbours share their borders point for point."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

#: A corner of a cell on a whole-numbered lattice, so that cells beside each other have the same corners.
Corner = tuple[int, int]
Cell = tuple[int, int]
_CORNERS = ((0, 2), (1, 1), (1, -1), (0, -2), (-1, -1), (-1, 1))


def cells(columns: int, rows: int) -> list[Cell]:
    """The cells of a honeycomb, row by row."""
    return [(column, row) for row in range(rows) for column in range(columns)]


def corners(cell: Cell) -> list[Corner]:
    """The six corners of a cell, clockwise."""
    x, y = 2 * cell[0] + cell[1] % 2, 3 * cell[1]
    return [(x + dx, y + dy) for dx, dy in _CORNERS]


def rings(some: Iterable[Cell]) -> list[list[Corner]]:
    """The borders of some cells taken together: what two of them share is no border. Closed, outer ones and holes alike."""
    edges: set[tuple[Corner, Corner]] = set()
    for cell in some:
        around = corners(cell)
        for edge in zip(around, [*around[1:], around[0]], strict=True):
            if edge[::-1] in edges:
                edges.remove(edge[::-1])
            else:
                edges.add(edge)
    leads: dict[Corner, list[Corner]] = defaultdict(list)
    for a, b in sorted(edges):
        leads[a].append(b)
    found = []
    while leads:
        start = min(leads)
        ring = [start]
        while len(ring) == 1 or ring[-1] != start:
            at = ring[-1]
            ring.append(leads[at].pop())
            if not leads[at]:
                del leads[at]
        found.append(ring)
    return found


def geometry(some: Sequence[Cell], *, west: float = 103.85, south: float = 30.72, step: float = 0.004) -> str:
    """Some cells as a GeoJSON MultiPolygon; holes belong to the largest ring, as one piece of a district has them. Degrees."""

    def degrees(corner: Corner) -> list[float]:
        return [round(west + corner[0] * step, 6), round(south + corner[1] * step * 0.5, 6)]

    def area(ring: Sequence[Corner]) -> int:
        return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))

    closed = rings(some)
    turns = max(closed, key=lambda r: abs(area(r)))
    outer = [r for r in closed if (area(r) > 0) == (area(turns) > 0)]
    holes = [r for r in closed if (area(r) > 0) != (area(turns) > 0)]
    parts = [[[degrees(c) for c in r]] for r in sorted(outer, key=lambda r: -abs(area(r)))]
    parts[0] += [[degrees(c) for c in r] for r in holes]
    return json.dumps({"type": "MultiPolygon", "coordinates": parts}, separators=(",", ":"))


def divided(codes: Sequence[str], columns: int = 44, rows: int = 40) -> dict[str, list[Cell]]:
    """The cells of a roundish district, each given to the nearest of as many seats as there are codes."""
    middle = (columns / 2, rows / 2)
    inside = [
        c for c in cells(columns, rows) if ((c[0] - middle[0]) / middle[0]) ** 2 + ((c[1] - middle[1]) / middle[1]) ** 2 < 1 - 0.1 * ((c[0] * 7 + c[1] * 3) % 3 == 0)
    ]  # fmt: skip
    turn = 2.399963  # the golden angle: seats spread without a pattern
    seats = {
        code: (
            middle[0] + middle[0] * 0.92 * math.sqrt((i + 0.5) / len(codes)) * math.cos(i * turn),
            middle[1] + middle[1] * 0.92 * math.sqrt((i + 0.5) / len(codes)) * math.sin(i * turn),
        )
        for i, code in enumerate(codes)
    }
    found: dict[str, list[Cell]] = defaultdict(list)
    for c in inside:
        found[min(seats, key=lambda s: ((seats[s][0] - c[0]) ** 2 + (seats[s][1] - c[1]) ** 2, s))].append(c)
    return dict(found)


def boundaries(codes: Sequence[str], *, whole: str | None = None) -> dict[str, str]:
    """Boundaries of areas that divide a made-up district, and of the district itself under the code ``whole``."""
    parts = divided(codes)
    found = {code: geometry(some) for code, some in parts.items()}
    if whole is not None:
        found[whole] = geometry([c for some in parts.values() for c in some])
    return found


def feature_collection(geometries: dict[str, str]) -> bytes:
    """Boundaries as a file that ``bulou areas load --boundaries`` takes."""
    features = [{"type": "Feature", "properties": {"code": c}, "geometry": json.loads(g)} for c, g in geometries.items()]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()
