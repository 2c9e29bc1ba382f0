"""The laws of the house that a syntax tree shows and imports do not. Pure: a module's text in, what breaks a law out."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
SRC = ROOT / "src" / "bulou"


class Broken(NamedTuple):
    """A law that a line of a module breaks."""

    law: str
    module: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.law}: {self.what}"


def modules() -> Iterator[tuple[str, str]]:
    """Every module of the project with its text, but for migrations, which Django wrote."""
    for path in sorted(SRC.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.relative_to(SRC).as_posix(), path.read_text(encoding="utf-8")


Found = Iterator[tuple[int, str]]

#: Where rows of the ledger, of duties and of the register come from, and nowhere else.
WRITE_MODULES = {
    "evidence/sql.py",
    "evidence/append.py",
    "evidence/now.py",
    "evidence/guards.py",
    "duties/enter.py",
    "duties/rebuild.py",
    "duties/forgetting.py",
    "duties/copies.py",
}  # the retention verb: the only one that destroys
#: Tables that hold neither facts nor duties nor register: a form's receipts, a demo's clock and its users, with who writes them.
OWN_TABLES = {
    "ImportRow": {"kit/many.py"},
    "ImportReceipt": {"kit/many.py", "desks/tracing/importing.py"},
    "SavedView": {"kit/views.py"},
    "DemoState": {"scenarios/demo.py"},
    "User": {"scenarios/demo.py", "register/accounts.py"},  # a demo's users; accounts and their links
    "Invitation": {"register/accounts.py"},
    "ShiftPass": {"register/passes.py"},  # a pass's secrets, and when a phone was last seen
    "SeatSeen": {"register/passes.py"},
    "Reckoning": {"kit/reckonings.py"},
    "Comparison": {"desks/compare/kept.py"},
    "ColumnMapping": {"desks/compare/kept.py"},
    "KeptList": {"desks/compare/lasting.py"},
    "SavedDefinition": {"desks/compare/lasting.py"},
    "CityWorkbook": {"desks/compare/lasting.py"},
    "DifferenceAct": {"desks/compare/settling.py", "desks/compare/kept.py"},  # of people on no register; gone with their comparison
    "ReviewDecision": {"desks/compare/deciding.py", "desks/compare/kept.py"},
    "DeviceToken": {"register/tokens.py"},
    "OwnPage": {"register/ownpages.py"},  # a page's secrets; passes by number, until they end
    "DoorPass": {"register/ownpages.py"},
}
_WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "acreate", "aupdate",
           "adelete", "abulk_create", "abulk_update", "aget_or_create", "aupdate_or_create", "asave", "raw_delete", "_raw_delete"}  # fmt: skip
_SQL = re.compile(r"\b(INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE|DROP\s+TABLE)\b", re.IGNORECASE)


def writes(module: str, tree: ast.Module, text: str) -> Found:
    """No fact, duty or register row is changed outside its write module."""
    if module in WRITE_MODULES:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _WRITES:
            owner = _manager_of(node.func.value)
            if owner is None and node.func.attr in {"update", "delete", "create", "save"} and not _row(node.func.value):
                continue  # a set, a dictionary, a hash
            if owner is None or module not in OWN_TABLES.get(owner, set()):
                yield node.lineno, f"{owner or 'a row'}.{node.func.attr}()"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.search(node.value):
            yield node.lineno, node.value.strip()[:60]


def _manager_of(node: ast.expr) -> str | None:
    """The model whose manager a chain of calls starts from."""
    while True:
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            return ast.unparse(node.value)
        if isinstance(node, ast.Attribute):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return None


def _row(node: ast.expr) -> bool:
    """Whether this reads like rows of a model: what ``standing``, ``asof`` or ``rows`` gave, or a name that says so."""
    text = ast.unparse(node)
    return bool(re.search(r"\b(standing|asof|rows|standing_facts)\(|\b(row|rows|record|instance|queryset)$", text))


#: The only module that asks the machine.
CLOCK = "basis/time.py"
_TELLS = re.compile(
    r"^(datetime\.(datetime\.)?(now|utcnow|today)|date\.today|datetime\.date\.today|timezone\.(now|localtime|localdate)|"
    r"time\.(time|time_ns|localtime|gmtime|strftime|ctime)|now|localdate|Now)$"
)
_SQL_NOW = re.compile(r"\b(now\(\)|current_timestamp|current_date|datetime\('now'|strftime\('%s')", re.IGNORECASE)


def machine_time(module: str, tree: ast.Module, text: str) -> Found:
    """Only the Clock tells the time; no SQL says now."""
    if module == CLOCK:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _TELLS.match(ast.unparse(node.func)):
            yield node.lineno, ast.unparse(node.func)
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "django.utils.timezone"):
            yield node.lineno, f"from {node.module} import"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL_NOW.search(node.value) and " " in node.value:
            yield node.lineno, node.value.strip()[:60]
        if isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
            yield node.value.lineno, node.arg


#: Who may import by a name that is made at run time: apps declare what they have, the command line starts quickly, Splink (a second)
#: is imported when something is left undecided.
BY_NAME = {"cli/terminal.py", "scenarios/run.py", "identity/linking.py"}
#: Libraries that take long to load and that few need: loaded by name where they are needed, from any module above the pure floors.
LATE = {"pyarrow", "pyarrow.parquet"}


def hidden_imports(module: str, tree: ast.Module, text: str) -> Found:
    """No import inside a function: it hides a knot from the floors."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    yield inner.lineno, ast.unparse(inner)
        if isinstance(node, ast.Call) and _by_name(node) and not (module in BY_NAME or module.endswith("apps.py") or _late(node)):
            yield node.lineno, ast.unparse(node)


def _by_name(node: ast.Call) -> bool:
    return ast.unparse(node.func) in ("import_module", "importlib.import_module", "__import__")


