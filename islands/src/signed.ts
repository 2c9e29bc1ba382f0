// Reads a signed pass as kit/signing.py writes it: text in, a state out. Asks nobody; what it knows of keys is what it is given.

export interface PublicKey {
  id: string;
  key: string;
  since: number;
  until: number | null;
}

export interface Published {
  form: string;
  now: number;
  keys: PublicKey[];
  withdrawn: string[];
}

export interface Door {
  name: string;
  lineage: string[];
  nature: string;
}

export interface Pass {
  number: string;
  starts: number;
  ends: number;
  area: string;
  nature: string;
  check: string;
}

export type State = "good" | "unreadable" | "unknown_key" | "forged" | "early" | "over" | "withdrawn" | "elsewhere" | "unable";

export interface Verdict {
  state: State;
  pass?: Pass;
}

const MINUTE = 60_000_000;
const DAY = 1440 * MINUTE;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Null where it is no base 32. */
export function fromBase32(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let [held, bits, at] = [0, 0, 0];
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return null;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 0xff;
    }
  }
  return bytes;
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Microseconds since 1970 of 20260601T0930Z; null for anything else. */
export function instant(text: string): number | null {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z$/.exec(text);
  if (!found) return null;
  const [year, month, day, hour, minute] = found.slice(1).map(Number) as [number, number, number, number, number];
  const at = Date.UTC(year, month - 1, day, hour, minute);
  return new Date(at).toISOString().slice(0, 16) === `${found[1]}-${found[2]}-${found[3]}T${found[4]}:${found[5]}` ? at * 1000 : null;
}

/** Eight bits of what the owner says, mixed with the number of the pass: see `check_of`. */
export async function checkOf(form: string, number: string, said: string): Promise<string> {
  const word = said.replace(/\s+/g, "").toUpperCase();
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${form}:${number}:${word}`));
  return new Uint8Array(digest)[0]!.toString(16).padStart(2, "0").toUpperCase();
}

function read(parts: string[]): Pass | null {
  const [, , number, from, until, door, check] = parts as [string, string, string, string, string, string, string];
  const [starts, ends, slash] = [instant(from), instant(until), door.indexOf("/")];
  if (starts === null || ends === null || slash < 1 || slash === door.length - 1) return null;
  if (!(starts < ends && ends <= starts + DAY + MINUTE)) return null;
  return { number, starts, ends, area: door.slice(0, slash), nature: door.slice(slash + 1), check };
}

/** Whether a pass is good at an hour for a door; "unable" where this browser cannot check a signature. */
export async function verdict(text: string, known: Published, now: number, door?: Door): Promise<Verdict> {
  const parts = text.replace(/\s+/g, "").split(":");
  const signature = fromBase32(parts[7] ?? "");
  const pass = parts.length === 8 && parts[0] === known.form && signature ? read(parts) : null;
  if (!pass || !signature) return { state: "unreadable" };
  const key = known.keys.find((one) => one.id === parts[1]);
  if (!key || (key.until !== null && now >= key.until)) return { state: "unknown_key", pass };
  let fits: boolean;
  try {
    const imported = await crypto.subtle.importKey("raw", fromHex(key.key), { name: "Ed25519" }, false, ["verify"]);
    fits = await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, new TextEncoder().encode(parts.slice(0, 7).join(":")));
  } catch {
    return { state: "unable" };
  }
  if (!fits) return { state: "forged" };
  if (known.withdrawn.includes(pass.number)) return { state: "withdrawn", pass };
  if (now < pass.starts) return { state: "early", pass };
  if (now >= pass.ends) return { state: "over", pass };
  if (door && !(door.lineage.includes(pass.area) && ["*", door.nature].includes(pass.nature))) return { state: "elsewhere", pass };
  return { state: "good", pass };
}
