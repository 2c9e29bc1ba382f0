// The map as plain SVG: for machines without WebGL, for printing and for pictures. Draws the same scene as the WebGL view; colours come from CSS.
import { s } from "../dom.ts";
import { unproject } from "./cells.ts";
import type { Cell, Point } from "./cells.ts";
import { arrowsOf, boxOf, hoursOf, marksOf } from "./route.ts";
import type { Mark } from "./route.ts";
import { METRES_PER_DEGREE, scaleBar } from "./scale.ts";
import { labelPlaces, pinBox, uncrowded } from "./scene.ts";
import type { Box, Hooks, Line, Scene, View } from "./scene.ts";

const MARGIN = 10;
const MOST = 12;
let made = 0;

export class SvgView implements View {
  readonly #root: SVGSVGElement;
  readonly #id = `map${++made}`;
  readonly #host: HTMLElement;
  readonly #hooks: Hooks;
  readonly #fixed: [number, number] | undefined;
  #scene: Scene | undefined;
  #marked: string | null = null;
  #zoom = 1;
  #shift: Point = [0, 0];
  #drag: { x: number; y: number; moved: boolean } | undefined;

  /** `size` fixes the drawing's size where the host has none yet: for paper. */
  constructor(host: HTMLElement, hooks: Hooks, size?: [number, number]) {
    this.#host = host;
    this.#fixed = size;
    this.#hooks = hooks;
    this.#root = s("svg", { class: "map-svg", "aria-hidden": "true", focusable: "false" });
    host.append(this.#root);
    this.#root.addEventListener("click", (event) => {
      const code = this.#codeAt(event);
      if (code && !this.#drag?.moved) hooks.onPick(code);
    });
    this.#root.addEventListener("pointermove", (event) => this.#move(event));
    this.#root.addEventListener("pointerleave", () => hooks.onHover(null, 0, 0));
    this.#root.addEventListener("pointerdown", (event) => {
      this.#drag = { x: event.clientX, y: event.clientY, moved: false };
    });
    window.addEventListener("pointerup", this.#drop);
  }

  readonly #drop = () => {
    // after the click that ends a drag, which must not pick an area
    setTimeout(() => (this.#drag = undefined));
  };

  draw(scene: Scene): void {
    this.#scene = scene;
    this.#paint();
  }

  mark(code: string | null): void {
    this.#marked = code;
    this.#root.querySelector(".cursor")?.setAttribute("d", this.#cursorPath());
  }

  zoom(step: 1 | -1 | 0): void {
    const before = this.#zoom;
    this.#zoom = step ? Math.max(1, Math.min(MOST, this.#zoom * 1.6 ** step)) : 1;
    this.#shift = this.#zoom === 1 ? [0, 0] : [(this.#shift[0] * this.#zoom) / before, (this.#shift[1] * this.#zoom) / before];
    this.#paint();
  }

  resize(): void {
    if (this.#scene) this.#paint();
  }

  place(point: Point): [number, number] {
    const { x0, y1, k, dx, dy } = this.#fit();
    return [(point[0] - x0) * k + dx, (y1 - point[1]) * k + dy];
  }

  destroy(): void {
    window.removeEventListener("pointerup", this.#drop);
    this.#root.remove();
  }

  #size(): [number, number] {
    return this.#fixed ?? [this.#host.clientWidth || 640, this.#host.clientHeight || 420];
  }

  #fit() {
    const [width, height] = this.#size();
    const [x0, y0, x1, y1] = this.#scene!.frame;
    const k = Math.min((width - 2 * MARGIN) / (x1 - x0), (height - MARGIN - this.#scene!.foot) / (y1 - y0)) * this.#zoom;
    return { x0, y1, k, dx: (width - (x1 - x0) * k) / 2 + this.#shift[0], dy: (height + MARGIN - this.#scene!.foot - (y1 - y0) * k) / 2 + this.#shift[1] };
  }

  #paint(): void {
    const scene = this.#scene!;
    const [width, height] = this.#size();
    const latitude = unproject([0, (scene.frame[1] + scene.frame[3]) / 2])[1];
    const metresPerPixel = (METRES_PER_DEGREE * Math.cos((latitude * Math.PI) / 180)) / this.#fit().k;
    this.#root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const hatched = scene.zones.filter((zone) => zone.cells.length);
    this.#root.replaceChildren(
      s("defs", {}, ...this.#patterns()),
      s("g", { class: "cells" }, ...scene.made.cells.filter((cell) => cell.ring.length).map((cell) => this.#cell(cell, scene))),
      s("path", { class: "border", d: this.#lines(scene.thin) }),
      s("path", { class: "border strong", d: this.#lines(scene.strong) }),
      s("path", { class: "region", d: this.#ring(scene.made.region) }),
      ...hatched.map(({ zone, cells }) => s("path", { class: "zone", fill: `url(#${this.#id}-${zone.level})`, d: cells.map((cell) => this.#ring(cell.ring)).join("") })),
      ...hatched.map(({ zone, outline }) => s("path", { class: "zone-edge", "data-level": zone.level, d: this.#lines(outline) })),
      s("g", { class: "labels" }, ...this.#labels(scene)),
      this.#route(scene),
      s("path", { class: "cursor", d: this.#cursorPath() }),
      this.#forPaper(scene, metresPerPixel),
    );
    this.#hooks.onMove(metresPerPixel);
  }

  #cell(cell: Cell, scene: Scene): SVGElement {
    const area = scene.areas.get(cell.code)!;
    const path = s("path", { class: "cell", "data-code": cell.code, "data-state": area.state, d: this.#ring(cell.ring) });
    // colours are the style sheet's, a pattern has to be named here: url(#…) in a style sheet would mean the sheet's own address
    if (area.state === "silent") path.setAttribute("fill", `url(#${this.#id}-silent)`);
    return path;
  }

  #labels(scene: Scene): SVGElement[] {
    const [width, height] = this.#size();
    const marks = this.#marks(scene);
    const hours = hoursOf(marks, width, height).map(({ box }) => box);
    const pins = [...this.#pins(scene).map((pin) => pin.box), ...marks.map(boxOf), ...hours];
    const wanted = scene.byWeight.map((cell) => {
      const area = scene.areas.get(cell.code)!;
      const places = labelPlaces(area, cell, pins, (point) => this.place(point));
      return { area, places: places.filter((box) => box.x > 1 && box.y > 1 && box.x + box.width < width - 1 && box.y + box.height < height - 1) };
    });
    return uncrowded(wanted, pins).map(({ label: { area }, box }) => {
      const x = (box.x + box.width / 2).toFixed(1);
      return s("text", { x, y: (box.y + 12).toFixed(1), "data-state": area.state }, area.name, area.sub ? s("tspan", { x, dy: 12, class: "sub" }, area.sub) : null);
    });
  }

  #pins(scene: Scene): { zone: Scene["zones"][number]["zone"]; box: Box }[] {
    const width = this.#size()[0];
    return scene.zones.map(({ zone, at }) => ({ zone, box: pinBox(zone.name, this.place(at), width) }));
  }

  #marks(scene: Scene): Mark[] {
    const cells = new Map(scene.made.cells.map((cell) => [cell.code, cell]));
    return marksOf(scene.route, (area) => {
      const cell = cells.get(area);
      return cell && this.place(cell.site);
    });
  }

  #route(scene: Scene): SVGElement {
    const [width, height] = this.#size();
    const marks = this.#marks(scene);
    const line = (points: Point[]) => points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
    return s("g", { class: "route" },
      s("path", { class: "route-line", d: arrowsOf(marks).map(({ from, to }) => `M${line([from, to])}`).join("") }),
      s("path", { class: "route-head", d: arrowsOf(marks).map(({ head }) => `M${line(head)}Z`).join("") }),
      ...hoursOf(marks, width, height).map(({ mark, box }) =>
        s("text", { class: "route-hours", x: (box.x + box.width / 2).toFixed(1), y: (box.y + 11).toFixed(1) }, mark.stop.hours)),
      ...marks.map(({ stop, x, y, radius }) =>
        s("g", { class: "route-stop" },
          s("title", {}, `${stop.n} ${stop.hours} ${stop.name}`),
          s("rect", { x: (x - radius).toFixed(1), y: (y - 10).toFixed(1), width: 2 * radius, height: 20, rx: 10 }),
          s("text", { x: x.toFixed(1), y: (y + 4).toFixed(1) }, stop.n))));
  }

  /** Pins and scale once more, as part of the drawing: on paper the drawing is scaled, and the page's own pins would stay behind. */
  #forPaper(scene: Scene, metresPerPixel: number): SVGElement {
    const height = this.#size()[1];
    const scale = scaleBar(metresPerPixel, 90);
    return s("g", { class: "for-paper" },
      ...this.#pins(scene).flatMap(({ zone, box }) => [
        s("rect", { x: box.x, y: box.y + 3, width: box.width - 8, height: 20, rx: 10, "data-level": zone.level }),
        s("text", { x: box.x + (box.width - 8) / 2, y: box.y + 17, "data-level": zone.level }, zone.name),
      ]),
      s("path", { d: `M12 ${height - 16}v6h${scale.pixels}v-6` }),
      s("text", { x: 12 + scale.pixels / 2, y: height - 14 }, scale.label));
  }

  #patterns(): SVGElement[] {
    const lines: Record<string, string> = {
      high: "M-2 2L2-2M0 8L8 0M6 10L10 6",
      medium: "M-2 6L2 10M0 0L8 8M6-2L10 2",
      low: "M0 4H8",
      temporary: "M4 0V8",
    };
    const zones = Object.entries(lines).map(([level, d]) =>
      s("pattern", { id: `${this.#id}-${level}`, width: 8, height: 8, patternUnits: "userSpaceOnUse" }, s("path", { class: "hatch", "data-level": level, d })));
    const silent = s("pattern", { id: `${this.#id}-silent`, width: 7, height: 7, patternUnits: "userSpaceOnUse" },
      s("rect", { width: 7, height: 7, class: "silent-ground" }), s("path", { class: "silent-dot", d: "M2 2h2v2h-2z" }));
    return [...zones, silent];
  }

  #ring(ring: Point[]): string {
    return ring.length ? `M${ring.map((p) => this.#xy(p)).join("L")}Z` : "";
  }

  #lines(lines: Line[]): string {
    return lines.map(([p, q]) => `M${this.#xy(p)}L${this.#xy(q)}`).join("");
  }

  #xy(p: Point): string {
    const [x, y] = this.place(p);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  }

  #cursorPath(): string {
    const cell = this.#scene?.made.cells.find((one) => one.code === this.#marked);
    return cell ? this.#ring(cell.ring) : "";
  }

  #codeAt(event: MouseEvent): string | undefined {
    return event.target instanceof Element ? (event.target.closest("[data-code]")?.getAttribute("data-code") ?? undefined) : undefined;
  }

  #move(event: PointerEvent): void {
    const drag = this.#drag;
    // a map at its full extent does not move, so that a finger still scrolls the page
    if (drag && this.#zoom > 1) {
      const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
      if (!drag.moved && Math.hypot(dx, dy) < 4) return;
      this.#drag = { x: event.clientX, y: event.clientY, moved: true };
      const [width, height] = this.#size();
      const bound = (value: number, room: number) => Math.max(-room, Math.min(room, value));
      const room = (this.#zoom - 1) / 2;
      this.#shift = [bound(this.#shift[0] + dx, width * room), bound(this.#shift[1] + dy, height * room)];
      this.#paint();
      return;
    }
    const code = this.#codeAt(event);
    const box = this.#host.getBoundingClientRect();
    this.#hooks.onHover(code ?? null, event.clientX - box.left, event.clientY - box.top);
  }
}
