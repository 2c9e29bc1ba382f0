// Moving a visit's hours on its day: what an end, a beginning or the whole becomes, by five minutes, within what can be. Pure; enters nothing.

export type Grip = "from" | "until" | "whole";

/** Minutes of the strip's day: before 0 it began the day before. `until` null: nobody said until when. */
export interface Hours {
  from: number;
  until: number | null;
}

export const STEP = 5;
const DAY = 1440;

const snapped = (minutes: number) => Math.round(minutes / STEP) * STEP;

/** The hours after a grip was moved by so many minutes. A visit keeps at least one step, and nothing lies after `last`, the minute that is now. */
export function moved(hours: Hours, grip: Grip, by: number, last: number): Hours {
  const { from, until } = hours;
  if (grip === "whole") {
    const most = last - (until === null ? 0 : until - from);
    const to = Math.min(snapped(from + by), Math.floor(most / STEP) * STEP);
    return { from: to, until: until === null ? null : to + until - from };
  }
  if (grip === "from") return { from: Math.min(snapped(from + by), (until ?? last) - STEP), until };
  const end = Math.min(snapped((until ?? from) + by), last);
  return { from, until: Math.max(end, from + STEP) };
}

/** Which part of a bar is taken hold of: its ends are as wide as a finger needs, but the middle third always is the whole. */
export function gripAt(x: number, left: number, right: number, finger: number): Grip {
  const room = Math.min(finger, (right - left) / 3);
  if (x <= left + room) return "from";
  return x >= right - room ? "until" : "whole";
}

/** A minute of a day as forms write it: the day before or after where it lies beyond midnight. */
export function written(day: string, minutes: number): string {
  const at = new Date(Date.parse(`${day}T00:00:00Z`) + Math.round(minutes) * 60_000);
  return at.toISOString().slice(0, 16);
}

/** A minute of a day as people say it; with the day where that is another one. */
export function spoken(day: string, minutes: number): string {
  const text = written(day, minutes);
  return text.slice(0, 10) === day || minutes === DAY ? (minutes === DAY ? "24:00" : text.slice(11)) : `${text.slice(5, 10)} ${text.slice(11)}`;
}

/** The address of the form with these hours in it. */
export function address(form: string, day: string, hours: Hours): string {
  const until = hours.until === null ? "" : written(day, hours.until);
  return `${form}&from=${encodeURIComponent(written(day, hours.from))}&to=${encodeURIComponent(until)}`;
}
