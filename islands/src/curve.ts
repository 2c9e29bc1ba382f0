// <bulou-curve>: the epidemic curve. Stacked daily bars by status, an optional line, the days that are still incomplete shaded, today marked.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkAreaComponent, MarkLineComponent } from "echarts/components";
import { init, use } from "echarts/core";
import type { EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { h, token } from "./dom.ts";
import { Island, Tip } from "./island.ts";
import type { NumberTable } from "./island.ts";

use([BarChart, LineChart, GridComponent, AriaComponent, MarkAreaComponent, MarkLineComponent, SVGRenderer]);

interface Series {
  id: string;
  name: string;
  values: (number | null)[];
  kind: "bar" | "line";
}

interface CurveProps {
  days: string[];
  series: Series[];
  incomplete_from?: string;
  incomplete_label?: string;
  today?: string;
  unit: string;
  axis: string;
}

/** Quiet patterns beside the colours: colour must not be the only sign, nor may the pattern shout. */
const DECALS = [
  { symbol: "none" },
  { symbol: "rect", symbolSize: 1, dashArrayX: [1, 0], dashArrayY: [1, 5], rotation: -Math.PI / 4 },
  { symbol: "circle", symbolSize: 0.45, dashArrayX: [[0, 6], [3, 6]], dashArrayY: [4, 0] },
  { symbol: "rect", symbolSize: 1, dashArrayX: [1, 0], dashArrayY: [1, 5], rotation: Math.PI / 4 },
  { symbol: "triangle", symbolSize: 0.6, dashArrayX: [[6, 6], [0, 6]], dashArrayY: [6, 0] },
];

const shortDay = (iso: string) => iso.slice(5);

class CurveElement extends Island<CurveProps> {
  #chart: EChartsType | undefined;
  #view = h("div", { class: "curve-view" });
  #legend = h("div", { class: "curve-legend", role: "group" });
  #host = h("div", { class: "curve-host", tabindex: 0, role: "application" });
  #tip = new Tip();
  #hiddenSeries = new Set<string>();
  #day = -1;

  constructor() {
    super();
    this.#host.addEventListener("keydown", (event) => this.#key(event));
    this.#host.addEventListener("blur", () => this.#leave());
    this.#host.addEventListener("pointerleave", () => this.#leave());
    this.#host.addEventListener("pointermove", (event) => this.#over(event));
  }

  protected override isEmpty(props: CurveProps): boolean {
    return !props.days?.length || !props.series?.some((one) => one.values.some((value) => value !== null));
  }

  protected override draw(props: CurveProps): void {
    if (!this.#view.isConnected) {
      this.#host.replaceChildren(this.#view, this.#tip.element);
      this.body.replaceChildren(this.#legend, this.#host);
    }
    this.#host.setAttribute("aria-label", `${this.say("label", props.axis)}. ${this.say("hint", "Arrow keys: day. Enter: open.")}`);
    this.#drawLegend(props);
    this.#chart ??= this.#start();
    this.#chart.setOption(this.#option(props), { notMerge: true });
    this.#scalable();
  }

  protected override numbers(props: CurveProps): NumberTable {
    return {
      head: [props.axis, ...props.series.map((one) => `${one.name} (${props.unit})`)],
      rows: props.days.map((day, i) => [day, ...props.series.map((one) => one.values[i] ?? null)]),
    };
  }

  protected override resized(): void {
    this.#chart?.resize();
    this.#scalable();
  }

  /** On paper the drawing takes the paper's width: for that it has to know its own. */
  #scalable(): void {
    this.#view.querySelector("svg")?.setAttribute("viewBox", `0 0 ${this.#view.clientWidth} ${this.#view.clientHeight}`);
  }

  protected override erase(): void {
    this.#chart?.dispose();
    this.#chart = undefined;
    this.#tip.hide();
    this.#day = -1;
  }

  #start(): EChartsType {
    const chart = init(this.#view, undefined, { renderer: "svg" });
    chart.on("click", (event) => {
      const day = this.props?.days[event.dataIndex];
      if (day && event.seriesType === "bar") this.announceChoice("bulou:day", { day, series: event.seriesId ?? null });
    });
    return chart;
  }

  /** Our own legend: real buttons, reachable by keyboard, in the page's font. */
  #drawLegend(props: CurveProps): void {
    this.#legend.setAttribute("aria-label", this.say("legend", props.unit));
    this.#legend.replaceChildren(...props.series.map((one, i) => {
      const button = h("button", { type: "button", "aria-pressed": String(!this.#hiddenSeries.has(one.id)), "data-series": i, "data-kind": one.kind }, one.name);
      button.addEventListener("click", () => {
        if (!this.#hiddenSeries.delete(one.id)) this.#hiddenSeries.add(one.id);
        button.setAttribute("aria-pressed", String(!this.#hiddenSeries.has(one.id)));
        this.redraw();
        this.#legend.querySelectorAll("button")[i]?.focus();
      });
      return button;
    }));
    if (props.incomplete_from && props.incomplete_label) this.#legend.append(h("span", { class: "shade" }, props.incomplete_label));
  }

  #option(props: CurveProps): Parameters<EChartsType["setOption"]>[0] {
    const ink = token("--curve-ink");
    const muted = token("--curve-muted");
    const grid = token("--curve-grid");
    const fontFamily = getComputedStyle(this).fontFamily;
    const incomplete = props.incomplete_from ? props.days.findIndex((day) => day >= props.incomplete_from!) : -1;
    const shade = incomplete < 0 ? undefined : {
      silent: true,
      itemStyle: { color: token("--curve-shade") },
      label: { show: false }, // the shade may be one day wide: its words stand in the legend, where there is room
      data: [[{ xAxis: incomplete }, { xAxis: props.days.length - 1 }] as [object, object]],
    };
    const today = props.today && props.days.includes(props.today) ? {
      silent: true,
      symbol: "none",
      lineStyle: { color: ink, type: "dashed" as const, width: 1 },
      label: { formatter: shortDay(props.today), color: ink, fontSize: 11, fontFamily, distance: 2 },
      data: [{ xAxis: props.days.indexOf(props.today) }],
    } : undefined;
    const bars = props.series.filter((one) => one.kind === "bar");
    return {
      animation: false,
      textStyle: { fontFamily },
      aria: { enabled: true, label: { description: this.#summary(props) }, decal: { show: true, decals: DECALS.map((decal) => ({ ...decal, color: token("--curve-decal") })) } },
      grid: { left: 4, right: 22, top: 22, bottom: 2, containLabel: true },
      xAxis: {
        type: "category",
        data: props.days.map(shortDay),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: grid } },
        axisLabel: { color: muted, fontSize: 11, fontFamily, hideOverlap: true },
      },
      yAxis: {
        type: "value",
        minInterval: 1,
        name: props.unit,
        nameTextStyle: { color: muted, fontSize: 11, fontFamily, align: "left" },
        axisLabel: { color: muted, fontSize: 11, fontFamily },
        splitLine: { lineStyle: { color: grid } },
      },
      series: props.series.map((one, i) => ({
        id: one.id,
        name: one.name,
        data: this.#hiddenSeries.has(one.id) ? [] : one.values,
        ...(one.kind === "line"
          ? { type: "line" as const, symbol: "none", smooth: 0.3, connectNulls: false, lineStyle: { width: 1.6, color: ink }, itemStyle: { color: ink }, z: 5 }
          : { type: "bar" as const, stack: "all", barCategoryGap: "8%", barMaxWidth: 28, itemStyle: { color: token(`--curve-${(i % 6) + 1}`) } }),
        ...(one === (bars[0] ?? props.series[0]) ? { markArea: shade, markLine: today } : {}),
      })),
    };
  }

  /** The chart's one-sentence description, from the props' own words, so that it is in the page's language. */
  #summary(props: CurveProps): string {
    const totals = props.series
      .filter((one) => one.kind === "bar")
      .map((one) => `${one.name} ${one.values.reduce<number>((sum, value) => sum + (value ?? 0), 0)}`);
    return `${this.say("label", props.axis)}, ${props.days[0]} – ${props.days.at(-1)}: ${totals.join(", ")} (${props.unit})`;
  }

  #key(event: KeyboardEvent): void {
    const props = this.props;
    if (!props) return;
    const last = props.days.length - 1;
    const moves: Record<string, number> = { ArrowLeft: this.#day - 1, ArrowRight: this.#day + 1, Home: 0, End: last };
    const move = moves[event.key];
    if (move !== undefined) {
      event.preventDefault();
      this.#point(this.#day < 0 && event.key === "ArrowLeft" ? last : Math.max(0, Math.min(last, move)));
    } else if (event.key === "Enter" && this.#day >= 0) {
      event.preventDefault();
      this.announceChoice("bulou:day", { day: props.days[this.#day]!, series: null });
    } else if (event.key === "Escape") {
      this.#leave();
    }
  }

  #over(event: PointerEvent): void {
    const box = this.#view.getBoundingClientRect();
    const pixel = [event.clientX - box.left, event.clientY - box.top];
    if (!this.#chart?.containPixel("grid", pixel)) return this.#leave();
    const found = this.#chart.convertFromPixel({ xAxisIndex: 0 }, pixel[0]!) as unknown;
    this.#point(Array.isArray(found) ? Number(found[0]) : Number(found));
  }

  #point(day: number): void {
    const props = this.props;
    if (!props || !this.#chart || !(day >= 0 && day < props.days.length)) return this.#leave();
    if (day === this.#day && !this.#tip.element.hidden) return;
    this.#day = day;
    const x = Number(this.#chart.convertToPixel({ xAxisIndex: 0 }, day));
    const shown = props.series.filter((one) => !this.#hiddenSeries.has(one.id));
    this.#tip.show(x, 70, h("strong", {}, props.days[day]!), ...shown.map((one) => `${one.name} ${one.values[day] ?? "–"}`));
  }

  #leave(): void {
    this.#day = -1;
    this.#tip.hide();
  }
}

customElements.define("bulou-curve", CurveElement);
