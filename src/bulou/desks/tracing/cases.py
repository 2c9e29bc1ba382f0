"""What the pages of a case share: whose it is, when it was found, when it came under control. Shows and enters nothing."""

from django.http import Http404

from bulou.basis.time import Instant
from bulou.desks.tracing.sheets import within
from bulou.evidence.models import Case
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404
from bulou.kit.people import family
from bulou.register.scope import standing


def case_or_404(person: str, look: Looking) -> tuple[bytes, list[bytes], Case]:
    """Who an address names, by all their records, and their case within the viewer's areas; not found for anyone else."""
    one, ids = family(id_or_404(person), look)
    found = within(standing(Case, look.seq).filter(person=one), look).first()
    if found is None:
        raise Http404
    return one, ids, found


def found_at(case: Case, look: Looking) -> Instant | None:
    """When a case was found, as of the hour asked: the first positive sign; None where there is none yet."""
    signs = (case.positive_at, case.rechecked_at, case.diagnosed_at)
    return min((Instant(at) for at in signs if at is not None and at <= look.about), default=None)


def held_at(case: Case, look: Looking) -> Instant:
    """When a case came under control: in hospital, or not yet, which is the hour asked."""
    return Instant(case.hospital_at) if case.hospital_at is not None and case.hospital_at <= look.about else look.about


def told_by(case: Case, look: Looking) -> bool:
    """Whether a diagnosis said by the hour asked how the case was found and how severe it is."""
    return case.diagnosed_at is not None and case.diagnosed_at <= look.about


def status_at(case: Case, look: Looking) -> str:
    """The status at the hour asked: before a diagnosis a case is what its last reading made it."""
    if told_by(case, look):
        return case.status or "screening_positive"
    read = case.rechecked_at is not None and case.rechecked_at <= look.about and case.recheck == "positive"
    return "recheck_positive" if read else "screening_positive"
