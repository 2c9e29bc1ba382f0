"""Forgetting: content goes, the envelope stays; what lost content keeps its last state; a retention that forgets to seal is caught."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connection, models

from bulou.basis.ids import named_id
from bulou.basis.kinds import GROUPS, KINDS
from bulou.basis.time import DAY, Instant, SetClock
from bulou.duties import forgetting, rebuild
from bulou.duties.enter import enter
from bulou.evidence.models.kinds import content_table
from bulou.evidence.now import PROJECTIONS, Projection
from bulou.evidence.verify import UNLAWFUL, verify
from tests.engine.databases import copied
from tests.engine.test_projections import PROTOCOL, mixed
from tests.keeping.ground import called, content, environment
from tests.run import drawn

ERASABLE = [k for k, rule in forgetting.table().items() if rule.goes != "none"]


def test_every_kind_has_a_line() -> None:
    assert set(KINDS) - set(forgetting.table()) == set(), "say in duties/retention.toml how long its content is kept, and why"
    for rule in forgetting.table().values():
        assert rule.reason.zh
        assert rule.reason.en
        assert rule.status in ("proposed", "signed")


# --- every column that could name somebody is thought of ----------------------------------------------------------------
#: What a column of a projection about people holds that is neither a closed word nor a code nor blanked, and names nobody.
SAYS_NOBODY = {
    ("case", "severity"): "a closed word", ("case", "recheck"): "a closed word", ("case", "conclusion"): "a closed word",
    ("case", "onset_on"): "a day without words; goes with its case", ("contact", "judged_by"): "a post",
    ("seat", "device"): "a device's random number", ("traced", "channels"): "closed words", ("person", "sex"): "kept for figures",
}  # fmt: skip
#: Every other table of ours, and why nothing is left in it of whoever is forgotten.
OTHERS = {
    "entry": "names accounts", "fact": "the envelope names nobody", "erased": "ids alone", "sealed": "keys alone",
    "aside": "duties/copies.py", "import_receipt": "duties/copies.py", "import_row": "duties/copies.py",
    "user": "an account is closed by its administrator", "invitation": "a hash", "device_token": "a hash", "shift_pass": "hashes",
    "seat_seen": "an hour", "rule_number": "rules", "cell": "ids", "duty": "ids", "look": "ids and accounts", "look_seal": "digests",
    "door_check": "ids alone, fourteen days at most: duties/copies.py",
    "own_page": "hashes and an id: duties/copies.py", "door_pass": "an id and doors, until its end: duties/copies.py",
    "comparison": "deleted after 72 hours with its files", "column_mapping": "headings of columns",
    "reckoning": "ids, fourteen days at most: duties/copies.py", "saved_view": "closed filters: what is typed is not kept", "demo_state": "the demo's hour",
    "difference_act": "gone with its comparison", "review_decision": "gone with its comparison",
    "kept_list": "a name of a list; its rows go at its hour", "saved_definition": "how others count", "city_workbook": "an empty workbook",
}  # fmt: skip


def unthought(of: Projection) -> list[str]:
    """Columns of text of a projection about people that are not blanked, nor a code or a closed word of a kind that it reads."""
    model = next(m for m in apps.get_models() if m._meta.db_table == of.table)
    texts = {f.column for f in model._meta.fields if isinstance(f, models.TextField | models.CharField | models.JSONField)}
    named = {f.name for f in model._meta.fields} & {"person", "holder", "household"}
    if not named:
        return []
    read = {f"{r.kind}" for r in of.reads}
    fields = [
        f for kind in KINDS.values() if read & {kind.name, *(g for g, some in GROUPS.items() if kind.name in some)} for f in kind.fields
    ]
    plain = {f.name for f in fields if (f.ref or f.words) and not f.mask}
    return sorted(
        c
        for c in (*of.columns,)
        if c in texts and c not in forgetting.blanked(of.name) and c not in plain and (of.name, c) not in SAYS_NOBODY
    )


@pytest.mark.parametrize("name", sorted(PROJECTIONS))
def test_every_column_that_could_name_somebody_is_blanked_or_said_to_be_harmless(name: str) -> None:
    assert unthought(PROJECTIONS[name]) == [], "add it to duties/forgetting.py MORE, or say here what it holds"


def test_a_column_that_nobody_thought_of_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted table: the projection of contacts without its line."""
    monkeypatch.setattr(forgetting, "MORE", {k: v for k, v in forgetting.MORE.items() if k not in ("contact", "case")})
    assert unthought(PROJECTIONS["contact"]) == ["reason"]
    assert unthought(PROJECTIONS["case"]) == ["label"]


