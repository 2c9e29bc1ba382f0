"""Boundaries of areas as shapes of one picture: read, laid flat, thinned to a number of points, written as SVG paths. Pure.

Equirectangular, with longitudes shortened by the cosine of the middle latitude: at the size of a district nobody sees the difference
to a better projection. Points are rounded to a grid that is the same for all shapes, so that neighbours keep their common border;
the grid is made coarser until the picture has no more points than asked for. Only what is shown is thinned: facts stay as given.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from math import cos, radians
from typing import NamedTuple

Point = tuple[float, float]
Ring = list[Point]
#: An outer ring and its holes.
Polygon = list[Ring]
Flat = tuple[int, int]

#: The longer side of a picture, in units of its grid.
SIDE = 2000
#: Points of a whole picture: at six characters each well below half a megabyte.
MOST_POINTS = 40_000
#: The coarsest grid: beyond it a shape is not to be known again.
COARSEST = 64
#: A shape that is smaller than a point of the grid is drawn as a square of this side, so that it is not missed.
SPECK = 14


class Shape(NamedTuple):
    """One area in the picture: its path, the middle of its largest part, and how wide and high that is, in units of the picture."""

    path: str
    x: int
    y: int
    width: int
    height: int


class Picture(NamedTuple):
    """Shapes by the code of their area, the size of the picture, whose boundary cannot be read, and how many points were written."""

    shapes: dict[str, Shape]
    width: int
    height: int
    unread: tuple[str, ...]
    points: int


def polygons(geometry: str) -> list[Polygon] | None:
    """The polygons of a GeoJSON geometry as text; None for what is no polygon of closed rings within the world's degrees."""
    try:
        told = json.loads(geometry)
        kind, parts = told["type"], told["coordinates"]
        parts = [parts] if kind == "Polygon" else parts if kind == "MultiPolygon" else []
        found = [[[(float(p[0]), float(p[1])) for p in ring] for ring in part] for part in parts]
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    rings = [ring for part in found for ring in part]
    if not rings or not all(part for part in found):
        return None
    whole = all(len(r) >= 4 and r[0] == r[-1] and all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in r) for r in rings)
    return found if whole else None


def picture(geometries: Mapping[str, str], *, most: int = MOST_POINTS, side: int = SIDE) -> Picture:
    """The boundaries of some areas in one picture, north up. ``most``: the points that it may have in all,
    as far as the coarsest grid allows.

    What crosses the antimeridian is drawn in one piece: where boundaries span more than half the world, western longitudes count on.
    """
    read = {code: found for code, text in sorted(geometries.items()) if (found := polygons(text)) is not None}
    unread = tuple(sorted(set(geometries) - set(read)))
    points = [p for parts in read.values() for part in parts for ring in part for p in ring]
    if not points:
        return Picture({}, 0, 0, unread, 0)
    lons = [x for x, _ in points]
    if max(lons) - min(lons) > 180:
        read = {c: [[[(x + 360 if x < 0 else x, y) for x, y in ring] for ring in part] for part in parts] for c, parts in read.items()}
        lons = [x + 360 if x < 0 else x for x in lons]
    lats = [y for _, y in points]
    west, north = min(lons), max(lats)
    short = max(cos(radians((north + min(lats)) / 2)), 0.01)
    wide, high = (max(lons) - west) * short, north - min(lats)
    scale = side / (max(wide, high) or 1.0)

    def flat(ring: Ring, step: int) -> list[Flat]:
        return thin([(round((x - west) * short * scale / step) * step, round((north - y) * scale / step) * step) for x, y in ring])

    step = 1
    while True:
        flats = {c: [[flat(ring, step) for ring in part] for part in parts] for c, parts in read.items()}
        n = sum(len(ring) for parts in flats.values() for part in parts for ring in part)
        if n <= most or step >= COARSEST:
            break
        step *= 2
    middles = {c: _middle(parts, west, north, short * scale, scale) for c, parts in read.items()}
    shapes = {c: _shape(parts, middles[c]) for c, parts in flats.items()}
    return Picture(shapes, max(round(wide * scale), SPECK), max(round(high * scale), SPECK), unread, n)


def thin(ring: Sequence[Flat]) -> list[Flat]:
    """A ring on the grid without what nobody sees: points twice in a row, points on a straight line, spikes. Empty where nothing is left.

    The last point is not repeated. Only a point's own neighbours decide, so that a border is thinned alike from either side.
    """
    found: list[Flat] = []
    for point in ring:
        if not found or point != found[-1]:
            found.append(point)
    while len(found) > 1 and found[0] == found[-1]:
        found.pop()
    while len(found) > 2:
        kept = [b for a, b, c in zip((found[-1], *found), found, (*found[1:], found[0]), strict=False) if _turns(a, b, c)]
        if len(kept) == len(found):
            return found
        found = []
        for point in kept:
            if not found or point != found[-1]:
                found.append(point)
        while len(found) > 1 and found[0] == found[-1]:
            found.pop()
    return []


def _turns(a: Flat, b: Flat, c: Flat) -> bool:
    return (b[0] - a[0]) * (c[1] - b[1]) != (b[1] - a[1]) * (c[0] - b[0])


def _middle(parts: list[Polygon], west: float, north: float, across: float, down: float) -> Flat:
    """The middle of an area's largest part on the grid, for what is drawn in place of a shape too small to see."""
    ring = max((part[0] for part in parts), key=len)
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return round(((min(xs) + max(xs)) / 2 - west) * across), round((north - (min(ys) + max(ys)) / 2) * down)


def _shape(parts: list[list[list[Flat]]], middle: Flat) -> Shape:
    drawn = [[ring for ring in part if ring] for part in parts if part[0]]
    if not drawn:
        x, y = middle
        r = SPECK // 2
        return Shape(path([[(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)]]), x, y, SPECK, SPECK)
    largest = max((part[0] for part in drawn), key=lambda ring: abs(_twice_area(ring)))
    x, y = _centre(largest)
    xs, ys = [p[0] for p in largest], [p[1] for p in largest]
    return Shape(path([ring for part in drawn for ring in part]), x, y, max(xs) - min(xs), max(ys) - min(ys))


def _twice_area(ring: Sequence[Flat]) -> int:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, (*ring[1:], ring[0]), strict=True))


def _centre(ring: Sequence[Flat]) -> Flat:
    """The centre of gravity of a ring that encloses something."""
    area = _twice_area(ring)
    if area == 0:
        return ring[0]
    pairs = list(zip(ring, (*ring[1:], ring[0]), strict=True))
    turns = [a[0] * b[1] - b[0] * a[1] for a, b in pairs]
    x = sum((a[0] + b[0]) * t for (a, b), t in zip(pairs, turns, strict=True)) / (3 * area)
    y = sum((a[1] + b[1]) * t for (a, b), t in zip(pairs, turns, strict=True)) / (3 * area)
    return round(x), round(y)


def path(rings: Iterable[Sequence[Flat]]) -> str:
    """Closed rings as the data of an SVG path, in steps from point to point: holes are left open by the rule ``evenodd``."""
    found: list[str] = []
    for ring in rings:
        (x, y), rest = ring[0], ring[1:]
        found.append(f"M{x} {y}l")
        steps: list[str] = []
        for nx, ny in rest:
            for d in (nx - x, ny - y):
                steps.append(str(d) if d < 0 or not steps else f" {d}")
            x, y = nx, ny
        found.append("".join(steps) + "z")
    return "".join(found)
