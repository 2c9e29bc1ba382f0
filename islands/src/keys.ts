// Keyboard: whatever carries data-key can be reached by it ("/", "g b"); "?" lists them; j, k and Enter walk the rows of table[data-rows].
// Single-letter keys can be switched off in that list (WCAG 2.1.4): dictation software types them by accident.
import { h, isTyping } from "./dom.ts";

const STORED = "bulou-keys";
const PATIENCE = 1200;

let typed = "";
let typedAt = 0;
let off = false;
try {
  off = localStorage.getItem(STORED) === "off";
} catch {
  // no storage: keys stay on
}

const visible = (element: Element) => element.getClientRects().length > 0;

function keyed(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-key]")];
}

function use(element: HTMLElement): void {
  if (element.matches("input, select, textarea")) {
    element.focus();
    if (element instanceof HTMLInputElement) element.select();
  } else {
    element.click();
  }
}

/** Takes one more key; true when it was part of a shortcut. */
function take(key: string): boolean {
  const now = Date.now();
  typed = now - typedAt < PATIENCE && typed ? `${typed} ${key}` : key;
  typedAt = now;
  for (const sequence of [typed, key]) {
    const targets = keyed().filter((element) => element.dataset["key"] === sequence);
    // the same place may be linked in the sidebar and in the phone's bar: take the one that is shown
    const target = targets.find(visible) ?? targets[0];
    if (target) {
      typed = "";
      use(target);
      return true;
    }
    if (keyed().some((element) => element.dataset["key"]!.startsWith(`${sequence} `))) {
      typed = sequence;
      return true;
    }
  }
  typed = "";
  return false;
}

function rowsOf(table: HTMLTableElement): HTMLTableRowElement[] {
  return [...table.tBodies].flatMap((body) => [...body.rows]).filter(visible);
}

function walk(step: number): boolean {
  const here = document.activeElement?.closest<HTMLTableElement>("table[data-rows]");
  const table = here ?? [...document.querySelectorAll<HTMLTableElement>("table[data-rows]")].find(visible);
  if (!table) return false;
  const rows = rowsOf(table);
  const now = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[now < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, now + step))];
  if (!next) return false;
  next.tabIndex = -1;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function enter(): boolean {
  const row = document.activeElement;
  if (!(row instanceof HTMLTableRowElement) || !row.closest("table[data-rows]")) return false;
  const target = row.querySelector<HTMLElement>("a[href], button");
  target?.click();
  return Boolean(target);
}

let dialog: HTMLDialogElement | undefined;

function help(): void {
  const words = document.body.dataset;
  dialog?.remove();
  const seen = new Set<string>();
  const lines = keyed().flatMap((element) => {
    const key = element.dataset["key"]!;
    const label = element.dataset["keyLabel"] ?? element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
    if (seen.has(key)) return [];
    seen.add(key);
    return [line(key, label)];
  });
  const rows = document.querySelector<HTMLElement>("table[data-rows]");
  if (rows) lines.push(line("j k ⏎", words["keysRows"] ?? "rows"));
  lines.push(line("?", words["keysTitle"] ?? "Keyboard"));
  const toggle = h("input", { type: "checkbox", class: "form-check-input", checked: !off });
  toggle.addEventListener("change", () => {
    off = !toggle.checked;
    try {
      localStorage.setItem(STORED, off ? "off" : "on");
    } catch {
      // lasts for this page
    }
  });
  const close = h("button", { type: "button", class: "btn btn-primary" }, words["keysClose"] ?? "Close");
  dialog = h("dialog", { class: "keys card", "aria-labelledby": "keys-title" },
    h("h2", { id: "keys-title", class: "card-title" }, words["keysTitle"] ?? "Keyboard"),
    h("dl", {}, ...lines.flat()),
    h("label", { class: "form-check" }, toggle, h("span", { class: "form-check-label" }, words["keysToggle"] ?? "Single-key shortcuts")),
    close,
  );
  close.addEventListener("click", () => dialog?.close());
  document.body.append(dialog);
  dialog.showModal();
}

function line(key: string, label: string): HTMLElement[] {
  return [h("dt", {}, ...key.split(" ").map((one) => h("kbd", {}, one))), h("dd", {}, label)];
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || isTyping(event) || document.querySelector("dialog[open], .modal.show")) return;
  if (event.key === "Enter") {
    if (enter()) event.preventDefault();
    return;
  }
  if (off || event.key.length !== 1) return;
  const used = event.key === "?" ? (help(), true) : take(event.key) || (event.key === "j" ? walk(1) : event.key === "k" ? walk(-1) : false);
  if (used) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-keys-open]")) help();
});
