"""Tables of entries, envelopes and typed facts. Only ``evidence.append`` writes them; triggers refuse every other change."""

from bulou.evidence.models.entry import Aside, Entry, Envelope, Erased, Sealed
from bulou.evidence.models.kinds import CONTENT, content_table
from bulou.evidence.models.versions import Callup, Case, Contact, Incident, Order, Point, SignalSource, Traced, Tube, Zone, ZoneArea

__all__ = [
    "CONTENT", "Aside",
    "Callup", "Case", "Contact", "Entry", "Envelope", "Erased", "Incident", "Order", "Point", "Sealed", "SignalSource",
    "Traced", "Tube", "Zone", "ZoneArea", "content_table",
]  # fmt: skip
