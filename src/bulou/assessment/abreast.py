"""Parts of one calculation at once, on the processors there are. Knows no method; the answer must not hang on how many processors that is."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


def abreast(run: Callable[[T], U], parts: Iterable[T]) -> list[U]:
    """``run`` of each part, as many at once as there are processors; answers in the order of the parts.

    Compiled code and numpy let go of the interpreter meanwhile. Each part brings its own seeds or none. Errors: the first part's that fails.
    """
    each = list(parts)
    if len(each) < 2:
        return [run(part) for part in each]
    with ThreadPoolExecutor(min(len(each), os.cpu_count() or 1)) as pool:
        return list(pool.map(run, each))
