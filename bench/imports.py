"""How fast 100,000 people are enrolled from a file with a check for who is there already, beside pandas. Asserts nothing.

A file of made-up people is read, checked and entered through the kit as its pages do it, into a register that knows one in ten of
them; pandas reads the same file and looks for the same numbers in a table of the register, and enters nothing.
"""

import csv
import io
import random
import sys
from typing import Any

import ground
import pandas
from django.conf import settings
from django.core.management import call_command

from bulou.basis.facts import AreaDeclared, CentreFounded, PersonEnrolled, PostEstablished, PostHeld
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import HOUR, Instant, MachineClock
from bulou.desks.people.importing import ENROLMENT
from bulou.duties.enter import enter, enter_many
from bulou.identity.documents import check_character
from bulou.kit.centre import centre
from bulou.kit.importing import receive
from bulou.kit.looking import Looking, moment_now
from bulou.kit.many import enter_rows, start, step
from bulou.kit.models import ImportReceipt
from bulou.register.models import User
from bulou.register.scope import viewer

CLOCK = MachineClock()
AT = Instant(CLOCK.now() - HOUR)
DISTRICT, VILLAGES = "510117", [f"510117{t:03d}{v:03d}" for t in range(1, 13) for v in range(1, 21)]
HOLDER = named_id("bench", "holder")


def number(i: int) -> str:
    """A made-up number with a right check character."""
    body = f"110101{1950 + i % 60}{1 + i // 60 % 12:02}{1 + i // 720 % 28:02}{111 + i // 20160 % 800:03}"
    return body + check_character(body)


def people(n: int) -> list[tuple[str, str, str, str]]:
    source = random.Random(7)
    return [(f"测{chr(0x4E00 + i % 20000)}{chr(0x4E00 + i // 20000)}", number(i), f"0{i:010}", source.choice(VILLAGES)) for i in range(n)]


def found(rows: list[tuple[str, str, str, str]]) -> None:
    """A centre, someone who enrols, and one in ten of these people."""
    call_command("migrate", verbosity=0)
    first: list[Any] = [CentreFounded(DISTRICT, "试", "Bench"), AreaDeclared(DISTRICT, None, "county", "试"),
                        *(AreaDeclared(code, DISTRICT, "village", code) for code in VILLAGES),
                        PostEstablished("data", "data_clerk", DISTRICT, "数据", "data", "数据", "data"), PostHeld("data", HOLDER)]  # fmt: skip
    kinds = {CentreFounded: "centre.founded", AreaDeclared: "area.declared", PostEstablished: "post.established", PostHeld: "post.held"}
    facts = [Fact(named_id("bench", str(i)), kinds[type(b)], AT, None, b) for i, b in enumerate(first)]
    enter(facts, by="bench", source="bench", clock=CLOCK, protocol=centre().protocol)
    known = [
        Fact(
            p := named_id("bench", "person", number),
            "person.enrolled",
            AT,
            None,
            PersonEnrolled(p, name, area, document_kind="id_card", document=number),
        )
        for name, number, _phone, area in rows[::10]
    ]
    for _receipt in enter_many(known, by="bench", source="bench", clock=CLOCK, protocol=centre().protocol, hold=None):
        pass


def looking() -> Looking:
    moment = moment_now(CLOCK.now())
    user = User.objects.filter(username="bench").first() or User.objects.create_user("bench", holder=HOLDER)
    return Looking(viewer(user, moment.about, moment.seq), moment, "zh", settings.BULOU_ZONE, centre().protocol)


def ours(data: bytes) -> tuple[ImportReceipt, dict[str, float]]:
    """The file through the kit; seconds of each stage."""
    took: dict[str, float] = {}
    took["read"], receipt = ground.timed(lambda: receive(ENROLMENT, data, "people.csv", looking(), None))
    start(receipt, receipt.mapping)

    def until(state: str) -> None:
        while receipt.state != state:
            step(receipt, looking())

    took["check"], _ = ground.timed(lambda: until("ready"))
    enter_rows(receipt)
    took["enter"], _ = ground.timed(lambda: until("done"))
    return receipt, took


def theirs(data: bytes, known: set[str]) -> int:
    """pandas: the file as text, numbers twice in it or on the register."""
    frame = pandas.read_csv(io.BytesIO(data), dtype=str)
    return int((frame.duplicated("身份证号") | frame["身份证号"].isin(known)).sum())


def main() -> int:
    args = ground.arguments(__doc__ or "")
    with ground.cleaned():
        if not args.child:
            return ground.on_each(__file__, args)
        rows = people(2_000 if args.small else 100_000)
        found(rows)
        out = io.StringIO()
        csv.writer(out).writerows([("姓名", "身份证号", "手机号", "区域"), *rows])
        data = out.getvalue().encode()
        pandas_took, doubles = ground.timed(lambda: theirs(data, {row[1] for row in rows[::10]}))
        receipt, took = ours(data)
        table = ground.Table(
            f"{len(rows):,} people from a file, {args.database} ({ground.machine()})", ("what", "seconds", "target", "same")
        )
        for what, seconds in took.items():
            table.line(what, f"{seconds:.1f}")
        table.line(
            "all", f"{sum(took.values()):.1f}", "< 120", table.same(receipt.same == doubles and receipt.entered == len(rows) - doubles)
        )
        table.line("pandas: read, look for numbers, enter nothing", f"{pandas_took:.2f}")
        table.show()
    return int(table.failed)


if __name__ == "__main__":
    sys.exit(main())
