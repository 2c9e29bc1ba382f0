// Settings that htmx reads once, while it is being imported: so this module must be imported before it.
// No style is injected (our sheet has the three rules), a server's 5xx page is never put into the board, and going back reloads the page.
let meta = document.querySelector<HTMLMetaElement>('meta[name="htmx-config"]');
if (!meta) {
  meta = document.createElement("meta");
  meta.name = "htmx-config";
  document.head.append(meta);
}
const own = meta.content;
meta.content = JSON.stringify({
  includeIndicatorCSS: false,
  history: "reload",
  noSwap: [204, 304, "5xx"],
  defaultTimeout: 20000,
  ...(own ? JSON.parse(own) : {}),
});

export {};
