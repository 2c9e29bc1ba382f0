"""Files of Go.Data: cases, contacts, follow-ups, relationships, laboratory results, events, locations, teams. Enters nothing.

Headings may be property names (``dateOfOnset``), snake case, labels ("Date of onset"), or the tokens of labels
(``LNG_CASE_FIELD_LABEL_DATE_OF_ONSET``); values may be plain or tokens (``LNG_REFERENCE_DATA_CATEGORY_GENDER_MALE``).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from bulou.lists.exported import Sheet, sheets
from bulou.lists.peers import DATE_EN, DATE_ZH, Link, Person, Reading, Row, Site, Test, Watch, bare, key_of, meaning, reading

ON: dict[str, tuple[str, ...]] = {
    "infected": ("dateofinfection", "datedinfection", "fechadeinfeccion"),
    "onset": (
        "dateofonset",
        "onsetdate",
        "datedapparitiondessymptomes",
        "datededebutdessymptomes",
        "datededebut",
        "fechadeiniciodesintomas",
        "fechadeinicio",
    ),
    "reported": (
        "dateofreporting",
        "dateofnotification",
        "datedenotification",
        "datedesignalement",
        "fechadenotificacion",
        "fechadeinforme",
    ),
    "admitted": ("hospitalizationstartdate", "dateranges.0.startdate", "hospitalizationdatesstartdate"),
    "outcome_on": ("dateofoutcome", "datedelissue", "fechadelresultado"),
    "died_on": ("dateofdeath",),
    "last_contact": ("dateoflastcontact", "datedederniercontact", "dateduderniercontact", "fechadelultimocontacto"),
}
NAME = (
    ("firstname", "firstnames", "givenname", "prenom", "nombre"),
    ("middlename",),
    ("lastname", "surname", "familyname", "nomdefamille", "apellido", "apellidos"),
)
ID = ("uuid", "databaseid", "dbid", "id", "_id")
SHOWN = ("visualid", "caseid", "contactid", "contactofcontactid")
STATUS = ("classification", "caseclassification", "clasificacion")
SEX = ("gender", "sex", "genre", "sexe", "sexo", "genero")
AREA = ("locationid", "addresseslocationid", "addresses.0.locationid", "address.locationid", "usualplaceofresidencelocationid", "location",
        "addresseslocation", "addresses.1location", "addresses.1locationid", "addresses.1.location", "admin3name", "admin2name", "admin1name")  # fmt: skip
#: What names tell what a sheet is: the first kind that has one of its names.
KINDS: dict[str, frozenset[str]] = {
    "relationship": frozenset(("sourceuuid", "targetuuid", "sourcevisualid", "targetvisualid", "sourceid", "targetid", "persons.0.id",
                               "source", "sourceperson", "persons1id")),
    "test": frozenset(("sampleidentifier", "datesampletaken", "sampletype", "typeofsample", "labname", "dateofresult")),
    "follow-up": frozenset(("followupstatus", "followupnumber", "dateoffollowup", "statusid", "performed", "targeted")),
    "event": frozenset(("eventname", "dateofevent")),
    "location": frozenset(("adminlevel", "geographicallevelid", "parentlocationid", "geographicallevel")),
    "team": frozenset(("userids", "userid", "locationids", "teamname", "userids.0")),
    "case": frozenset((*STATUS, "caseid", "outcomeid", "outcome", "dateofonset", "dateofinfection")),
    "contact": frozenset(("contactid", "contactstatus", "followupstatusid", "dateoflastcontact", "datebecomecontact", "dateofbecomingcontact",
                          "followup.status", "followup.startdate")),
}  # fmt: skip
#: Names that tell nothing alone, because files of several kinds have them.
COMMON = frozenset((*ID, *SHOWN, *(n for part in NAME for n in part), *(n for names in ON.values() for n in names), *SEX, "age", "name",
                    "code", "type", "date", "locationid", "personid", "occupation", "address", "city", "result", "long", "lat"))  # fmt: skip
KNOWN = COMMON.union(*KINDS.values())
#: A sheet of persons is one of these by the fields of a person, whatever else stands in it.
_PERSONAL = frozenset((*SEX, "firstname", "age", "ageyears", "age.years", "dob", "occupation"))
_ORDER = ("location", "team", "event", "case", "contact", "relationship", "follow-up", "test")
SEEN = {
    "seen ok": "seen", "seenok": "seen", "seen": "seen", "seen not ok": "symptoms", "seennotok": "symptoms",
    "missed": "not_found", "not seen": "not_found", "notseen": "not_found",
    "not performed": "", "notperformed": "", "not attempted": "", "notattempted": "",
}  # fmt: skip
_TOKEN = re.compile(r"^LNG_(?:[A-Z]+_)*?FIELD_LABEL_", re.IGNORECASE)


def normal(heading: str) -> str:
    """A heading without tokens, case and marks; dots and places in lists are kept ("addresses[0].city" is addresses.0.city)."""
    text = _TOKEN.sub("", heading.strip().replace("\ufeff", ""))
    text = re.sub(r"\[(\d+)\]", r".\1", text)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() if not re.search(r"[一-鿿]", text) else text
    return re.sub(r"[^a-z0-9.一-鿿]", "", plain.lower()).strip(".")


def kind_of(sheet: Sheet) -> str:
    """What the rows of a sheet are; "" where nothing tells. A name of the file decides between what looks alike."""
    names = set(sheet.names)
    file = re.sub(r"[^a-z]", "", sheet.table.name.lower())
    for word, kind in (
        ("relationship", "relationship"),
        ("followup", "follow-up"),
        ("lab", "test"),
        ("location", "location"),
        ("team", "team"),
    ):
        if word in file and names & KINDS[kind]:
            return kind
    personal = len(names & _PERSONAL) >= 2
    for kind, own in KINDS.items():
        if kind in ("location", "team", "event") and personal:
            continue
        if kind == "follow-up" and personal and "dateoffollowup" not in names:
            continue
        if kind == "relationship" and personal and not names & {"sourceuuid", "sourceid", "persons.0.id"}:
            continue
        if kind == "case" and "contact" in file and "contactofcontact" not in file and not names & set(STATUS):
            continue
        if names & own:
            return kind
    return "contact" if "contact" in file and personal else "case" if personal else ""


def read(files: Sequence[tuple[str, bytes]], zone: str = "Asia/Shanghai", told: str | None = None) -> Reading:
    """Every row of these files with its fate, people before what is about them. Unreadable for a file with no heading of Go.Data's."""
    out = reading("godata")
    found = [(kind_of(s), s) for name, data in files for s in sheets(data, name, normal, KNOWN)]
    events: dict[str, tuple[str, str | None]] = {}
    for kind, sheet in sorted(found, key=lambda f: _ORDER.index(f[0]) if f[0] else -1):
        out.rows.extend(
            Row(sheet.table.name, a.number, a.code, "", "aside", left={"": " ".join(a.cells).strip()}) for a in sheet.table.aside
        )
        one = _Rows(out, sheet, kind or "row", zone, told, events, {})
        for i in range(len(sheet.table.rows)):
            one.take(i)
    return out


