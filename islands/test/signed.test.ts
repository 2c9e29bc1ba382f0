// A pass as Python signs it is read here with the same answer: by key, hour, door, and what its owner says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOf, fromBase32, instant, verdict } from "../src/signed.ts";
import type { Published } from "../src/signed.ts";
import { KEY, PASS, SAID } from "./signed.sample.ts";

const known: Published = { form: "BULOU1", now: 0, keys: [KEY], withdrawn: [] };
const at = (text: string) => instant(text)!;
const noon = at("20260601T0400Z");
const gate = { name: "", lineage: ["510117001", "510117"], nature: "gate" };
const state = async (text: string, more: Partial<Published> = {}, now = noon, door = gate) => (await verdict(text, { ...known, ...more }, now, door)).state;

test("base 32 and hours", () => {
  assert.deepEqual([...fromBase32("MZXW6YTB")!], [...new TextEncoder().encode("fooba")]);
  assert.equal(fromBase32("M1"), null);
  assert.equal(instant("19700101T0001Z"), 60_000_000);
  assert.equal(instant("20260231T0000Z"), null);
});

test("what Python signed is good, within its hours, at its doors", async () => {
  assert.equal(await state(PASS), "good");
  assert.equal(await state(` ${PASS.slice(0, 60)}\n${PASS.slice(60)} `), "good");
  assert.equal(await state(PASS, {}, at("20260601T1200Z")), "over");
  assert.equal(await state(PASS, {}, at("20260531T2359Z")), "early");
  assert.equal(await state(PASS, {}, noon, { ...gate, lineage: ["510118"] }), "elsewhere");
  assert.equal(await state(PASS, { withdrawn: [PASS.split(":")[2]!] }), "withdrawn");
});

test("a changed pass, another key and other text are not good", async () => {
  const parts = PASS.split(":");
  assert.equal(await state([...parts.slice(0, 4), "20260601T1300Z", ...parts.slice(5)].join(":")), "forged");
  assert.equal(await state(PASS, { keys: [] }), "unknown_key");
  assert.equal(await state(PASS, { keys: [{ ...KEY, until: noon }] }), "unknown_key");
  for (const text of ["", "hello", PASS.replace("BULOU1", "BULOU2"), PASS.replace("20260601T1200Z", "20260701T1200Z")]) assert.equal(await state(text), "unreadable");
});

test("what the owner says", async () => {
  const [, , number, , , , check] = PASS.split(":") as [string, string, string, string, string, string, string];
  assert.equal(await checkOf("BULOU1", number, SAID), check);
  assert.notEqual(await checkOf("BULOU1", number, "0000"), check);
});
