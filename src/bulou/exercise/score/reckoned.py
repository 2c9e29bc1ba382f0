"""One play's score: everything that is told of it, as one mapping for JSON, the terminal and the page. Writes only the score's own file."""

import json
from pathlib import Path

from bulou.exercise.score import Row, zeros
from bulou.exercise.score import contacts as by_contact
from bulou.exercise.score import found as by_finding
from bulou.exercise.score.records import read

FORMAT = 1


def score(folder: Path) -> Row:
    """The score of the play in ``folder``; Unscored where there is none."""
    records = read(folder)
    finding = by_finding.Finding(records)
    said = by_contact.definition(records)
    windows = by_contact.windows(finding, said["look_back_days"])
    everyone = by_contact.met(finding, said["minutes"], windows)
    known = {p: kept for p, cases in everyone.items() if (kept := {c: at for c, at in cases.items() if c in finding.found})}
    play = records.play
    return {
        "format": FORMAT, "exercise": play["city"], "name": play.get("name"), "seed": play.get("seed"), "days": play["days"],
        "first_day": play["first_day"], "ended": play["ended"], "edition": play.get("edition"), "faults": play.get("faults", []), "people": records.people,
        "acknowledged": len(records.acts), "given_up": len(records.given_up),
        "desks": len({d["actor"] for d in play.get("desks", ())}), "by_people": play.get("people", 0),
        "found": by_finding.of_infections(finding),
        "contacts": by_contact.of_contacts(finding, said, known),
        "missed": by_finding.missed(finding, {p: set(cases) for p, cases in known.items()}),
        "held": by_contact.wrongly_held(finding, everyone), "waiting": by_contact.waiting(finding),
        "zeros": {
            "facts_lost": zeros.facts_lost(records), "duties_missed": zeros.duties_missed(records), "figures_disagree": zeros.figures_disagree(records),
        },
    }  # fmt: skip


def write(told: Row, to: Path) -> None:
    """Keeps a score; the file is there whole or as it was."""
    part = to.with_suffix(".partial")
    part.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(to)
