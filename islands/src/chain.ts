// <bulou-chain>: cases by day or generation and what joins them. A canvas that draws only what is in sight, so that thousands move smoothly; the
// page's own table beside it has the same for whoever reads without a picture. It is given labels and no names.
import { h, token } from "./dom.ts";
import { Island, Tip } from "./island.ts";
import type { NumberTable } from "./island.ts";
import { layout, step } from "./chainlayout.ts";
import type { ChainNode, Layout } from "./chainlayout.ts";

type ChainLink = [from: number, to: number, way: string, either: number, against: number];

interface ChainProps {
  by: "day" | "generation";
  nodes: ChainNode[];
  links: ChainLink[];
  ways: Record<string, string>;
}

const ROW = 26;
const HEAD = 30;
const SIDE = 30;
const RADIUS = 7;
/** Dashes by kind of link: colour is never the only sign. */
const DASHES: Record<string, number[]> = { support: [], judged: [], told: [9, 3], household: [3, 3], place: [1, 4], sequence: [9, 3, 2, 3] };
const TINTS: Record<string, string> = { support: "--chain-judged", judged: "--chain-judged", told: "--chain-told", household: "--chain-household", place: "--chain-place", sequence: "--chain-sequence" };

class ChainElement extends Island<ChainProps> {
  #canvas = h("canvas", { class: "chain-canvas", "aria-hidden": "true" });
  #spacer = h("div", { class: "chain-spacer" });
  #host = h("div", { class: "chain-host", tabindex: 0, role: "application" });
  #frame = h("div", { class: "chain-frame" });
  #legend = h("ul", { class: "chain-legend" });
  #tip = new Tip();
  #layout: Layout | undefined;
  #near = new Map<number, number[]>();
  #at = -1;
  #asked = 0;
  #cuts = new Map<string, [room: number, short: string]>();

