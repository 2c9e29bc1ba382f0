"""Every environment variable that the sources read is declared, and every one that is declared is read or said to be another's."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from bulou.basis.options import OPTIONS, said, several
from tests.house.laws import modules

#: Variables of the system and of Django, which are not ours to describe.
FOREIGN = {"LC_ALL", "LC_MESSAGES", "LANG", "DJANGO_SETTINGS_MODULE"}


def read(text: str) -> Iterator[str]:
    """The names of variables that a module reads from the environment or through ``said``; ``?`` for one made at run time."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            ours = "bulou.basis.options" in text and name in ("said", "several")
            if ours or name in ("os.environ.get", "os.environ.pop", "os.environ.setdefault", "os.getenv"):
                yield _word(node.args[0])
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            yield _word(node.slice)


def _word(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "?"


def test_every_variable_that_is_read_is_declared() -> None:
    for module, text in modules():
        if module != "basis/options.py":
            assert set(read(text)) <= set(OPTIONS) | FOREIGN, module


def test_every_variable_that_is_declared_is_read() -> None:
    found = {name for _, text in modules() for name in read(text)}
    assert not set(OPTIONS) - found


@pytest.mark.parametrize("planted", ['os.environ["BULOU_X"]', 'os.environ.get("BULOU_X")', 'os.getenv("BULOU_X")', "os.environ[name]"])
def test_a_variable_that_nobody_declared_is_found(planted: str) -> None:
    assert not set(read(planted)) <= set(OPTIONS) | FOREIGN


def test_defaults_and_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BULOU_HOSTS", raising=False)
    assert several("BULOU_HOSTS") == ["127.0.0.1", "localhost", "[::1]"]
    monkeypatch.setenv("BULOU_HOSTS", "a.example, b.example,")
    assert several("BULOU_HOSTS") == ["a.example", "b.example"]
    with pytest.raises(KeyError):
        said("BULOU_NOTHING")
