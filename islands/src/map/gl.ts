// The map on WebGL: MapLibre with a style made here, without tiles, sprites or glyphs. Labels are drawn from the machine's own fonts.
import { GeoJSONSource, Map as MapLibre, setWorkerUrl } from "maplibre-gl";
import type { ExpressionSpecification, StyleSpecification } from "maplibre-gl";
import type { Feature, FeatureCollection, Geometry } from "geojson";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { token } from "../dom.ts";
import { unproject } from "./cells.ts";
import type { Point } from "./cells.ts";
import { METRES_PER_DEGREE } from "./scale.ts";
import { labelPlaces, pinBox, uncrowded } from "./scene.ts";
import type { Hooks, Line, Scene, View } from "./scene.ts";

setWorkerUrl(workerUrl);

interface GlOptions {
  locale: Record<string, string>;
  fontFamily: string;
  onFailure: () => void;
}

const STATES = ["none", "low", "mid", "high", "extreme"] as const;
const LEVELS = ["high", "medium", "low", "temporary"] as const;
const TILE = 512;

const collection = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });
const feature = (geometry: Geometry, properties: Record<string, string | number> = {}): Feature => ({ type: "Feature", geometry, properties });
const ring = (points: Point[]) => [[...points, points[0]!].map(unproject)];
const lines = (list: Line[], properties: Record<string, string>) => feature({ type: "MultiLineString", coordinates: list.map((line) => line.map(unproject)) }, properties);

/** A colour per value of a property, from the style sheet. The types of a spread list are beyond the compiler. */
function colours(property: string, values: readonly string[], prefix: string, otherwise: string): ExpressionSpecification {
  const pairs = values.flatMap((value) => [value, token(prefix + value)]);
  return ["match", ["get", property], ...pairs, token(prefix + otherwise)] as unknown as ExpressionSpecification;
}

export class GlView implements View {
  readonly #map: MapLibre;
  readonly #options: GlOptions;
  readonly #hooks: Hooks;
  #scene: Scene | undefined;
  #frame = "";
  #destroyed = false;

