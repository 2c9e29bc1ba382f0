"""What every test stands on: nothing remembered from another test's ledger. A home of its own is made by ``tests.settings``."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from hypothesis import settings

from tests.run import asked_for, thorough

#: Journeys need a browser and its driver, which come with the group ``dev``; plain ``uv run pytest`` does without.
collect_ignore = [] if find_spec("playwright") else ["e2e"]

#: No test looks at how long a machine takes; the same examples every time, so that a failure can be seen again. Fewer of them in a quick
#: run, and never where a test says how many itself.
settings.register_profile("bulou", deadline=None, derandomize=True, max_examples=100 if thorough() else 30)
settings.load_profile("bulou")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Ledgers of tests share a name and are rolled back: what a process keeps at hand must not outlive them."""
    yield
    from bulou.duties.enter import forget

    forget()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long by its nature is tried before a change lands, or when it is asked for by its name; a quick run leaves it out and counts it."""
    if thorough() or asked_for(config.args):
        return
    left = [item for item in items if item.get_closest_marker("landing")]
    if left:
        items[:] = [item for item in items if not item.get_closest_marker("landing")]
        config.hook.pytest_deselected(items=left)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Who began the run ends it: nothing that its processes shared is left behind."""
    from tests import run

    if run.over():
        from tests.engine import databases

        databases.end()
        run.forget()
