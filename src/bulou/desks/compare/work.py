"""The worker: rows on their way into the ledger, then lists of a comparison, laid side by side, their answer written. Shows nothing.

It runs beside the web server and takes one comparison after the other. Ended in the middle it takes the same one up again when it is
started; a comparison that was cancelled, changed or taken away is left at its next step.
"""

import gc
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from bulou.basis.ids import to_text
from bulou.basis.time import Clock, MachineClock
from bulou.basis.words import Word
from bulou.desks.compare import asked, deciding, kept, lasting, missing
from bulou.desks.compare.answer import write, write_asked
from bulou.desks.compare.models import Comparison
from bulou.desks.compare.onregister import candidates, heavy
from bulou.desks.compare.restored import restored
from bulou.gaps.watch import keep
from bulou.kit import many
from bulou.kit.centre import centre
from bulou.kit.looking import Looking, moment_now
from bulou.kit.reckonings import Reckoner
from bulou.lists.columns import Mapping, apply, recognise, signature
from bulou.lists.comparing import FEWEST, LETTERS, MOST, Listed, compare, of_mapped
from bulou.lists.comparing import Comparison as Compared
from bulou.lists.findings import Findings
from bulou.lists.reading import Unreadable, read_file, read_pasted
from bulou.lists.sheets import sheets
from bulou.lists.table import Table
from bulou.lists.writing import write as write_book
from bulou.register.models import User
from bulou.register.scope import viewer

#: Rows of a list that are shown so that its columns can be recognised.
PREVIEW = 5
NOBODY = Word("认不出哪一列是姓名、证件号或电话:请在下面指明", "no column was recognised as a name, a document or a phone: say which below")
LOST = Word("文件已不在:请重新放入", "the file is gone: put it in again")
#: A sheet without any of these is no list of people.
_TELLS = ("name", "document", "phone", "family_name", "given_name")


#: How often it is looked whether something waits.
EVERY_S = 0.5
#: Steps of rows between two signs of the worker, which must not get old.
STEPS = 8
_LOG = logging.getLogger("bulou.compare")


class _Left(Exception):
    """Work at a comparison is no longer wanted."""


def step(clock: Clock) -> bool:
    """Does the next comparison that waits, and takes away what is too old; whether there was one."""
    kept.sweep(clock.now())
    lasting.sweep(clock.now())
    comparison = kept.claim()
    if comparison is None:
        return False
    gc.disable()  # a comparison holds millions of small things, none of them in a cycle
    try:
        state, findings = _work(comparison)
        kept.end(comparison, state)
        if findings is not None:
            _workbooks(comparison, findings)
    except _Left:
        pass
    except Exception as why:
        kept.end(comparison, "failed")
        # The kind and the place alone: a message may quote a row, and rows hold people.
        _LOG.error("comparison %s failed: %s at %s", to_text(comparison.pk), type(why).__name__, many.place_of(why))
    finally:
        gc.enable()
        gc.collect()
    return True


def keep_working(home: Path, alive: Callable[[], bool]) -> None:
    """Works for as long as ``alive`` says so, beginning with what was left in the middle. There is one worker to a centre.

    Rows on their way into the ledger (``kit.many``) go before comparisons: each of their steps takes a few seconds, a comparison a minute. Long
    reckonings have a process of their own beside it, for as long as one waits.
    """
    kept.take_up()
    reckoner = Reckoner()

    def turn() -> None:
        clock = centre().clock
        reckoner.turn(clock.now())
        for _ in range(STEPS):
            if not many.work(clock):
                break
        step(clock)

    keep(turn, home / many.SIGN, MachineClock(), alive, EVERY_S)


def _workbooks(comparison: Comparison, findings: Findings) -> None:
    """The answer as workbooks in both languages, masked, after it is there to be read: they take as long again."""
    folder = kept.folder(comparison.pk) / "answer"
    for lang in ("zh", "en"):
        if not kept.done(comparison):
            return  # deleted, or worked at anew
        path = folder / f"result-{lang}.xlsx"
        write_book(path, sheets(findings._replace(lang=lang, masked=True)), lang)
        path.chmod(0o600)