  constructor(host: HTMLElement, hooks: Hooks, options: GlOptions) {
    this.#options = options;
    this.#hooks = hooks;
    this.#map = new MapLibre({
      container: host,
      style: { version: 8, sources: {}, layers: [] },
      attributionControl: false,
      cooperativeGestures: true,
      dragRotate: false,
      pitchWithRotate: false,
      keyboard: false, // arrow keys walk from area to area
      renderWorldCopies: false,
      maxPitch: 0,
      fadeDuration: 0,
      locale: options.locale,
      localIdeographFontFamily: options.fontFamily,
    });
    // the element around it takes the focus and carries the name; a second stop on the canvas would be a trap of silence
    const canvas = this.#map.getCanvas();
    canvas.tabIndex = -1;
    canvas.setAttribute("aria-hidden", "true");
    canvas.removeAttribute("role");
    canvas.removeAttribute("aria-label");
    this.#map.touchZoomRotate.disableRotation();
    this.#map.setMissingStyleImageResolver((id) => {
      const made = picture(id);
      if (made && !this.#map.hasImage(id)) this.#map.addImage(id, made.image, { pixelRatio: made.pixelRatio });
    });
    this.#map.on("move", () => this.#moved());
    this.#map.on("click", "cells", (event) => {
      const code = event.features?.[0]?.properties["code"];
      if (typeof code === "string") hooks.onPick(code);
    });
    this.#map.on("mousemove", "cells", (event) => hooks.onHover(event.features?.[0]?.properties["code"] ?? null, event.point.x, event.point.y));
    this.#map.on("mouseleave", "cells", () => hooks.onHover(null, 0, 0));
    canvas.addEventListener("webglcontextlost", () => !this.#destroyed && options.onFailure());
  }

  async draw(scene: Scene): Promise<void> {
    this.#scene = scene;
    const frame = JSON.stringify(scene.frame);
    const names = [...scene.areas.values()].map((area) => area.name + (area.sub ?? "")).join("");
    // glyphs are drawn once and kept: drawn before the font has arrived they would stay empty boxes
    await document.fonts.load(`16px ${this.#options.fontFamily}`, names).catch(() => []);
    if (this.#destroyed) return;
    // before the style, which asks where the pins will be
    if (frame !== this.#frame) {
      this.#frame = frame;
      this.#whole(false);
    }
    this.#map.setStyle(this.#style(scene), { diff: true });
    this.#moved();
    await new Promise<void>((done) => {
      this.#map.once("idle", () => done());
      setTimeout(done, 3000); // a hidden tab never becomes idle
    });
  }

  mark(code: string | null): void {
    const cell = this.#scene?.made.cells.find((one) => one.code === code);
    const source = this.#map.getSource("cursor");
    if (source instanceof GeoJSONSource) source.setData(collection(cell ? [feature({ type: "Polygon", coordinates: ring(cell.ring) })] : []));
  }

  zoom(step: 1 | -1 | 0): void {
    if (step === 0) this.#whole(true);
    else if (step > 0) this.#map.zoomIn();
    else this.#map.zoomOut();
  }

  resize(): void {
    if (this.#destroyed) return;
    this.#map.resize();
    this.#whole(false);
    if (this.#scene) this.#map.setStyle(this.#style(this.#scene), { diff: true }); // labels have other places at another size
  }

  place(point: Point): [number, number] {
    const { x, y } = this.#map.project(unproject(point));
    return [x, y];
  }

  destroy(): void {
    this.#destroyed = true;
    this.#map.remove();
  }

  #whole(animate: boolean): void {
    const [x0, y0, x1, y1] = this.#scene!.frame;
    this.#map.setMinZoom(null);
    this.#map.fitBounds([unproject([x0, y0]), unproject([x1, y1])], { padding: { top: 10, left: 10, right: 10, bottom: this.#scene!.foot }, animate });
    if (!animate) this.#map.setMinZoom(this.#map.getZoom() - 0.5);
  }

  #moved(): void {
    if (!this.#scene) return;
    const latitude = (this.#map.getCenter().lat * Math.PI) / 180;
    this.#hooks.onMove((METRES_PER_DEGREE * 360 * Math.cos(latitude)) / (TILE * 2 ** this.#map.getZoom()));
  }

  #style(scene: Scene): StyleSpecification {
    const dark = document.documentElement.dataset["bsTheme"] === "dark";
    const fonts = this.#options.fontFamily.split(",").map((name) => name.trim().replace(/^["']|["']$/g, ""));
    const cells = scene.byWeight.map((cell, i) => {
      const { code, state } = scene.areas.get(cell.code)!;
      return feature({ type: "Polygon", coordinates: ring(cell.ring) }, { code, state, order: i });
    });
    const width = this.#map.getCanvas().clientWidth;
    const boxes = scene.zones.map(({ zone, at }) => pinBox(zone.name, this.place(at), width));
    const pins = scene.zones.map(({ at }, i) => {
      const box = boxes[i]!;
      return feature({ type: "Point", coordinates: unproject(at) }, { room: `room|${Math.ceil(box.width)}|${box.height}`, anchor: box.left ? "right" : "left" });
    });
    const wanted = scene.byWeight.map((cell) => {
      const area = scene.areas.get(cell.code)!;
      return { area, places: labelPlaces(area, cell, boxes, (point) => this.place(point)) };
    });
    const first = new Map(uncrowded(wanted, boxes).map(({ label, box }) => [label.area.code, box]));
    const labels = wanted.map(({ area, places }, i) => {
      const box = first.get(area.code) ?? places.at(-1)!;
      const { lng, lat } = this.#map.unproject([box.x + box.width / 2, box.y + box.height / 2]);
      return feature({ type: "Point", coordinates: [lng, lat] }, { name: area.name, sub: area.sub ? `\n${area.sub}` : "", order: i, first: first.has(area.code) ? 1 : 0 });
    });
    const zones = scene.zones.flatMap(({ zone, cells: inside }) =>
      inside.length ? [feature({ type: "MultiPolygon", coordinates: inside.map((cell) => ring(cell.ring)) }, { level: zone.level })] : []);
    const edges = scene.zones.filter((zone) => zone.outline.length).map((zone) => lines(zone.outline, { level: zone.zone.level }));
    const borders = [lines(scene.thin, { kind: "thin" }), lines(scene.strong, { kind: "strong" })];
    const source = (features: Feature[]) => ({ type: "geojson" as const, data: collection(features) });
    const byState = colours("state", STATES, "--map-", "none");
    const byLevel = colours("level", LEVELS, "--zone-", "low");
    return {
      version: 8,
      sources: {
        region: source([feature({ type: "Polygon", coordinates: ring(scene.made.region) })]),
        cells: source(cells),
        borders: source(borders),
        zones: source(zones),
        edges: source(edges),
        labels: source(labels),
        pins: source(pins),
        cursor: source([]),
      },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": token("--map-sea") } },
        { id: "cells", type: "fill", source: "cells", paint: { "fill-color": byState, "fill-antialias": false } },
        {
          id: "silent", type: "fill", source: "cells", filter: ["==", ["get", "state"], "silent"],
          paint: { "fill-pattern": `silent|${token("--map-silent")}|${token("--map-silent-dot")}` },
        },
        { id: "thin", type: "line", source: "borders", filter: ["==", ["get", "kind"], "thin"], paint: { "line-color": token("--map-border"), "line-width": 1 } },
        { id: "strong", type: "line", source: "borders", filter: ["==", ["get", "kind"], "strong"], layout: { "line-cap": "round" }, paint: { "line-color": token("--map-parents"), "line-width": 2.2 } },
        { id: "region", type: "line", source: "region", paint: { "line-color": token("--map-parents"), "line-width": 1.2 } },
        ...LEVELS.map((level) => ({
          id: `zone-${level}`, type: "fill" as const, source: "zones", filter: ["==", ["get", "level"], level] as ExpressionSpecification,
          paint: { "fill-pattern": `${level}|${token(`--zone-${level}`)}` },
        })),
        { id: "edges", type: "line", source: "edges", layout: { "line-cap": "round" }, paint: { "line-color": byLevel, "line-width": 2.5 } },
        // what has room at the full extent keeps it: closer up there is only more of it. The others come as they find room
        ...[0, 1].map((one) => ({
          id: `labels-${one}`, type: "symbol" as const, source: "labels", filter: ["==", ["get", "first"], one] as ExpressionSpecification,
          layout: {
            "text-field": ["format", ["get", "name"], {}, ["get", "sub"], { "font-scale": 0.82 }] as ExpressionSpecification,
            "text-font": fonts,
            "text-size": 12,
            "text-line-height": 1.15,
            "text-padding": 1,
            "text-allow-overlap": one === 1,
            "symbol-sort-key": ["get", "order"] as ExpressionSpecification,
          },
          paint: { "text-color": token("--map-label"), "text-halo-color": token("--map-halo"), "text-halo-width": dark ? 1.2 : 1.4 },
        })),
        // unseen, and placed before the labels, which then keep clear of the pins above the canvas
        {
          id: "pins", type: "symbol", source: "pins",
          layout: {
            "icon-image": ["get", "room"],
            "icon-anchor": ["get", "anchor"],
            "icon-offset": ["case", ["==", ["get", "anchor"], "left"], ["literal", [-11, 0]], ["literal", [11, 0]]],
            "icon-allow-overlap": true,
          },
        },
        { id: "cursor", type: "line", source: "cursor", paint: { "line-color": token("--map-cursor"), "line-width": 3 } },
      ],
    };
  }
}

