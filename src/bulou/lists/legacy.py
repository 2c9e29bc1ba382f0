"""Reads one .xls in a process of its own: a broken one can end the process that reads it, and must not end the centre's. Reads nothing else.

``python -m bulou.lists.legacy < a.xls`` prints the grids as JSON. The library that reads these old files asks for as much memory as a
damaged file tells it to, and aborts when there is not so much; nothing in Python can catch that.
"""

import contextlib
import json
import resource
import sys

from bulou.lists.spreadsheet import opened
from bulou.lists.table import Unreadable

#: Memory that the reading process may take.
MOST_MEMORY = 3_000_000_000


def main() -> None:
    """The grids of the file on standard input, or why it is refused, as JSON on standard output."""
    with contextlib.suppress(ValueError, OSError):  # some systems have no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    try:
        found = opened(sys.stdin.buffer.read(), {}, "xls")
    except Unreadable as refused:
        sys.stdout.write(json.dumps({"refused": refused.word}))
        return
    sys.stdout.write(json.dumps({"grids": found}))


if __name__ == "__main__":
    main()
