"""What a play leaves behind for whoever scores it: the platform's own lists and figures, and every acknowledged fact asked about once more."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bulou.exercise.actors.desk import Desk
from bulou.exercise.client import ROOT
from bulou.exercise.people import still_there
from bulou.kit.sheet import SHEETS
from bulou.kit.verb import SHOWN_FIRST

if TYPE_CHECKING:
    from bulou.exercise.playing import Play

#: Lists that the auditor does not read; who does.
READERS = {"accounts": "administrator", "administration": "administrator"}
ROWS = 100


def exports(play: "Play", to: Path) -> dict[str, int]:
    """Every list of the platform as its interface gives it to whoever may read all of it, a file each; how many rows each has."""
    to.mkdir()
    found: dict[str, int] = {}
    play.to(play.minute // 1 + 1)
    play.ended = play.minute
    (to / "figures.json").write_text(json.dumps(figures(play), ensure_ascii=False, indent=1), encoding="utf-8")
    play.to(play.minute + 1)  # what people may still enter by its pages is of a later minute
    # Reading takes its time, and whoever reads much is made to wait: every list is read as it was in the minute of the figures.
    for name in sorted(SHEETS):
        desk = Desk(play, READERS.get(name, "auditor"))
        moment = desk.hour(play.ended)[:16]
        rows = desk.rows(name, about=moment, known=moment)
        found[name] = len(rows)
        (to / f"{name}.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    return found


def figures(play: "Play") -> Any:
    """The figures of the board of the latest outbreak, as a program of the commander is told them."""
    answer = play.stage.programs["commander"].get(f"{ROOT}figures")
    return answer.json


def asked_again(play: "Play", path: Path) -> dict[str, int]:
    """Sends everything that was acknowledged once more under its own id: the platform must say that it is there. How many said what.

    What people entered by its pages is looked for in the ledger instead: no program has sent it."""
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in play.diary.kept.values():
        grouped.setdefault((one.actor, one.verb), []).append(one.body)
    count: dict[str, int] = {}
    with path.open("w", encoding="utf-8") as file:
        for (actor, verb), bodies in sorted(grouped.items()):
            for fact, status, told in _again(Desk(play, actor), verb, bodies):
                count[told] = count.get(told, 0) + 1
                file.write(json.dumps({"fact": fact, "status": status, "told": told}) + "\n")
        for fact, told in still_there(play):
            count[told] = count.get(told, 0) + 1
            file.write(json.dumps({"fact": fact, "status": 200, "told": told}) + "\n")
    return count


def _again(desk: Desk, verb: str, bodies: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    path = f"{ROOT}verbs/{verb}"
    found: list[tuple[str, int, str]] = []
    if verb in SHOWN_FIRST:
        program = desk.play.stage.in_person[desk.seat]
        for body in bodies:
            answer = desk.asked(lambda b=body: program.post(path, b))  # type: ignore[misc]
            found.append((body["id"], answer.status, (answer.json or {}).get("fate") or "refused"))
        return found
    for start in range(0, len(bodies), ROWS):
        part = bodies[start : start + ROWS]
        answer = desk.asked(lambda p=part: desk.program.post(f"{path}/many", {"rows": p}))  # type: ignore[misc]
        rows = (answer.json or {}).get("rows") if answer.status == 200 else None
        for i, body in enumerate(part):
            fate = rows[i]["fate"] if rows else "refused"
            found.append((body["id"], 200 if fate in ("new", "same") else answer.status if rows is None else 422, fate))
    return found