def test_every_other_table_says_how_it_forgets() -> None:
    facts, lists = {content_table(k) for k in KINDS}, {p.table for p in PROJECTIONS.values()}
    ours = {m._meta.db_table for m in apps.get_models() if m.__module__.startswith("bulou.")}
    assert ours - facts - lists == set(OTHERS), "a new table: say how nothing is left in it of whoever is forgotten"


@pytest.mark.parametrize(
    "line",
    [
        '["no.such"]\nafter = "kept"\ngoes = "none"',
        '["sample.taken"]\nafter = "soon"\ndays = 3\ngoes = "all"',
        '["sample.taken"]\nafter = "at"\ngoes = "all"',
        '["sample.taken"]\nafter = "kept"\ngoes = "all"',
        '["person.identified"]\nafter = "at"\ndays = 3\ngoes = "all"',
        '["tube.opened"]\nafter = "departed"\ndays = 3\ngoes = "all"',
    ],
)
def test_a_line_that_cannot_be_carried_out_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="retention"):
        forgetting.read(line + '\nreason = { zh = "x", en = "x" }\nstatus = "proposed"\n')


def played(seed: int, upto: int | None = None) -> tuple[SetClock, list[Any]]:
    clock, entries = SetClock(Instant(0)), mixed(seed)
    for facts, known in entries[:upto]:
        clock.at = max(known, clock.at)
        enter(facts, by="test", source="history", clock=clock, protocol=PROTOCOL)
    return clock, entries


def some(rng: random.Random, share: float) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    with connection.cursor() as cursor:
        for kind in ERASABLE:
            cursor.execute(f'SELECT id FROM "{content_table(kind)}" ORDER BY id')
            these = [bytes(r[0]) for r in cursor.fetchall() if rng.random() < share]
            if these:
                found[kind] = these
    return found


