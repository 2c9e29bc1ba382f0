// What both renderers draw from: labels keep apart and stay in their cells, pins turn at the edge, zones become outlines, odd props do not break it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { build, labelPlaces, pinBox, textWidth, uncrowded } from "../src/map/scene.ts";
import type { Area, Box, MapProps } from "../src/map/scene.ts";
import type { Cell, Point } from "../src/map/cells.ts";

const area = (code: string, lon: number, lat: number, more: Partial<Area> = {}): Area => ({
  code, name: `街道${code}`, lon, lat, parent: null, value: 1, label: "", state: "low", ...more,
});

const props = (areas: Area[], zones: MapProps["zones"] = []): MapProps => ({ schematic: true, note: "", measure: "m", areas, zones, legend: [] });

test("CJK is as wide as it is high, Latin about half", () => {
  assert.equal(textWidth("街道", 12), 24);
  assert.ok(textWidth("ab", 12) < 14);
});

test("the worst state claims room first", () => {
  const scene = build(props([area("1", 103, 30), area("2", 103.1, 30, { state: "extreme" }), area("3", 103.2, 30.1, { state: "silent" })]), 34);
  assert.deepEqual(scene.byWeight.map((cell) => cell.code), ["2", "3", "1"]);
});

test("a zone is its cells and the outline around them together", () => {
  const areas = Array.from({ length: 16 }, (_, i) => area(String(i), 103 + (i % 4) / 10, 30 + Math.floor(i / 4) / 10));
  const { zones } = build(props(areas, [{ id: "z", name: "z", level: "high", areas: ["5", "6"], lon: 103.15, lat: 30.1 }]), 34);
  assert.equal(zones[0]!.cells.length, 2);
  assert.ok(zones[0]!.outline.length >= 6, "the border between the two is not part of it");
});

test("an area without a place is left out of the drawing, and a zone without areas is a pin only", () => {
  const scene = build(props([area("1", 103, 30), area("2", NaN, 30)], [{ id: "z", name: "z", level: "low", areas: [], lon: 103, lat: 30 }]), 34);
  assert.deepEqual([...scene.areas.keys()], ["1"]);
  assert.deepEqual(scene.zones[0]!.outline, []);
});

test("a pin turns to the left where it would leave the view", () => {
  const right = pinBox("临时管控", [100, 50], 400);
  const left = pinBox("临时管控", [380, 50], 400);
  assert.ok(!right.left && right.x < 100 && right.x + right.width > 100);
  assert.ok(left.left && left.x + left.width <= 400);
});

test("a pin with room on neither side is cut short on the wider one and stays in the view", () => {
  const name = "a zone with a name that is far too long for a phone";
  for (const x of [60, 150, 250]) {
    const box = pinBox(name, [x, 50], 330);
    assert.ok(box.x >= 0 && box.x + box.width <= 330, `${x}: ${box.x} ${box.width}`);
  }
});

test("labels that would overlap are left out, in the order given, unless they have another place", () => {
  const box = (x: number): Box => ({ x, y: 0, width: 10, height: 10 });
  const kept = uncrowded([{ id: "a", places: [box(0)] }, { id: "b", places: [box(5)] }, { id: "c", places: [box(5), box(20)] }], [box(40)]);
  assert.deepEqual(kept.map(({ label, box: { x } }) => [label.id, x]), [["a", 0], ["c", 20]]);
});

test("under a pin a label steps aside but stays in its cell", () => {
  const cell: Cell = { code: "1", parent: "", site: [50, 50], centre: [50, 50], ring: [[0, 0], [100, 0], [100, 100], [0, 100]], neighbours: [] };
  const place = (point: Point): Point => point;
  const pin: Box = { x: 30, y: 40, width: 60, height: 20 };
  assert.equal(labelPlaces(area("1", 0, 0), cell, [], place).length, 1);
  const [first] = labelPlaces(area("1", 0, 0), cell, [pin], place);
  assert.ok(first!.y + first!.height <= pin.y || first!.y >= pin.y + pin.height);
  assert.ok(first!.y + first!.height / 2 > 0 && first!.y + first!.height / 2 < 100);
});
