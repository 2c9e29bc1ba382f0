// Light, dark or as the system says: set before the first paint, so it is a plain script in <head> with no imports. Wires the buttons by delegation.
(() => {
  const STORED = "bulou-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  function read(): string {
    try {
      const stored = localStorage.getItem(STORED);
      return stored === "light" || stored === "dark" ? stored : "auto";
    } catch {
      return "auto"; // storage may be forbidden: the choice then lasts for one page
    }
  }

  function apply(choice: string): void {
    root.dataset["bsTheme"] = choice === "auto" ? (system.matches ? "dark" : "light") : choice;
    root.dataset["themeChoice"] = choice;
    for (const button of document.querySelectorAll("[data-theme-set]")) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-theme-set") === choice));
    }
  }

  apply(read());
  document.addEventListener("DOMContentLoaded", () => apply(root.dataset["themeChoice"] ?? read()));
  system.addEventListener("change", () => apply(root.dataset["themeChoice"] ?? "auto"));
  window.addEventListener("storage", (event) => event.key === STORED && apply(read()));
  // paper is light, whatever the screen is
  window.addEventListener("beforeprint", () => (root.dataset["bsTheme"] = "light"));
  window.addEventListener("afterprint", () => apply(root.dataset["themeChoice"] ?? "auto"));
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-theme-set], [data-theme-toggle]") : null;
    if (!button) return;
    const choice = button.getAttribute("data-theme-set") ?? (root.dataset["bsTheme"] === "dark" ? "light" : "dark");
    try {
      localStorage.setItem(STORED, choice);
    } catch {
      // as above
    }
    apply(choice);
  });
})();
