// Moving a visit's hours: by five minutes, never through its other end, never past now, and never entered here.
import assert from "node:assert/strict";
import { test } from "node:test";
import { address, gripAt, moved, spoken, written } from "../src/hoursmove.ts";

test("an end snaps to five minutes and leaves the beginning as it was told", () => {
  assert.deepEqual(moved({ from: 723, until: 780 }, "until", 8, 1440), { from: 723, until: 790 });
  assert.deepEqual(moved({ from: 723, until: 780 }, "from", 4, 1440), { from: 725, until: 780 });
});

test("the whole keeps its length", () => {
  assert.deepEqual(moved({ from: 720, until: 787 }, "whole", 31, 1440), { from: 750, until: 817 });
});

test("an end never passes its beginning, nor a beginning its end", () => {
  assert.deepEqual(moved({ from: 720, until: 780 }, "until", -300, 1440), { from: 720, until: 725 });
  assert.deepEqual(moved({ from: 720, until: 780 }, "from", 300, 1440), { from: 775, until: 780 });
});

test("nothing is moved past now", () => {
  assert.deepEqual(moved({ from: 720, until: 780 }, "whole", 900, 842), { from: 780, until: 840 });
  assert.deepEqual(moved({ from: 720, until: 780 }, "until", 900, 842), { from: 720, until: 842 });
});

test("an end that nobody said stays unsaid when the whole is moved", () => {
  assert.deepEqual(moved({ from: 720, until: null }, "whole", 60, 1440), { from: 780, until: null });
  assert.deepEqual(moved({ from: 720, until: null }, "from", -60, 1440), { from: 660, until: null });
});

test("a short bar still has a middle to take hold of", () => {
  assert.equal(gripAt(5, 0, 12, 18), "whole");
  assert.equal(gripAt(1, 0, 12, 18), "from");
  assert.equal(gripAt(11, 0, 12, 18), "until");
  assert.equal(gripAt(50, 0, 100, 9), "whole");
});

test("minutes beyond midnight lie on the day before or after", () => {
  assert.equal(written("2020-12-07", -30), "2020-12-06T23:30");
  assert.equal(written("2020-12-31", 1500), "2021-01-01T01:00");
  assert.equal(spoken("2020-12-07", 1440), "24:00");
  assert.equal(spoken("2020-12-07", 1445), "12-08 00:05");
  assert.equal(spoken("2020-12-07", 65), "01:05");
});

test("the form is asked with both hours, an unsaid end as nothing", () => {
  assert.equal(address("/v?person=a", "2020-12-07", { from: 720, until: null }), "/v?person=a&from=2020-12-07T12%3A00&to=");
});
