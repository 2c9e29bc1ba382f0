"""A process that enters facts when told to, and pauses between append and settling, and again before it commits: run by test_two_writers, never imported.

Speaks lines: reads commands on standard input, says "appended" when it has appended and not yet settled, "done" with what
became of it. ``WITHOUT_LOCK`` takes the ledger's lock away and hands out entry numbers as a sequence would.
"""

from __future__ import annotations

import json
import os
import select
import sys
from contextlib import nullcontext
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from bulou.basis.kinds import KINDS, Fact  # noqa: E402
from bulou.basis.time import MachineClock  # noqa: E402
from bulou.duties import enter as entering  # noqa: E402
from bulou.evidence import append as appending  # noqa: E402
from bulou.protocol.read import shipped  # noqa: E402
from bulou.protocol.rules import Protocol_  # noqa: E402
from tests.histories import ZONE  # noqa: E402

PROTOCOL = Protocol_(shipped(), ZONE)
#: How long one waits for the other to have appended. With the lock it never will have, and the wait runs out.
PATIENCE_S = 1.0
NUMBER = int(os.environ["WRITER"])


def fact(told: dict[str, Any]) -> Fact:
    body = {k: bytes.fromhex(v[1:]) if isinstance(v, str) and v.startswith("#") else v for k, v in told["body"].items()}
    return Fact(bytes.fromhex(told["id"]), told["kind"], told["at"], bytes.fromhex(told["incident"]), KINDS[told["kind"]].body(**body))


def pausing(right: Any) -> Any:
    def settle_entry(*args: Any) -> Any:
        print("appended", flush=True)
        select.select([sys.stdin], [], [], PATIENCE_S)
        settled = right(*args)
        print("settled", flush=True)
        select.select([sys.stdin], [], [], PATIENCE_S)
        return settled

    return settle_entry


def without_lock() -> None:
    right = appending.head
    entering.lock = lambda _connection: None
    entering.queue = lambda _connection: nullcontext()
    entering.TRIES = 1
    appending.head = lambda c: (h := right(c))._replace(seq=h.seq + 1000 * NUMBER)
    if connection.vendor == "sqlite":
        connection.settings_dict["OPTIONS"]["transaction_mode"] = "DEFERRED"
        connection.settings_dict["OPTIONS"]["timeout"] = 2
        connection.close()


def main() -> None:
    if os.environ.get("WITHOUT_LOCK"):
        without_lock()
    pause = os.environ.get("PAUSE")
    if pause:
        entering.settle_entry = pausing(entering.settle_entry)
    print("ready", flush=True)
    for line in sys.stdin:
        if not line.strip():
            continue
        told = json.loads(line)
        try:
            receipt = entering.enter([fact(f) for f in told], by=f"writer {NUMBER}", source="race", clock=MachineClock(), protocol=PROTOCOL)
            print(json.dumps({"seq": receipt.seq, "new": len(receipt.new)}), flush=True)
        except Exception as error:  # the test reads whatever reached the user
            print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)


if __name__ == "__main__":
    main()
