"""What the server writes of a page that failed: where, and as what kind of error. Never the words of the error, which may hold somebody's name."""

import logging
from traceback import format_tb
from types import TracebackType


class Where(logging.Formatter):
    """A record with the places through which its error came, the innermost last, and those of the errors that led to it."""

    def formatException(self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]) -> str:
        """The lines of code and the kind of each error of the chain, the first of them first."""
        error, told = ei[1], []
        while error is not None:
            told.append("".join(format_tb(error.__traceback__)) + type(error).__qualname__)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(reversed(told))
