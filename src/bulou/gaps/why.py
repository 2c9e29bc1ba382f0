"""Why somebody is a contact, in words for that person: the day, the kind of place, the kind of meeting. Pure; never another person, a seat, an hour, a name of a place.

The investigator's evidence (carriage, table, minutes, whose case) is another text, for another reader.
"""

from bulou.basis.words import LISTS, Word

#: What is said of a meeting where the kind of place would say no more, or nobody knows it.
_MET: dict[str, Word] = {
    "household": Word("与您同住的人中有人感染", "somebody you live with is infected"),
    "vehicle": Word("您曾与一名感染者同乘交通工具", "you were in a vehicle together with somebody who was infectious"),
    "care": Word("您曾参与照护或诊疗一名感染者", "you took part in the care of somebody who was infectious"),
}
_SOMEWHERE = Word("您曾与一名感染者在同一地点", "you were at the same place as somebody who was infectious")


def for_the_person(setting: str, nature: str | None, day: str) -> Word:
    """The sentence for the person themselves. ``setting``: of the meeting; ``nature``: the kind of place (None: not known); ``day``: the local day of the
    last time. Of a household nothing but the household is said, and no day: it would tell whose illness began when."""
    if setting == "household":
        return _MET["household"]
    said = _MET.get(setting)
    if said is None and nature is not None and nature not in ("home", "other"):
        kind = LISTS["place"][nature]
        said = Word(f"您曾与一名感染者在同一{kind.zh}", f"you were at the same {kind.en} as somebody who was infectious")
    said = said or _SOMEWHERE
    return Word(f"{day} {said.zh}", f"On {day} {said.en}")
