// Cuts a region into one cell per area around the areas' centres: pure geometry, no drawing. Must never be shown as surveyed boundaries.
import { Delaunay } from "d3-delaunay";

export type Point = [number, number];
export type Ring = Point[];

export interface Site {
  code: string;
  parent: string;
  lon: number;
  lat: number;
}

export interface Cell {
  code: string;
  parent: string;
  /** Where the area's own point lies. */
  site: Point;
  /** A place inside the cell for its label. */
  centre: Point;
  /** Open ring (the first point is not repeated), inside the region. */
  ring: Ring;
  /** Codes of the cells that share a border with this one. */
  neighbours: string[];
}

export interface Border {
  a: string;
  b: string;
  line: [Point, Point];
  /** True between two cells of different parents: drawn stronger. */
  parents: boolean;
}

export interface Partition {
  region: Ring;
  cells: Cell[];
  borders: Border[];
}

/** Degrees to web-Mercator units, still in the size of degrees, so that cells have the shape that the map shows. */
export function project([lon, lat]: Point): Point {
  const bounded = Math.max(-85, Math.min(85, lat));
  return [lon, (Math.log(Math.tan(Math.PI / 4 + (bounded * Math.PI) / 360)) * 180) / Math.PI];
}

export function unproject([x, y]: Point): Point {
  return [x, (Math.atan(Math.exp((y * Math.PI) / 180)) * 360) / Math.PI - 90];
}

const cross = (o: Point, a: Point, b: Point) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
const between = (p: Point, q: Point, t: number): Point => [p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t];
const gap = (p: Point, q: Point) => Math.hypot(p[0] - q[0], p[1] - q[1]);

/** Signed area: positive when the ring runs anticlockwise. */
export function area(ring: Ring): number {
  return ring.reduce((sum, p, i) => {
    const q = ring[(i + 1) % ring.length]!;
    return sum + (p[0] * q[1] - q[0] * p[1]) / 2;
  }, 0);
}

export function centroid(ring: Ring): Point {
  const whole = area(ring);
  const first = ring[0]!;
  if (Math.abs(whole) < 1e-12) return first;
  let x = 0;
  let y = 0;
  // relative to the first point: far from the origin the plain formula loses its digits on small cells
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length]!;
    const [ax, ay, bx, by] = [a[0] - first[0], a[1] - first[1], b[0] - first[0], b[1] - first[1]];
    const f = ax * by - bx * ay;
    x += (ax + bx) * f;
    y += (ay + by) * f;
  });
  return [first[0] + x / (6 * whole), first[1] + y / (6 * whole)];
}

export function inside(p: Point, ring: Ring): boolean {
  let odd = false;
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length]!;
    if (a[1] > p[1] !== b[1] > p[1] && p[0] < ((b[0] - a[0]) * (p[1] - a[1])) / (b[1] - a[1]) + a[0]) odd = !odd;
  });
  return odd;
}

export function hull(points: Point[]): Ring {
  const sorted = [...points].sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  const half = (list: Point[]) => {
    const chain: Point[] = [];
    for (const p of list) {
      while (chain.length > 1 && cross(chain.at(-2)!, chain.at(-1)!, p) <= 0) chain.pop();
      chain.push(p);
    }
    return chain.slice(0, -1);
  };
  return sorted.length < 3 ? sorted : [...half(sorted), ...half(sorted.reverse())];
}

/** The hull, pushed out by `pad` with rounded corners. */
export function paddedHull(points: Point[], pad: number): Ring {
  const corners = 16;
  return hull(
    hull(points).flatMap((p) =>
      Array.from({ length: corners }, (_, i): Point => {
        const angle = (2 * Math.PI * i) / corners;
        return [p[0] + pad * Math.cos(angle), p[1] + pad * Math.sin(angle)];
      }),
    ),
  );
}

/** The part of `ring` (any simple polygon) inside `convex`. A ring cut in two stays one ring, joined along the cut: right for filling. */
export function clipToConvex(ring: Ring, convex: Ring): Ring {
  const turned = area(convex) < 0 ? [...convex].reverse() : convex;
  return turned.reduce<Ring>((kept, a, i) => {
    const b = turned[(i + 1) % turned.length]!;
    return kept.flatMap((p, j) => {
      const q = kept[(j + 1) % kept.length]!;
      const [dp, dq] = [cross(a, b, p), cross(a, b, q)];
      const out: Point[] = dp >= 0 ? [p] : [];
      if (dp > 0 !== dq > 0 && dp !== dq && dp !== 0 && dq !== 0) out.push(between(p, q, dp / (dp - dq)));
      return out;
    });
  }, ring);
}

/** The pieces of the line from `p` to `q` that lie inside `ring`, which may be concave. */
export function clipLine(p: Point, q: Point, ring: Ring): [Point, Point][] {
  const cuts = [0, 1];
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length]!;
    const [dp, dq] = [cross(a, b, p), cross(a, b, q)];
    if (dp > 0 === dq > 0) return;
    const t = dp / (dp - dq);
    const [da, db] = [cross(p, q, a), cross(p, q, b)];
    if (da > 0 !== db > 0 && t > 0 && t < 1) cuts.push(t);
  });
  cuts.sort((s, t) => s - t);
  return cuts.slice(1).flatMap((t, i): [Point, Point][] => {
    const s = cuts[i]!;
    return t - s > 1e-9 && inside(between(p, q, (s + t) / 2), ring) ? [[between(p, q, s), between(p, q, t)]] : [];
  });
}

/** Delaunay neighbours. With one or two points the library answers with indices of points that do not exist. */
function around(delaunay: Delaunay<unknown>, i: number, count: number): number[] {
  return [...delaunay.neighbors(i)].filter((j) => j >= 0 && j < count && j !== i);
}

