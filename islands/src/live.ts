// <bulou-live href seq>: keeps a page at the ledger's newest entry. Tells `bulou:entry` to the body when the number grows; shows whether it can.
import { Feed } from "./feed.ts";
import type { FeedState } from "./feed.ts";
import { h } from "./dom.ts";

/** A browser allows six connections to one host: pages nobody looks at give theirs back. */
const HIDDEN_FOR = 60_000;

class LiveElement extends HTMLElement {
  #feed: Feed | undefined;
  #text = h("span", { class: "live-text" });
  #hidden: ReturnType<typeof setTimeout> | undefined;
  readonly #onVisibility = () => this.#visibility();
  readonly #onLeave = () => this.#feed?.stop();

  connectedCallback(): void {
    this.setAttribute("role", "status");
    this.replaceChildren(h("span", { class: "live-dot", "aria-hidden": "true" }), this.#text);
    const href = this.getAttribute("href");
    if (!href) return this.#state("stopped");
    this.#feed = new Feed({
      seq: Number(this.getAttribute("seq") ?? 0) || 0,
      open: () => new EventSource(href),
      onEntry: (seq) => {
        this.setAttribute("seq", String(seq));
        document.body.dispatchEvent(new CustomEvent("bulou:entry", { detail: { seq }, bubbles: true }));
      },
      onState: (state) => this.#state(state),
    });
    document.addEventListener("visibilitychange", this.#onVisibility);
    window.addEventListener("pagehide", this.#onLeave);
    window.addEventListener("pageshow", this.#onVisibility);
    this.#state("reconnecting");
    this.#visibility();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    window.removeEventListener("pagehide", this.#onLeave);
    window.removeEventListener("pageshow", this.#onVisibility);
    clearTimeout(this.#hidden);
    this.#feed?.stop();
  }

  #visibility(): void {
    clearTimeout(this.#hidden);
    if (document.visibilityState === "visible") this.#feed?.start();
    else this.#hidden = setTimeout(() => this.#feed?.stop(), HIDDEN_FOR);
  }

  #state(state: FeedState): void {
    if (this.getAttribute("state") === state) return;
    this.setAttribute("state", state);
    this.#text.textContent = this.dataset[state] ?? state;
  }
}

customElements.define("bulou-live", LiveElement);
