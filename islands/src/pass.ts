// <bulou-pass>: reads signed passes at a door, without a network once the page is open. Keeps nothing: what was read is gone with the next one.
import { h } from "./dom.ts";
import { checkOf, verdict } from "./signed.ts";
import type { Door, Published } from "./signed.ts";

interface PassProps extends Published {
  url: string;
  zone: string;
  doors: Door[];
}

/** Where the browser has one: Chrome on Android. Elsewhere the code is read by the phone's own camera and pasted. */
interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
declare global {
  interface Window {
    BarcodeDetector?: new (options: { formats: string[] }) => Detector;
  }
}

/** How often keys and withdrawn numbers are fetched while there is a network. */
const FRESH = 60_000;

class PassElement extends HTMLElement {
  #known!: PassProps;
  /** The centre's hour less the phone's, in milliseconds: a phone whose clock is wrong still judges by the centre's. */
  #ahead = 0;
  #stop: (() => void) | undefined;
  #timer = 0;

  connectedCallback(): void {
    const json = this.querySelector('script[type="application/json"]')?.textContent;
    if (!json || this.#known) return;
    this.#know(JSON.parse(json) as PassProps);
    this.#find("text").addEventListener("input", () => this.#say());
    this.#find("check").addEventListener("click", () => void this.#check());
    this.#find("word").addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), void this.#check()));
    for (const one of this.querySelectorAll<HTMLButtonElement>("[data-pass='check']")) one.disabled = false;
    const camera = this.#find<HTMLButtonElement>("camera");
    if (window.BarcodeDetector && navigator.mediaDevices) {
      camera.hidden = false;
      camera.addEventListener("click", () => void (this.#stop ? this.#stop() : this.#look()));
    }
    this.#timer = window.setInterval(() => void this.#fetch(), FRESH);
    window.addEventListener("online", this.#onLine);
    this.setAttribute("state", "ready");
  }

  disconnectedCallback(): void {
    window.clearInterval(this.#timer);
    window.removeEventListener("online", this.#onLine);
    this.#stop?.();
  }

  readonly #onLine = () => void this.#fetch();

  #find<E extends HTMLElement = HTMLInputElement>(name: string): E {
    return this.querySelector<E>(`[data-pass='${name}']`)!;
  }

  #know(told: PassProps): void {
    this.#known = told;
    this.#ahead = told.now / 1000 - Date.now();
    this.#find("known").textContent = this.#hour(told.now);
  }

  #hour(at: number): string {
    const zone = { timeZone: this.#known.zone, hour12: false } as const;
    return new Intl.DateTimeFormat("sv-SE", { ...zone, dateStyle: "short", timeStyle: "short" }).format(new Date(at / 1000));
  }

  async #fetch(): Promise<void> {
    try {
      const answer = await fetch(this.#known.url, { cache: "no-store", credentials: "omit" });
      if (answer.ok) this.#know({ ...this.#known, ...((await answer.json()) as Published) });
    } catch {
      // no network: what is known stays, and its hour stands beneath
    }
  }

  #say(state?: string, ...lines: string[]): void {
    const tone = state === "good" ? "success" : state === "ask" ? "info" : "warning";
    const [first, ...rest] = lines;
    this.#find("answer").replaceChildren(...(state ? [h("div", { class: `alert alert-${tone}`, "data-pass-state": state }, h("div", {}, h("p", { class: "h2" }, first), ...rest.map((line) => h("p", {}, line))))] : []));
  }

  #word(name: string, until?: number): string {
    return (this.dataset[name] ?? name).replace("{until}", until === undefined ? "" : this.#hour(until));
  }

  async #check(): Promise<void> {
    const [text, said] = [this.#find("text").value, this.#find("word").value.trim()];
    const door = this.#known.doors[Number(this.#find<HTMLSelectElement>("door").value) || 0];
    if (!globalThis.crypto?.subtle) return this.#say("unable", this.#word("unable"), this.#word("otherwise"));
    const { state, pass } = await verdict(text, this.#known, (Date.now() + this.#ahead) * 1000, door);
    if (state !== "good" || !pass) return this.#say(state, this.#word(state), this.#word("otherwise"));
    if (!said) return this.#say("ask", this.#word("ask"), this.#word("askHint"));
    if ((await checkOf(this.#known.form, pass.number, said)) !== pass.check) return this.#say("others", this.#word("others"), this.#word("otherwise"));
    this.#say("good", this.#word("good"), this.#word("until", pass.ends));
  }

  async #look(): Promise<void> {
    const video = this.#find<HTMLVideoElement>("video");
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      return this.#say("camera", this.#word("camera"));
    }
    const detector = new window.BarcodeDetector!({ formats: ["qr_code"] });
    let on = true;
    this.#stop = () => {
      on = false;
      video.hidden = true;
      stream.getTracks().forEach((track) => track.stop());
      this.#stop = undefined;
    };
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const look = async (): Promise<void> => {
      if (!on) return;
      const [found] = await detector.detect(video).catch(() => []);
      if (!found) return void requestAnimationFrame(() => void look());
      this.#stop?.();
      this.#find("text").value = found.rawValue;
      this.#find("word").focus();
      await this.#check();
    };
    await look();
  }
}

customElements.define("bulou-pass", PassElement);
