"""A city of the exercise: seconds and memory at 100,000 and 1.5 million people with 14 days of visits. Asserts nothing.

Every size runs in a process of its own, so that its peak of memory is its own. Own time is what the process worked itself, which tells more
than the clock where others share the machine.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bulou.exercise.city import make
from bulou.exercise.files import fingerprint
from bulou.exercise.ground import find
from bulou.exercise.parameters import read_file

AREA, SEED, DAYS = "500107", 7, 14
#: People, and the targets: seconds, gigabytes.
SIZES = ((100_000, 15, 4), (1_500_000, 180, 4))


def one(people: int, to: Path) -> None:
    """Makes one city and prints what it took as JSON."""
    start, before = time.perf_counter(), time.process_time()
    parts: dict[str, float] = {}

    def say(part: str, done: int, _total: int) -> None:
        if not done:
            parts[part] = time.process_time() - before

    head = make(to, find(AREA), AREA, people, SEED, read_file(None), DAYS, say)
    own, clock = time.process_time() - before, time.perf_counter() - start
    print(json.dumps({
        "own": own, "clock": clock, "parts": parts, "rows": head.rows, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "disk": sum(f.stat().st_size for f in to.rglob("*") if f.is_file()) / 2**30,
    }))  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a smoke run: the numbers mean nothing")
    parser.add_argument("--part", choices=("city",), default="city")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--to", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        one(args.one, args.to)
        return 0
    print(f"\nA city of {AREA}, seed {SEED}, {DAYS} days\n")
    print("| people | households | stays | before the days, own s | own s | clock s | peak GB | disk GB | target |\n|" + "---|" * 9)
    for people, seconds, memory in ((2000, 15, 4),) if args.small else SIZES:
        folder = Path(tempfile.mkdtemp(prefix="bulou-bench-"))
        try:
            told = subprocess.run(
                [sys.executable, __file__, "--one", str(people), "--to", str(folder / "city")], check=True, capture_output=True, text=True
            )
            r = json.loads(told.stdout)
            print(
                f"| {people:,} | {r['rows']['households']:,} | {r['rows']['visits']:,} | {r['parts']['day']:.1f} | {r['own']:.1f} | {r['clock']:.1f} | "
                f"{r['peak']:.2f} | {r['disk']:.2f} | < {seconds} s, < {memory} GB |", flush=True,
            )  # fmt: skip
            if args.small:
                print(f"fingerprint {fingerprint(folder / 'city')}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
