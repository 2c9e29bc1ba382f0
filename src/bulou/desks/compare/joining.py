"""Which people of a page are on the register within the viewer's areas, and how two records of one person are joined or parted."""

from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.urls import reverse

from bulou.basis.ids import to_text
from bulou.desks.compare.verbs import IDENTIFY
from bulou.evidence.timeline import standing_facts
from bulou.kit.doing import link
from bulou.kit.looking import Looking
from bulou.kit.people import here
from bulou.register.models import Person
from bulou.register.scope import standing


class Registered:
    """Records of the register that a page speaks of: those of people outside the viewer's areas are none of its business."""

    def __init__(self, look: Looking, ids: Iterable[bytes]) -> None:
        self.look = look
        wanted = list(dict.fromkeys(ids))
        rows = standing(Person, look.seq).filter(person__in=wanted).values_list("person", "canonical") if wanted else ()
        one = {bytes(p): bytes(c) for p, c in rows}
        near = {bytes(p) for p in here(look).filter(person__in=set(one.values())).values_list("person", flat=True)} if one else set()
        self.canonical = {p: c for p, c in one.items() if c in near}
        said = (
            standing_facts("person.identified", look.seq, look.about).filter(Q(person__in=wanted) | Q(same_as__in=wanted)) if wanted else ()
        )
        self.joined = [(bytes(f.id), {bytes(f.person), bytes(f.same_as)}) for f in said]

    def pages(self, ids: Sequence[bytes]) -> list[str]:
        """The pages of these people, where the viewer's role opens them."""
        if not self.look.viewer.sees("people"):
            return []
        return [
            reverse("person", kwargs={"person": to_text(p)}) for p in dict.fromkeys(self.canonical[i] for i in ids if i in self.canonical)
        ]

    def joining(self, ids: Sequence[bytes], after: str) -> str | None:
        """Where two records, that the register takes for two people, are said to be one."""
        two = list(dict.fromkeys(self.canonical[i] for i in ids if i in self.canonical))
        return link(IDENTIFY, self.look, {"person": two[0], "same_as": two[1]}, after) if len(two) == 2 else None

    def parting(self, ids: Sequence[bytes], after: str) -> list[str]:
        """Where what joined two of these records is taken back; what that will do is shown there first."""
        if not (self.look.viewer.may("part") or self.look.viewer.may("withdraw")) or not self.look.moment.live:
            return []
        theirs = {i for i in ids if i in self.canonical}
        return [f"{reverse('withdraw', kwargs={'fact': to_text(fact)})}?next={after}" for fact, both in self.joined if both <= theirs]
