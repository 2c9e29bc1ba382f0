"""Files of SORMAS: cases, contacts, events with participants, participants, facilities, communities; import templates and exports. Enters nothing.

Property names are SORMAS's own (``person.firstName``), in one row, with a row of entities above where its exports have one.
"""

import datetime
import re
from collections.abc import Sequence

from bulou.lists.exported import Sheet, sheets
from bulou.lists.peers import DATE_EN, DATE_ZH, Link, Person, Reading, Row, Site, Test, key_of, meaning, reading, said

#: Names by which SORMAS gives an id, the surest first.
IDS = ("externalid", "uuid", "externaltoken", "epidnumber", "casereferencenumber", "internaltoken", "id")
#: Names by which a contact says whose contact it is.
OF_CASE = ("caseidexternalsystem", "caze.uuid", "caze.externalid", "sourcecaseuuid", "caseuuid", "caze", "caze.epidnumber")
#: For each day, the names it may stand under.
ON: dict[str, tuple[str, ...]] = {
    "onset": ("symptoms.onsetdate", "onsetdate"),
    "reported": ("reportdate", "reportdatetime"),
    "diagnosed": ("classificationdate",),
    "admitted": ("hospitalization.admissiondate", "admissiondate"),
    "outcome_on": ("outcomedate",),
    "died_on": ("person.deathdate", "deathdate"),
    "last_contact": ("lastcontactdate",),
    "exposed_from": ("firstcontactdate",),
}
KNOWN = frozenset((
    *IDS, *OF_CASE, *(n for names in ON.values() for n in names), "disease", "person.firstname", "person.lastname", "firstname", "lastname",
    "person.sex", "sex", "region", "district", "community", "responsibleregion", "responsibledistrict", "caseclassification", "healthfacility",
    "eventtitle", "eventdesc", "eventstatus", "startdate", "involvementdescription", "name", "archived", "publicownership", "type", "latitude",
    "contactproximity", "relationtocase", "presentcondition", "person.presentcondition", "sampledatetime", "sampletestresult",
))  # fmt: skip
#: Names whose words stand in a fact as they are; the words of all others are kept in the receipt.
_HELD = frozenset((
    *(n for names in ON.values() for n in names), "firstname", "lastname",
    "phone", "lastcontactdate",
)) - {"reportdatetime"}  # fmt: skip


def normal(heading: str) -> str:
    """A property name without case and marks, its dots kept."""
    return re.sub(r"[^a-z0-9.]", "", heading.strip().lower().removeprefix("caze.case").removeprefix("casedata."))


def kind_of(sheet: Sheet) -> str:
    """What the rows of a sheet are: case, contact, event, participant, place or area."""
    names = set(sheet.names)
    if names & {"eventtitle", "eventdesc", "eventstatus"}:
        return "event"
    if names & {"lastcontactdate", "caseidexternalsystem", "contactproximity", "contactclassification", "relationtocase"}:
        return "contact"
    if "involvementdescription" in names:
        return "participant"
    if "name" in names and not names & {"person.firstname", "firstname", "disease"}:
        return "place" if names & {"type", "facilitytype", "publicownership", "community"} else "area"
    return "case"


def read(files: Sequence[tuple[str, bytes]], zone: str = "Asia/Shanghai", told: str | None = None) -> Reading:
    """Every row of these files with its fate. ``told``: dmy or mdy, where nothing in a file tells. Unreadable for what is not SORMAS's."""
    out = reading("sormas")
    found = [(kind_of(s), s) for name, data in files for s in sheets(data, name, normal, KNOWN)]
    seen: dict[tuple[str, str], int] = {}
    order = ("area", "place", "event", "case", "contact", "participant")
    for kind, sheet in sorted(found, key=lambda f: order.index(f[0])):
        out.rows.extend(
            Row(sheet.table.name, a.number, a.code, "", "aside", left={"": " ".join(a.cells).strip()}) for a in sheet.table.aside
        )
        for i in range(len(sheet.table.rows)):
            {"area": _site, "place": _site, "event": _event}.get(kind, _someone)(out, sheet, i, kind, zone, told, seen)
    return out