  constructor() {
    super();
    this.#host.append(this.#spacer);
    this.#frame.append(this.#canvas, this.#host, this.#tip.element);
    this.#host.addEventListener("scroll", () => this.#later());
    this.#host.addEventListener("keydown", (event) => this.#key(event));
    this.#host.addEventListener("pointermove", (event) => this.#over(event));
    this.#host.addEventListener("pointerleave", () => this.#leave());
    this.#host.addEventListener("blur", () => this.#leave());
    this.#host.addEventListener("click", (event) => {
      const found = this.#hit(event);
      if (found >= 0) this.#open(found);
    });
  }

  protected override isEmpty(props: ChainProps): boolean {
    return !props.nodes?.length;
  }

  protected override draw(props: ChainProps): void {
    if (!this.#frame.isConnected) this.body.replaceChildren(this.#legend, this.#frame);
    this.#host.setAttribute("aria-label", `${this.say("label", "")}. ${this.say("hint", "Arrow keys: case. Enter: open.")}`);
    this.#drawLegend(props);
    this.#layout = layout(props.nodes, props.by);
    this.#near = new Map();
    props.links.forEach((link, i) => {
      for (const end of [link[0], link[1]]) {
        const those = this.#near.get(end);
        if (those) those.push(i);
        else this.#near.set(end, [i]);
      }
    });
    this.#measure();
  }

  /** The page has the table: with paging, and with what the picture cannot say. */
  protected override numbers(): NumberTable | undefined {
    return undefined;
  }

  protected override resized(): void {
    this.#measure();
  }

  protected override erase(): void {
    cancelAnimationFrame(this.#asked);
    this.#layout = undefined;
    this.#at = -1;
    this.#tip.hide();
  }

  #column(): number {
    const many = Math.max(1, this.#layout!.columns.length);
    return Math.max(84, Math.min(240, (this.#frame.clientWidth - SIDE * 2) / many));
  }

  #measure(): void {
    if (!this.#layout) return;
    this.#spacer.style.width = `${SIDE * 2 + this.#column() * this.#layout.columns.length}px`;
    this.#spacer.style.height = `${HEAD + this.#layout.rows * ROW + ROW}px`;
    this.#host.style.height = `min(70vh, ${HEAD + this.#layout.rows * ROW + ROW + 16}px)`;
    this.#later();
  }

  #later(): void {
    cancelAnimationFrame(this.#asked);
    this.#asked = requestAnimationFrame(() => this.#paint());
  }

  #spot(i: number, view = this.#view()): [number, number] {
    const place = this.#layout!.places[i]!;
    return [SIDE + view.column * (place.column + 0.5) - view.left, HEAD + ROW * (place.row + 0.5) - view.top];
  }

  /** What the page must be asked for, once for all that is drawn: asking for each of thousands is what takes the time. */
  #view(): { column: number; left: number; top: number } {
    return { column: this.#column(), left: this.#host.scrollLeft, top: this.#host.scrollTop };
  }

  #paint(): void {
    const props = this.props;
    const laid = this.#layout;
    const pen = this.#canvas.getContext("2d");
    if (!props || !laid || !pen) return;
    const [width, height, dense] = [this.#host.clientWidth, this.#host.clientHeight, devicePixelRatio || 1];
    if (this.#canvas.width !== Math.round(width * dense) || this.#canvas.height !== Math.round(height * dense)) {
      this.#canvas.width = Math.round(width * dense);
      this.#canvas.height = Math.round(height * dense);
      this.#canvas.style.width = `${width}px`;
      this.#canvas.style.height = `${height}px`;
    }
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, width, height);
    const [ink, muted, grid, ground] = [token("--curve-ink"), token("--curve-muted"), token("--curve-grid"), token("--chain-ground")];
    const family = getComputedStyle(this).fontFamily;
    pen.font = `11px ${family}`;
    pen.textBaseline = "middle";
    const view = this.#view();
    const { column, left } = view;
    pen.lineWidth = 1;
    pen.strokeStyle = grid;
    laid.columns.forEach((_, i) => {
      const x = SIDE + column * (i + 0.5) - left;
      if (x < -column || x > width + column) return;
      pen.beginPath();
      pen.moveTo(x, HEAD);
      pen.lineTo(x, height);
      pen.stroke();
    });
    pen.fillStyle = muted;
    for (const band of laid.bands) {
      const y = HEAD + band.row * ROW - view.top - ROW * 0.5;
      if (band.row === 0 || y < 0 || y > height) continue;
      pen.beginPath();
      pen.moveTo(0, y);
      pen.lineTo(width, y);
      pen.stroke();
    }
    const focused = this.#at;
    const inSight = (y: number) => y > HEAD - ROW && y < height + ROW;
    const spots = laid.places.map((_, k) => this.#spot(k, view));
    const seen = props.links.filter(([from, to]) => {
      const [x1, y1] = spots[from]!;
      const [x2, y2] = spots[to]!;
      return (inSight(y1) || inSight(y2) || y1 < 0 !== y2 < 0) && Math.max(x1, x2) >= 0 && Math.min(x1, x2) <= width;
    });
    // one stroke for all of a kind: a stroke for each of thousands is slow
    for (const way of Object.keys(DASHES)) {
      for (const mine of [false, true]) {
        const those = seen.filter((one) => one[2] === way && (one[0] === focused || one[1] === focused) === mine);
        if (!those.length) continue;
        pen.globalAlpha = focused < 0 || mine ? 1 : 0.25;
        pen.strokeStyle = token(TINTS[way]!);
        pen.lineWidth = mine ? 2.4 : 1.4;
        pen.setLineDash(DASHES[way]!);
        pen.beginPath();
        const heads = those.map(([from, to]) => this.#edge(pen, ...spots[from]!, ...spots[to]!));
        pen.stroke();
        pen.setLineDash([]);
        pen.beginPath();
        those.forEach((one, k) => {
          if (!one[3]) this.#head(pen, ...heads[k]!);
          const [[x1, y1], [x2, y2]] = [spots[one[0]]!, spots[one[1]]!];
          if (one[4]) this.#cross(pen, (x1 + x2) / 2, (y1 + y2) / 2);
        });
        pen.stroke();
      }
    }
    pen.globalAlpha = 1;
    pen.setLineDash([]);
    const [fill, cursor, room] = [token("--chain-case"), token("--map-cursor"), column - RADIUS * 2 - 10];
    props.nodes.forEach((node, i) => {
      const [x, y] = spots[i]!;
      if (!inSight(y) || x < -column || x > width + column) return;
      this.#mark(pen, node, x, y, i === focused ? cursor : "", ink, ground, fill);
      pen.fillStyle = ink;
      pen.textAlign = "left";
      this.#write(pen, this.#cut(pen, node.label, room), x + RADIUS + 5, y, ground);
    });
    pen.fillStyle = ground;
    pen.fillRect(0, 0, width, HEAD);
    pen.fillStyle = muted;
    pen.textAlign = "center";
    let free = -Infinity;
    laid.columns.forEach((name, i) => {
      const x = SIDE + column * (i + 0.5) - left;
      const text = name === null ? this.say("lost", "?") : props.by === "day" ? name.slice(5) : `${this.say("generation", "")} ${name}`.trim();
      const wide = pen.measureText(text).width;
      if (x - wide / 2 < free || x < 0 || x > width) return;
      pen.fillText(text, Math.max(wide / 2 + 2, x), HEAD / 2);
      free = x + wide / 2 + 8;
    });
  }

  /** Text on a halo of the ground, so that a line beneath it does not strike it out. */
  #write(pen: CanvasRenderingContext2D, text: string, x: number, y: number, ground: string): void {
    pen.lineWidth = 4;
    pen.lineJoin = "round";
    pen.strokeStyle = ground;
    pen.strokeText(text, x, y);
    pen.fillText(text, x, y);
  }

  #cut(pen: CanvasRenderingContext2D, text: string, room: number): string {
    const known = this.#cuts.get(text);
    if (known && known[0] === room) return known[1];
    const short = this.#shortened(pen, text, room);
    this.#cuts.set(text, [room, short]);
    return short;
  }

  #shortened(pen: CanvasRenderingContext2D, text: string, room: number): string {
    if (pen.measureText(text).width <= room) return text;
    let short = text;
    while (short.length > 1 && pen.measureText(`${short}…`).width > room) short = short.slice(0, -1);
    return `${short}…`;
  }

  /** A case: filled when ill, ringed when without symptoms, dashed while not diagnosed; square when from outside; a question mark where the source is not known. */
  #mark(pen: CanvasRenderingContext2D, node: ChainNode, x: number, y: number, here: string, ink: string, ground: string, fill: string): void {
    pen.beginPath();
    if (node.outside) pen.rect(x - RADIUS, y - RADIUS, RADIUS * 2, RADIUS * 2);
    else pen.arc(x, y, RADIUS, 0, Math.PI * 2);
    pen.fillStyle = node.kind === "infected" ? fill : ground;
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = node.kind === "open" ? ink : fill;
    pen.setLineDash(node.kind === "open" ? [2, 2] : []);
    pen.stroke();
    pen.setLineDash([]);
    if (!node.onset) {
      pen.beginPath();
      pen.moveTo(x - RADIUS, y + RADIUS + 3);
      pen.lineTo(x + RADIUS, y + RADIUS + 3);
      pen.strokeStyle = ink;
      pen.lineWidth = 1.5;
      pen.stroke();
    }
    if (node.unknown) {
      pen.fillStyle = ink;
      pen.textAlign = "right";
      pen.font = `bold ${pen.font.replace(/^bold /, "").replace("11px", "15px")}`;
      this.#write(pen, "?", x - RADIUS - 4, y, ground);
      pen.font = pen.font.replace(/^(bold|700) /, "").replace("15px", "11px");
    }
    if (here) {
      pen.beginPath();
      pen.arc(x, y, RADIUS + 4, 0, Math.PI * 2);
      pen.strokeStyle = here;
      pen.lineWidth = 3;
      pen.stroke();
    }
  }

  /** A line from one case to another, added to the path; where it ends, and in which direction. */
  #edge(pen: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): [number, number, number] {
    const bend = x1 === x2 ? -52 : 0;
    const [mx, my] = [(x1 + x2) / 2 + bend, (y1 + y2) / 2];
    const turn = Math.atan2(y2 - (bend ? my : y1), x2 - (bend ? mx : x1));
    const [ex, ey] = [x2 - Math.cos(turn) * (RADIUS + 3), y2 - Math.sin(turn) * (RADIUS + 3)];
    pen.moveTo(x1, y1);
    if (bend) pen.quadraticCurveTo(mx, my, ex, ey);
    else pen.lineTo(ex, ey);
    return [ex, ey, turn];
  }

  #head(pen: CanvasRenderingContext2D, x: number, y: number, turn: number): void {
    for (const side of [-0.42, 0.42]) {
      pen.moveTo(x, y);
      pen.lineTo(x - 8 * Math.cos(turn + side), y - 8 * Math.sin(turn + side));
    }
  }

  #cross(pen: CanvasRenderingContext2D, x: number, y: number): void {
    pen.moveTo(x - 5, y - 5);
    pen.lineTo(x + 5, y + 5);
    pen.moveTo(x + 5, y - 5);
    pen.lineTo(x - 5, y + 5);
  }

  #drawLegend(props: ChainProps): void {
    const used = new Set(props.links.map((link) => link[2]));
    const kinds = Object.keys(DASHES).filter((way) => used.has(way));
    const marks: [string, string][] = [
      ["infected", this.say("infected", "infected")], ["asymptomatic", this.say("asymptomatic", "without symptoms")], ["open", this.say("open", "not diagnosed yet")],
      ["outside", this.say("outside", "from outside")], ["unknown", this.say("unknown", "source unknown")], ["sample", this.say("sample", "day of first positive sample")],
    ];
    this.#legend.replaceChildren(
      ...marks.map(([kind, text]) => h("li", { "data-mark": kind }, text)),
      ...kinds.map((way) => h("li", { "data-way": way }, props.ways[way] ?? way)),
      ...(props.links.some((link) => link[4]) ? [h("li", { "data-mark": "against" }, this.say("against", "something speaks against it"))] : []),
    );
  }

  #hit(event: MouseEvent): number {
    if (!this.#layout) return -1;
    const box = this.#host.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    if (py < HEAD) return -1;
    return this.#layout.places.findIndex((_, i) => {
      const [x, y] = this.#spot(i);
      return Math.abs(py - y) <= RADIUS + 5 && px - x >= -RADIUS - 5 && px - x <= this.#column() - RADIUS;
    });
  }

  #over(event: PointerEvent): void {
    const found = this.#hit(event);
    this.#host.toggleAttribute("data-hand", found >= 0);
    if (found >= 0) this.#point(found);
    else this.#leave();
  }

  #key(event: KeyboardEvent): void {
    if (!this.#layout || !this.props) return;
    if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      this.#point(step(this.#layout.places, this.#at, event.key), true);
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      this.#point(event.key === "Home" ? 0 : this.props.nodes.length - 1, true);
    } else if (event.key === "Enter" && this.#at >= 0) {
      event.preventDefault();
      this.#open(this.#at);
    } else if (event.key === "Escape") {
      this.#leave();
    }
  }

  #point(i: number, follow = false): void {
    const node = this.props?.nodes[i];
    if (!node || !this.props || (i === this.#at && !this.#tip.element.hidden)) return;
    this.#at = i;
    if (follow) this.#intoSight(i);
    const mine = (this.#near.get(i) ?? []).map((n) => this.props!.links[n]!);
    const from = mine.filter((link) => link[1] === i || link[3]).map((link) => this.props!.nodes[link[1] === i ? link[0] : link[1]]!.label);
    const day = node.day ? `${node.day} ${node.onset ? this.say("of-onset", "onset") : this.say("of-sample", "first positive")}` : this.say("lost", "?");
    const said = from.length ? `${this.say("sources", "candidate sources")}: ${from.slice(0, 6).join(", ")}${from.length > 6 ? ` +${from.length - 6}` : ""}`
      : node.outside ? this.say("outside", "from outside") : this.say("unknown", "source unknown");
    const [x, y] = this.#spot(i);
    this.#tip.show(x, y, h("strong", {}, node.label), `${node.status} · ${day}`, said);
    this.#later();
  }

  #intoSight(i: number): void {
    const place = this.#layout!.places[i]!;
    const [x, y] = [SIDE + this.#column() * (place.column + 0.5), HEAD + ROW * (place.row + 0.5)];
    const host = this.#host;
    if (y - host.scrollTop < HEAD + ROW || y - host.scrollTop > host.clientHeight - ROW) host.scrollTop = y - host.clientHeight / 2;
    if (x - host.scrollLeft < SIDE || x - host.scrollLeft > host.clientWidth - this.#column()) host.scrollLeft = x - host.clientWidth / 2;
  }

  #open(i: number): void {
    const node = this.props?.nodes[i];
    if (node && this.announceChoice("bulou:case", { label: node.label })) location.assign(node.href);
  }

  #leave(): void {
    if (this.#at < 0) return;
    this.#at = -1;
    this.#tip.hide();
    this.#later();
  }
}

customElements.define("bulou-chain", ChainElement);
