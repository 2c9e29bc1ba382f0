"""How far the support of chains may be believed: made-up outbreaks whose every link is known, one table row per setting. Asserts nothing.

Expected calibration error of the most supported source of each case; the quick suite holds a small version. Refused outbreaks are counted.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.assessment.outbreaks import F, Outbreak, W, by_day, calibration_error, outbreak

from bulou.assessment.chains import Model, reconstruct
from bulou.assessment.refusing import NoAnswer

#: Name, what is made, what the sampler is told.
SETTINGS: dict[str, tuple[dict[str, float], dict[str, object]]] = {
    "days and sequences": ({}, {}),
    "with contacts": ({}, {"contacts": True}),
    "imports unknown": ({}, {"imports": False}),
    "a third not sampled, imports unknown": ({"sampled": 0.67}, {"imports": False}),
    "w too long by half": ({}, {"w": by_day(7.5, 3, 22)}),
    "w too short by half": ({}, {"w": by_day(2.5, 1, 16)}),
}


def judged(made: Outbreak, contacts: bool = False, imports: bool = True, w: object = None) -> tuple[list[float], list[bool]] | None:
    """Support of the best source of each case that was not given as imported, and whether it is right; None when refused."""
    told = [s < 0 for s in made.source] if imports else None
    try:
        found = reconstruct(made.sampled, w or W, F, made.contacts if contacts else None, made.snp, told, model=Model(sites=10_000))  # type: ignore[arg-type]
    except NoAnswer:
        return None
    best = [(-1 if j is None else j, s) for j, s in found.best()]
    asked = [i for i in range(len(best)) if not imports or made.source[i] >= 0]
    return [best[i][1] for i in asked], [best[i][0] == made.source[i] for i in asked]


def main(sizes: list[int], only: list[str]) -> None:
    """One outbreak of each size for every setting, or for those named."""
    print("| setting | outbreaks | refused | cases | right | mean support | calibration error | s |")
    print("|---|---|---|---|---|---|---|---|")
    for name, (how, told) in SETTINGS.items():
        if only and name not in only:
            continue
        began, support, right, refused = time.process_time(), [], [], 0
        for seed, n in enumerate(sizes):
            found = judged(outbreak(n, seed, **how), **told)  # type: ignore[arg-type]
            refused += found is None
            support += found[0] if found else []
            right += found[1] if found else []
        error = f"{calibration_error(support, right):.3f}" if support else ""
        mean = f"{np.mean(right):.2f} | {np.mean(support):.2f}" if support else " | "
        print(f"| {name} | {len(sizes)} | {refused} | {len(support)} | {mean} | {error} | {time.process_time() - began:.0f} |", flush=True)


if __name__ == "__main__":
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--small", action="store_true", help="nine outbreaks of 40 cases, in place of six of 60 and three of 150")
    args.add_argument("--cases", type=int, help="nine outbreaks of so many cases")
    args.add_argument("settings", nargs="*", choices=[*SETTINGS, []], help="only these")
    told = args.parse_args()
    main([told.cases] * 9 if told.cases else [40] * 9 if told.small else [60] * 6 + [150] * 3, told.settings)
