// The ring's arcs: angles, whole turns, and the words in the middle.
import assert from "node:assert/strict";
import { test } from "node:test";
import { angle, arc, at, rings, sinceStart } from "../src/arcs.ts";
import { scaleBar } from "../src/map/scale.ts";

test("hours turn clockwise from the top and wrap after a day", () => {
  assert.deepEqual([0, 6, 12, 18, 24, 41].map(angle), [0, 90, 180, 270, 0, 255]);
  assert.deepEqual(at(10, 90), [10, 0]);
  assert.deepEqual(at(10, 180), [0, 10]);
});

test("an arc takes the long way round after twelve hours, and a whole ring at twenty-four", () => {
  assert.equal(arc(10, 0), "");
  assert.equal(arc(10, 6), "M0,-10 A10 10 0 0 1 10,0");
  assert.equal(arc(10, 18), "M0,-10 A10 10 0 1 1 -10,0");
  assert.equal(arc(10, 24), arc(10, 72));
  assert.equal(arc(10, 24).match(/A/g)?.length, 2);
});

test("rings stay between their radii and do not touch", () => {
  for (const count of [1, 5, 9]) {
    const made = rings(count, 80, 35);
    assert.equal(made.length, count);
    made.forEach(({ radius, width }, i) => {
      assert.ok(radius + width / 2 <= 80 && radius - width / 2 >= 35);
      if (i) assert.ok(made[i - 1]!.radius - made[i - 1]!.width / 2 > radius + width / 2);
    });
  }
});

test("the middle says T+17h, and minutes while they matter", () => {
  assert.deepEqual([17, 17.9, 0.5, 2.25, 0, -1].map(sinceStart), ["T+17h", "T+17h", "T+0h30", "T+2h15", "T+0h", "T−1h"]);
});

test("the scale bar is a round distance that fits", () => {
  assert.deepEqual(scaleBar(100, 100), { metres: 10000, pixels: 100, label: "10 km" });
  assert.deepEqual(scaleBar(3, 100), { metres: 200, pixels: 67, label: "200 m" });
  for (const mpp of [0.3, 7, 44, 900]) assert.ok(scaleBar(mpp, 90).pixels <= 90);
});
