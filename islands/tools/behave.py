"""Uses demo.html as people do: keys, menus, theme, live entries, new props, paper, no WebGL. Fails on the first surprise.

Run from the project: `uv run python islands/tools/behave.py`, with Debian's chromium installed.
"""
# ruff: noqa: T201, S603, S607 - a command-line tool that starts its own local server

import argparse
import subprocess
import sys
from pathlib import Path

from look import GRAPHICS, HERE, SHOTS, settled, unexpected, wait_for
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

HEARD = """
window.heard = [];
for (const name of ["bulou:area", "bulou:day", "bulou:entry"]) {
  document.addEventListener(name, (event) => {
    window.heard.push([name, event.detail]);
    if (name !== "bulou:entry") event.preventDefault();
  });
}
"""
ONE_DAY = """<script type="application/json">
{"days": ["2026-01-01"], "series": [{"id": "a", "name": "a", "kind": "bar", "values": [1]}], "unit": "u", "axis": "d"}
</script>"""
NO_WEBGL = """
const get = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return /webgl/.test(kind) ? null : get.call(this, kind, ...rest);
};
"""


class Demo:
    """One page of the demo; every complaint of the console is a failure when it is left."""

    def __init__(self, browser: Browser, url: str, script: str = "", **context: object) -> None:
        self.browser, self.url, self.script = browser, url, script
        self.context = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light", "reduced_motion": "reduce", **context}
        self.complaints: list[str] = []

    def __enter__(self) -> Page:
        self.opened = self.browser.new_context(**self.context)
        page = self.opened.new_page()
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if self.script:
            page.add_init_script(self.script)
        page.goto(self.url)
        settled(page)
        page.evaluate(HEARD)
        return page

    def hear(self, message: ConsoleMessage) -> None:
        if unexpected(message):
            self.complaints.append(message.text)

    def __exit__(self, *failure: object) -> None:
        self.opened.close()
        if not failure[0] and self.complaints:
            raise AssertionError("\n".join(self.complaints))


def heard(page: Page, name: str) -> list[dict]:
    return [detail for event, detail in page.evaluate("window.heard") if event == name]


