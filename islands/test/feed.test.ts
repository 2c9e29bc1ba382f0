// The live feed against a fake event source: it announces growth once, backs off when refused, stops, and catches up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { backOff, entryNumber, Feed } from "../src/feed.ts";
import type { Source } from "../src/feed.ts";

class FakeSource implements Source {
  onopen: Source["onopen"] = null;
  onmessage: Source["onmessage"] = null;
  onerror: Source["onerror"] = null;
  closed = false;
  close() {
    this.closed = true;
  }
  say(data: string) {
    this.onmessage?.({ data, lastEventId: "" } as MessageEvent<string>);
  }
}

function harness() {
  const sources: FakeSource[] = [];
  const waits: number[] = [];
  const entries: number[] = [];
  const states: string[] = [];
  let pending: (() => void) | undefined;
  const feed = new Feed({
    seq: 123,
    open: () => {
      const source = new FakeSource();
      sources.push(source);
      return source;
    },
    onEntry: (seq) => entries.push(seq),
    onState: (state) => states.push(state),
    later: (run, ms) => {
      waits.push(ms);
      pending = run;
      return run;
    },
    cancel: (timer) => {
      if (timer === pending) pending = undefined;
    },
    random: () => 1,
  });
  const fire = () => {
    const run = pending;
    pending = undefined;
    run?.();
  };
  return { feed, sources, waits, entries, states, fire, waiting: () => pending !== undefined };
}

test("only growth is announced, and each number once", () => {
  const { feed, sources, entries, states } = harness();
  feed.start();
  sources[0]!.onopen?.({} as Event);
  for (const data of ["123", "124", "124", "120", "keep-alive", '{"seq": 130}']) sources[0]!.say(data);
  assert.deepEqual(entries, [124, 130]);
  assert.deepEqual(states, ["live"]);
});

test("a refused connection is tried again, later each time up to half a minute, and a good one resets the wait", () => {
  const { feed, sources, waits, fire } = harness();
  feed.start();
  for (let i = 0; i < 8; i++) {
    sources.at(-1)!.onerror?.({} as Event);
    assert.ok(sources.at(-1)!.closed);
    fire();
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  sources.at(-1)!.onopen?.({} as Event);
  sources.at(-1)!.onerror?.({} as Event);
  assert.equal(waits.at(-1), 1000);
});

test("the wait is spread over its second half", () => {
  assert.equal(backOff(0, 0), 500);
  assert.equal(backOff(20, 0), 15000);
});

test("stopping closes, cancels a waiting retry and says so; starting again catches up from where it was", () => {
  const { feed, sources, entries, states, waiting } = harness();
  feed.start();
  sources[0]!.say("125");
  sources[0]!.onerror?.({} as Event);
  feed.stop();
  assert.ok(!waiting());
  feed.start();
  feed.start();
  assert.equal(sources.length, 2);
  sources[1]!.say("131");
  assert.deepEqual(entries, [125, 131]);
  assert.deepEqual(states, ["reconnecting", "stopped"]);
});

test("the number is read from data, from JSON and from the event's id", () => {
  assert.equal(entryNumber({ data: "7" }), 7);
  assert.equal(entryNumber({ data: '{"seq":8}' }), 8);
  assert.equal(entryNumber({ data: "", lastEventId: "9" }), 9);
  assert.ok(Number.isNaN(entryNumber({ data: "hello" })));
});
