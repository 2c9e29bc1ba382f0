// Makes public/icons.svg, the one icon sprite, out of Tabler's outline icons. Run by hand (`npm run icons`) when NAMES changes; the sprite is
// committed, because the icon package has 11,000 files and a build that needs eighty of them should not unpack it.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKAGE = "@tabler/icons@3.51.0";
const SHA512 = "0pinvPZz7YeX+OSfxuEAbnEPWbocVXW5iU8h5lh41pYG8sZuQfpWECC980lxOT0clGIcNGn8xsBr+zKaRGdA/g==";
const NAMES = `
  address-book alert-triangle arrow-back-up arrow-left arrow-right bell brightness building-hospital calendar check
  chevron-down chevron-right clipboard-check clock copy dots download external-link eye file-text filter flask
  git-fork help history home info-circle keyboard language list-check lock logout map-pin menu-2 minus moon pencil
  phone player-pause player-play player-skip-forward plus printer qrcode refresh route search settings share shield
  sitemap speakerphone sun test-pipe trash truck upload urgent user user-check user-plus users virus world x
`.trim().split(/\s+/);

const folder = mkdtempSync(join(tmpdir(), "icons-"));
try {
  const packed = execFileSync("npm", ["pack", PACKAGE, "--silent", "--pack-destination", folder], { encoding: "utf8" }).trim();
  const tarball = join(folder, packed.split("\n").at(-1));
  const found = createHash("sha512").update(readFileSync(tarball)).digest("base64");
  if (found !== SHA512) throw new Error(`${PACKAGE}: sha512 is ${found}, expected ${SHA512}`);
  execFileSync("tar", ["xzf", tarball, "-C", folder, ...NAMES.map((name) => `package/icons/outline/${name}.svg`), "package/LICENSE"]);
  const symbols = NAMES.map((name) => {
    const svg = readFileSync(join(folder, `package/icons/outline/${name}.svg`), "utf8");
    const shapes = svg
      .slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"))
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" \/>/, "")
      .replace(/\s*\n\s*/g, "");
    return `<symbol id="i-${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
  });
  const licence = readFileSync(join(folder, "package/LICENSE"), "utf8").replace(/--/g, "- -").trim();
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">\n<!-- ${PACKAGE}\n${licence}\n-->\n${symbols.join("\n")}\n</svg>\n`;
  writeFileSync(new URL("../public/icons.svg", import.meta.url), sprite);
  console.log(`${NAMES.length} icons, ${sprite.length} bytes`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
