// The page's own script: htmx, Tabler's menus, drawers and dialogs, keyboard, live state; and islands, fetched only where a page has one.
import "./htmx-start.ts";
import "htmx.org";
import "@tabler/core/js/src/bootstrap/dropdown";
import "@tabler/core/js/src/bootstrap/modal";
import "@tabler/core/js/src/bootstrap/offcanvas";
import "./keys.ts";
import "./live.ts";
import "./page.ts";
import "./hold.ts";
import { whenPresent } from "./dom.ts";

const islands: Record<string, () => Promise<unknown>> = {
  "bulou-map": () => import("./map/map.ts"),
  "bulou-curve": () => import("./curve.ts"),
  "bulou-clock": () => import("./clock.ts"),
  "bulou-pass": () => import("./pass.ts"),
  "bulou-chain": () => import("./chain.ts"),
  "bulou-hours": () => import("./hours.ts"),
};

for (const [tag, load] of Object.entries(islands)) {
  whenPresent<HTMLElement>(tag, (element) => {
    load().catch((error: unknown) => {
      console.error(`<${tag}>`, error);
      element.setAttribute("state", "error");
      element.append(element.dataset["error"] ?? "!");
    });
  });
}

