"""Live pages: one stream for each open page that says the ledger's highest entry once a second when it has grown.

One reader for all streams of a process asks the database; pages then fetch what they show again, through their own rights.
"""

import asyncio
import json
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from bulou.evidence.models import Entry
from bulou.kit.looks import SOURCE

#: How often the ledger is asked, and how often a quiet stream says that it is still there.
EVERY_S = 1.0
QUIET_S = 15.0


class Reader:
    """Asks for the highest entry while anyone listens."""

    def __init__(self) -> None:
        self.seq = 0
        self.listeners = 0
        self.grown = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        while self.listeners:
            seq = await sync_to_async(highest)()
            if seq != self.seq:
                self.seq = seq
                self.grown.set()
                self.grown = asyncio.Event()
            await asyncio.sleep(EVERY_S)
        self.task = None

    async def listen(self) -> AsyncIterator[str]:
        self.listeners += 1
        if self.task is None:
            self.task = asyncio.ensure_future(self.run())
        try:
            told = await sync_to_async(highest)()
            yield _message(told)
            while True:
                try:
                    await asyncio.wait_for(self.grown.wait(), QUIET_S)
                except TimeoutError:
                    yield ": quiet\n\n"
                if self.seq > told:
                    told = self.seq
                    yield _message(told)
        finally:
            self.listeners -= 1


def highest() -> int:
    """The number of the last entry that brought anything to look at again: that looks were sealed is none."""
    try:
        return Entry.objects.exclude(source=SOURCE).order_by("-seq").values_list("seq", flat=True).first() or 0
    finally:
        close_old_connections()


def _message(seq: int) -> str:
    return f"id: {seq}\ndata: {json.dumps({'seq': seq})}\n\n"


_readers: dict[int, Reader] = {}


def reader() -> Reader:
    """The reader of this event loop."""
    loop = id(asyncio.get_running_loop())
    return _readers.setdefault(loop, Reader())