def _put(out: Reading, sheet: Sheet, i: int, kind: str, key: str, fate: str = "ready", field: str = "", zh: str = "", en: str = "") -> int:
    left = sheet.left(i, _HELD if fate == "ready" else ())
    out.rows.append(Row(sheet.table.name, sheet.table.numbers[i], kind, key, fate, field, zh, en, left))
    return len(out.rows) - 1


def _born(sheet: Sheet, i: int) -> str | None:
    parts = [sheet.cell(i, f"person.birthdate{p}", f"birthdate{p}").removesuffix(".0") for p in ("yyyy", "mm", "dd")]
    if not all(p.isdigit() for p in parts):
        return None  # an age or a year alone is no date of birth; its words are kept
    try:
        return datetime.date(*map(int, parts)).isoformat()
    except ValueError:
        return None


def _name(sheet: Sheet, i: int) -> str:
    return " ".join(filter(None, (sheet.cell(i, "person.firstname", "firstname"), sheet.cell(i, "person.lastname", "lastname"))))


def _someone(out: Reading, sheet: Sheet, i: int, kind: str, zone: str, told: str | None, seen: dict[tuple[str, str], int]) -> None:
    on: dict[str, str] = {}
    for field, names in ON.items():
        day, wrong = sheet.day(i, zone, told, *names)
        if wrong:
            _put(
                out,
                sheet,
                i,
                kind,
                sheet.cell(i, *IDS),
                "refused",
                wrong,
                f"“{sheet.cell(i, *names)}”{DATE_ZH}",
                f'"{sheet.cell(i, *names)}" {DATE_EN}',
            )
            return
        if day and (field != "last_contact" or kind == "contact"):
            on[field] = day
    ids = [key_of(v) for n in IDS if (v := sheet.cell(i, n))]
    name, born = _name(sheet, i), _born(sheet, i)
    if not ids and not name:
        _put(
            out,
            sheet,
            i,
            kind,
            "",
            "refused",
            "person.firstName",
            "既无编号也无姓名:无法认出是谁",
            "has neither an id nor a name: nobody can tell who this is",
        )
        return
    # Without an id of its own a row is known by whom and when it names: SORMAS's templates leave ids to the system.
    key = (
        ids[0]
        if ids
        else "|".join((kind, name.casefold(), born or "", sheet.cell(i, "person.sex", "sex").casefold(), on.get("reported", "")))
    )
    shown = sheet.cell(i, *IDS) or name
    if (kind, key) in seen:
        where = seen[kind, key]
        _put(out, sheet, i, kind, shown, "repeated", "", f"与第{where}行同一编号或同一人", f"the same id or person as row {where}")
        return
    seen[kind, key] = sheet.table.numbers[i]
    row = _put(out, sheet, i, kind, shown)
    out.aliases.update(dict.fromkeys(ids, key))
    area = tuple(filter(None, (sheet.cell(i, *names) for names in (
        ("community", "responsiblecommunity", "person.address.community"), ("district", "responsibledistrict", "person.address.district"),
        ("region", "responsibleregion", "person.address.region"),
    ))))  # fmt: skip
    outcome = meaning("outcome", sheet.cell(i, "outcome", "person.presentcondition", "presentcondition")) or ""
    if outcome == "dead" and "died_on" not in on and "outcome_on" in on:
        on["died_on"] = on["outcome_on"]
    address = ", ".join(filter(None, (sheet.cell(i, f"person.address.{p}") for p in ("street", "housenumber", "city", "address"))))
    hospital = sheet.cell(i, "healthfacility", "hospitalization.healthfacility")
    out.people.append(Person(
        row, key, kind if kind in ("case", "contact") else "participant", name or shown,
        meaning("sex", sheet.cell(i, "person.sex", "sex")) or "not_stated", on, sheet.cell(i, "person.approximateage", "approximateage"), born,
        sheet.cell(i, "person.phone", "phone") or None, address or None, None, area,
        meaning("status", sheet.cell(i, "caseclassification")) or "suspected", None, outcome, hospital or None, None,
    ))  # fmt: skip
    of = key_of(sheet.cell(i, *OF_CASE))
    if kind == "contact" and of:
        words = "; ".join(filter(None, (sheet.cell(i, n) for n in ("contactproximity", "relationtocase", "description"))))
        out.links.append(Link(row, of, key, words, on.get("last_contact")))
    _samples(out, sheet, i, row, key, zone, told)