def keyboard(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("g b?")
    assert page.get_by_role("searchbox").input_value() == "g b?", "keys typed in a field must stay there"
    page.get_by_role("searchbox").fill("")
    page.locator("h1").click()
    page.keyboard.press("?")
    dialog = page.locator("dialog.keys")
    expect(dialog).to_be_visible()
    assert "g b" in dialog.inner_text().replace("\n", " ").replace("  ", " "), dialog.inner_text()
    page.screenshot(path=SHOTS / "keys.png")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("table[data-rows] tbody tr").nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**?g=1")
    page.go_back()
    settled(page)
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**?testing")
    page.go_back()
    settled(page)


def menus(page: Page) -> None:
    page.get_by_role("button", name="更多").click()
    expect(page.locator(".dropdown-menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".dropdown-menu")).to_be_hidden()
    page.get_by_role("button", name="撤回…").click()
    expect(page.locator("#ask")).to_be_visible()
    page.screenshot(path=SHOTS / "modal.png")
    page.keyboard.press("Escape")
    expect(page.locator("#ask")).to_be_hidden()
    page.get_by_role("button", name="复制").click()
    expect(page.locator("[role=status]", has_text="已复制").first).to_be_attached()
    page.get_by_role("button", name="筛选").click()
    expect(page.locator(".notice[data-tone=danger]")).to_be_visible()
    assert "down" not in page.locator("#read").inner_text(), "a 5xx page must not be swapped in"


def entries(page: Page) -> None:
    before = page.locator("#read").inner_text()
    page.locator("bulou-live").wait_for()
    page.wait_for_timeout(5000)
    assert heard(page, "bulou:entry"), "the number grew and nobody was told"
    assert page.locator("#read").inner_text() != before, "htmx did not refresh on bulou:entry"


def islands(page: Page) -> None:
    for index, renderer in ((0, "canvas"), (1, "svg.map-svg")):
        view = page.locator("bulou-map").nth(index)
        expect(view.locator(renderer)).to_be_visible()
        area = view.locator(".map-view")
        area.focus()
        for key in ("ArrowUp", "ArrowLeft", "ArrowUp", "Enter"):
            page.keyboard.press(key)
        expect(view.locator(".island-tip")).to_be_visible()
        assert len(heard(page, "bulou:area")) == 2 * index + 1, heard(page, "bulou:area")
        page.screenshot(path=SHOTS / f"map-{index}.png")
        view.get_by_role("button", name="放大").click()
        page.wait_for_timeout(600)
        view.get_by_role("button", name="全图").click()
        page.wait_for_timeout(600)
        box = area.bounding_box()
        page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.45)
        page.wait_for_timeout(300)
    assert len(heard(page, "bulou:area")) == 4, heard(page, "bulou:area")
    curve = page.locator("bulou-curve").first
    curve.locator(".curve-host").focus()
    for key in ("Home", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    assert heard(page, "bulou:day") == [{"day": "2026-10-07", "series": None}], heard(page, "bulou:day")
    curve.get_by_role("button", name="可能").click()
    expect(curve.get_by_role("button", name="可能")).to_have_attribute("aria-pressed", "false")
    curve.locator("summary").click()
    assert curve.locator("tbody tr").count() == 46
    assert page.locator("bulou-map").first.locator("tbody tr").count() == 24
    expect(page.locator("#empty-clock")).to_have_attribute("state", "empty")
    expect(page.locator("#broken-curve")).to_have_attribute("state", "error")


def props(page: Page) -> None:
    given = '{"steps":[{"id":"a","name":"甲","due_h":6,"done_h":null,"state":"due"}],"hours":30,"label":"x","started":"","now":""}'
    swap = "(old, text) => { const next = old.cloneNode(); next.textContent = text; old.replaceWith(next); }"
    page.locator("#empty-clock script").evaluate(swap, given)
    expect(page.locator("#empty-clock")).to_have_attribute("state", "ready")
    expect(page.locator("#empty-clock .since")).to_have_text("T+30h")
    page.locator("#empty-clock script").evaluate("(old) => { old.textContent = old.textContent.replace('30', '31'); }")
    expect(page.locator("#empty-clock .since")).to_have_text("T+31h")
    page.locator("#broken-curve").evaluate("(island, inside) => { island.innerHTML = inside; }", ONE_DAY)
    expect(page.locator("#broken-curve")).to_have_attribute("state", "ready")
    page.locator("#broken-curve").evaluate("e => { const p = e.parentNode; p.removeChild(e); p.append(e); }")
    expect(page.locator("#broken-curve")).to_have_attribute("state", "ready")
    expect(page.locator("#broken-curve svg")).to_be_visible()


def theme(page: Page) -> None:
    page.get_by_role("button", name="深", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.wait_for_timeout(800)
    page.screenshot(path=SHOTS / "theme-after-switch.png")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    settled(page)
    page.emulate_media(media="print")
    page.pdf(path=SHOTS / "paper.pdf", format="A4", print_background=True)
    page.emulate_media(media="screen")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator(".map-paper")).to_have_count(0)


def phone(page: Page) -> None:
    page.locator(".top-menu").click()
    expect(page.locator("#side")).to_be_visible()
    page.wait_for_timeout(400)
    page.screenshot(path=SHOTS / "phone-menu.png")
    page.locator("#side .btn-close").click()
    expect(page.locator("#side")).to_be_hidden()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8378)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    SHOTS.mkdir(exist_ok=True)
    url = f"http://127.0.0.1:{options.port}/"
    server = subprocess.Popen(["node", str(HERE / "demo-server.mjs"), str(options.port)], stdout=subprocess.DEVNULL)
    try:
        wait_for(url)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=options.chromium, args=GRAPHICS)
            for tries in (keyboard, entries, islands, props, theme):
                with Demo(browser, f"{url}?renderer=webgl") as page:
                    tries(page)
                print(f"{tries.__name__}: ok")
            demo = Demo(browser, url)
            with demo as page:
                menus(page)
                demo.complaints = [text for text in demo.complaints if "503" not in text]  # asked for
            print("menus: ok")
            with Demo(browser, url, viewport={"width": 390, "height": 844}, has_touch=True) as page:
                phone(page)
            print("phone: ok")
            for name, script, address in (("no-webgl", NO_WEBGL, f"{url}?renderer=webgl"), ("software-webgl", "", url)):
                demo = Demo(browser, address, script=script)
                with demo as page:
                    demo.complaints = [text for text in demo.complaints if "WebGL" not in text]  # insisted on in vain: said, not suffered
                    expect(page.locator("bulou-map").first.locator("svg.map-svg")).to_be_visible()
                    page.screenshot(path=SHOTS / f"{name}.png")
                print(f"{name}: ok")
            browser.close()
    finally:
        server.terminate()
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    sys.exit(main())
