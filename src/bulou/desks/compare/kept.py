"""What the bench keeps: comparisons, their files, remembered columns. The only module that writes them; enters no fact.

Lists hold people of whom nobody knows yet whether the centre may keep them: each comparison has a folder of its own in the centre's
home, readable by its owner alone, which goes as a whole after three days or at once when its maker says so. No backup holds it.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import F, Q, QuerySet

from bulou.basis.ids import new_id, to_text
from bulou.basis.time import HOUR, Instant
from bulou.desks.compare.models import ColumnMapping, Comparison, DifferenceAct, ReviewDecision
from bulou.kit.looking import Looking
from bulou.lists.columns import Mapping

#: How long a comparison is kept.
KEPT = 72 * HOUR
#: Files of one comparison at most (each of their sheets may be a list), bytes of all of them, and comparisons of one user at a time.
MOST_FILES, MOST_BYTES, MOST_OWN = 8, 200_000_000, 20
#: Begun so often without an end it is not begun again: it ends the process that works at it.
MOST_TURNS = 3
#: States in which something is still being done.
OPEN = ("waiting", "running")


class Sent(NamedTuple):
    """A file as it came: what it is called, its bytes, whether it was pasted as text; of a list that was kept, what its columns are."""

    name: str
    data: bytes
    pasted: bool = False
    said: dict[str, str] | None = None


def folder(id_: bytes) -> Path:
    """Where the files of a comparison are."""
    return Path(settings.BULOU_HOME) / "comparisons" / id_.hex()


def visible(look: Looking) -> QuerySet[Comparison]:
    """The comparisons that someone may see: their own, and those handed to a post of theirs. Nobody sees everyone's."""
    if look.viewer.user is None:
        return Comparison.objects.none()
    own = Q(by=look.viewer.user.get_username())
    posts = {c.post for c in look.viewer.chairs}
    handed = [pk for pk, to in Comparison.objects.exclude(handed=[]).values_list("pk", "handed") if posts & set(to)]
    return Comparison.objects.filter(own | Q(pk__in=handed)).order_by("-at", "-pk")


def there() -> set[bytes]:
    """The ids of all comparisons that are kept: nothing else of them is said."""
    return {bytes(pk) for pk in Comparison.objects.values_list("pk", flat=True)}


def mine(look: Looking, comparison: Comparison) -> bool:
    """Whether someone made a comparison, and so may change it."""
    return look.viewer.user is not None and comparison.by == look.viewer.user.get_username()


def ahead(comparison: Comparison) -> int:
    """How many are worked at before this one."""
    return Comparison.objects.filter(state__in=OPEN, at__lt=comparison.at).exclude(pk=comparison.pk).count()


# --- files --------------------------------------------------------------------------------------------------------------
def begin(look: Looking, sent: Sequence[Sent], now: Instant) -> Comparison:
    """A new comparison of these files, waiting to be worked at."""
    assert look.viewer.user
    made = Comparison.objects.create(id=new_id(now), by=look.viewer.user.get_username(), at=now, state="draft")
    return add(made, sent)


def add(comparison: Comparison, sent: Sequence[Sent]) -> Comparison:
    """Puts files to a comparison and has it worked at anew. The same content twice is kept once, and stays two lists."""
    home = folder(comparison.pk)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = list(comparison.files)
    for one in sent:
        digest = hashlib.sha256(one.data).hexdigest()
        write_file(home / digest, one.data)
        files.append(
            {
                "sha256": digest,
                "name": one.name[:200],
                "bytes": len(one.data),
                "pasted": one.pasted,
                **({"said": one.said} if one.said else {}),
            }
        )
    return _again(comparison, files)


def take_out(comparison: Comparison, number: int) -> Comparison:
    """Takes one file out; its content goes at once."""
    files = [f for i, f in enumerate(comparison.files) if i != number]
    if (gone := comparison.files[number]["sha256"]) not in {f["sha256"] for f in files}:
        (folder(comparison.pk) / gone).unlink(missing_ok=True)
    # What was asked of lists by their letters is asked no more: the letters are another's now.
    Comparison.objects.filter(pk=comparison.pk).update(asks={**comparison.asks, "bridges": []} if comparison.asks else {})
    return _again(comparison, files)


def again(comparison: Comparison) -> Comparison:
    """Has it worked at anew, as after a correction of columns."""
    return _again(comparison, comparison.files)


def correct(comparison: Comparison, number: int, sheet: str, mapping: Mapping) -> Comparison:
    """Says for one sheet of one file which column is which, and has all worked at anew."""
    files = [dict(f) for f in comparison.files]
    files[number]["said"] = {**files[number].get("said", {}), sheet: mapping.to_json()}
    return _again(comparison, files)


def uncorrect(comparison: Comparison, number: int, sheet: str) -> Comparison:
    """Takes back what was said of a sheet's columns."""
    files = [dict(f) for f in comparison.files]
    files[number]["said"] = {k: v for k, v in files[number].get("said", {}).items() if k != sheet}
    return _again(comparison, files)


def ask(comparison: Comparison, asks: dict[str, Any]) -> Comparison:
    """Says what is asked of it beside its figures, and has that worked out; the answer that stands is not made anew."""
    answered = (folder(comparison.pk) / "answer" / "asked.json").exists() and comparison.state == "done"
    Comparison.objects.filter(pk=comparison.pk).update(asks=asks, **({"state": "waiting", "turn": 0} if answered else {}))
    return Comparison.objects.get(pk=comparison.pk)


