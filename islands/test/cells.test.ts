// The cells fill the region without overlap, borders know whose they are, and awkward input (one area, a line, shared points) still draws.
import assert from "node:assert/strict";
import { test } from "node:test";
import { area, centroid, clipLine, clipToConvex, hull, inside, neighbourTowards, outlineOf, paddedHull, partition, project, unproject } from "../src/map/cells.ts";
import type { Point, Ring, Site } from "../src/map/cells.ts";

function random(seed: number): () => number {
  return () => (seed = (seed * 16807) % 2147483647) / 2147483647;
}

function sites(count: number, seed = 7): Site[] {
  const next = random(seed);
  return Array.from({ length: count }, (_, i) => {
    const lon = 103.7 + next() * 0.3;
    return { code: `a${i}`, parent: lon < 103.85 ? "west" : "east", lon, lat: 30.7 + next() * 0.25 };
  });
}

const whole = (rings: Ring[]) => rings.reduce((sum, ring) => sum + Math.abs(area(ring)), 0);

test("projecting there and back returns the place", () => {
  const [lon, lat] = unproject(project([103.88, 30.81]));
  assert.ok(Math.abs(lon - 103.88) < 1e-9 && Math.abs(lat - 30.81) < 1e-9);
});

for (const count of [1, 2, 3, 40, 400]) {
  test(`${count} cells fill a padded hull exactly and hold their own point`, () => {
    const { cells, region } = partition(sites(count));
    assert.equal(cells.length, count);
    const ratio = whole(cells.map((cell) => cell.ring)) / whole([region]);
    assert.ok(Math.abs(ratio - 1) < 1e-6, `cells cover ${ratio} of the region`);
    for (const cell of cells) assert.ok(inside(cell.site, cell.ring), cell.code);
  });
}

test("cells fill a concave outline given by hand, and no border leaves it", () => {
  const outline: Point[] = [[103.6, 30.6], [104.1, 30.6], [104.1, 31.05], [103.85, 30.72], [103.6, 31.05]];
  const { cells, borders, region } = partition(sites(60), outline);
  assert.ok(Math.abs(whole(cells.map((cell) => cell.ring)) / whole([region]) - 1) < 1e-6);
  for (const { line: [p, q] } of borders) assert.ok(inside([(p[0] + q[0]) / 2, (p[1] + q[1]) / 2], region));
});

test("areas that share a point, or stand in one line, all get a cell", () => {
  const same = [1, 2, 3].map((i) => ({ code: `s${i}`, parent: "p", lon: 103.8, lat: 30.8 }));
  for (const input of [same, [...same, ...sites(5)], [1, 2, 3, 4].map((i) => ({ code: `l${i}`, parent: "p", lon: 103 + i / 10, lat: 30 }))]) {
    const { cells, region } = partition(input);
    for (const cell of cells) assert.ok(Math.abs(area(cell.ring)) > 0, cell.code);
    assert.ok(Math.abs(whole(cells.map((cell) => cell.ring)) / whole([region]) - 1) < 1e-6);
  }
});

test("a border is a parents' border exactly when the two cells answer to different parents", () => {
  const input = sites(50);
  const parent = new Map(input.map((site) => [site.code, site.parent]));
  const { borders } = partition(input);
  assert.ok(borders.some((border) => border.parents) && borders.some((border) => !border.parents));
  for (const { a, b, parents } of borders) assert.equal(parents, parent.get(a) !== parent.get(b));
});

test("each border lies at equal distance from its two points", () => {
  const { cells, borders } = partition(sites(50));
  const site = new Map(cells.map((cell) => [cell.code, cell.site]));
  for (const { a, b, line } of borders) {
    for (const p of line) {
      const [da, db] = [site.get(a)!, site.get(b)!].map((s) => Math.hypot(p[0] - s[0], p[1] - s[1])) as [number, number];
      assert.ok(Math.abs(da - db) < 1e-6);
    }
  }
});

test("the outline of all cells is the region's edge; of one cell, its own", () => {
  const made = partition(sites(30));
  const length = (lines: [Point, Point][]) => lines.reduce((sum, [p, q]) => sum + Math.hypot(p[0] - q[0], p[1] - q[1]), 0);
  const around = (ring: Ring) => length(ring.map((p, i): [Point, Point] => [p, ring[(i + 1) % ring.length]!]));
  const all = length(outlineOf(new Set(made.cells.map((cell) => cell.code)), made));
  assert.ok(Math.abs(all / around(made.region) - 1) < 1e-3, `${all} of ${around(made.region)}`);
  const one = made.cells[4]!;
  assert.ok(Math.abs(length(outlineOf(new Set([one.code]), made)) / around(one.ring) - 1) < 1e-3);
});

test("an arrow key moves to a neighbour on that side", () => {
  const made = partition(sites(80));
  for (const cell of made.cells) {
    const next = neighbourTowards(cell.code, [1, 0], made);
    if (!next) continue;
    assert.ok(cell.neighbours.includes(next));
    assert.ok(made.cells.find((other) => other.code === next)!.centre[0] > cell.centre[0]);
  }
});

test("nothing to draw is nothing drawn", () => {
  assert.deepEqual(partition([]), { region: [], cells: [], borders: [] });
});

test("the pieces: hull, padding, clipping, centroid", () => {
  const square: Ring = [[0, 0], [2, 0], [2, 2], [0, 2]];
  assert.equal(hull([...square, [1, 1]]).length, 4);
  assert.ok(whole([paddedHull(square, 1)]) > 10 && whole([paddedHull(square, 1)]) < 4 + 8 + Math.PI);
  assert.equal(whole([clipToConvex(square, [[1, -1], [3, -1], [3, 3], [1, 3]])]), 2);
  assert.deepEqual(clipLine([-1, 1], [3, 1], square), [[[0, 1], [2, 1]]]);
  assert.deepEqual(centroid(square), [1, 1]);
});
