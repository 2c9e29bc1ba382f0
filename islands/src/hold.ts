// form[data-hold]: what was written where there is no network stays in the form, is sent as soon as there is one, and says so. It is kept in this
// page's memory alone: nothing of a person is stored on the device, so the page has to stay open, and asks before it is closed.
import { announce, h, whenPresent } from "./dom.ts";

/** How often it is tried again, beside the moment in which the browser says that it is online. */
const AGAIN = 5_000;

class Held {
  readonly #form: HTMLFormElement;
  readonly #says: HTMLElement;
  #since: Date | undefined;
  #timer = 0;
  #trying = false;
  #done = false;

  constructor(form: HTMLFormElement) {
    this.#form = form;
    this.#says = h("div", { class: "alert alert-warning", role: "status", hidden: true });
    form.prepend(this.#says);
    form.addEventListener("submit", this.#onSubmit);
    window.addEventListener("online", () => this.#since && void this.#try());
    window.addEventListener("beforeunload", (event) => this.#since && !this.#done && event.preventDefault());
  }

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault();
    this.#since ??= new Date();
    void this.#try();
  };

  #say(name: string): void {
    const since = this.#since ?? new Date();
    const at = `${String(since.getHours()).padStart(2, "0")}:${String(since.getMinutes()).padStart(2, "0")}`;
    const text = (this.#form.dataset[name] ?? "…").replace("{at}", at);
    if (this.#says.textContent !== text) announce(text);
    this.#says.textContent = text;
    this.#says.hidden = false;
  }

  /** Asks for the form's own page first: what the browser sends by itself and cannot, would be lost with the page. */
  async #try(): Promise<void> {
    if (this.#trying || this.#done) return;
    this.#trying = true;
    window.clearTimeout(this.#timer);
    try {
      const answer = await fetch(this.#form.dataset["holdAsk"] || location.href, { cache: "no-store", redirect: "manual" });
      if (answer.ok) return this.#send(undefined);
      if (answer.type === "opaqueredirect") return this.#wait("holdSigned");
      if (answer.status === 404 && this.#form.dataset["holdLeft"]) return this.#send(this.#form.dataset["holdLeft"]);
      this.#wait("holdWaits");
    } catch {
      this.#wait("holdWaits");
    } finally {
      this.#trying = false;
    }
  }

  #wait(why: string): void {
    this.#say(why);
    this.#form.setAttribute("data-waits", "");
    this.#timer = window.setTimeout(() => void this.#try(), AGAIN);
  }

  #send(elsewhere: string | undefined): void {
    this.#done = true;
    const put = (name: string, value: number) => this.#form.append(h("input", { type: "hidden", name, value: String(value) }));
    put("held_at", this.#since!.getTime());
    put("sent_at", Date.now());
    if (elsewhere) this.#form.action = elsewhere;
    this.#form.submit();
  }
}

whenPresent<HTMLFormElement>("form[data-hold]", (form) => void new Held(form));
