"""Parts of one calculation at once, on the processors there are. Knows no method; the answer must not hang on how many processors that is."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


#: How often whoever waits looks how far it is.
EVERY_S = 0.5


def abreast(run: Callable[[T], U], parts: Iterable[T], meanwhile: Callable[[], None] | None = None) -> list[U]:
    """``run`` of each part, as many at once as there are processors; answers in the order of the parts.

    Compiled code and numpy let go of the interpreter meanwhile. Each part brings its own seeds or none. ``meanwhile`` is called twice a second, by
    the thread that asked, for as long as a part is under way. Errors: the first part's that fails.
    """
    each = list(parts)
    if meanwhile is None and len(each) < 2:
        return [run(part) for part in each]
    with ThreadPoolExecutor(max(1, min(len(each), os.cpu_count() or 1))) as pool:
        found = [pool.submit(run, part) for part in each]
        while meanwhile is not None and wait(found, EVERY_S).not_done:
            meanwhile()
        return [f.result() for f in found]
