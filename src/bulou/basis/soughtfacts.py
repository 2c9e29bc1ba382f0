"""Facts of people who are told of and not known: sought, found, or given up. Declares them and does nothing."""

from typing import Annotated, NamedTuple

from bulou.basis.facts import ByPost, Instant, Person, SomePerson
from bulou.basis.kinds import Mask, Pick, kind

Words = Annotated[str, Mask("words")]


@kind("person.sought", "寻找身份不明者", "person sought", scope="incident", opens=True)
class PersonSought(NamedTuple):
    """Nobody knows yet who a person of the register is: the record stands for somebody who was only described. ``words``: what is known of them;
    ``seen_where``: where they were seen, in words; ``seen_from`` and ``seen_until``: when; ``met``: the case who met them; ``teller``: who told of them.
    It holds until the record is joined to one on the register, or ``person.found`` says who they are."""

    person: Person
    words: Words
    post: ByPost
    seen_where: Words | None = None
    seen_from: Instant | None = None
    seen_until: Instant | None = None
    met: SomePerson | None = None
    teller: Annotated[str, Pick("teller")] | None = None


@kind("person.found", "查明身份", "person found", scope="world")
class PersonFound(NamedTuple):
    """Somebody who was sought is found, and was on no register before: who they are, by a document or a telephone that was seen to be theirs.
    ``words``: by what they were found. Whoever is on the register under another record is joined to it instead (``person.identified``)."""

    person: Person
    name: Annotated[str, Mask("name")]
    words: Words
    post: ByPost
    document_kind: Annotated[str, Pick("document")] = "none"
    document: Annotated[str, Mask("document")] | None = None
    phone: Annotated[str, Mask("phone")] | None = None


@kind("search.abandoned", "停止寻找", "search abandoned", scope="incident")
class SearchAbandoned(NamedTuple):
    """A named post ends the search for somebody who is not found, with its reason. They stay not found, and stay whatever they were judged.
    Taking it back makes the search owed again."""

    person: Person
    reason: Words
    post: ByPost
