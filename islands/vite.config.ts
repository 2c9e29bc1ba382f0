// Builds everything a browser loads into Django's static folder, under names that never change: Django hashes them when it collects them.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import type { Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const out = here("../src/bulou/web/static/bulou");

/** Vite's own list knows bundled scripts that bring a licence file; style sheets, fonts and the rest are named here, as their licences ask. */
function otherLicences(): Plugin {
  const packages = ["@tabler/core", "@fontsource-variable/noto-sans-sc", "maplibre-gl", "delaunator", "robust-predicates"];
  const withoutFile: Record<string, string> = {
    "@tabler/core": "Copyright 2018-2026 The Tabler Authors, 2018-2026 codecalm.net Paweł Kuna. MIT licence: its text stands above, at @popperjs/core.\n",
  };
  return {
    name: "other-licences",
    closeBundle() {
      for (const name of packages) {
        const { version, license } = JSON.parse(readFileSync(here(`node_modules/${name}/package.json`), "utf8"));
        const file = ["LICENSE", "LICENSE.txt"].map((one) => here(`node_modules/${name}/${one}`)).find(existsSync);
        const text = file ? readFileSync(file, "utf8") : withoutFile[name];
        if (!text) throw new Error(`${name} has no licence file any more: write its notice into vite.config.ts`);
        appendFileSync(`${out}/licences.md`, `\n## ${name} - ${version} (${license})\n\n${text}`);
      }
    },
  };
}

/** Django serves an entry under a hashed name and parts under their own: a part that imported an entry would run it a second time. */
function noPartNeedsAnEntry(): Plugin {
  return {
    name: "no-part-needs-an-entry",
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const entries = new Set(chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName));
      for (const chunk of chunks) {
        const wrong = chunk.imports.find((name) => entries.has(name));
        if (wrong) this.error(`${chunk.fileName} imports the entry ${wrong}: move what they share into a group of codeSplitting`);
      }
    },
  };
}

export default defineConfig({
  // relative addresses inside the files: they work under any STATIC_URL
  base: "./",
  publicDir: "public",
  plugins: [noPartNeedsAnEntry(), otherLicences()],
  build: {
    outDir: out,
    emptyOutDir: true,
    // about two and a half years back: counties do not have the newest browsers
    target: "baseline-widely-available",
    license: { fileName: "licences.md" },
    chunkSizeWarningLimit: 1200,
    // only SVG may become data: (the CSP allows that for images, not for fonts)
    assetsInlineLimit: (file) => file.endsWith(".svg"),
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { bulou: here("src/bulou.ts"), theme: here("src/theme.ts"), style: here("src/css/bulou.css") },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "parts/[name].js",
        codeSplitting: {
          groups: [
            { name: "shared", test: /src\/(dom|island)\.ts$|preload-helper/, priority: 2 },
            { name: "page", test: /src\/(start|htmx-start|keys|live|feed|page)\.ts$|htmx\.org|@tabler|@popperjs/, priority: 1 },
          ],
        },
        assetFileNames: (asset) => {
          const name = asset.names[0] ?? "";
          if (/\.(woff2?|ttf)$/.test(name)) return "fonts/[name][extname]";
          return name === "style.css" ? "bulou.css" : "parts/[name][extname]";
        },
      },
    },
  },
  worker: { format: "es", rolldownOptions: { output: { entryFileNames: "parts/[name].js" } } },
});
