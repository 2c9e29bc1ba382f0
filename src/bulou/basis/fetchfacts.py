"""Facts of fetching people to where their measure is carried out. Declares them and does nothing; arrival is a fact of its own."""

from typing import Annotated, NamedTuple

from bulou.basis.facts import ByPost, Person
from bulou.basis.kinds import Mask, kind


@kind("person.fetched", "接上", "person fetched", scope="incident")
class PersonFetched(NamedTuple):
    """Whoever brings a person to the place of their measure has them in the ``vehicle``: they left where they were. It discharges nothing."""

    person: Person
    vehicle: Annotated[str, Mask("words")] | None = None
    post: ByPost | None = None
