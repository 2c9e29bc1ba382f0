"""The house keeps its laws; and for each law a planted breach is found, so that the check can fail."""

from __future__ import annotations

import pytest

from tests.house.laws import BY_NAME, LAWS, OWN_TABLES, SRC, UNSCOPED, WRITE_MODULES, broken, modules

HEAD = '"""What this is for."""\n\n'
#: For each law: a module that breaks it, and where.
PLANTED: dict[str, list[tuple[str, str]]] = {
    "writes": [
        ("desks/testing/pages.py", "def f(look):\n    Person.objects.filter(pk=1).update(name='x')\n"),
        ("kit/duties.py", "def f(rows):\n    rows(1, 2, 3).delete()\n"),
        ("gaps/coverage.py", "def f(row):\n    row.save()\n"),
        ("register/projections.py", "def f(cursor):\n    cursor.execute('UPDATE duty SET due_at = 0')\n"),
        ("web/views.py", "def f():\n    ImportReceipt.objects.create(rows=[])\n"),
        ("scenarios/run.py", "async def f(p):\n    await Person.objects.abulk_create([p])\n"),
    ],
    "machine time": [
        ("desks/testing/verbs.py", "import time\n\ndef f():\n    return time.time()\n"),
        ("evidence/append.py", "from datetime import datetime\n\ndef f():\n    return datetime.now()\n"),
        ("kit/page.py", "from django.utils import timezone\n\ndef f():\n    return timezone.now()\n"),
        ("evidence/sql.py", "Q = 'SELECT 1 FROM duty WHERE due_at < now()'\n"),
        ("kit/models.py", "at = models.DateTimeField(auto_now_add=True)\n"),
    ],
    "hidden imports": [
        ("gaps/standing.py", "def f():\n    from bulou.kit.looking import Looking\n    return Looking\n"),
        ("kit/page.py", "import importlib\nlooking = importlib.import_module('bulou.desks.command')\n"),
    ],
    "evaluated": [("protocol/read.py", "def f(text):\n    return eval(text)\n"), ("kit/models.py", "import pickle\nf = pickle.loads\n")],
    "silenced": [("kit/page.py", "import os  # noqa\n"), ("kit/page.py", "from bulou.web import x  # noqa: PLC0415\n")],
    "spoken": [("kit/utils.py", ""), ("kit/page.py", "\n" * 901)],
    "unscoped": [("desks/people/sheets.py", "def rows(look):\n    return Stay.objects.all()\n")],
    "unnoted": [
        ("desks/people/sheets.py", "def f(r, k):\n    return k.viewer.show('phone', r.phone)\n"),
        ("kit/duties.py", "from bulou.register.roles import masked\n"),
    ],
}


def test_the_house_keeps_its_laws() -> None:
    found = [breach for module, text in modules() for breach in broken(module, text)]
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("law", LAWS)
def test_every_law_has_a_planted_breach_that_is_found(law: str) -> None:
    assert PLANTED.get(law), f"plant a breach of {law}"
    for module, text in PLANTED[law]:
        assert law in {b.law for b in broken(module, HEAD + text)}, f"not found in {module}: {text}"


def test_a_module_without_a_first_line_is_found() -> None:
    assert broken("kit/page.py", "x = 1\n")[0].law == "spoken"


def test_exceptions_name_modules_that_exist() -> None:
    named = WRITE_MODULES | BY_NAME | set().union(*OWN_TABLES.values(), *UNSCOPED.values())
    assert not [m for m in named if not (SRC / m).exists()]
