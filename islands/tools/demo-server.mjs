// Serves demo.html over the built files under the strict policy that the real pages have, with a live stream and an htmx fragment.
// `npm run demo`, then http://127.0.0.1:8377/?lang=zh (or en), with &renderer=webgl to insist on it. Never part of a package.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { clockProps, curveProps, mapProps } from "./demo-data.mjs";

const BUILT = new URL("../../src/bulou/web/static/bulou/", import.meta.url);
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".md": "text/plain; charset=utf-8" };
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'";
const port = Number(process.argv[2] ?? 8377);
let seq = 123;

const json = (value) => JSON.stringify(value).replaceAll("<", "\\u003c");

async function page(lang, renderer) {
  const source = await readFile(new URL("../demo.html", import.meta.url), "utf8");
  const data = { map: json(mapProps(lang)), many: json(mapProps(lang, true)), curve: json(curveProps(lang)), clock: json(clockProps(lang)), lang: lang === "zh" ? "zh-Hans" : "en", renderer };
  return source
    .replace(/\[\[([^|\]]*)\|([^\]]*)\]\]/g, (_, zh, en) => (lang === "zh" ? zh : en))
    .replace(/\{\{(\w+)\}\}/g, (_, name) => data[name] ?? "");
}

async function answer(request, response) {
  const url = new URL(request.url, "http://demo");
  const lang = url.searchParams.get("lang") === "en" ? "en" : "zh";
  response.setHeader("Content-Security-Policy", CSP);
  if (url.pathname === "/live") {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write(`data: ${seq}\n\n`);
    const timer = setInterval(() => response.write(`data: ${++seq}\n\n`), 4000);
    return request.on("close", () => clearInterval(timer));
  }
  if (url.pathname === "/fragment") {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    return response.end(lang === "zh" ? `已读到第 <b>${seq}</b> 条` : `read up to entry <b>${seq}</b>`);
  }
  if (url.pathname === "/broken") return response.writeHead(503).end("down");
  if (url.pathname.startsWith("/static/bulou/")) {
    const file = new URL(url.pathname.slice("/static/bulou/".length), BUILT);
    if (!fileURLToPath(file).startsWith(fileURLToPath(BUILT))) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": TYPES[extname(file.pathname)] ?? "application/octet-stream" });
    return response.end(await readFile(file));
  }
  if (url.pathname !== "/") return response.writeHead(404).end();
  response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
  response.end(await page(lang, url.searchParams.get("renderer") === "webgl" ? "webgl" : "auto"));
}

createServer((request, response) => {
  answer(request, response).catch(() => response.headersSent || response.writeHead(404).end());
}).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/`));
