"""The score of a play: the truth, the actors' own logs and the platform's exports held against each other. Imports of Bulou only ``basis``.

What is judged here is never asked: no rule, list or figure is computed by the code that the platform runs.
"""

from typing import Any

Row = dict[str, Any]
#: What a score is called where it is kept: in the play's folder, and in the home whose page shows it.
FILE = "score.json"
