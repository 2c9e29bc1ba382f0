// What a map shows, worked out once for both renderers: cells with their area, borders by strength, zones as sets of cells. Pure.
import { inside, outlineOf, partition, project } from "./cells.ts";
import type { Cell, Partition, Point } from "./cells.ts";
import type { Stop } from "./route.ts";

export type AreaState = "none" | "low" | "mid" | "high" | "extreme" | "silent";
export type ZoneLevel = "high" | "medium" | "low" | "temporary";

export interface Area {
  code: string;
  name: string;
  /** A second, smaller line (a romanised name, a short figure). */
  sub?: string;
  lon: number;
  lat: number;
  parent: string | null;
  value: number | null;
  label: string;
  state: AreaState;
  href?: string;
}

export interface Zone {
  id: string;
  name: string;
  level: ZoneLevel;
  areas: string[];
  lon: number;
  lat: number;
  href?: string;
}

export interface MapProps {
  schematic: boolean;
  note: string;
  measure: string;
  areas: Area[];
  zones: Zone[];
  legend: { state: AreaState; label: string }[];
  zone_legend?: { level: ZoneLevel; label: string }[];
  outline?: [number, number][];
  /** A path over the areas, in its order; drawn as SVG only, with a table of its own beside it. */
  route?: Stop[];
}

export type Line = [Point, Point];

export interface SceneZone {
  zone: Zone;
  at: Point;
  cells: Cell[];
  outline: Line[];
}

export interface Scene {
  areas: Map<string, Area>;
  made: Partition;
  /** Cells in the order in which their labels claim room: the worst state first, then the largest. */
  byWeight: Cell[];
  thin: Line[];
  strong: Line[];
  zones: SceneZone[];
  route: Stop[];
  foot: number;
  /** x from, y from, x to, y to: Mercator units. */
  frame: [number, number, number, number];
}

const WEIGHT: Record<AreaState, number> = { extreme: 5, high: 4, silent: 3, mid: 2, low: 1, none: 0 };

/** `foot`: pixels left free under the drawing, for the scale and the note. */
export function build(props: MapProps, foot: number): Scene {
  const sites = props.areas.filter((area) => Number.isFinite(area.lon) && Number.isFinite(area.lat));
  const made = partition(sites.map(({ code, parent, lon, lat }) => ({ code, parent: parent ?? "", lon, lat })), props.outline);
  const areas = new Map(sites.map((area) => [area.code, area]));
  const span = (cell: Cell) => {
    const xs = cell.ring.map((p) => p[0]);
    return Math.max(...xs) - Math.min(...xs);
  };
  const weigh = (cell: Cell) => (WEIGHT[areas.get(cell.code)!.state] ?? 0) * 1e6 + span(cell);
  const zones = (props.zones ?? []).map((zone): SceneZone => {
    const codes = new Set(zone.areas);
    return {
      zone,
      at: project([zone.lon, zone.lat]),
      cells: made.cells.filter((cell) => codes.has(cell.code)),
      outline: outlineOf(codes, made),
    };
  });
  const [xs, ys] = [made.region.map((p) => p[0]), made.region.map((p) => p[1])];
  return {
    areas,
    made,
    byWeight: [...made.cells].filter((cell) => cell.ring.length).sort((a, b) => weigh(b) - weigh(a)),
    thin: made.borders.filter((border) => !border.parents).map((border) => border.line),
    strong: made.borders.filter((border) => border.parents).map((border) => border.line),
    zones,
    route: props.route ?? [],
    foot,
    frame: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)],
  };
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Width of a text in pixels, near enough to keep labels apart: CJK is as wide as it is high, Latin about half. */
export function textWidth(text: string, size: number): number {
  return [...text].reduce((sum, char) => sum + (char.codePointAt(0)! > 0x2e7f ? size : size * 0.56), 0);
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

const NAME = 12;
const SUB = 10;

/** Where an area's label may stand, best first: in the middle; under a pin also above or below, but in its own cell, or it would seem to name the next one. */
export function labelPlaces(area: Area, cell: Cell, pins: Box[], place: (point: Point) => Point): Box[] {
  const [x, y] = place(cell.centre);
  const width = Math.max(textWidth(area.name, NAME), textWidth(area.sub ?? "", SUB)) + 8;
  const height = NAME + (area.sub ? SUB + 1 : 0) + 3;
  const middle = { x: x - width / 2, y: y - height / 2, width, height };
  if (!pins.some((pin) => overlap(pin, middle))) return [middle];
  const corners = cell.ring.map(place);
  const aside = [-0.5, 0.5, -0.8, 0.8, -1.1, 1.1, -1.5, 1.5].map((step): Box => ({ ...middle, y: middle.y + step * height }));
  return [...aside.filter((box) => inside([x, box.y + height / 2], corners) && !pins.some((pin) => overlap(pin, box))), middle];
}

/** For each label in turn the first of its places that overlaps nothing placed before; a label without a free place is left out. */
export function uncrowded<T extends { places: Box[] }>(wanted: T[], taken: Box[]): { label: T; box: Box }[] {
  const kept = [...taken];
  return wanted.flatMap((label) => {
    const box = label.places.find((place) => !kept.some((other) => overlap(place, other)));
    if (!box) return [];
    kept.push(box);
    return [{ label, box }];
  });
}

/** What the zoom buttons take of the view's right side. */
const BUTTONS = 44;

/** The room that a zone's pin takes when it points at x, y: to the right of the point, or to its left where that would leave the view; cut short where neither side has the room. */
export function pinBox(name: string, [x, y]: Point, width: number): Box & { left: boolean } {
  const [before, after] = [x + 11, width - BUTTONS - x + 11];
  const wanted = textWidth(name, NAME) + 36;
  const left = wanted > after && before > after;
  const wide = Math.min(wanted, Math.max(before, after));
  return { x: left ? x + 11 - wide : x - 11, y: y - 13, width: wide, height: 26, left };
}

/** What the element asks of a renderer. */
export interface View {
  draw(scene: Scene): void | Promise<void>;
  /** Marks the keyboard's place. */
  mark(code: string | null): void;
  zoom(step: 1 | -1 | 0): void;
  resize(): void;
  /** Where a Mercator point is now, in pixels of the view. */
  place(point: Point): [number, number];
  destroy(): void;
}

export interface Hooks {
  onPick(code: string): void;
  onHover(code: string | null, x: number, y: number): void;
  /** After every move or zoom: pins and the scale bar follow. */
  onMove(metresPerPixel: number): void;
}