def _groups(sheet: Sheet, starts: str, within: Sequence[str]) -> list[dict[str, int]]:
    """Columns of things that stand several times in a row, one group for each time that its first column comes again."""
    found: list[dict[str, int]] = []
    for c, name in enumerate(sheet.names):
        last = name.rsplit(".", 1)[-1]
        if starts in (name, last):
            found.append({})
        if found and last in within:
            found[-1].setdefault(last, c)
    return found


def _samples(out: Reading, sheet: Sheet, i: int, row: int, key: str, zone: str, told: str | None) -> None:
    cells = sheet.table.rows[i]
    for n, group in enumerate(
        _groups(sheet, "sampledatetime", ("sampledatetime", "pathogentestresult", "testresult", "testdatetime", "labsampleid"))
    ):
        at = group["sampledatetime"]
        if not said(cells[at]):
            continue
        taken, _ = _day(sheet, at, i, zone, told)
        if not taken:
            continue  # its words are in the receipt
        result = next(
            (meaning("result", cells[group[r]]) for r in ("pathogentestresult", "testresult") if r in group and said(cells[group[r]])), None
        )
        resulted = _day(sheet, group["testdatetime"], i, zone, told)[0] if "testdatetime" in group else None
        out.tests.append(Test(row, f"{key}#{n + 1}", key, taken, resulted, result))


def _day(sheet: Sheet, column: int, i: int, zone: str, told: str | None) -> tuple[str | None, str]:
    one = sheet.table._replace(
        rows=[(sheet.table.rows[i][column],)], numbers=[sheet.table.numbers[i]], columns=(sheet.table.columns[column],)
    )
    return Sheet(one, ("day",), {}).day(0, zone, told or sheet.writing(), "day")


def _event(out: Reading, sheet: Sheet, i: int, kind: str, zone: str, told: str | None, seen: dict[tuple[str, str], int]) -> None:
    title = sheet.cell(i, "eventtitle", "eventdesc", "uuid")
    began, wrong = sheet.day(i, zone, told, "startdate")
    ended, wrong_end = sheet.day(i, zone, told, "enddate")
    if wrong or wrong_end:
        _put(out, sheet, i, kind, title, "refused", wrong or wrong_end, DATE_ZH, DATE_EN)
        return
    row = _put(out, sheet, i, kind, title)
    cells = sheet.table.rows[i]
    within = ("involvementdescription", "firstname", "lastname", "sex", "community", "district")
    starts = "involvementdescription" if "involvementdescription" in sheet.names else "person.firstname"
    for n, group in enumerate(_groups(sheet, starts, within)):
        told_of = {name: cells[c].strip() for name, c in group.items() if said(cells[c])}
        name = " ".join(filter(None, (told_of.get("firstname"), told_of.get("lastname"))))
        if not name:
            continue
        key = "|".join(("event", title.casefold(), began or "", name.casefold(), told_of.get("sex", "").casefold(), str(n)))
        on = {"exposed_from": began, "exposed_until": ended or began} if began else {}
        words = ": ".join(filter(None, (title, told_of.get("involvementdescription"))))
        area = tuple(filter(None, (told_of.get("community"), told_of.get("district"))))
        out.people.append(Person(row, key, "participant", name, meaning("sex", told_of.get("sex", "")) or "not_stated",
                                 {k: v for k, v in on.items() if v}, area=area, source=words))  # fmt: skip


def _site(out: Reading, sheet: Sheet, i: int, kind: str, zone: str, told: str | None, seen: dict[tuple[str, str], int]) -> None:
    name = sheet.cell(i, "name")
    within = tuple(filter(None, (sheet.cell(i, n) for n in ("community", "district", "region"))))
    key = "|".join((kind, name.casefold(), *(w.casefold() for w in within)))
    if not name:
        _put(out, sheet, i, kind, "", "refused", "name", "没有名称", "has no name")
    elif (kind, key) in seen:
        _put(out, sheet, i, kind, name, "repeated", "", f"同第{seen[kind, key]}行", f"as row {seen[kind, key]}")
    else:
        seen[kind, key] = sheet.table.numbers[i]
        row = _put(out, sheet, i, kind, name)
        nature = "laboratory" if "LAB" in sheet.cell(i, "type", "facilitytype").upper() else "hospital"
        if kind == "place":
            out.sites.append(Site(row, key, name, nature, within=within))