def _again(comparison: Comparison, files: list[dict[str, Any]]) -> Comparison:
    shutil.rmtree(folder(comparison.pk) / "answer", ignore_errors=True)
    state = "waiting" if files else "draft"
    Comparison.objects.filter(pk=comparison.pk).update(files=files, state=state, turn=0)
    return Comparison.objects.get(pk=comparison.pk)


def write_file(path: Path, data: bytes) -> None:
    """Writes a file for its owner alone; nothing is there until all of it is."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(path.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    part.replace(path)


def write_json(path: Path, what: Any) -> None:
    """Writes a file of a comparison, for its owner alone; nothing is there until all of it is."""
    write_file(path, json.dumps(what, ensure_ascii=False, separators=(",", ":")).encode())


def read_json(path: Path) -> Any:
    """What ``write_json`` wrote; ``None`` where nothing is."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None


# --- its state ----------------------------------------------------------------------------------------------------------
def claim() -> Comparison | None:
    """The next that waits, now running."""
    waiting = Comparison.objects.filter(state="waiting").order_by("at", "pk").values_list("pk", flat=True).first()
    if waiting is None or not Comparison.objects.filter(pk=waiting, state="waiting").update(state="running", turn=F("turn") + 1):
        return None
    return Comparison.objects.get(pk=waiting)


def running(comparison: Comparison) -> bool:
    """Whether it should still be worked at: nobody cancelled it, took it away or changed its files."""
    return Comparison.objects.filter(pk=comparison.pk, state="running", turn=comparison.turn).exists()


def done(comparison: Comparison) -> bool:
    """Whether the answer of this turn still stands."""
    return Comparison.objects.filter(pk=comparison.pk, state="done", turn=comparison.turn).exists()


def end(comparison: Comparison, state: str) -> None:
    """Writes down how work at it ended, unless something else was decided meanwhile."""
    Comparison.objects.filter(pk=comparison.pk, state="running", turn=comparison.turn).update(state=state)


def cancel(comparison: Comparison) -> None:
    """Ends work at it; its files stay."""
    Comparison.objects.filter(pk=comparison.pk, state__in=OPEN).update(state="cancelled")


def take_up() -> None:
    """What was being worked at when the worker ended waits again; what ended it too often has failed."""
    Comparison.objects.filter(state="running", turn__gte=MOST_TURNS).update(state="failed")
    Comparison.objects.filter(state="running").update(state="waiting")


def hand(comparison: Comparison, posts: Iterable[str]) -> None:
    """Says which posts may see it beside its maker."""
    Comparison.objects.filter(pk=comparison.pk).update(handed=sorted(set(posts)))


def destroy(comparison: Comparison) -> None:
    """Takes it away: the row, every file, the answer, what was said of those on no register."""
    DifferenceAct.objects.filter(comparison=comparison.pk).delete()
    ReviewDecision.objects.filter(comparison=comparison.pk).delete()
    Comparison.objects.filter(pk=comparison.pk).delete()
    shutil.rmtree(folder(comparison.pk), ignore_errors=True)


def sweep(now: Instant) -> int:
    """Takes away what is older than ``KEPT``, and folders that belong to nothing; how many went."""
    old = list(Comparison.objects.filter(at__lt=now - KEPT))
    for one in old:
        destroy(one)
    known = {pk.hex() for pk in Comparison.objects.values_list("pk", flat=True)}
    home = Path(settings.BULOU_HOME) / "comparisons"
    for path in home.iterdir() if home.is_dir() else ():
        if path.name not in known and not Comparison.objects.filter(pk=bytes_of(path.name)).exists():
            shutil.rmtree(path, ignore_errors=True)
    return len(old)


def bytes_of(text: str) -> bytes:
    """The id that a folder or file is named by; nothing where it is named otherwise."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


# --- columns ------------------------------------------------------------------------------------------------------------
def _key(header: str) -> str:
    return hashlib.sha256(header.encode()).hexdigest()


def remembered(headers: Iterable[str]) -> list[Mapping]:
    """The mappings that people gave lists with these headings."""
    found = ColumnMapping.objects.filter(header__in=[_key(h) for h in headers]).values_list("mapping", flat=True)
    return [mapping for text in found if (mapping := _read(text))]


def _read(text: str) -> Mapping | None:
    """A mapping that was kept; none where the fields of another version are not those of this one."""
    try:
        return Mapping.from_json(text)
    except ValueError:
        return None


def said_of(file: dict[str, Any], sheet: str, header: str) -> Mapping | None:
    """What was said of a sheet of a file in this comparison, while it has the same headings."""
    found = _read(file.get("said", {}).get(sheet, ""))
    return found if found and found.header == header else None


def remember(mapping: Mapping, look: Looking, now: Instant) -> None:
    """Keeps a mapping for every list with these headings, in the place of what was kept before."""
    assert look.viewer.user
    said = {"mapping": mapping.to_json(), "by": look.viewer.user.get_username(), "at": now}
    ColumnMapping.objects.update_or_create(header=_key(mapping.header), defaults=said)


def forget(header: str) -> None:
    """Lists with these headings are recognised by their words again."""
    ColumnMapping.objects.filter(header=_key(header)).delete()


def name_of(comparison: Comparison) -> str:
    """What a comparison is called: its files, shortly."""
    return ", ".join(str(f["name"]) for f in comparison.files)[:120] or to_text(comparison.pk)[:8]