class _Rows:
    """The rows of one sheet on their way into a reading."""

    def __init__(
        self,
        out: Reading,
        sheet: Sheet,
        kind: str,
        zone: str,
        told: str | None,
        events: dict[str, tuple[str, str | None]],
        seen: dict[str, int],
    ) -> None:
        self.out, self.sheet, self.kind, self.zone, self.told, self.events, self.seen = out, sheet, kind, zone, told, events, seen
        self.people = {p.key for p in out.people}

    def take(self, i: int) -> None:
        match self.kind:
            case "case" | "contact":
                self._person(i)
            case "relationship":
                self._relationship(i)
            case "follow-up":
                self._followup(i)
            case "test":
                self._test(i)
            case "location":
                self._location(i)
            case "event":
                self._event(i)
            case _:
                self._put(i, self.cell(i, "name", *ID, *SHOWN), held=())

    def cell(self, i: int, *names: str) -> str:
        return self.sheet.cell(i, *names)

    def _put(
        self, i: int, key: str, fate: str = "ready", field: str = "", zh: str = "", en: str = "", held: Sequence[str] = (), kind: str = ""
    ) -> int:
        left = self.sheet.left(i, frozenset(held) if fate == "ready" else ())
        self.out.rows.append(Row(self.sheet.table.name, self.sheet.table.numbers[i], kind or self.kind, key, fate, field, zh, en, left))
        return len(self.out.rows) - 1

    def _days(self, i: int, key: str, wanted: dict[str, tuple[str, ...]], kind: str = "") -> dict[str, str] | None:
        """The days of a row; None where one cannot be read: then the row was refused."""
        found: dict[str, str] = {}
        for field, names in wanted.items():
            day, wrong = self.sheet.day(i, self.zone, self.told, *names)
            if wrong:
                self._put(i, key, "refused", wrong, f"“{self.cell(i, *names)}”{DATE_ZH}", f'"{self.cell(i, *names)}" {DATE_EN}', kind=kind)
                return None
            if day:
                found[field] = day
        return found

    def _again(self, i: int, key: str, shown: str, kind: str = "") -> bool:
        """Whether this id came before in the sheet: then the row says nothing of its own."""
        if key not in self.seen:
            self.seen[key] = self.sheet.table.numbers[i]
            return False
        before = self.sheet.table.rows[self.sheet.table.numbers.index(self.seen[key])]
        now = self.sheet.table.rows[i]
        differ = [h for h, a, b in zip(self.sheet.table.columns, before, now, strict=True) if a.strip() != b.strip()]
        self._put(i, shown, "repeated", "", f"同一编号见第{self.seen[key]}行;不同:{'、'.join(differ) or '无'}",
                  f"the same id as row {self.seen[key]}; differs in: {', '.join(differ) or 'nothing'}", kind=kind)  # fmt: skip
        return True

    def _person(self, i: int) -> None:
        type_ = bare(self.cell(i, "type")).upper()
        kind = "contact" if type_.endswith("CONTACT") else "case" if type_.endswith("TYPE_CASE") or type_ == "CASE" else self.kind
        own = [self.cell(i, name) for name in (*ID, *SHOWN)]
        ids = list(dict.fromkeys(key_of(v) for v in own if v))
        shown = self.cell(i, *SHOWN, *ID)
        name = " ".join(filter(None, (self.cell(i, *names) for names in NAME))) or self.cell(i, "name")
        if not ids:
            self._put(
                i,
                name,
                "refused",
                "id",
                "没有编号:无法认出是谁,也无法与他人相连",
                "has no id: nobody can tell who this is, nor link to them",
                kind=kind,
            )
            return
        key = ids[0]
        on = self._days(i, shown, ON, kind)
        if on is None or self._again(i, key, shown, kind):
            return
        if key in self.people:
            self._put(
                i,
                shown,
                "ready",
                "",
                "此人已在病例中:接触关系照录",
                "this person stands among the cases; links to them are taken",
                kind=kind,
            )
            return
        self.people.add(key)
        self.out.aliases.update({other: key for other in ids if other not in self.out.aliases})
        outcome = meaning("outcome", self.cell(i, "outcomeid", "outcome")) or ""
        if outcome == "dead" and "died_on" not in on and "outcome_on" in on:
            on["died_on"] = on["outcome_on"]
        if kind == "case":
            on.pop("last_contact", None)
        born, _ = self.sheet.day(i, self.zone, self.told, "dob", "dateofbirth")
        held = ("firstname", "lastname", "middlename", "dateofonset", "dateofinfection", "dateofreporting", "phonenumber", "dob")
        row = self._put(i, shown, held=held, kind=kind)
        self.out.people.append(Person(
            row, key, kind, name or shown, meaning("sex", self.cell(i, *SEX)) or "not_stated", on,
            self.cell(i, "age", "ageyears", "age.years"), born and born[:10], self.cell(i, "phonenumber", "telephone", "phone") or None,
            ", ".join(filter(None, (self.cell(i, n) for n in ("address", "addressline1", "addresses.0.addressline1", "city")))) or None, None,
            tuple(dict.fromkeys(filter(None, (self.cell(i, n) for n in AREA)))), meaning("status", self.cell(i, *STATUS)) or "suspected", None, outcome,
            self.cell(i, "hospitalizationcentername", "dateranges.0.centername") or None,
        ))  # fmt: skip

    def _relationship(self, i: int) -> None:
        source = self.cell(i, "sourceuuid", "sourceid", "persons.0.id", "persons1id", "sourcevisualid", "source", "sourceperson")
        target = self.cell(i, "targetuuid", "targetid", "persons.1.id", "persons2id", "targetvisualid", "target", "targetperson")
        shown = (
            " → ".join(self.cell(i, n, m) for n, m in (("sourcevisualid", "sourceuuid"), ("targetvisualid", "targetuuid")))
            or f"{source} → {target}"
        )
        dates = {"on": ("dateoflastcontact", "contactdate", "dateoflastcontactexposure"), "began": ("dateoffirstcontact",)}
        on = self._days(i, shown, dates, "link")
        if on is None or self._again(i, key_of(self.cell(i, *ID)) or f"{source}|{target}|{on.get('on', '')}", shown, "link"):
            return
        said_ = (self.cell(i, *names) for names in (
            ("contextofexposure", "socialrelationshiptypeid", "exposurecontext", "contextofexposureid"),
            ("exposuretype", "exposuretypeid"), ("relationdetail", "socialrelationshipdetail", "relation"), ("comment",),
        ))  # fmt: skip
        words = "; ".join(bare(w).strip() for w in said_ if w)
        event = next((e for e in (key_of(source), key_of(target)) if e in self.events), None)
        if event:  # an event exposes whoever was there: they were at a place, not with someone
            name, day = self.events[event]
            who = key_of(target if event == key_of(source) else source)
            row = self._put(i, shown, kind="link")
            self.out.links.append(Link(row, f"event:{name}", who, words, on.get("on") or day, None))
            return
        if not source or not target:
            self._put(i, shown, "refused", "source", "关系的一端没有编号", "one end of the relationship has no id", kind="link")
            return
        row = self._put(i, shown, held=("sourceuuid", "targetuuid", "dateoflastcontact"), kind="link")
        self.out.links.append(Link(row, key_of(source), key_of(target), words, on.get("on"), on.get("began")))

    def _followup(self, i: int) -> None:
        who = self.cell(
            i, "contactuuid", "personid", "contact.id", "contactdatabaseid", "contactid", "contact.visualid", "contactvisualid", "person"
        )
        told = self.cell(i, "followupstatus", "statusid", "status")
        on = self._days(i, who, {"on": ("dateoffollowup", "date", "followupdate")})
        if on is None:
            return
        day = on.get("on", "")
        status = bare(told).lower().replace("_", " ").strip()
        outcome = next((code for said_, code in sorted(SEEN.items(), key=lambda s: -len(s[0])) if status.endswith(said_)), None)
        key = key_of(self.cell(i, *ID)) or f"{key_of(who)}|{day}|{status}"
        if self._again(i, key, who):
            return
        if not who or not day:
            field, zh, en = (
                ("contact", "没有写是谁的随访", "does not say whose follow-up it is") if not who else ("date", "没有日期", "has no date")
            )
            self._put(i, who, "refused", field, zh, en)
            return
        if outcome is None and told:
            self._put(
                i, who, "refused", "status", f"“{told}”不是认得的随访状态", f'"{told}" is no status of a follow-up that is known here'
            )
            return
        row = self._put(i, self.cell(i, "contactid", "contact.visualid") or who, held=("dateoffollowup",))
        self.out.watches.append(Watch(row, key, key_of(who), day, outcome or ""))

    def _test(self, i: int) -> None:
        who = self.cell(
            i, "personid", "person.id", "personuuid", "caseuuid", "contactuuid", "person.visualid", "personvisualid", "caseid", "person"
        )
        ident = self.cell(i, *ID) or self.cell(i, "sampleidentifier")
        shown = self.cell(i, "sampleidentifier", "samplelabid") or ident
        on = self._days(i, shown, {"taken": ("datesampletaken", "sampletakendate"), "resulted": ("dateofresult", "datetesting")})
        if on is None or self._again(i, key_of(ident) or f"{key_of(who)}|{on.get('taken', '')}", shown):
            return
        if not who:
            self._put(i, shown, "refused", "person", "没有写是谁的样本", "does not say whose sample it is")
            return
        told = self.cell(i, "result", "labresult", "testresult")
        row = self._put(i, shown, held=("datesampletaken",))
        if "taken" in on:
            tube = f"{shown}~{key_of(ident)[:8]}" if shown != ident else shown
            result = meaning("result", told) if told else None
            self.out.tests.append(Test(row, tube, key_of(who), on["taken"], on.get("resulted"), result))

    def _location(self, i: int) -> None:
        code, name = self.cell(i, "locationid", "id", "uuid", "code"), self.cell(i, "name", "locationname")
        if not code or not name:
            self._put(i, name or code, "refused", "id", "没有编号或名称", "has no id or no name", kind="area")
        elif not self._again(i, code, name, "area"):
            row = self._put(i, code, held=("locationid", "name", "parentlocationid"), kind="area")
            lon, lat = (
                _number(self.cell(i, *names))
                for names in (("long", "lng", "geolocation.lng", "longitude"), ("lat", "geolocation.lat", "latitude"))
            )
            level = re.sub(r"\D", "", self.cell(i, "adminlevel", "geographicallevelid", "geographicallevel"))
            self.out.sites.append(
                Site(row, code, name, "area", self.cell(i, "parentlocationid", "parentlocation") or None, level, lon, lat)
            )

    def _event(self, i: int) -> None:
        name = self.cell(i, "eventname", "name")
        on = self._days(i, name, {"on": ("dateofevent", "date")})
        if on is not None:
            self._put(i, name)
            for key in self._ids(i):
                self.events[key] = (name, on.get("on"))

    def _ids(self, i: int) -> Iterator[str]:
        for name in (*ID, "visualid"):
            if value := self.cell(i, name):
                yield key_of(value)


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
