// Small makers of elements. They never write a style attribute: the pages' CSP forbids it.

type Child = Node | string | number | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined>;

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(typeof child === "number" ? String(child) : child);
  }
  return element;
}

export function h<T extends keyof HTMLElementTagNameMap>(tag: T, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[T] {
  return fill(document.createElement(tag), attributes, children);
}

export function s<T extends keyof SVGElementTagNameMap>(tag: T, attributes: Attributes = {}, ...children: Child[]): SVGElementTagNameMap[T] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** A value of a CSS custom property as the page's theme has it now: the style sheet is the one place that names colours. */
export function token(name: string, of: Element = document.documentElement): string {
  return getComputedStyle(of).getPropertyValue(name).trim();
}

/** Runs `meet` for every element that matches, now and whenever one is added (htmx, scripts). Each element is met once. */
export function whenPresent<E extends Element>(selector: string, meet: (element: E) => void): void {
  const met = new WeakSet<Element>();
  const look = (root: ParentNode) => {
    for (const element of root.querySelectorAll<E>(selector)) {
      if (met.has(element)) continue;
      met.add(element);
      meet(element);
    }
  };
  new MutationObserver((records) => {
    if (records.some((record) => record.addedNodes.length)) look(document);
  }).observe(document, { childList: true, subtree: true });
  look(document);
}

/** Whether a key press belongs to a field that is being typed in. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return true;
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

let voice: HTMLElement | undefined;

/** Says a short text to screen readers. Emptied first, so that the same words twice are said twice. */
export function announce(text: string): void {
  voice ??= document.body.appendChild(h("div", { class: "visually-hidden", "aria-live": "polite", role: "status" }));
  voice.textContent = "";
  setTimeout(() => voice && (voice.textContent = text), 50);
}