def _late(node: ast.Call) -> bool:
    return len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and node.args[0].value in LATE


def evaluated(module: str, tree: ast.Module, text: str) -> Found:
    """Nothing is evaluated: the language of rules stays data."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec", "compile"):
            yield node.lineno, node.func.id
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("pickle.loads", "pickle.load", "yaml.load", "marshal.loads"):
            yield node.lineno, ast.unparse(node)


#: What may be silenced, each where it is plain why: names of our own tables in SQL, one global, a calendar day, words to a terminal.
QUIET = {"S608", "PLW0603", "DTZ007", "T201", "S603"}


def silenced(module: str, tree: ast.Module, text: str) -> Found:
    """No noqa over a law, and none without a code."""
    for number, line in enumerate(text.splitlines(), start=1):
        found = re.search(r"#\s*noqa(?::\s*([A-Z0-9, ]+))?", line)
        if found and not (found[1] and {c.strip().split(" ")[0] for c in found[1].split(",")} <= QUIET):
            yield number, line.strip()[-60:]


_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc", "base"}


def spoken(module: str, tree: ast.Module, text: str) -> Found:
    """A module says first what it is for, has a name that says so, and is one idea: at most 900 lines."""
    if (text.strip() or not module.endswith("__init__.py")) and not ast.get_docstring(tree) and text.strip():
        yield 1, "says nothing of what it is for"
    if Path(module).stem in _NAMES:
        yield 1, "a name that says nothing"
    if text.count("\n") > 900:
        yield 900, f"{text.count(chr(10))} lines"


#: Rows that a desk or the shell may read without the viewer's areas: what they hold is nobody's data, with why.
UNSCOPED = {
    "Duty": {"desks/command/pages.py", "kit/withdrawing.py"},  # the history of a duty already found in scope; a trial's own rows
    "Entry": {
        "desks/command/sheets.py",
        "desks/centre/sheets.py",
        "web/live.py",
        "kit/looking.py",
        "kit/withdrawing.py",
    },  # only for whole-centre viewers; numbers and hours alone; whose post entered what it takes back
    "Envelope": {
        "desks/centre/sheets.py",
        "kit/doorpasses.py",
    },  # only for whole-centre viewers: kinds of administration; a number of an entry
    "Aside": {"desks/command/sheets.py"},  # only for whole-centre viewers
    # only for those who may import; codes of tubes; tracing only writes totals; the kit shows a file to its sender alone
    "ImportRow": {"kit/many.py"},
    "ImportReceipt": {"kit/many.py", "desks/tracing/importing.py"},
    "Look": {"kit/looks.py"},  # only for auditors; ids and accounts, never a name
    "SavedView": {"kit/views.py"},  # one's own and those of one's posts; nothing typed, of nobody
    "DoorCheck": {"kit/doorchecks.py"},  # filtered there by the viewer's areas and moment: no table of versions, and it shows no person
    # of the incidents that somebody sees, as of their moment; ids, which are judged where they are shown; the queue of who reckons
    "Reckoning": {"kit/reckonings.py"},
    "Comparison": {"desks/compare/kept.py"},  # whose it is is judged there, by maker and handing over; the worker's own queue
    "DifferenceAct": {"desks/compare/settling.py", "desks/compare/kept.py"},  # of one's own comparisons, and what was passed to one
    "ReviewDecision": {"desks/compare/deciding.py", "desks/compare/kept.py"},  # of one's own comparison; rows, no person
    "ColumnMapping": {"desks/compare/kept.py"},  # headings of lists, of nobody
    "KeptList": {"desks/compare/lasting.py"},  # as comparisons: by maker and handing over
    "SavedDefinition": {"desks/compare/lasting.py"},  # how others count, of nobody
    "CityWorkbook": {"desks/compare/lasting.py"},  # empty workbooks, of nobody
    "DemoState": {"scenarios/demo.py"},
    "User": {
        "web/views.py",
        "scenarios/demo.py",
        "desks/compare/work.py",
        "desks/tracing/supported.py",
        "kit/many.py",
    },  # in a demo; whoever made a comparison, asked for a reckoning or sent rows, for their areas
}


def unscoped(module: str, tree: ast.Module, text: str) -> Found:
    """Every read goes through the viewer's moment and areas: no model's own manager in desks, kit, shell, but where it is said why."""
    if module.split("/")[0] not in ("desks", "kit", "web", "scenarios"):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager"):
            owner = ast.unparse(node.value)
            if module not in UNSCOPED.get(owner, set()):
                yield node.lineno, f"{owner}.{node.attr}"


#: Where personal values are masked and shown, and noted as shown.
SHOWING = {"kit/looking.py", "register/scope.py", "register/roles.py"}


def unnoted(module: str, tree: ast.Module, text: str) -> Found:
    """What is shown of a person passes ``Looking.name``, ``show`` or ``born``, which note whom: else the look says less than was seen."""
    if module in SHOWING:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "show" and ast.unparse(node.value).split(".")[-1] in ("viewer", "eyes"):
            yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.ImportFrom) and node.module == "bulou.register.roles" and any(a.name == "masked" for a in node.names):
            yield node.lineno, ast.unparse(node)


LAWS: dict[str, Callable[[str, ast.Module, str], Found]] = {
    "writes": writes,
    "machine time": machine_time,
    "hidden imports": hidden_imports,
    "evaluated": evaluated,
    "silenced": silenced,
    "spoken": spoken,
    "unscoped": unscoped,
    "unnoted": unnoted,
}


def broken(module: str, text: str) -> list[Broken]:
    """Every law that a module breaks."""
    tree = ast.parse(text)
    return [Broken(law, module, line, what) for law, check in LAWS.items() for line, what in check(module, tree, text)]
