"""The command line: ``bulou …``. One small function per command; what a command needs is imported when it runs.

Commands end with 0 when all is well, 1 when there is something to see to, 2 when they were called wrongly.
"""

import click

from bulou.cli import (
    areas,
    assess,
    audit,
    centre,
    compare,
    exercise,
    importing,
    keeping,
    ledger,
    passes,
    protocol,
    rings,
    running,
    scoring,
    visits,
)


@click.group()
@click.version_option(package_name="bulou")
def main() -> None:
    """Bulou (不漏, "no one missed"): the working system of an epidemic command centre."""


for command in (
    areas.areas, assess.assess, exercise.exercise, protocol.protocol, compare.compare, rings.rings, visits.visits, importing.import_,
    running.demo, running.serve, running.web, running.watch, running.worker, running.reckon,
    ledger.rebuild, ledger.verify, audit.audit, keeping.backup,
    keeping.restore, keeping.upgrade, keeping.retention, centre.found, centre.invite, passes.pass_,
):  # fmt: skip
    main.add_command(command)
exercise.exercise.add_command(scoring.score)