/** The images that the style asks for by what they are: hatches like the SVG view's ("high|#c00", "silent|ground|dot"), and empty "room|width|height". */
function picture(id: string): { image: ImageData; pixelRatio: number } | undefined {
  const [kind, first, second] = id.split("|");
  if (kind === "room") return { image: new ImageData(Number(first), Number(second)), pixelRatio: 1 };
  const size = 16;
  const context = Object.assign(document.createElement("canvas"), { width: size, height: size }).getContext("2d");
  if (!context || !first) return undefined;
  context.strokeStyle = first;
  context.lineWidth = 2.6;
  if (kind === "silent") {
    context.fillStyle = first;
    context.fillRect(0, 0, size, size);
    context.fillStyle = second ?? first;
    for (const [x, y] of [[2, 2], [10, 10]] as const) context.fillRect(x, y, 4, 4);
    return { image: context.getImageData(0, 0, size, size), pixelRatio: 2 };
  }
  const strokes: Record<string, number[][]> = {
    high: [[-4, 4, 4, -4], [0, 16, 16, 0], [12, 20, 20, 12]],
    medium: [[-4, 12, 4, 20], [0, 0, 16, 16], [12, -4, 20, 4]],
    low: [[0, 8, 16, 8]],
    temporary: [[8, 0, 8, 16]],
  };
  context.beginPath();
  for (const [x0, y0, x1, y1] of strokes[kind ?? ""] ?? []) {
    context.moveTo(x0!, y0!);
    context.lineTo(x1!, y1!);
  }
  context.stroke();
  return { image: context.getImageData(0, 0, size, size), pixelRatio: 2 };
}
