// Geometry of the clock ring: hours to angles to SVG paths. Pure; draws nothing.

export interface Ringed {
  radius: number;
  width: number;
}

/** Full turn of the dial, in hours. Later hours keep the whole ring; the list beneath says the true figure. */
export const DIAL = 24;

/** Degrees clockwise from the top. */
export function angle(hours: number): number {
  return ((((hours % DIAL) + DIAL) % DIAL) / DIAL) * 360;
}

export function at(radius: number, degrees: number): [number, number] {
  const turn = (degrees * Math.PI) / 180;
  return [round(radius * Math.sin(turn)), round(-radius * Math.cos(turn))];
}

const round = (n: number) => Math.round(n * 100) / 100 + 0; // + 0: no "-0" in the markup

/** An arc from 0 h clockwise to `hours`, centred on 0,0. A whole turn needs two halves: SVG draws nothing between equal points. */
export function arc(radius: number, hours: number): string {
  if (hours <= 0) return "";
  const start = at(radius, 0);
  if (hours >= DIAL) {
    const half = at(radius, 180);
    return `M${start} A${radius} ${radius} 0 0 1 ${half} A${radius} ${radius} 0 0 1 ${start}`;
  }
  return `M${start} A${radius} ${radius} 0 ${hours > DIAL / 2 ? 1 : 0} 1 ${at(radius, angle(hours))}`;
}

/** Radii from the outside inwards for `count` concentric arcs between two radii: never thicker than a third of the gap allows. */
export function rings(count: number, outer: number, inner: number): Ringed[] {
  const pitch = (outer - inner) / Math.max(count, 5);
  return Array.from({ length: count }, (_, i) => ({ radius: round(outer - pitch * (i + 0.5)), width: round(pitch * 0.72) }));
}

/** "T+17h"; minutes only in the first hours, when they matter. */
export function sinceStart(hours: number): string {
  const sign = hours < 0 ? "−" : "+";
  const whole = Math.floor(Math.abs(hours) + 1e-9);
  const minutes = Math.floor((Math.abs(hours) - whole) * 60 + 1e-6);
  return `T${sign}${whole}h${whole < 4 && minutes > 0 ? String(minutes).padStart(2, "0") : ""}`;
}