def erase(wanted: Any, clock: SetClock, **more: Any) -> forgetting.Erasure:
    return forgetting.erase(
        wanted, post="dpo", reason="window", by="dpo", clock=clock, protocol=PROTOCOL, using=connection, **more,
    )  # fmt: skip


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn incidents are rarely closed: for seals to be tried everywhere, nothing counts as running."""
    monkeypatch.setattr(forgetting, "live_incidents", lambda _c: set())
    monkeypatch.setattr(forgetting, "running_cells", lambda *_: set())


def rows() -> dict[str, set[Any]]:
    """Every version, without what names someone."""
    found = {}
    for table in rebuild.tables():
        drop = {c for p in PROJECTIONS.values() if p.table == table for c in forgetting.blanked(p.name)}
        columns = [c for c in rebuild.columns_of(connection, table) if c not in drop]
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT {",".join(f"{chr(34)}{c}{chr(34)}" for c in columns)} FROM "{table}"')
            found[table] = {tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()}
    return found


@pytest.mark.parametrize("seed", drawn(range(5), 3))
def test_content_goes_and_everything_else_stays(db: None, nothing_runs: None, seed: int) -> None:
    """In the middle of drawn histories, then on: lists and duties stay, the chain holds, a rebuild gives what is there."""
    clock, entries = played(seed, 80)
    before, wanted = rows(), some(random.Random(seed), 0.4)
    done = erase(wanted, clock)
    assert sum(done.erased.values()) == sum(map(len, wanted.values()))
    assert rows() == before, "figures stay: no version came or went"
    with connection.cursor() as cursor:
        for kind, ids in wanted.items():
            if forgetting.table()[kind].goes == "all":
                cursor.execute(f'SELECT count(*) FROM "{content_table(kind)}" WHERE id = %s', [ids[0]])
                assert cursor.fetchone() == (0,)
            cursor.execute("SELECT count(*) FROM fact WHERE id = %s", [ids[0]])
            assert cursor.fetchone() == (1,), "the envelope stays"
    assert verify(connection).wrong == []
    assert rebuild.check(PROTOCOL) == []
    for facts, known in entries[80:]:
        clock.at = max(known, clock.at)
        enter(facts, by="test", source="history", clock=clock, protocol=PROTOCOL)
    assert rebuild.check(PROTOCOL) == []
    assert verify(connection).wrong == []
    left = rows()
    rebuild.rebuild(PROTOCOL)
    assert {t: {r[1:] for r in found} for t, found in rows().items()} == {t: {r[1:] for r in found} for t, found in left.items()}


def test_control_without_seals_a_rebuild_differs(db: None, nothing_runs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "_seal", lambda *_: None)
    clock, _ = played(1)
    erase(some(random.Random(1), 0.5), clock)
    assert rebuild.check(PROTOCOL) != []


def test_what_was_destroyed_unlawfully_is_found(db: None, nothing_runs: None) -> None:
    clock, _ = played(2)
    erase(some(random.Random(2), 0.3), clock)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM fact f WHERE NOT EXISTS (SELECT 1 FROM erased e WHERE e.fact = f.id) ORDER BY id LIMIT 2")
        one, two = cursor.fetchall()
        cursor.execute('SELECT "by" FROM erased LIMIT 1')
        by = cursor.fetchone()[0]
        cursor.execute('INSERT INTO erased (fact, "by", entry) VALUES (%s, %s, 1), (%s, %s, 1)', [one[0], one[0], two[0], by])
    assert [t.wrong for t in verify(connection).wrong] == [UNLAWFUL, UNLAWFUL]


def test_what_runs_is_held_back(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawn history names incidents that nobody opened: here all of them are going on."""
    clock, _ = played(3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT incident FROM duty")
        live = {bytes(r[0]) for r in cursor.fetchall()}
    monkeypatch.setattr(forgetting, "live_incidents", lambda _c: live)
    wanted = some(random.Random(3), 1.0)
    before = rows()
    done = erase(wanted, clock, dry=True)
    assert sum(done.held.values()) > 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM erased")
        assert cursor.fetchone() == (0,), "a dry run changes nothing"
    assert erase(wanted, clock) == done
    assert rows() == before
    assert rebuild.check(PROTOCOL) == []


def test_due_is_asked_of_every_kind(db: None) -> None:
    clock, _ = played(4, 60)
    for kind in ERASABLE:
        rule = forgetting.table()[kind]
        assert forgetting.due(connection, rule, Instant(0)) == [], kind
        later = forgetting.due(connection, rule, Instant(clock.at + (rule.days + 400) * DAY))
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{content_table(kind)}"')
            there = cursor.fetchone()[0]
        assert len(later) <= there, kind
        assert rule.after != "at" or len(later) == there, kind


# --- one person, on the disk ------------------------------------------------------------------------------------------
NAME, PHONE, DOCUMENT, HOME = "欧阳不漏", "13912345678", "510117199001011234", "甲路九号之三"
ENTER = f"""
import django; django.setup()
from bulou.basis import facts as f
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, Instant, SetClock, MachineClock
from bulou.duties.enter import enter
from bulou.kit.centre import centre
from bulou.kit.models import ImportReceipt
p, other = named_id("gone"), named_id("stays")
now = MachineClock().now()
clock = SetClock(Instant(now - 900 * DAY))
def fact(n, kind, body, at=None):
    return Fact(named_id(n), kind, Instant(at or clock.at), None, body)
def put(*facts):
    assert enter(facts, by="t", source="t", clock=clock, protocol=centre().protocol)
put(fact("a", "area.declared", f.AreaDeclared("510117", None, "district", "区")),
    fact("c", "centre.founded", f.CentreFounded("510117", "部", "Centre")),
    fact("po", "post.established", f.PostEstablished("dpo", "auditor", "510117", "专员", "officer", "部", "Centre")),
    fact("ph", "post.held", f.PostHeld("dpo", named_id("officer"))),
    fact("e", "person.enrolled", f.PersonEnrolled(p, "{NAME}", "510117", phone="{PHONE}", document_kind="id_card", document="{DOCUMENT}")),
    fact("o", "person.enrolled", f.PersonEnrolled(other, "留下的人", "510117", phone="13800000001")),
    fact("l", "person.located", f.PersonLocated(p, "staying", "510117", note="{HOME}")),
    fact("s", "sample.taken", f.SampleTaken(p, "T1", "covid19", 1)))
# refused: the same id with other content; kept aside with everything that it says
put(fact("e", "person.enrolled", f.PersonEnrolled(p, "{NAME}", "510117", phone="{PHONE}x")))
ImportReceipt.objects.create(what="people", file="x", sha256="0" * 64, by="x", at=now, entered=1, same=0, refused=0,
                             rows=[["{NAME}", "{PHONE}"], ["留下的人", "13800000001"]],
                             given={{"values": {{"note": "{NAME}"}}}}, reason="{NAME}")
clock.at = Instant(now - 800 * DAY)
"""
LEAVES = 'put(fact("w", "stay.recorded", f.StayRecorded(p, "away")))\n'


def disk(url: str) -> bytes:
    """Every byte that the database has: its files on SQLite; what a dump of all tables and statistics says on PostgreSQL."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return b"".join(p.read_bytes() for p in path.parent.glob(path.name + "*"))
    with psycopg.connect(url) as server:
        stats = server.execute("SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats WHERE schemaname = 'public'").fetchall()
    return (repr(content(url)) + repr(stats)).encode()


@pytest.fixture
def person() -> Iterator[str]:
    with copied() as url:
        yield url


def entered(home: Path, url: str, more: str = "") -> None:
    subprocess.run([sys.executable, "-c", ENTER + more], check=True, env=environment(home, url))


ASKED = ("--person", named_id("gone").hex(), "--reason", "request 2026/7", "--post", "dpo", "--yes")


@pytest.mark.landing
@pytest.mark.parametrize("way", drawn(("request", "window"), "request"))
def test_of_a_person_destroyed_no_byte_is_left(way: str, person: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    entered(home, person, LEAVES)
    before = disk(person)
    for word in (NAME, PHONE, HOME) if person.startswith("sqlite") else (PHONE,):
        assert word.encode() in before
    words = ASKED if way == "request" else ("--reason", "table", "--post", "dpo", "--yes")
    dry = called(home, person, "retention", *words, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "person.enrolled: 1 to destroy" in dry.stdout
    done = called(home, person, "retention", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    after = disk(person)
    left = [w for w in (NAME, PHONE, DOCUMENT, HOME) if w.encode() in after]
    if way == "request":
        assert left == []
        assert "留下的人".encode() in after or not person.startswith("sqlite"), "others stay"
    else:
        # what a receipt repeats and what was kept aside go by their own time: the receipt is of today
        assert DOCUMENT not in left
        assert HOME not in left
    assert called(home, person, "verify").returncode == 0
    check = called(home, person, "rebuild", "--check")
    assert check.returncode == 0, check.stdout
    rows = content(person)
    assert len(rows["person"]) == 2, "the register counts as many as before"
    assert len(rows["fact_person_enrolled"]) == 1


@pytest.mark.landing
def test_a_request_needs_a_post_that_is_held_and_a_reason(person: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    entered(home, person)
    for words, told in (((*ASKED[:2], "--yes"), "say the post"), ((*ASKED[:5], "nobody", "--yes"), "nobody holds the post nobody now")):
        done = called(home, person, "retention", *words)
        assert done.returncode == 2
        assert told in done.stderr
    assert len(content(person)["fact_person_enrolled"]) == 2
