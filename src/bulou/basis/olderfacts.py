"""Bodies of facts as earlier versions had them, and how each is read today. Kept for ever; declares no kind."""

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from bulou.basis.kinds import Pick, Ref, Value


class IncidentOpened1(NamedTuple):
    """The first version: nobody opened one by hand."""

    incident: Annotated[bytes, Ref("incident")]
    disease: Annotated[str, Ref("disease")]
    area: Annotated[str, Ref("area")]
    name: str
    name_en: str
    nature: Annotated[str, Pick("incident")]
    trigger: Annotated[bytes, Ref("fact", find=False)] | None = None


def opened_2(values: Mapping[str, Value]) -> Mapping[str, Value]:
    """Who opened it by hand and why: nobody."""
    return {**values, "reason": None, "post": None}
