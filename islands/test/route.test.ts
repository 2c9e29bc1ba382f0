// A path over the map: every place that is drawn has a mark of its own, arrows lead from rim to rim, hours cover no mark.
import assert from "node:assert/strict";
import { test } from "node:test";
import { arrowsOf, boxOf, hoursOf, marksOf } from "../src/map/route.ts";
import type { Stop } from "../src/map/route.ts";
import type { Box } from "../src/map/scene.ts";

const stop = (n: string, area: string): Stop => ({ n, area, hours: "08:00–09:00", name: "x" });
const at = (area: string): [number, number] | undefined => ({ a: [100, 100], b: [300, 100] } as Record<string, [number, number]>)[area];
const apart = (p: Box, q: Box) => p.x + p.width <= q.x || q.x + q.width <= p.x || p.y + p.height <= q.y || q.y + q.height <= p.y;

test("marks of one area do not cover each other, and what is not drawn has none", () => {
  const marks = marksOf([stop("1", "a"), stop("2", "b"), stop("3", "a"), stop("4", "?"), stop("5–6", "a")], at);
  assert.deepEqual(marks.map((mark) => mark.stop.n), ["1", "2", "3", "5–6"]);
  marks.forEach((one, i) => marks.slice(i + 1).forEach((other) => assert.ok(apart(boxOf(one), boxOf(other)), `${one.stop.n} ${other.stop.n}`)));
});

test("an arrow for each step, from rim to rim in its direction", () => {
  const [arrow, back] = arrowsOf(marksOf([stop("1", "a"), stop("2", "b"), stop("3", "a")], at));
  assert.ok(arrow!.from[0] > 100 && arrow!.to[0] < 300 && arrow!.to[0] > arrow!.from[0]);
  assert.ok(back!.to[0] < back!.from[0]);
});

test("hours cover neither a mark nor each other nor leave the view", () => {
  const marks = marksOf(Array.from({ length: 9 }, (_, i) => stop(String(i + 1), i % 2 ? "a" : "b")), at);
  const boxes = hoursOf(marks, 400, 200).map(({ box }) => box);
  assert.ok(boxes.length > 1);
  boxes.forEach((one, i) => {
    [...marks.map(boxOf), ...boxes.slice(i + 1)].forEach((other) => assert.ok(apart(one, other)));
    assert.ok(one.x >= 0 && one.x + one.width <= 400);
  });
});
