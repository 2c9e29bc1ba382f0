// <bulou-clock>: the first day's ring. One arc per step from hour 0 to its due hour, a hand at now, and the steps as links beneath.
import { DIAL, angle, arc, at, rings, sinceStart } from "./arcs.ts";
import { h, s } from "./dom.ts";
import { Island } from "./island.ts";
import type { NumberTable } from "./island.ts";

type StepState = "done" | "late" | "due" | "overdue" | "upcoming";

interface Step {
  id: string;
  name: string;
  due_h: number;
  done_h: number | null;
  state: StepState;
  href?: string;
}

interface ClockProps {
  started: string;
  now: string;
  hours: number;
  label: string;
  steps: Step[];
}

const OUTER = 88;
const INNER = 42;
const hoursText = (hours: number) => `${Math.round(hours * 10) / 10}h`;

class ClockElement extends Island<ClockProps> {
  protected override isEmpty(props: ClockProps): boolean {
    return !props.steps?.length;
  }

  protected override draw(props: ClockProps): void {
    this.body.replaceChildren(this.#dial(props), this.#steps(props));
  }

  protected override numbers(props: ClockProps): NumberTable {
    return {
      head: [this.say("headStep", "step"), this.say("headDue", "due"), this.say("headDone", "done"), this.say("headState", "state")],
      rows: props.steps.map((one) => [
        { text: one.name, href: one.href }, `T+${hoursText(one.due_h)}`, one.done_h === null ? null : `T+${hoursText(one.done_h)}`, this.#word(one.state),
      ]),
    };
  }

  #word(state: StepState): string {
    return this.say(`state${state[0]!.toUpperCase()}${state.slice(1)}`, state);
  }

  #dial({ hours, label, steps }: ClockProps): SVGElement {
    const made = rings(steps.length, OUTER, INNER);
    const ticks = Array.from({ length: DIAL }, (_, hour) => {
      const [x1, y1] = at(hour % 6 ? 102 : 99, angle(hour));
      const [x2, y2] = at(106, angle(hour));
      return s("line", { x1, y1, x2, y2, class: hour % 6 ? "tick" : "tick main" });
    });
    const figures = [DIAL, 6, 12, 18].map((hour) => {
      const [x, y] = at(hour % 12 ? 116 : 114, angle(hour));
      return s("text", { x, y, class: "hour" }, hour);
    });
    const arcs = steps.flatMap((step, i) => {
      const { radius, width } = made[i]!;
      const drawn = s("path", { d: arc(radius, Math.min(step.due_h, DIAL)), "stroke-width": width, class: "arc", "data-state": step.state },
        s("title", {}, `${step.name} T+${hoursText(step.due_h)} ${this.#word(step.state)}`));
      const [x, y] = at(radius, angle(step.done_h ?? 0));
      const mark = step.done_h !== null && step.done_h <= DIAL && s("circle", { cx: x, cy: y, r: Math.min(2.2, width * 0.4), class: "done-at" });
      return mark ? [drawn, mark] : [drawn];
    });
    const [hx, hy] = at(INNER - 8, angle(hours));
    const [tx, ty] = at(110, angle(hours));
    const day = Math.floor(hours / DIAL) + 1;
    return s("svg", { viewBox: "-126 -124 252 248", class: "clock-dial", role: "img", "aria-label": `${label} ${sinceStart(hours)}` },
      ...made.map(({ radius, width }) => s("circle", { r: radius, "stroke-width": width, class: "track" })),
      ...ticks, ...figures, ...arcs,
      s("line", { x1: hx, y1: hy, x2: tx, y2: ty, class: "hand" }),
      s("text", { y: day > 1 ? -3 : 1, class: "since" }, sinceStart(hours)),
      s("text", { y: day > 1 ? 11 : 15, class: "label" }, label),
      day > 1 && s("text", { y: 22, class: "label" }, this.say("day", "day {n}").replace("{n}", String(day))),
    );
  }

  #steps({ steps }: ClockProps): HTMLElement {
    return h("ul", { class: "clock-steps" }, ...steps.map((step) => {
      const inside = [`${step.name} ${hoursText(step.due_h)}`, h("span", { class: "visually-hidden" }, ` ${this.#word(step.state)}`)];
      const attributes = { class: "st", "data-state": step.state === "late" ? "done_late" : step.state, title: this.#word(step.state) };
      return h("li", {}, step.href ? h("a", { ...attributes, href: step.href }, ...inside) : h("span", attributes, ...inside));
    }));
  }
}

customElements.define("bulou-clock", ClockElement);
