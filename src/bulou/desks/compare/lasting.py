"""What outlasts a comparison: lists kept for tomorrow, definitions of others, empty workbooks of the city. The only module that writes them.

A list kept holds people: it has an hour at which it goes, is seen by its maker and the posts that it was handed to, and stands in a
folder that no backup holds. Definitions and empty workbooks name nobody and are the centre's.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as FieldMap
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from bulou.basis.ids import new_id
from bulou.basis.time import HOUR, Instant
from bulou.desks.compare.kept import Sent, bytes_of, write_file
from bulou.desks.compare.models import CityWorkbook, KeptList, SavedDefinition
from bulou.kit.looking import Looking
from bulou.lists.columns import Mapping, signature
from bulou.lists.definitions import Definition, NotADefinition, read, write
from bulou.lists.headings import words
from bulou.lists.reading import read_file

#: Hours for which a list may be kept, and how many lists of one user, definitions and workbooks there may be at most.
HOURS = (24, 48, 72, 168)
MOST_LISTS, MOST_DEFINITIONS, MOST_WORKBOOKS = 40, 60, 30
#: Bytes of a workbook of the city at most.
MOST_BYTES = 20_000_000


def _account(look: Looking) -> str:
    assert look.viewer.user
    return look.viewer.user.get_username()


def _place(what: str, id_: bytes) -> Path:
    return Path(settings.BULOU_HOME) / what / id_.hex()


# --- lists --------------------------------------------------------------------------------------------------------------
def lists(look: Looking, now: Instant) -> QuerySet[KeptList]:
    """The lists that someone may take: their own, and those handed to a post of theirs; none whose hour has come."""
    if look.viewer.user is None:
        return KeptList.objects.none()
    there = KeptList.objects.filter(until__gt=now)
    posts = {c.post for c in look.viewer.chairs}
    handed = [pk for pk, to in there.exclude(handed=[]).values_list("pk", "handed") if posts & set(to)]
    return there.filter(Q(by=_account(look)) | Q(pk__in=handed)).order_by("-at", "-pk")


def keep(look: Looking, name: str, columns: FieldMap[str, Sequence[str | None]], now: Instant, hours: int) -> KeptList:
    """Keeps a list, its columns by field, until its hour."""
    many = len(next(iter(columns.values()), ()))
    made = KeptList(id=new_id(now), by=_account(look), at=now, until=Instant(now + hours * HOUR), name=name[:200], rows=many)
    write_file(_place("kept-lists", made.pk), as_csv(columns))
    made.save(force_insert=True)
    return made


def as_csv(columns: FieldMap[str, Sequence[str | None]]) -> bytes:
    """Columns by field as a file that ``taken`` reads."""
    file = io.StringIO()
    out = csv.writer(file)
    out.writerow(words()[f].word.zh for f in columns)
    out.writerows([v or "" for v in row] for row in zip(*columns.values(), strict=True))
    return file.getvalue().encode("utf-8-sig")


def taken(one: KeptList) -> Sent | None:
    """A kept list as a file of a comparison, its columns said; none where its file is gone."""
    try:
        return of_fields(one.name, _place("kept-lists", one.pk).read_bytes())
    except FileNotFoundError:
        return None


def of_fields(name: str, data: bytes) -> Sent:
    """A file that ``as_csv`` wrote, with what each of its columns is: nothing in it has to be recognised."""
    (table, *_more) = read_file(data, "kept.csv")
    of = {w.word.zh: f for f, w in words().items()}
    fields = {of[heading]: n for n, heading in enumerate(table.columns) if heading in of}
    mapping = Mapping(fields, dict.fromkeys(fields, 1.0), signature(table.columns), {}, {})
    return Sent(f"{name}.csv" if not name.endswith(".csv") else name, data, said={table.sheet: mapping.to_json()})


def hand(one: KeptList, posts: Iterable[str]) -> None:
    """Says which posts may take it beside its maker."""
    KeptList.objects.filter(pk=one.pk).update(handed=sorted(set(posts)))


def drop(one: KeptList) -> None:
    """Takes a list away, its rows at once."""
    KeptList.objects.filter(pk=one.pk).delete()
    _place("kept-lists", one.pk).unlink(missing_ok=True)


def sweep(now: Instant) -> int:
    """Takes away lists whose hour has come, and files that belong to none; how many went."""
    old = list(KeptList.objects.filter(until__lte=now))
    for one in old:
        drop(one)
    home = Path(settings.BULOU_HOME) / "kept-lists"
    if home.is_dir():
        known = {pk.hex() for pk in KeptList.objects.values_list("pk", flat=True)}
        for path in home.iterdir():
            # One that is being kept this moment has its file before its row.
            if path.name not in known and (path.suffix != ".part") and not KeptList.objects.filter(pk=bytes_of(path.name)).exists():
                path.unlink(missing_ok=True)
    return len(old)


# --- definitions --------------------------------------------------------------------------------------------------------
def definitions() -> list[Definition]:
    """How others count, by code; one that this version cannot read is left out."""
    found = list[Definition]()
    for text in SavedDefinition.objects.order_by("code").values_list("text", flat=True):
        try:
            found += read(text, "json")
        except NotADefinition:
            continue
    return found


def define(look: Looking, many: Iterable[Definition], now: Instant) -> None:
    """Keeps definitions under their codes, each in the place of the one that was there."""
    for one in many:
        said = {"text": write([one], "json"), "by": _account(look), "at": now}
        SavedDefinition.objects.update_or_create(code=one.code, defaults=said)


def undefine(code: str) -> None:
    """Counts no longer as this one says."""
    SavedDefinition.objects.filter(code=code).delete()


# --- workbooks of the city ----------------------------------------------------------------------------------------------
def workbooks() -> QuerySet[CityWorkbook]:
    """The city's empty workbooks, the latest first."""
    return CityWorkbook.objects.order_by("-at", "-pk")


def keep_workbook(look: Looking, name: str, data: bytes, now: Instant) -> CityWorkbook:
    """Keeps an empty workbook; one of the same name takes the place of the one before, which may be gone in another's hands."""
    made = CityWorkbook(id=new_id(now), by=_account(look), at=now, name=name[:200])
    write_file(_place("city-workbooks", made.pk), data)
    made.save(force_insert=True)
    for old in CityWorkbook.objects.filter(name=made.name).exclude(pk=made.pk):
        drop_workbook(old)
    return made


def workbook_of(one: CityWorkbook) -> bytes | None:
    """The file; none where it is gone."""
    try:
        return _place("city-workbooks", one.pk).read_bytes()
    except FileNotFoundError:
        return None


def drop_workbook(one: CityWorkbook) -> None:
    """Takes it away."""
    CityWorkbook.objects.filter(pk=one.pk).delete()
    _place("city-workbooks", one.pk).unlink(missing_ok=True)
