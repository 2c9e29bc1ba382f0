// Small behaviours of server-made pages: copy as a message, print, bars of a bridge, short notices, and the word that a request failed.
import { announce, h, whenPresent } from "./dom.ts";

// --- [data-copy="#id"]: the text of a target, to be pasted into a chat or a call script ---

async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // a plain-http address in a command centre's own network has no clipboard: the old way still works there
    const field = h("textarea", { class: "visually-hidden", readonly: true });
    field.value = text;
    const focused = document.activeElement;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return done;
  }
}

/** innerText, not textContent: what is seen, with its line breaks, without what is hidden. */
function textOf(target: HTMLElement): string {
  if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return target.value;
  return (target.innerText || target.textContent || "").trim();
}

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-copy]") : null;
  const target = button && document.querySelector<HTMLElement>(button.dataset["copy"]!);
  if (!button || !target) return;
  const done = await write(textOf(target));
  button.toggleAttribute("data-copy-done", done);
  setTimeout(() => button.removeAttribute("data-copy-done"), 2000);
  notice((done ? button.dataset["copied"] : button.dataset["copyFailed"]) ?? (done ? "✓" : "✗"), done ? "success" : "danger");
});

// --- [data-print]: the page on paper ---

document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
});

// --- notices ---

export function notice(text: string, tone: string): void {
  let stack = document.querySelector(".notices");
  if (!stack) stack = document.body.appendChild(h("div", { class: "notices" }));
  const line = h("div", { class: "notice", "data-tone": tone }, text);
  stack.append(line);
  announce(text);
  setTimeout(() => line.remove(), tone === "danger" ? 8000 : 4000);
}

// a view may answer with the header  HX-Trigger: {"bulou:say": {"text": "…", "tone": "success"}}
document.addEventListener("bulou:say", (event) => {
  const { text, tone } = (event as CustomEvent<{ text?: string; tone?: string }>).detail ?? {};
  if (text) notice(text, tone ?? "success");
});

for (const name of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(name, (event) => {
    const status = (event as CustomEvent<{ ctx?: { response?: { status?: number } } }>).detail?.ctx?.response?.status;
    // a 4xx answer carries its own words, which are swapped in; a 5xx or no answer at all does not
    if (status === undefined || status >= 500) notice(document.body.dataset["netError"] ?? "✗", "danger");
  });
}

// --- ol.bridge: from yesterday's figure to today's; without this script it is a plain list ---

whenPresent<HTMLElement>(".bridge", (list) => {
  const steps = [...list.querySelectorAll<HTMLElement>(":scope > li")];
  let total = 0;
  const spans = steps.map((step): [number, number] => {
    const value = step.dataset["value"];
    const from = value === undefined ? total : 0;
    total = value === undefined ? total + (Number(step.dataset["change"]) || 0) : Number(value);
    return [Math.min(from, total), Math.max(from, total)];
  });
  const most = Math.max(1, ...spans.map((span) => span[1]));
  // small changes of a large figure would be hairs: cut the common part off, but leave a tenth of it to stand on
  const changes = spans.filter((_, i) => steps[i]!.dataset["value"] === undefined);
  const least = changes.length ? Math.min(...changes.map((span) => span[0])) : 0;
  const floor = most - least < most / 2 ? least - (most - least) / 4 : 0;
  steps.forEach((step, i) => {
    const [from, to] = spans[i]!.map((n) => Math.max(0, ((n - floor) / (most - floor)) * 100)) as [number, number];
    const bar = h("i", {});
    bar.style.left = `${from}%`;
    bar.style.width = `${Math.max(0.6, to - from)}%`;
    step.append(h("span", { class: floor > 0 ? "bar cut" : "bar", "aria-hidden": "true" }, bar));
  });
});
