// <bulou-map>: areas coloured by a measure, zones over them. WebGL where a graphics card does it, else the same drawing as SVG. Asks no tile or font server.
import { h } from "../dom.ts";
import { Island, Tip } from "../island.ts";
import type { NumberTable } from "../island.ts";
import { neighbourTowards } from "./cells.ts";
import type { Point } from "./cells.ts";
import { scaleBar } from "./scale.ts";
import { build, pinBox } from "./scene.ts";
import type { Hooks, MapProps, Scene, View } from "./scene.ts";
import { SvgView } from "./svg.ts";

const ARROWS: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** WebGL worked out by the processor does not count: it is slow, Chromium leaves parts of it unpainted, and the SVG shows the same. */
function hasGraphicsCard(): boolean {
  try {
    const context = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
    if (!context) return false;
    let name = String(context.getParameter(context.RENDERER));
    // Chromium says the true name only when asked for it
    const unmasked = /^webkit/i.test(name) && context.getExtension("WEBGL_debug_renderer_info");
    if (unmasked) name = String(context.getParameter(unmasked.UNMASKED_RENDERER_WEBGL));
    // browsers allow about sixteen contexts at once: the one that was only a question is given back
    context.getExtension("WEBGL_lose_context")?.loseContext();
    return !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
  } catch {
    return false;
  }
}

class MapElement extends Island<MapProps> {
  #legend = h("div", { class: "map-legend" });
  #canvas = h("div", { class: "map-canvas" });
  #pins = h("div", { class: "map-pins" });
  #scale = h("div", { class: "map-scale", "aria-hidden": "true" });
  #note = h("p", { class: "map-note" });
  #view = h("div", { class: "map-view", tabindex: 0, role: "application" });
  #frame = h("div", { class: "map-frame" });
  #tip = new Tip();
  #renderer: View | undefined;
  #scene: Scene | undefined;
  #marked: string | null = null;
  #paper: { host: HTMLElement; view: View } | undefined;

  constructor() {
    super();
    this.#view.addEventListener("keydown", (event) => this.#key(event));
    this.#view.addEventListener("blur", () => this.#mark(null));
  }

