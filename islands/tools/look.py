"""Looks at demo.html as people do: two widths, themes and languages; pictures to shots/, axe, and no word from the content policy.

Run from the project: `uv run python islands/tools/look.py [--port 8377]`, with Debian's chromium installed. Fails on any finding.
"""
# ruff: noqa: T201, S310, S603, S607 - a command-line tool that starts its own local server

import argparse
import itertools
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

HERE = Path(__file__).resolve().parent
SHOTS = HERE.parents[1] / "shots"
# without the last two, headless Chromium paints only the part of a WebGL canvas that mirrors the part in view
GRAPHICS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
WIDTHS = {"wide": (1440, 900), "phone": (390, 844)}


def unexpected(message: ConsoleMessage) -> bool:
    """Whatever complains, but for the demo's own broken island, which should, and the graphics driver's word on being photographed."""
    return message.type in ("error", "warning") and not message.text.startswith("<bulou-curve>") and "GPU stall" not in message.text


def wait_for(url: str) -> None:
    for _ in range(50):
        try:
            urllib.request.urlopen(url, timeout=1).read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the demo server did not answer at {url}")


def settled(page: Page) -> None:
    """Islands ready (or resting empty or broken, as two of them are meant to), fonts there."""
    for tag, state in (("bulou-map", "ready"), ("bulou-curve", "ready"), ("bulou-clock", "ready")):
        page.locator(f"{tag}[state={state}]").first.wait_for(timeout=20_000)
    page.locator("bulou-map[state=ready]").nth(1).wait_for(timeout=20_000)
    page.locator("bulou-live[state=live]").wait_for(timeout=10_000)
    page.wait_for_timeout(400)


def findings(page: Page, name: str) -> list[str]:
    found = []
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if width > 0:
        found.append(f"{name}: the page scrolls sideways by {width} px")
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] in ("serious", "critical", "moderate"):
            rule = f"{name}: axe {violation['impact']} {violation['id']}"
            found += [f"{rule}: {node['html'][:150]} {[check['message'] for check in node['any'][:1]]}" for node in violation["nodes"][:4]]
    return found


def look(browser: Browser, url: str, name: str, size: str, theme: str) -> list[str]:
    width, height = WIDTHS[size]
    heard: list[str] = []
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce", has_touch=size == "phone"
    )
    page = context.new_page()
    page.on("console", lambda message: heard.append(f"{name}: console: {message.text}") if unexpected(message) else None)
    page.on("pageerror", lambda error: heard.append(f"{name}: {error}"))
    page.goto(url)
    settled(page)
    page.screenshot(path=SHOTS / f"{name}.png")
    page.screenshot(path=SHOTS / f"{name}-full.png", full_page=True)
    found = heard + findings(page, name)
    context.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8377)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    SHOTS.mkdir(exist_ok=True)
    url = f"http://127.0.0.1:{options.port}/"
    server = subprocess.Popen(["node", str(HERE / "demo-server.mjs"), str(options.port)], stdout=subprocess.DEVNULL)
    found: list[str] = []
    try:
        wait_for(url)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=options.chromium, args=GRAPHICS)
            for size, theme, lang in itertools.product(WIDTHS, ("light", "dark"), ("zh", "en")):
                found += look(browser, f"{url}?lang={lang}&renderer=webgl", f"{size}-{theme}-{lang}", size, theme)
            browser.close()
    finally:
        server.terminate()
    print("\n".join(found) or f"nothing found; pictures in {SHOTS}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
