"""How many people a demo's register holds, as whoever starts it says; refuses what the staff's story cannot be played with. Loads nothing."""

from bulou.basis.options import said

#: With fewer some village of the story has nobody to swab and no contact to follow.
FEWEST = 1000


class NoSize(ValueError):
    """What stands in BULOU_DEMO_PEOPLE is no size of a demo's register; says what would be right."""


def how_many() -> int:
    """The size that is asked for, 100,000 unless said otherwise. NoSize for fewer than the story wants and for what is no number."""
    told = said("BULOU_DEMO_PEOPLE").strip()
    if not told.isdecimal() or int(told) < FEWEST:
        raise NoSize(
            f"BULOU_DEMO_PEOPLE={told}: 应为不小于 {FEWEST} 的整数,演练故事里的村社须有人 · should be a whole number, at least {FEWEST}: "
            "the villages of the demo's story must have people in them"
        )
    return int(told)