  override connectedCallback(): void {
    window.addEventListener("beforeprint", this.#toPaper);
    window.addEventListener("afterprint", this.#fromPaper);
    super.connectedCallback();
  }

  override disconnectedCallback(): void {
    window.removeEventListener("beforeprint", this.#toPaper);
    window.removeEventListener("afterprint", this.#fromPaper);
    super.disconnectedCallback();
  }

  protected override isEmpty(props: MapProps): boolean {
    return !props.areas?.length;
  }

  protected override async draw(props: MapProps): Promise<void> {
    if (!this.#frame.isConnected) this.#furnish();
    this.#note.textContent = props.note ?? "";
    const scene = build(props, Math.max(34, this.#note.offsetHeight + 14));
    this.#scene = scene;
    this.#view.setAttribute("aria-label", `${this.say("label", props.measure)}. ${this.say("hint", "Arrow keys: area. Enter: open.")}`);
    this.#drawLegend(props);
    this.#drawPins(scene);
    this.#renderer ??= await this.#choose();
    try {
      await this.#renderer.draw(scene);
    } catch (error) {
      // the driver gave up on us: the other renderer shows the same
      if (this.#renderer instanceof SvgView) throw error;
      console.warn("map: WebGL failed, drawing SVG", error);
      this.#swapToSvg();
    }
  }

  protected override numbers(props: MapProps): NumberTable | undefined {
    if (props.route) return undefined; // the page has a table of the path
    const states = new Map(props.legend.map((one) => [one.state, one.label]));
    return {
      head: [this.say("headArea", "area"), props.measure, this.say("headState", "state")],
      rows: props.areas.map((area) => [
        { text: area.name, href: area.href, press: area.href ? undefined : () => this.#pick(area.code) },
        area.label || (area.value ?? null),
        states.get(area.state) ?? area.state,
      ]),
    };
  }

  protected override resized(): void {
    this.#renderer?.resize();
  }

  protected override erase(): void {
    this.#fromPaper();
    this.#renderer?.destroy();
    this.#renderer = undefined;
    this.#scene = undefined;
    this.#marked = null;
  }

  async #choose(): Promise<View> {
    const wanted = this.#scene?.route.length ? "svg" : this.getAttribute("renderer");
    if (wanted === "webgl" || (wanted !== "svg" && hasGraphicsCard())) {
      try {
        const { GlView } = await import("./gl.ts");
        return new GlView(this.#canvas, this.#hooks, {
          locale: {
            "CooperativeGesturesHandler.WindowsHelpText": this.say("zoomHelp", "Ctrl + wheel zooms the map"),
            "CooperativeGesturesHandler.MacHelpText": this.say("zoomHelpMac", "⌘ + wheel zooms the map"),
            "CooperativeGesturesHandler.MobileHelpText": this.say("moveHelp", "Two fingers move the map"),
          },
          fontFamily: getComputedStyle(this).fontFamily,
          onFailure: () => this.#swapToSvg(),
        });
      } catch (error) {
        console.warn("map: WebGL view unavailable, drawing SVG", error);
      }
    }
    return new SvgView(this.#canvas, this.#hooks);
  }

  #swapToSvg(): void {
    this.#renderer?.destroy();
    this.#renderer = new SvgView(this.#canvas, this.#hooks);
    if (this.#scene) void this.#renderer.draw(this.#scene);
  }

  #furnish(): void {
    const zoom = (name: string, sign: string, otherwise: string, step: 1 | -1 | 0) => {
      const label = this.say(name, otherwise);
      const button = h("button", { type: "button", "aria-label": label, title: label }, sign);
      button.addEventListener("click", () => this.#renderer?.zoom(step));
      return button;
    };
    const buttons = h("div", { class: "map-zoom" },
      zoom("zoomIn", "+", "Zoom in", 1), zoom("zoomOut", "−", "Zoom out", -1), zoom("zoomReset", "⤢", "Whole map", 0));
    this.#view.replaceChildren(this.#canvas);
    this.#frame.replaceChildren(this.#view, this.#pins, buttons, this.#scale, this.#note, this.#tip.element);
    this.body.replaceChildren(this.#legend, this.#frame);
  }

  #drawLegend({ measure, legend, zone_legend: zones, zones: shown }: MapProps): void {
    const levels = new Set(shown?.map((zone) => zone.level));
    this.#legend.replaceChildren(
      h("span", { class: "measure" }, measure),
      h("ul", {},
        ...legend.map(({ state, label }) => h("li", { "data-state": state }, label)),
        ...(zones ?? []).filter(({ level }) => levels.has(level)).map(({ level, label }) => h("li", { "data-level": level }, label))),
    );
  }

  /** Zones are ordinary links above the drawing: reached with Tab, opened in another tab, read aloud. */
  #drawPins(scene: Scene): void {
    this.#pins.replaceChildren(...scene.zones.map(({ zone }) =>
      zone.href
        ? h("a", { class: "zone-pin", "data-level": zone.level, href: zone.href, title: zone.name }, h("span", {}, zone.name))
        : h("span", { class: "zone-pin", "data-level": zone.level, title: zone.name }, h("span", {}, zone.name))));
  }

  readonly #hooks: Hooks = {
    onPick: (code) => this.#pick(code),
    onHover: (code, x, y) => {
      this.#view.toggleAttribute("data-hand", code !== null);
      if (code) this.#tell(code, x, y);
      else if (!this.#marked) this.#tip.hide();
    },
    onMove: (metresPerPixel) => {
      this.#placePins();
      const bar = scaleBar(metresPerPixel, 90);
      this.#scale.textContent = bar.label;
      this.#scale.style.width = `${bar.pixels}px`;
      if (this.#marked) this.#mark(this.#marked);
    },
  };

  #placePins(): void {
    const [scene, view] = [this.#scene, this.#renderer];
    if (!scene || !view) return;
    const [width, height] = [this.#view.clientWidth, this.#view.clientHeight];
    [...this.#pins.children].forEach((pin, i) => {
      const shown = scene.zones[i];
      if (!(pin instanceof HTMLElement) || !shown) return;
      const [x, y] = view.place(shown.at);
      pin.hidden = x < 0 || y < 0 || x > width || y > height;
      pin.style.left = `${x}px`;
      pin.style.top = `${y}px`;
      const box = pinBox(shown.zone.name, [x, y], width);
      pin.style.maxWidth = `${box.width}px`;
      pin.toggleAttribute("data-left", box.left);
    });
  }

  #pick(code: string): void {
    const href = this.#scene?.areas.get(code)?.href;
    if (this.announceChoice("bulou:area", { code }) && href) location.assign(href);
  }

  #tell(code: string, x: number, y: number): void {
    const area = this.#scene?.areas.get(code);
    if (!area || !this.props) return;
    const state = this.props.legend.find((one) => one.state === area.state)?.label;
    this.#tip.show(x, y, h("strong", {}, area.name), `${this.props.measure} ${area.label || (area.value ?? "–")}`, ...(state ? [state] : []));
  }

  #mark(code: string | null): void {
    this.#marked = code;
    this.#renderer?.mark(code);
    const cell = this.#scene?.made.cells.find((one) => one.code === code);
    if (!cell || !this.#renderer) return this.#tip.hide();
    this.#tell(cell.code, ...this.#renderer.place(cell.centre));
  }

  #key(event: KeyboardEvent): void {
    const scene = this.#scene;
    const way = ARROWS[event.key];
    if (!scene || event.ctrlKey || event.metaKey || event.altKey) return;
    if (way) this.#mark(this.#marked ? (neighbourTowards(this.#marked, way, scene.made) ?? this.#marked) : (scene.byWeight[0]?.code ?? null));
    else if (event.key === "Enter" && this.#marked) this.#pick(this.#marked);
    else if (event.key === "Escape" && this.#marked) this.#mark(null);
    else if (event.key === "+" || event.key === "=") this.#renderer?.zoom(1);
    else if (event.key === "-") this.#renderer?.zoom(-1);
    else if (event.key === "0") this.#renderer?.zoom(0);
    else return;
    event.preventDefault();
  }

  /** A WebGL canvas prints as an empty box: for paper the SVG is drawn beside it, and the style sheet shows one of the two. */
  readonly #toPaper = () => {
    if (!this.#scene || this.#paper || this.#renderer instanceof SvgView) return;
    const host = h("div", { class: "map-paper" });
    this.body.append(host);
    const still: Hooks = { onPick: () => {}, onHover: () => {}, onMove: () => {} };
    const view = new SvgView(host, still, [640, 420]);
    void view.draw(this.#scene);
    host.append(this.#note.cloneNode(true));
    this.#paper = { host, view };
  };

  readonly #fromPaper = () => {
    this.#paper?.view.destroy();
    this.#paper?.host.remove();
    this.#paper = undefined;
  };
}

customElements.define("bulou-map", MapElement);
