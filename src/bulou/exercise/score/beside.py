"""Two plays of one city beside each other, by the cases that both came to know: how many of the same close contacts each came to, and how fast.

What is done changes an outbreak, so two plays soon have other cases and other contacts and their sums cannot be compared. Only what is the same in
both is: whoever was found in both, the hours in which both have them infectious and unknown, and who shared a space with them in those hours.
"""

from pathlib import Path

from bulou.basis.words import Word
from bulou.exercise.score import Row
from bulou.exercise.score import contacts as by_contact
from bulou.exercise.score.found import Finding
from bulou.exercise.score.records import Unscored, read
from bulou.exercise.score.said import STEPS, number


def beside(folder: Path, other: Path) -> Row:
    """Cases known in both plays, their close contacts, and for both plays what ``of_contacts`` says of these; by case how many were named.

    Raises Unscored where one of them holds no play, or where the plays are not of one city over the same days.
    """
    findings = [Finding(read(one)) for one in (folder, other)]
    plays = [f.records.play for f in findings]
    if any(plays[0].get(what) != plays[1].get(what) for what in ("city", "first_day", "days")):
        raise Unscored(
            f"{folder} 与 {other} 不是同一城市、同一时段的演练", f"{folder} and {other} are not plays of one city over the same days"
        )
    said = by_contact.definition(findings[0].records)
    one, two = (by_contact.windows(f, said["look_back_days"]) for f in findings)
    shared = {
        case: (max(one[case][0], two[case][0]), min(one[case][1], two[case][1]))
        for case in one.keys() & two.keys()
        if all(case in f.found for f in findings)
    }
    shared = {case: (a, b) for case, (a, b) in shared.items() if a < b}
    met = by_contact.met(findings[0], said["minutes"], shared)
    # Whoever was known to be infected when the case was, in either play, is no contact in one of them.
    same = {
        p: cases
        for p, cases in met.items()
        if not any(p in f.found and f.found[p].at <= min(f.found[c].at for c in cases) for f in findings)
    }
    whole = [by_contact.of_contacts(f, said, same) for f in findings]
    by_case = []
    for case in sorted(shared):
        these = {p: {case: cases[case]} for p, cases in same.items() if case in cases}
        named = [by_contact.of_contacts(f, said, these)["steps"]["candidate"] for f in findings]
        by_case.append({"case": case, "contacts": len(these), "named": [step and step["n"] for step in named]})
    return {"cases": len(shared), "contacts": len(same), "by": [w["steps"] for w in whole], "by_case": by_case,
            "traced_by": [p.get("traced_by", "memory") for p in plays], "definition": said}  # fmt: skip


def table(told: Row, language: str) -> str:
    """The two beside each other, as lines of text in one language."""

    def words(one: Word) -> str:
        return one.zh if language == "zh" else one.en

    head = Word(
        f"两次演练都知晓的病例 {told['cases']:,} 例,同一批密切接触者 {told['contacts']:,} 人(本次 / 另一次)",
        f"{told['cases']:,} cases known in both plays, the same {told['contacts']:,} close contacts of them (this play / the other)",
    )
    lines = [words(head)]
    for code, word in STEPS.items():
        pair = [steps[code] for steps in told["by"]]
        hours = [f"{s['hours']['median']:,.1f} h" if s and s["hours"] else "—" for s in pair]
        lines.append(f"  {words(word)}: {' / '.join(number(s and s['n']) for s in pair)}  ({' / '.join(hours)})")
    better = [sum((c["named"][i] or 0) > (c["named"][1 - i] or 0) for c in told["by_case"]) for i in (0, 1)]
    more = Word(
        f"  按病例:本次报告更多 {better[0]} 例,另一次更多 {better[1]} 例",
        f"  by case: more named in this play for {better[0]}, in the other for {better[1]}",
    )
    return "\n".join([*lines, words(more)])
