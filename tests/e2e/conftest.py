"""Journeys in a real browser, on a demo of its own that is loaded once: ``pytest tests/e2e -m e2e``. Plain ``pytest`` leaves them out.

Where there is no Chromium they are skipped, and say so; a machine of the project's own (CI=true) has to have one.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.desk import Desk

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
#: People on the demo's register here: enough for every journey to have its own, few enough to be entered in seconds.
PEOPLE = 2000
#: Family names of that register, each searched for once in a session, so that no two journeys meet the same people.
FAMILIES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
HEIGHT = {1440: 900, 390: 844}
At = Callable[..., Desk]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever stands in this folder is a journey, marked or not: nobody has to remember it. With ``--dist loadgroup`` those of a file stay
    together, on one demo; the two that go over every page, which are half of it all, may go to two."""
    for item in items:
        if Path(__file__).parent in Path(item.path).parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group(item.nodeid if item.path.stem == "test_pages" else item.path.stem))


@dataclass
class Demo:
    """The running demo, and whom of its register no journey has used yet."""

    url: str
    token: str
    families: Iterator[str]
    cookies: dict[str, list[dict[str, object]]] = field(default_factory=dict)


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str, serving: subprocess.Popen[str]) -> None:
    """Waits until the server has its port: the address is printed just before."""
    host, port = url.removeprefix("http://").split(":")
    until = time.monotonic() + 60
    while time.monotonic() < until and serving.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the demo printed its address and does not answer there")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        why = f"no browser here: none of {', '.join(BROWSERS)} is on the PATH"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """``bulou demo`` as anyone starts it, waited for in the browser: its first page says how far it is and gives way to the board."""
    home = tmp_path_factory.mktemp("demo")
    environment = {**os.environ, "BULOU_HOME": str(home), "BULOU_DEMO_PEOPLE": str(PEOPLE), "PYTHONUNBUFFERED": "1"}
    environment.pop("DATABASE_URL", None)
    with (home / "log").open("w") as log:
        serving = subprocess.Popen(
            [sys.executable, "-c", "from bulou.cli import main; main()", "demo", "--no-browser", "--port", str(_port())],
            env=environment, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        try:
            assert serving.stdout
            link = next((m for m in (re.search(r"(http://\S+)/demo/start/(\S+)", line) for line in serving.stdout) if m), None)
            assert link, f"the demo did not start: {(home / 'log').read_text()}"
            made = Demo(
                link[1],
                link[2],
                iter(FAMILIES),
            )
            _answers(link[1], serving)
            page = browser.new_page(locale="en-US")
            page.goto(link[0], wait_until="commit")
            page.locator("#board").wait_for(timeout=120_000)
            page.context.close()
            yield made
        finally:
            serving.terminate()
            serving.wait(20)


@pytest.fixture
def at(browser: Browser, demo: Demo) -> Iterator[At]:
    """Gives desks: ``at("sampler", "zh", 390)``. What their pages complained of fails the test."""
    desks: list[Desk] = []

    def sit(user: str, language: str = "en", width: int = 1440) -> Desk:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT[width]}, locale="en-US" if language == "en" else "zh-CN", color_scheme="light",
            reduced_motion="reduce", is_mobile=width < 600, has_touch=width < 600,
        )  # fmt: skip
        context.set_default_timeout(15_000)
        page = context.new_page()
        if user not in demo.cookies:
            page.goto(f"{demo.url}/demo/people")
            page.locator(f"button[value='{user}']").click()
            expect(page.locator(".side-who")).to_be_attached()
            demo.cookies[user] = [dict(c) for c in context.cookies() if c.get("name") != "django_language"]
        else:
            context.add_cookies(demo.cookies[user])  # type: ignore[arg-type]  # as they were given
        desks.append(Desk(demo.url, user, language, width, context, page))
        desks[-1].listen()
        return desks[-1]

    yield sit
    heard = [line for desk in desks for line in desk.heard]
    for desk in desks:
        desk.context.close()
    assert not heard, "\n".join(heard)
