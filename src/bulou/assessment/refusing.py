"""How assessment refuses: numbers that mean nothing, and answers that the data do not carry. Says it in both languages; computes nothing."""

from bulou.basis.words import Word


class Refused(ValueError):
    """What was wrong and what would be right, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.word = Word(zh, en)


class Unusable(Refused):
    """An input that means nothing: a share above 1, a distribution that does not sum to 1. The command ends with 2."""


class NoAnswer(Refused):
    """The input is sound and does not carry an answer: two starts that disagree, too few pairs. The command ends with 3."""


class Left(Exception):
    """Nobody waits for the answer any more: work at it ended in the middle."""
