// <bulou-hours> around a path's days: a visit is moved or an end of it dragged, and the page offers the form with the new hours. Enters nothing.
import { h } from "./dom.ts";
import { address, gripAt, moved, spoken } from "./hoursmove.ts";
import type { Grip, Hours } from "./hoursmove.ts";

/** Units of the picture for a minute; how much of an end a mouse and a finger take hold of, in pixels. */
const MINUTE = 40 / 60;
const MOUSE = 9;
const FINGER = 18;
const GRIPS: Grip[] = ["whole", "from", "until"];

interface Bar {
  link: SVGAElement;
  rect: SVGRectElement;
  form: string;
  day: string;
  name: string;
  last: number;
  /** Hours as told, and where the bar ends when nobody said until when. */
  told: Hours;
  ends: number;
  now: Hours;
  grip: Grip;
}

class HoursElement extends HTMLElement {
  #bars = new Map<Element, Bar>();
  #drag: { bar: Bar; x: number; y: number; grip: Grip; begun: Hours; scale: number; moved: boolean } | undefined;
  #panel = h("div", { class: "hours-panel", hidden: true });
  #said = h("p", { class: "hours-said", role: "status" });
  #go = h("a", { class: "btn btn-primary" });
  #back = h("button", { type: "button", class: "btn" });
  #open: Bar | undefined;

  connectedCallback(): void {
    for (const link of this.querySelectorAll<SVGAElement>("a[data-move]")) {
      const rect = link.querySelector("rect");
      if (!rect || this.#bars.has(link)) continue;
      const of = link.dataset;
      const told = { from: Number(of["from"]), until: of["until"] ? Number(of["until"]) : null };
      this.#bars.set(link, {
        link, rect, form: of["move"]!, day: of["day"]!, name: link.getAttribute("aria-label") ?? "", last: Number(of["last"]), told, now: told,
        ends: Number(of["ends"]), grip: "whole",
      });
      link.setAttribute("aria-description", this.#say("hint"));
      link.addEventListener("pointerdown", (event) => this.#down(event, link));
      // a finger that moves a visit does not move the page: the first movement decides, and touch-action does not hold inside a drawing everywhere
      link.addEventListener("touchmove", (event) => this.#finger(event), { passive: false });
      link.addEventListener("pointermove", (event) => this.#drift(event, link));
      link.addEventListener("pointerup", (event) => this.#up(event));
      link.addEventListener("pointercancel", () => this.#cancel());
      link.addEventListener("click", (event) => this.#click(event, link));
      link.addEventListener("dragstart", (event) => event.preventDefault());
      link.addEventListener("keydown", (event) => this.#key(event, link));
    }
    if (!this.#panel.isConnected) {
      this.#go.textContent = this.#say("propose");
      this.#back.textContent = this.#say("back");
      this.#back.addEventListener("click", () => this.#putBack());
      this.#panel.append(this.#said, h("div", { class: "actions" }, this.#go, this.#back));
    }
  }

  #say(name: string): string {
    return this.dataset[name] ?? "";
  }

  // --- pointer: mouse, pen and finger ---

  #down(event: PointerEvent, link: SVGAElement): void {
    const bar = this.#bars.get(link)!;
    if (event.button !== 0 || !event.isPrimary) return;
    const box = bar.rect.getBoundingClientRect();
    const grip = gripAt(event.clientX, box.left, box.right, event.pointerType === "mouse" ? MOUSE : FINGER);
    const svg = link.ownerSVGElement!;
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    this.#drag = { bar, x: event.clientX, y: event.clientY, grip, begun: bar.now, scale, moved: false };
    link.setPointerCapture(event.pointerId);
  }

  #finger(event: TouchEvent): void {
    const [drag, at] = [this.#drag, event.touches[0]];
    if (!drag || !at) return;
    if (!drag.moved && Math.abs(at.clientY - drag.y) > Math.abs(at.clientX - drag.x)) this.#drag = undefined; // up or down: the page is moved
    else if (event.cancelable) event.preventDefault();
  }

  #drift(event: PointerEvent, link: SVGAElement): void {
    const drag = this.#drag;
    if (!drag) {
      const bar = this.#bars.get(link)!;
      const box = bar.rect.getBoundingClientRect();
      link.dataset["grip"] = gripAt(event.clientX, box.left, box.right, MOUSE);
      return;
    }
    const by = (event.clientX - drag.x) / drag.scale / MINUTE;
    if (!drag.moved && Math.abs(event.clientX - drag.x) < 4) return;
    drag.moved = true;
    this.#propose(drag.bar, this.#after(drag.bar, drag.begun, drag.grip, by), drag.grip);
  }

  #after(bar: Bar, begun: Hours, grip: Grip, by: number): Hours {
    const from = grip === "until" && begun.until === null ? { from: begun.from, until: bar.ends } : begun;
    return moved(from, grip, by, bar.last);
  }

  #up(event: PointerEvent): void {
    const drag = this.#drag;
    if (!drag) return;
    drag.bar.link.releasePointerCapture(event.pointerId);
    // the click that ends a drag does not follow the link
    setTimeout(() => (this.#drag = undefined));
    if (drag.moved) this.#tell(drag.bar);
  }

  #cancel(): void {
    const drag = this.#drag;
    this.#drag = undefined;
    if (drag) this.#propose(drag.bar, drag.begun, drag.grip);
  }

  #click(event: MouseEvent, link: SVGAElement): void {
    if (this.#drag?.moved && this.#drag.bar.link === link) event.preventDefault();
  }

  // --- keys ---

  #key(event: KeyboardEvent, link: SVGAElement): void {
    const bar = this.#bars.get(link)!;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const step = (event.shiftKey ? 30 : 5) * (event.key === "ArrowLeft" ? -1 : 1);
      this.#propose(bar, this.#after(bar, bar.now, bar.grip, step), bar.grip);
      this.#tell(bar);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const at = GRIPS.indexOf(bar.grip) + (event.key === "ArrowDown" ? 1 : -1);
      bar.grip = GRIPS[(at + GRIPS.length) % GRIPS.length]!;
      bar.link.dataset["grip"] = bar.grip;
      this.#show(bar);
      this.#tell(bar);
    } else if (event.key === "Enter" && this.#changed(bar)) {
      this.#go.click();
    } else if (event.key === "Escape" && this.#open === bar) {
      this.#putBack();
    } else return;
    event.preventDefault();
  }

  // --- what is shown ---

  #changed(bar: Bar): boolean {
    return bar.now.from !== bar.told.from || bar.now.until !== bar.told.until;
  }

