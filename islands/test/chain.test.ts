// Where the cases of a chain stand: a gap in time is a gap in the picture, nobody covers another, arrows reach everyone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { layout, step } from "../src/chainlayout.ts";
import type { ChainNode } from "../src/chainlayout.ts";

const node = (day: string | null, cluster: number, generation: number | null = 0): ChainNode => ({
  label: "case", day, cluster, generation, onset: true, kind: "infected", status: "", outside: false, unknown: false, href: "#",
});

test("days between cases keep their columns, and who has no day has one of their own", () => {
  const laid = layout([node(null, 0), node("2020-12-07", 1), node("2020-12-10", 1)], "day");
  assert.deepEqual(laid.columns, [null, "2020-12-07", "2020-12-08", "2020-12-09", "2020-12-10"]);
  assert.deepEqual(laid.places.map((place) => place.column), [0, 1, 4]);
});

test("a year between two cases is no hundred empty columns", () => {
  assert.deepEqual(layout([node("2020-01-01", 1), node("2021-01-01", 1)], "day").columns, ["2020-01-01", "2021-01-01"]);
});

test("two thousand cases: none covers another, each cluster in its own rows", () => {
  const nodes = Array.from({ length: 2000 }, (_, i) => node(`2022-08-${String((i % 28) + 1).padStart(2, "0")}`, Math.floor(i / 40)));
  const laid = layout(nodes, "day");
  assert.equal(new Set(laid.places.map(({ column, row }) => `${column}/${row}`)).size, 2000);
  laid.bands.forEach((band, i) => i && assert.ok(band.row > laid.bands[i - 1]!.row + laid.bands[i - 1]!.rows - 1));
  assert.equal(laid.bands.reduce((sum, band) => sum + band.n, 0), 2000);
});

test("generations stand in their order", () => {
  const laid = layout([node(null, 1, 0), node(null, 1, 2), node(null, 1, null)], "generation");
  assert.deepEqual(laid.columns, [null, "0", "1", "2"]);
  assert.deepEqual(laid.places.map((place) => place.column), [1, 3, 0]);
});

test("arrows go to the nearest case in their direction, and stay where there is none", () => {
  const places = [{ column: 0, row: 0 }, { column: 2, row: 0 }, { column: 2, row: 3 }];
  assert.equal(step(places, -1, "ArrowRight"), 0);
  assert.equal(step(places, 0, "ArrowRight"), 1);
  assert.equal(step(places, 1, "ArrowDown"), 2);
  assert.equal(step(places, 2, "ArrowDown"), 2);
  assert.equal(step(places, 2, "ArrowLeft"), 0);
});
