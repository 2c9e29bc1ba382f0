"""Facts of sequencing: what a laboratory read of a person's sample, and at how many sites two sequences differ. Declares them and does nothing.

The sequence itself is no fact: it is read, compared and let go.
"""

from typing import Annotated, NamedTuple

from bulou.basis.facts import ByPost, LocalDay, Person
from bulou.basis.kinds import Pick, kind


@kind("sequence.read", "测序结果", "sequence read", scope="incident")
class SequenceRead(NamedTuple):
    """A laboratory read a sequence of a person's sample taken on ``sampled_on``: its lineage (absent: not assigned), how much of the
    genome was read in per cent, and how good it is. The latest stands."""

    person: Person
    post: ByPost
    lineage: str | None = None
    sequencer: str | None = None
    sampled_on: LocalDay | None = None
    read_share: float | None = None
    quality: Annotated[str, Pick("quality")] = "not_said"


@kind("sequences.compared", "序列比对", "sequences compared", scope="incident")
class SequencesCompared(NamedTuple):
    """The sequences of two people of one aligned file: at how many sites they differ (``differ``), of how many that both read (``sites``).
    ``digest`` says of which file; the latest stands."""

    person: Person
    other: Person
    differ: int
    sites: int
    digest: str
    post: ByPost