  #propose(bar: Bar, hours: Hours, grip: Grip): void {
    if (this.#open && this.#open !== bar) this.#reset(this.#open);
    bar.now = hours;
    bar.grip = grip;
    this.#draw(bar);
    this.#show(bar);
  }

  #draw(bar: Bar): void {
    const ends = bar.now.until ?? bar.ends + bar.now.from - bar.told.from;
    const [x, end] = [Math.max(0, bar.now.from * MINUTE), Math.min(960, ends * MINUTE)];
    bar.rect.setAttribute("x", x.toFixed(1));
    bar.rect.setAttribute("width", Math.max(6, end - x).toFixed(1));
    bar.link.toggleAttribute("data-moved", this.#changed(bar));
  }

  #show(bar: Bar): void {
    this.#open = bar;
    const day = bar.link.closest("li");
    if (day && this.#panel.parentElement !== day) day.append(this.#panel);
    this.#panel.hidden = false;
    const changed = this.#changed(bar);
    this.#go.hidden = !changed;
    if (changed) this.#go.setAttribute("href", address(bar.form, bar.day, bar.now));
    this.#said.removeAttribute("role"); // said when a move ends, not at every step of a drag
    this.#said.textContent = this.#words(bar);
  }

  #tell(bar: Bar): void {
    this.#said.setAttribute("role", "status");
    this.#said.textContent = "";
    requestAnimationFrame(() => (this.#said.textContent = this.#words(bar)));
  }

  #words(bar: Bar): string {
    const say = ({ from, until }: Hours) => `${spoken(bar.day, from)}–${until === null ? "?" : spoken(bar.day, until)}`;
    const arrow = this.#changed(bar) ? ` → ${say(bar.now)}` : "";
    return `${bar.name.replace(/^\S+\s/, "")}: ${say(bar.told)}${arrow} · ${this.#say(bar.grip)}`;
  }

  #reset(bar: Bar): void {
    bar.now = bar.told;
    bar.grip = "whole";
    this.#draw(bar);
  }

  #putBack(): void {
    const bar = this.#open;
    if (!bar) return;
    this.#reset(bar);
    this.#panel.hidden = true;
    this.#open = undefined;
    bar.link.focus();
  }
}

customElements.define("bulou-hours", HoursElement);
