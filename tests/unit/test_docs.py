"""Docs are true where a machine can tell: links resolve, generated pages are current, commands and tests that they name exist."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tools import reference

from bulou.basis.kinds import KINDS
from bulou.cli import main
from bulou.desks.command.figures import FIGURES
from bulou.kit.page import PAGES
from bulou.kit.sheet import SHEETS
from bulou.kit.verb import VERBS
from bulou.protocol.read import read_file
from bulou.protocol.reader import RULE_KEYS
from bulou.protocol.readings import READINGS
from bulou.protocol.relations import RELATIONS
from bulou.register.roles import roles
from bulou.web import urls as _urls  # declares the pages of the shell

assert _urls
ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
#: Every page that people read, but for what others are told to write by hand and by turns.
PAGES_READ = sorted(p for p in [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "tests").rglob("*.md")] if "progress" not in p.parts)
DEMO = "python3 -m venv .uv && .uv/bin/pip -q install uv && .uv/bin/uv run bulou demo"
TEST = "python3 -m venv .uv && .uv/bin/pip -q install uv && .uv/bin/uv run pytest"
#: Put in place at the end of a release; a link to it may stand before it is there.
PICTURES = {ROOT / "docs" / "images" / "board.png"}

_LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ +(.*)$", _FENCE.sub("", page), re.MULTILINE)
    plain = (re.sub(r"[`*]|\]\([^)]*\)|\[", "", h).strip().lower() for h in heads)
    return {re.sub(r"[^\w\- ]", "", h).replace(" ", "-") for h in plain}


def broken_links(path: Path, page: str) -> Iterator[str]:
    """Relative links of a page that lead to no file, or to no heading of it."""
    for target in _LINK.findall(_FENCE.sub("", page)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        if not found.exists():
            if found not in PICTURES:
                yield f"{target}: no such file"
        elif anchor and found.suffix == ".md" and anchor not in anchors(page if found == path else text(found)):
            yield f"{target}: no such heading"


@pytest.mark.parametrize("path", PAGES_READ, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    assert list(broken_links(path, text(path))) == []


def test_a_link_that_leads_nowhere_is_found() -> None:
    page = "# One\n[a](nothing.md) [b](index.md#nothing) [c](#one) [d](https://example.org/nothing)\n```\n[e](code.md)\n```\n"
    assert list(broken_links(DOCS / "index.md", page)) == ["nothing.md: no such file", "index.md#nothing: no such heading"]


def test_every_page_is_reached_from_the_index() -> None:
    seen: set[Path] = set()
    edge = {ROOT / "README.md", DOCS / "index.md"}
    while edge:
        page = edge.pop()
        seen.add(page)
        targets = {(page.parent / t.partition("#")[0]).resolve() for t in _LINK.findall(_FENCE.sub("", text(page))) if ":" not in t}
        edge |= {t for t in targets if t.suffix == ".md" and t.exists()} - seen
    assert sorted(p for p in DOCS.rglob("*.md") if p not in seen and "progress" not in p.parts and p.name != "measured.md") == []


# --- generated references ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", reference.PAGES)
def test_a_generated_page_is_current(name: str) -> None:
    assert text(reference.DOCS / name) == reference.made(name), "run `uv run python tools/reference.py`"


def told(name: str) -> set[str]:
    """The names in code type that begin the rows and headings of a page."""
    page = text(reference.DOCS / name)
    return set(re.findall(r"^\| \[?`([^`]+)`", page, re.MULTILINE)) | set(re.findall(r"^## (\S+)", page, re.MULTILINE))


def missing_from_pages() -> dict[str, set[str]]:
    """What the code declares and no reference tells."""
    rules = text(reference.DOCS / "rules.md")
    return {
        "kinds": set(KINDS) - told("kinds.md"),
        "verbs": set(VERBS) - told("roles.md"),
        "roles": set(roles()) - told("roles.md"),
        "figures": set(FIGURES) - told("figures.md"),
        "pages": (set(PAGES) | set(SHEETS)) - told("pages.md"),
        "commands": {path for path, _ in reference.commands(main, "bulou") if f"\n## {path}\n" not in text(reference.DOCS / "cli.md")},
        "words": RULE_KEYS - told("rules.md"),
        "readings": {r for r in READINGS if f"\n| {r} |" not in rules},
        "relations": {r for r in RELATIONS if f"\n| {r} |" not in rules},
    }


def test_nothing_declared_is_missing() -> None:
    assert {what: names for what, names in missing_from_pages().items() if names} == {}


def test_a_new_declaration_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    for registry in (KINDS, VERBS, FIGURES, PAGES, SHEETS, READINGS, RELATIONS):
        monkeypatch.setitem(registry, "new.thing", next(iter(registry.values())))  # type: ignore[arg-type]  # the control
    found = missing_from_pages()
    assert {what for what, names in found.items() if names} == {"kinds", "verbs", "figures", "pages", "readings", "relations"}


# --- commands ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_both_commands_are_there_on_lines_of_their_own(page: str) -> None:
    lines = text(ROOT / page).splitlines()
    assert lines.count(DEMO) == 1
    assert lines.count(TEST) == 1


def test_other_pages_name_the_same_commands() -> None:
    for path in PAGES_READ:
        for line in re.findall(r"^python3 -m venv.*$", text(path), re.MULTILINE):
            assert line in (DEMO, TEST), path


def test_what_must_be_green_runs_the_readme_s_command() -> None:
    """`.ci/run` takes the command from the README, so that nobody tests another one than the one that is told."""
    script = text(ROOT / ".ci" / "run")
    pattern = re.search(r"grep -m1 -oE '([^']+)' README\.md", script)
    assert pattern
    assert re.search(pattern.group(1), text(ROOT / "README.md"), re.MULTILINE)


def test_commands_that_pages_name_exist() -> None:
    known = {path.split(" ", 1)[1] for path, _ in reference.commands(main, "bulou")}
    for path in PAGES_READ:
        if path.name == "CHANGELOG.md":
            continue
        for block in re.findall(r"^```(?:sh)?\n(.*?)^```", text(path), re.MULTILINE | re.DOTALL):
            for called in re.findall(r"(?:^|uv run )bulou ([a-z]+(?: [a-z]+)?)", block, re.MULTILINE):
                assert any(called == k or called.split()[0] == k for k in known), f"{path}: bulou {called}"


# --- safety -----------------------------------------------------------------------------------------------------------
def wrong_names(page: str) -> Iterator[str]:
    """Files, tests and cases that a page names and that are not there."""
    for name in re.findall(r"`((?:src|tests|tools)/[^`]+)`", page):
        file, _, test = name.partition("::")
        if not (ROOT / file).exists() or (test and not re.search(rf"^def {test}\(", text(ROOT / file), re.MULTILINE)):
            yield name
    for file, cases in re.findall(r"`((?:src/bulou/protocol/scenarios|tests/spec/cases)/[^`]+)`: ((?:`[a-z0-9-]+`[,; \n]*)+)", page):
        yield from (f"{file}: {c}" for c in re.findall(r"`([^`]+)`", cases) if f'id = "{c}"' not in text(ROOT / file))


def test_safety_names_what_is_there() -> None:
    page = text(ROOT / "SAFETY.md")
    assert list(wrong_names(page)) == []
    for section in re.split(r"^## \d+\. ", page, flags=re.MULTILINE)[1:]:
        assert re.search(r"`src/", section), section[:40]
        assert re.search(r"`tests/|`src/bulou/protocol/scenarios/|[Nn]o test", section), section[:40]


def test_a_test_that_is_not_there_is_found() -> None:
    page = "`tests/unit/test_docs.py::test_nothing` `src/none.py` `src/bulou/protocol/scenarios/02-hold.toml`: `resolved`, `nothing`"
    assert list(wrong_names(page)) == [
        "tests/unit/test_docs.py::test_nothing",
        "src/none.py",
        "src/bulou/protocol/scenarios/02-hold.toml: nothing",
    ]


# --- what how-to pages tell people to type ----------------------------------------------------------------------------
def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text(DOCS / "how-to" / page), re.MULTILINE | re.DOTALL)


def test_the_edition_of_the_how_to_is_right(tmp_path: Path) -> None:
    file = tmp_path / "redspot" / "first.toml"
    file.parent.mkdir()
    file.write_text(blocks("new-disease.md", "toml")[0], encoding="utf-8")
    edition = read_file(file)
    assert {r.name for r in edition.rules} >= {"recall.locate", "contact.judge", "close.order", "close.test"}


def test_the_pages_are_made_by_a_program(tmp_path: Path) -> None:
    """`tools/reference.py --check`, as people and hooks call it."""
    env: dict[str, Any] = {"BULOU_HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "src"), "PATH": ""}
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "reference.py"), "--check"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
