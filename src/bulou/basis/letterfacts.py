"""Facts of letters of assistance between authorities: sent, answered, received, matched, decided. Declares them and does nothing."""

from typing import Annotated, NamedTuple

from bulou.basis.facts import ByPost, Person, SomeArea
from bulou.basis.kinds import Mask, Pick, Ref, kind

#: A letter is about one person: a list of forty people is forty letters under one number.
Letter = Annotated[bytes, Ref("letter")]
Words = Annotated[str, Mask("words")]


@kind("letter.sent", "发出协查函", "letter sent", scope="incident", opens=True)
class LetterSent(NamedTuple):
    """Another authority (``to``, in words; ``region_code``: of its area, which lies outside this centre) was asked about a person. Until it has accepted
    them, they are this centre's. ``letter_number``: ours. ``words``: where they are said to be. ``follows``: the letter whose place this one takes."""

    person: Person
    letter: Letter
    to: str
    why: Annotated[str, Pick("letter_why")]
    post: ByPost
    asked: Words | None = None
    words: Words | None = None
    letter_number: str | None = None
    region_code: str | None = None
    follows: Letter | None = None


@kind("letter.answered", "协查函回复", "letter answered", scope="incident")
class LetterAnswered(NamedTuple):
    """What came back to a letter that was sent. ``answered_by``: who says so (absent: whom it was sent to); ``where``: to where the person moved
    on, or to whom the letter was passed. Answers that differ stand side by side until one is taken back."""

    person: Person
    letter: Letter
    outcome: Annotated[str, Pick("letter")]
    post: ByPost
    answered_by: str | None = None
    where: Words | None = None
    letter_number: str | None = None
    words: Words | None = None


@kind("letter.received", "收到协查函", "letter received", scope="incident", opens=True)
class LetterReceived(NamedTuple):
    """Another authority (``sender``) asks about somebody, named as it wrote them. Says nothing of who that is on this register. ``letter_number``: theirs;
    ``words``: where they say the person is; ``area``: in which area of this centre that lies, where it is known."""

    letter: Letter
    sender: str
    why: Annotated[str, Pick("letter_why")]
    post: ByPost
    letter_number: str | None = None
    name: Annotated[str, Mask("name")] | None = None
    document: Annotated[str, Mask("document")] | None = None
    phone: Annotated[str, Mask("phone")] | None = None
    words: Words | None = None
    asked: Words | None = None
    area: SomeArea | None = None


@kind("letter.matched", "协查对象核对", "letter matched", scope="incident")
class LetterMatched(NamedTuple):
    """A named post looked and said who of the register a letter that came in is about. The latest stands; it joins no records."""

    person: Person
    letter: Letter
    post: ByPost


@kind("letter.decided", "答复协查函", "letter decided", scope="incident")
class LetterDecided(NamedTuple):
    """What was answered to a letter that came in. ``where``: to where the person moved on, or to whom the letter was passed."""

    letter: Letter
    outcome: Annotated[str, Pick("letter")]
    post: ByPost
    where: Words | None = None
    letter_number: str | None = None
    words: Words | None = None
