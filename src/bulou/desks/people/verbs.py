"""What the register does: enrols people it does not know yet, and records where they stay."""

from collections.abc import Iterable
from typing import Any

from bulou.basis.words import Word
from bulou.kit.verb import Acting, Problem, Verb, verb


def _known_area(acting: Acting, body: Any) -> Iterable[Problem]:
    if body.area is not None and not acting.book.facts.by("area.declared", "area", body.area):
        yield Problem("area", "没有这个区域代码", "there is no area with this code")
    chair = acting.chair
    if chair and chair.reach is not None and body.area is not None and body.area not in chair.reach:
        yield Problem("area", "不在您负责的区域内", "is not in the areas that your post answers for")


def _not_a_spreadsheet_number(acting: Acting, body: Any) -> Iterable[Problem]:
    document = (body.document or "").strip()
    if len(document) == 18 and document.endswith("000") and body.document_kind == "id_card":
        yield Problem(
            "document",
            "证件号末三位为000,像是被表格软件截断:请核对原件",
            "ends in 000, as when a spreadsheet has cut it: check the card itself",
        )


ENROL = verb(Verb(
    "enrol", Word("登记人员", "enrol a person"), "people", "person.enrolled", "area",
    ("name", "sex", "born_on", "document_kind", "document", "phone", "area"), (_known_area, _not_a_spreadsheet_number), timed=False,
    page="person-enrol",
))  # fmt: skip
RECORD_STAY = verb(Verb(
    "record_stay", Word("登记居停", "record a stay"), "people", "stay.recorded", "person", ("nature", "area", "until"), (_known_area,),
))  # fmt: skip
