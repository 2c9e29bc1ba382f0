"""How long a verb takes for 10,000 rows of a sheet: looked at, done, taken back; and that no row adds a statement. Asserts nothing.

Made-up people of one district; each is located, as after a night of telephone calls, through the kit as its pages do it. The other
side is the same facts entered one by one, as by ten thousand presses, for a hundred of them.
"""

import sys
from typing import Any

import ground
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, QueryDict

from bulou.basis.facts import AreaDeclared, CentreFounded, PersonEnrolled, PostEstablished, PostHeld
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import HOUR, Instant, MachineClock
from bulou.desks.people.sheets import PEOPLE
from bulou.desks.tracing.verbs import LOCATE
from bulou.duties.enter import enter, enter_many
from bulou.kit.bulk import receipt_of
from bulou.kit.centre import centre
from bulou.kit.looking import Looking, moment_now
from bulou.kit.many import enter_rows, step, undo
from bulou.kit.sheet import Listed
from bulou.kit.verb import do
from bulou.register.models import User
from bulou.register.scope import viewer

CLOCK = MachineClock()
AT = Instant(CLOCK.now() - HOUR)
DISTRICT, VILLAGES = "510117", [f"510117{t:03d}{v:03d}" for t in range(1, 13) for v in range(1, 21)]
HOLDER = named_id("bench", "holder")
VALUES = {"outcome": "staying", "note": None, "area": None}


class Counting:
    """Counts statements."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.n += 1
        return execute(sql, params, many, context)


def found(people: int) -> None:
    """A centre, someone who locates people of one district, and so many people."""
    call_command("migrate", verbosity=0)
    first: list[tuple[str, Any]] = [
        ("centre.founded", CentreFounded(DISTRICT, "试", "Bench")), ("area.declared", AreaDeclared(DISTRICT, None, "county", "试")),
        *(("area.declared", AreaDeclared(code, DISTRICT, "village", code)) for code in VILLAGES),
        ("post.established", PostEstablished("duty", "duty_officer", DISTRICT, "值班", "duty", "值班", "duty")),
        ("post.held", PostHeld("duty", HOLDER)),
    ]  # fmt: skip
    facts = [Fact(named_id("bench", str(i)), kind, AT, None, body) for i, (kind, body) in enumerate(first)]
    enter(facts, by="bench", source="bench", clock=CLOCK, protocol=centre().protocol)
    some = (named_id("bench", "person", str(i)) for i in range(people))
    enrolled = [Fact(p, "person.enrolled", AT, None, PersonEnrolled(p, f"测{i}", VILLAGES[i % 240])) for i, p in enumerate(some)]
    for _receipt in enter_many(enrolled, by="bench", source="bench", clock=CLOCK, protocol=centre().protocol, chunk=1000, hold=None):
        pass


def looking() -> Looking:
    moment = moment_now(CLOCK.now())
    user = User.objects.filter(username="bench").first() or User.objects.create_user("bench", holder=HOLDER)
    return Looking(viewer(user, moment.about, moment.seq), moment, "zh", settings.BULOU_ZONE, centre().protocol)


def ours(most: int, mark: str) -> tuple[dict[str, float], int, int]:
    """Looked at, done, taken back: seconds of each, the rows that were, and how many statements all of it took."""
    took, look, counter = dict[str, float](), looking(), Counting()
    request = HttpRequest()
    request.GET = QueryDict("")
    rows = Listed(PEOPLE, look, request).rows
    rows = rows.filter(pk__in=list(rows.order_by("pk").values_list("pk", flat=True)[:most])) if most < rows.count() else rows

    def until(state: str) -> None:
        while receipt.state != state:
            step(receipt, looking())

    with connection.execute_wrapper(counter):
        took["look at what would change"], receipt = ground.timed(lambda: receipt_of(PEOPLE, LOCATE, look, VALUES, None, rows, mark))
        seconds, _ = ground.timed(lambda: until("ready"))
        took["look at what would change"] += seconds
        enter_rows(receipt)
        took["do"], _ = ground.timed(lambda: until("done"))
        entered = receipt.entered
        undo(receipt, "bench")
        took["take all of it back"], _ = ground.timed(lambda: until("undone"))
    return took, entered, counter.n


def one_by_one(most: int) -> float:
    """Seconds for one row, each done as by a press."""
    look = looking()
    people = [bytes(p) for p in PEOPLE.rows(look).order_by("pk").values_list("person", flat=True)[:most]]
    seconds, _ = ground.timed(lambda: [do(LOCATE, look, {"person": p, **VALUES}) for p in people])
    return seconds / len(people)


def main() -> int:
    args = ground.arguments(__doc__ or "")
    with ground.cleaned():
        if not args.child:
            return ground.on_each(__file__, args)
        many = 400 if args.small else 10_000
        found(many)
        _took, _rows, few = ours(many // 2, "half")
        took, entered, all_ = ours(many, "whole")
        table = ground.Table(f"One verb for {many:,} rows, {args.database} ({ground.machine()})", ("what", "seconds", "target", "same"))
        for what, seconds in took.items():
            table.line(what, f"{seconds:.1f}", "< 10" if what == "do" else "", table.same(entered == many) if what == "do" else "")
        table.line("one by one, from 100 of them", f"{one_by_one(min(100, many)) * many:.0f}")
        table.line("statements for each 100 rows more", f"{(all_ - few) / (many / 2) * 100:.0f}")
        table.show()
    return int(table.failed)


if __name__ == "__main__":
    sys.exit(main())
