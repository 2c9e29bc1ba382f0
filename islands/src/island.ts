// What every island shares: props from a JSON child, four states, redraw when the props or the theme change, a tip, and a table of the numbers.
// An island never fetches: what it shows is what the page was given.
import { h } from "./dom.ts";

export interface TableCell {
  text: string | number;
  href?: string | undefined;
  press?: (() => void) | undefined;
}

export interface NumberTable {
  head: string[];
  rows: (string | number | null | TableCell)[][];
}

const themed = new Set<() => void>();
new MutationObserver(() => themed.forEach((tell) => tell())).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });

export abstract class Island<P> extends HTMLElement {
  static readonly observedAttributes = ["rev"];

  protected readonly body = h("div", { class: "island-body" });
  protected props: P | undefined;
  readonly #says = h("p", { class: "island-says", role: "status" });
  readonly #details = h("details", { class: "island-table" });
  readonly #onJson = new MutationObserver(() => this.#read());
  readonly #onSize = new ResizeObserver(() => this.props !== undefined && this.resized());
  readonly #onTheme = () => this.props !== undefined && this.redraw();
  #json: string | undefined;
  #turn = 0;

  protected abstract isEmpty(props: P): boolean;
  /** Fills `body`, which is empty at the first call and keeps its content afterwards. */
  protected abstract draw(props: P): void | Promise<void>;
  protected abstract numbers(props: P): NumberTable | undefined;
  protected resized(): void {}
  /** Frees what `draw` made; `body` is emptied afterwards. */
  protected erase(): void {}

  connectedCallback(): void {
    this.append(this.#says, this.body, this.#details);
    this.#onSize.observe(this.body);
    themed.add(this.#onTheme);
    this.#json = undefined;
    this.#read();
  }

  disconnectedCallback(): void {
    this.#onJson.disconnect();
    this.#onSize.disconnect();
    themed.delete(this.#onTheme);
    this.#clear();
  }

  attributeChangedCallback(): void {
    if (!this.isConnected || this.#json === undefined) return;
    this.#json = undefined;
    this.#read();
  }

  /** A text of the page (`data-<name>`), so that every word is translated where the page is. */
  protected say(name: string, otherwise: string): string {
    return this.dataset[name] ?? otherwise;
  }

  protected announceChoice<D>(name: string, detail: D): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }));
  }

  protected redraw(): void {
    if (this.props !== undefined) void this.#show(this.props);
  }

  #read(): void {
    const script = this.querySelector<HTMLScriptElement>(':scope > script[type="application/json"]');
    this.#onJson.disconnect();
    this.#onJson.observe(this, { childList: true });
    if (script) this.#onJson.observe(script, { childList: true, characterData: true, subtree: true });
    const json = script?.textContent ?? "";
    if (json === this.#json && this.body.isConnected) return;
    this.#json = json;
    if (!this.body.isConnected) this.append(this.#says, this.body, this.#details); // the whole inside was swapped
    if (!json.trim()) return this.#rest("loading", this.say("loading", "…"));
    let props: P;
    try {
      props = JSON.parse(json) as P;
      if (props === null || typeof props !== "object") throw new TypeError("props are not a JSON object");
    } catch (error) {
      return this.#fail(error);
    }
    void this.#show(props);
  }

  async #show(props: P): Promise<void> {
    const turn = ++this.#turn;
    try {
      if (this.isEmpty(props)) return this.#rest("empty", this.say("empty", "—"));
      this.props = props;
      this.#tabulate(this.numbers(props));
      if (this.getAttribute("state") !== "ready") this.#state("loading", this.say("loading", "…"));
      await this.draw(props);
      if (turn === this.#turn) this.#state("ready", "");
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    console.error(`<${this.localName}>`, error);
    this.#rest("error", this.say("error", "!"));
  }

  #rest(state: string, text: string): void {
    this.#turn++;
    this.#clear();
    this.#state(state, text);
  }

  #clear(): void {
    this.erase();
    this.props = undefined;
    this.body.replaceChildren();
    this.#details.replaceChildren();
  }

  #state(state: string, text: string): void {
    this.setAttribute("state", state);
    this.#says.textContent = text;
  }

  #tabulate(table: NumberTable | undefined): void {
    const open = this.#details.open;
    if (!table) return this.#details.replaceChildren();
    const cell = (value: NumberTable["rows"][number][number]) => {
      if (value === null) return "–";
      if (typeof value !== "object") return String(value);
      if (value.href) return h("a", { href: value.href }, value.text);
      if (!value.press) return String(value.text);
      const button = h("button", { type: "button", class: "btn btn-link p-0" }, value.text);
      button.addEventListener("click", value.press);
      return button;
    };
    const label = this.say("label", "");
    this.#details.replaceChildren(
      h("summary", {}, this.say("table", "Table")),
      h("div", { class: "table-responsive", tabindex: 0, role: "group", "aria-label": label || this.say("table", "Table") },
        h("table", { class: "table table-sm slim" },
          label && h("caption", { class: "visually-hidden" }, label),
          h("thead", {}, h("tr", {}, ...table.head.map((text) => h("th", { scope: "col" }, text)))),
          h("tbody", {}, ...table.rows.map((row) => h("tr", {}, ...row.map((value, i) => (i ? h("td", {}, cell(value)) : h("th", { scope: "row" }, cell(value)))))))),
      ),
    );
    this.#details.open = open;
  }
}

/** A short text beside the pointer or the keyboard's place; also said aloud, because it is a live region. */
export class Tip {
  readonly element = h("div", { class: "island-tip", role: "status", hidden: true });

  show(x: number, y: number, ...lines: (string | Node)[]): void {
    this.element.replaceChildren(...lines.map((line) => h("div", {}, line)));
    this.element.hidden = false;
    const host = this.element.parentElement!;
    const [width, height] = [this.element.offsetWidth, this.element.offsetHeight];
    this.element.style.left = `${Math.max(2, Math.min(x + 12, host.clientWidth - width - 2))}px`;
    this.element.style.top = `${y - height - 10 > 0 ? y - height - 10 : y + 14}px`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}