def _work(comparison: Comparison) -> tuple[str, Findings | None]:
    """Reads and compares; the state in which it ended, and what was found."""
    home = kept.folder(comparison.pk)
    told = _Progress(comparison, home)
    if (home / "answer" / "asked.json").exists():  # the lists are as they were: only what is asked of them has changed
        told("asked", 0.0)
        findings = _asked(comparison, restored(home / "answer"))
        write_asked(home / "answer", findings)
        return "done", findings
    listed, said = list[Listed](), list[dict[str, Any]]()
    for n, file in enumerate(comparison.files):
        told("reading", n / max(1, len(comparison.files)), file["name"])
        for each, about in _lists_of(n, file, home):
            said.append(about)
            if each is not None:
                about["letter"] = LETTERS[len(listed)] if len(listed) < MOST else ""
                listed.append(each)
    kept.write_json(home / "lists.json", said)
    # A file that cannot be read holds nobody back: the others are compared, and it is said.
    if not FEWEST <= len(listed) <= MOST:
        return "needs", None
    look = _maker(comparison)
    known = candidates(look, listed) if look.viewer.chairs else None
    names = deciding.lists_by_name(comparison, said)
    decided = deciding.records(deciding.decisions(comparison), names, [x.numbers for x in listed], known or ())
    register = None if known is None else [k.fields for k in known]
    found = compare(listed, register, decided=decided, heavy=heavy(look, known or ()), progress=told)
    told("writing", 0.0)
    part = home / "answer.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    findings = _asked(comparison, found)
    write(part, findings, [] if known is None else [k.person for k in known])
    deciding.write(part, found, names, known or ())
    if known is not None:
        missing.write(part, look, known, found.only_register or ())
    told("writing", 1.0)
    shutil.rmtree(home / "answer", ignore_errors=True)
    part.rename(home / "answer")
    return "done", findings


def _asked(comparison: Comparison, found: Compared) -> Findings:
    """A comparison with what was asked of it."""
    asks = asked.read(comparison.asks)
    counted, differences = asked.counted(found, asks, lasting.definitions())
    return Findings(found, bridges=[*asked.bridges(found, asks), *differences], counted=counted)


def _maker(comparison: Comparison) -> Looking:
    """The eyes of whoever made it: what the register says of their areas, and no more, decides who is on it."""
    one = centre()
    moment = moment_now(one.clock.now())
    user = User.objects.filter(username=comparison.by, is_active=True).first()
    eyes = viewer(user, moment.about, moment.seq)
    return Looking(eyes, moment, "zh", settings.BULOU_ZONE, one.protocol)


class _Progress:
    """Tells how far it is, in a file; ends the work where it is no longer wanted."""

    def __init__(self, comparison: Comparison, home: Path) -> None:
        self.comparison, self.home, self.last = comparison, home, ("", -1.0)

    def __call__(self, step: str, share: float, what: str = "") -> None:
        if step == self.last[0] and share - self.last[1] < 0.02:
            return
        if not kept.running(self.comparison):
            raise _Left
        self.last = (step, share)
        kept.write_json(self.home / "progress.json", {"step": step, "share": round(share, 3), "what": what})


def _lists_of(number: int, file: dict[str, Any], home: Path) -> Iterator[tuple[Listed | None, dict[str, Any]]]:
    """Every sheet of a file: the list that it is, if it is one, and what is said of it."""
    about: dict[str, Any] = {"file": number, "name": file["name"], "sheet": "", "letter": ""}
    try:
        tables = tables_of(file, home)
    except FileNotFoundError:
        yield None, {**about, "wrong": LOST._asdict()}
        return
    except Unreadable as why:
        yield None, {**about, "wrong": why.word._asdict()}
        return
    known = kept.remembered(signature(t.columns) for t in tables)
    people = 0
    for table in tables:
        mapping = kept.said_of(file, table.sheet, signature(table.columns)) or recognise(table, known)
        if any(f in mapping.fields for f in _TELLS):
            people += 1
            name = table.name if len(tables) == 1 or not table.sheet else f"{table.name} {table.sheet}"
            try:
                listed = of_mapped(apply(table, mapping), name)
            except ValueError:  # the columns that tell who someone is are empty
                yield None, {**about, **_shown(table, mapping), "wrong": NOBODY._asdict()}
            else:
                yield listed, {**about, **_shown(table, mapping), "name": name}
    if not people:
        for table in tables[:1]:
            yield None, {**about, **_shown(table, recognise(table, known)), "wrong": NOBODY._asdict()}
        if not tables:
            yield None, {**about, "wrong": Word("没有一行内容", "there is no row in it")._asdict()}


def tables_of(file: dict[str, Any], home: Path) -> list[Table]:
    """The tables of a file that was kept."""
    data = (home / file["sha256"]).read_bytes()
    if file["pasted"]:
        return [read_pasted(data.decode("utf-8"), file["name"])]
    return read_file(data, file["name"])


def _shown(table: Table, mapping: Mapping) -> dict[str, Any]:
    """What a person needs to see whether the columns were recognised."""
    return {
        "sheet": table.sheet, "columns": list(table.columns), "rows": [list(r) for r in table.rows[:PREVIEW]], "count": len(table.rows),
        "mapping": mapping.to_json(), "header": mapping.header, "form": table.form,
        "notices": [{"row": n.row, "column": n.column, "zh": n.zh, "en": n.en} for n in table.notices[:20]],
    }  # fmt: skip