/** The usual distance between neighbours, which is what padding and tolerances are measured in. */
function spacing(points: Point[], delaunay: Delaunay<unknown>): number {
  const nearest = points
    .map((p, i) => Math.min(...around(delaunay, i, points.length).map((j) => gap(p, points[j]!))))
    .filter((d) => Number.isFinite(d) && d > 0)
    .sort((a, b) => a - b);
  return nearest[nearest.length >> 1] ?? 0.02;
}

/**
 * Points in general position. Areas that share one point would leave all but one of them without a cell: they are set around it on a small
 * circle. Points on one straight line have circumcentres at infinity: they are moved off it by a thousandth of their distance.
 */
function apart(points: Point[], radius: number): Point[] {
  const seen = new Map<string, number>();
  const straight = Math.abs(area(hull(points))) < radius * radius * 1e-3;
  const shift = radius / 100;
  return points.map(([x, y], i): Point => {
    const p: Point = straight && i % 2 ? [x + shift, y + shift * (i % 4)] : [x, y];
    const key = `${p[0].toFixed(7)} ${p[1].toFixed(7)}`;
    const turn = seen.get(key) ?? 0;
    seen.set(key, turn + 1);
    const angle = turn * 2.399963; // the golden angle: no two ever coincide
    return turn ? [p[0] + radius * Math.sqrt(turn) * Math.cos(angle), p[1] + radius * Math.sqrt(turn) * Math.sin(angle)] : p;
  });
}

/** One cell per site. Input in degrees, output in Mercator units (see `project`). */
export function partition(sites: Site[], outline?: Point[]): Partition {
  if (!sites.length) return { region: [], cells: [], borders: [] };
  const given = sites.map((site) => project([site.lon, site.lat]));
  const typical = spacing(given, Delaunay.from(given));
  const points = apart(given, typical / 8);
  const delaunay = Delaunay.from(points);
  const drawn = outline && outline.length > 2 ? outline.map(project) : paddedHull(points, typical * 0.7);
  const region = area(drawn) < 0 ? [...drawn].reverse() : drawn;
  const all = [...region, ...points];
  const [xs, ys] = [all.map((p) => p[0]), all.map((p) => p[1])];
  const frame: [number, number, number, number] = [
    Math.min(...xs) - typical, Math.min(...ys) - typical, Math.max(...xs) + typical, Math.max(...ys) + typical,
  ];
  const voronoi = delaunay.voronoi(frame);
  const near = typical * 1e-5;
  const borders: Border[] = [];
  const neighbours = sites.map((): string[] => []);
  const raw = sites.map((_, i) => (voronoi.cellPolygon(i) ?? []).slice(0, -1) as Ring);
  sites.forEach((site, i) => {
    for (const j of around(delaunay, i, points.length)) {
      if (j <= i) continue;
      const other = sites[j]!;
      raw[i]!.forEach((p, k) => {
        const q = raw[i]![(k + 1) % raw[i]!.length]!;
        const shared = [p, q].every((v) => Math.abs(gap(v, points[i]!) - gap(v, points[j]!)) < near);
        if (!shared || gap(p, q) < near) return;
        const pieces = clipLine(p, q, region);
        if (!pieces.length) return;
        neighbours[i]!.push(other.code);
        neighbours[j]!.push(site.code);
        for (const line of pieces) borders.push({ a: site.code, b: other.code, line, parents: site.parent !== other.parent });
      });
    }
  });
  const cells = sites.map((site, i): Cell => {
    const ring = raw[i]!.length ? clipToConvex(region, raw[i]!) : [];
    return {
      code: site.code,
      parent: site.parent,
      site: points[i]!,
      centre: ring.length ? centroid(ring) : points[i]!,
      ring,
      neighbours: neighbours[i]!,
    };
  });
  return { region, cells, borders };
}

/** The outline of several cells together: their borders with cells outside the set, and their part of the region's edge. */
export function outlineOf(codes: Set<string>, { cells, borders, region }: Partition): [Point, Point][] {
  const inner = borders.filter((border) => codes.has(border.a) !== codes.has(border.b)).map((border) => border.line);
  const edge = cells
    .filter((cell) => codes.has(cell.code))
    .flatMap((cell) => cell.ring.map((p, i): [Point, Point] => [p, cell.ring[(i + 1) % cell.ring.length]!]))
    .filter(([p, q]) => onEdge(p, q, region));
  return [...inner, ...edge];
}

function onEdge(p: Point, q: Point, region: Ring): boolean {
  const middle = between(p, q, 0.5);
  return region.some((a, i) => {
    const b = region[(i + 1) % region.length]!;
    const length = gap(a, b);
    return length > 0 && Math.abs(cross(a, b, middle)) / length < length * 1e-6 && gap(a, middle) + gap(middle, b) < length * (1 + 1e-6);
  });
}

/** The neighbour that lies most nearly in a direction (screen sense: y grows upwards here), for arrow keys. */
export function neighbourTowards(code: string, direction: Point, { cells }: Partition): string | undefined {
  const byCode = new Map(cells.map((cell) => [cell.code, cell]));
  const from = byCode.get(code);
  let best: { code: string; score: number } | undefined;
  for (const next of from?.neighbours ?? []) {
    const to = byCode.get(next)!;
    const way: Point = [to.centre[0] - from!.centre[0], to.centre[1] - from!.centre[1]];
    const score = (way[0] * direction[0] + way[1] * direction[1]) / (Math.hypot(...way) || 1);
    if (score > 0.3 && score > (best?.score ?? 0)) best = { code: next, score };
  }
  return best?.code;
}
