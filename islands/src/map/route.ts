// A path over the map: places in their order with arrows and hours. Pure; several marks of one area stand around its point.
import { textWidth, uncrowded } from "./scene.ts";
import type { Box } from "./scene.ts";
import type { Point } from "./cells.ts";

/** A place of the path. `n`: its number, or the first and last of several that follow each other in one area. */
export interface Stop {
  n: string;
  area: string;
  hours: string;
  name: string;
}

export interface Mark {
  stop: Stop;
  x: number;
  y: number;
  radius: number;
}

export interface Arrow {
  from: Point;
  to: Point;
  /** The three points of the head. */
  head: [Point, Point, Point];
}

const SIZE = 11;
const HEIGHT = 15;
const GOLDEN = 2.399963;

/** Where the marks stand, in pixels: the first on its area's point, later ones of the same area around it. Stops of areas that are not drawn are left out. */
export function marksOf(stops: Stop[], at: (area: string) => Point | undefined): Mark[] {
  const many = new Map<string, number>();
  return stops.flatMap((stop) => {
    const point = at(stop.area);
    if (!point) return [];
    const k = many.get(stop.area) ?? 0;
    many.set(stop.area, k + 1);
    const reach = k ? 15 + 13 * Math.sqrt(k) : 0;
    const radius = Math.max(10, textWidth(stop.n, SIZE) / 2 + 4);
    return [{ stop, x: point[0] + reach * Math.cos(k * GOLDEN), y: point[1] + reach * Math.sin(k * GOLDEN), radius }];
  });
}

/** From each mark to the next, from rim to rim; none between two that touch. */
export function arrowsOf(marks: Mark[]): Arrow[] {
  return marks.slice(1).flatMap((to, i) => {
    const from = marks[i]!;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const far = Math.hypot(dx, dy);
    if (far < from.radius + to.radius + 4) return [];
    const [ux, uy] = [dx / far, dy / far];
    const tip: Point = [to.x - ux * (to.radius + 2), to.y - uy * (to.radius + 2)];
    const wing = (side: number): Point => [tip[0] - 9 * ux + side * 4.5 * uy, tip[1] - 9 * uy - side * 4.5 * ux];
    return [{ from: [from.x + ux * from.radius, from.y + uy * from.radius], to: tip, head: [tip, wing(1), wing(-1)] }];
  });
}

export function boxOf(mark: Mark): Box {
  return { x: mark.x - mark.radius, y: mark.y - 10, width: 2 * mark.radius, height: 20 };
}

/** Hours beside their marks where there is room: right, left, under, over; what finds none is in the table alone. */
export function hoursOf(marks: Mark[], width: number, height: number): { mark: Mark; box: Box }[] {
  const wanted = marks.map((mark) => {
    const wide = textWidth(mark.stop.hours, SIZE) + 4;
    const places: Box[] = [
      { x: mark.x + mark.radius + 2, y: mark.y - HEIGHT / 2, width: wide, height: HEIGHT },
      { x: mark.x - mark.radius - 2 - wide, y: mark.y - HEIGHT / 2, width: wide, height: HEIGHT },
      { x: mark.x - wide / 2, y: mark.y + 12, width: wide, height: HEIGHT },
      { x: mark.x - wide / 2, y: mark.y - 12 - HEIGHT, width: wide, height: HEIGHT },
    ];
    return { mark, places: places.filter((box) => box.x > 1 && box.y > 1 && box.x + box.width < width - 1 && box.y + box.height < height - 1) };
  });
  return uncrowded(wanted, marks.map(boxOf)).map(({ label: { mark }, box }) => ({ mark, box }));
}
