"""A person at a screen: one browser context, one post, one language, one width. Waits on what the page shows, never on time."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Response, expect

#: Islands that have not come to rest; and the promise that whatever moves has stopped (a colour on its way fails for contrast).
RESTLESS = ":is(bulou-map, bulou-curve, bulou-clock):not([state='ready'], [state='empty'], [state='error'])"
STILL = """() => Promise.all(document.getAnimations().filter(one => one.effect?.getTiming().iterations !== Infinity)
    .map(one => one.finished.catch(() => null))).then(() => true)"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: Where pictures of the pages go, for whoever wants to look at them.
PICTURES = os.environ.get("BULOU_PICTURES")
#: Pages that axe has passed in this session, by name and width: a journey that comes by again need not wait.
SEEN: set[tuple[str, int]] = set()


def violations(page: Page) -> list[str]:
    """What axe has against the page as it stands, whatever the impact."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']} ({v['impact']}): {node['html'][:160]}" for v in found for node in v["nodes"][:3]]


def name_of(path: str) -> str:
    """The name of the page at an address, as the project declares it; each verb's form is one of its own."""
    try:
        match = resolve(path.split("?")[0].split("#")[0])
    except Resolver404:
        return "not-found"
    return f"do {match.kwargs['name']}" if match.url_name == "do" else str(match.url_name)


@dataclass
class Desk:
    """What one person sees and does. ``say`` picks the words of their language."""

    url: str
    user: str
    language: str
    width: int
    context: BrowserContext
    page: Page
    heard: list[str] = field(default_factory=list)

    def swipe(self, x: float, y: float, right: float, down: float, steps: int = 8) -> None:
        """A finger is put down, drawn over the screen and lifted; for a context that has touch."""
        finger = self.context.new_cdp_session(self.page)
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for n in range(1, steps + 1):
            at = {"x": x + right * n / steps, "y": y + down * n / steps}
            finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        finger.detach()

    def listen(self) -> None:
        """Whatever a page complains of is kept; an answer of 404 or 422 that a test asked for is no complaint."""

        def hear(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and not re.search(r"status of (404|422)", message.text):
                self.heard.append(f"{self.user} at {self.page.url}: {message.text}")

        self.page.on("console", hear)
        self.page.on("pageerror", lambda error: self.heard.append(f"{self.user} at {self.page.url}: {error}"))

    def say(self, zh: str, en: str) -> str:
        return en if self.language == "en" else zh

    def open(self, path: str) -> int:
        """Goes to an address of the site; gives the answer's status."""
        answer = self.page.goto(path if path.startswith("http") else self.url + path)
        assert isinstance(answer, Response)
        return answer.status

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.url)

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def settle(self) -> None:
        self.page.wait_for_load_state("load")
        expect(self.page.locator(RESTLESS)).to_have_count(0)
        self.page.evaluate(STILL)

    def look(self, *, again: bool = False) -> None:
        """Sees the page whole: nothing sideways, nothing against axe in light and in dark, titled, in its language."""
        self.settle()
        key = (name_of(self.path), self.width)
        if key in SEEN and not again:
            return
        SEEN.add(key)
        assert self.page.evaluate(SIDEWAYS) <= 0, f"{self.path} scrolls sideways at {self.width} px"
        assert self.page.locator("html").get_attribute("lang") == self.say("zh-Hans", "en")
        expect(self.page.locator("h1")).not_to_be_empty()
        for scheme in ("dark", "light"):
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
            expect(self.page.locator("html")).to_have_attribute("data-bs-theme", scheme)
            self.settle()
            wrong = violations(self.page)
            assert not wrong, f"{self.user}, {self.path}, {self.width} px, {self.language}, {scheme}:\n" + "\n".join(wrong)

    # --- forms ------------------------------------------------------------------------------------------------------------
    def fill(self, **values: Any) -> None:
        """Fields by their names: text, a choice, a tick."""
        for name, value in values.items():
            control = self.main.locator(f"[name='{name}']:not([type='hidden'])").first
            tag = control.evaluate("e => e.tagName + ':' + (e.type || '')")
            if tag.startswith("SELECT"):
                control.select_option(value)
            elif tag.endswith((":checkbox", ":radio")):
                control.set_checked(bool(value))
            else:
                control.fill(value)

    def submit(self) -> None:
        """Sends the page's form."""
        self.main.locator("form[method=post] button.btn-primary[type=submit]").click()
        self.page.wait_for_load_state("load")

    def value(self, name: str) -> str:
        return self.main.locator(f"[name='{name}']").first.input_value()

    def figure(self, name: str) -> Locator:
        """A figure of the board."""
        return self.page.locator(f"a.stat[href$='/board/{name}'] .stat-fig")

    def picture(self, path: Path) -> None:
        self.page.screenshot(path=path, full_page=True)

    def seen(self, name: str) -> None:
        """Looks at the page, and takes pictures of it in both schemes where somebody wants them."""
        self.look(again=True)
        if PICTURES:
            for scheme in ("dark", "light"):
                self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
                self.settle()
                self.picture(Path(PICTURES) / f"{name}-{self.width}-{self.language}-{scheme}.png")
