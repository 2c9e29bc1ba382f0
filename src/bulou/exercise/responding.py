"""What is done about an outbreak where nobody plays: a part of the town swabbed in pools every day, positive pools recalled after some hours.

Only to show that what is done changes what happens; in the play it is done by people through the platform.
"""

from typing import NamedTuple

import numpy as np

from bulou.exercise.chance import Ints
from bulou.exercise.contagion import AT_HOME, AWAY, DAY
from bulou.exercise.outbreak import COURSE, Outbreak

#: When swabs are taken, in minutes of the day; how long after its recall a pool's people are told to stay until singles are read.
SWABBED, SINGLES = 8 * 60, 24 * 60


class Screening(NamedTuple):
    """Everyone every so many days, in pools of so many neighbours; from swab to recall so many hours."""

    every: int
    pool: int
    hours: float

    def act(self, outbreak: Outbreak, day: int) -> Ints:
        """Swabs those whose turn it is on this day, before it passes; who was found. Whoever is away already is not asked again."""
        people = np.arange(len(outbreak.infected))
        people = people[(people // self.pool) % self.every == day % self.every]
        at = day * DAY + SWABBED
        people = people[~((outbreak.held[people] == AWAY) & (outbreak.held_until[people] > at))]
        positive = outbreak.positive(people, at) & (outbreak.infected[people] < at)
        pools = np.unique(people[positive] // self.pool)
        called = at + int(self.hours * 60)
        everyone = people[np.isin(people // self.pool, pools)]
        outbreak.hold(everyone, AT_HOME, called, called + SINGLES)
        # Who is positive alone goes away as soon as the single is read, and is told to stay until then.
        found: Ints = people[positive]
        outbreak.hold(found, AWAY, called, called + COURSE * DAY)
        return found
