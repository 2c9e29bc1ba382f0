"""One sound call for every method of ``bulou assess``: its files and the words after the method's name. Asserts nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

#: Files by the option that reads them, then the other words of the call.
Example = tuple[dict[str, str], list[str]]

_CASES = "day,local\n" + "".join(f"{i},{n}\n" for i, n in enumerate((1, 2, 3, 5, 6, 8, 9, 12, 10, 9, 7, 8, 5, 3), start=1))
_LIST = "event,report\n" + "".join(f"2022-03-{1 + i // 3:02d},2022-03-{1 + i // 3 + (0, 1, 1, 2, 3)[i % 5]:02d}\n" for i in range(70))
_SI = "k,w\n0,0\n1,0.25\n2,0.5\n3,0.25\n"

#: Every method has one; `test_frame` says so.
EXAMPLES: dict[str, Example] = {
    "rt": ({"--cases": _CASES, "--si": _SI}, []),
    "cohort": ({"--cases": _CASES, "--si": _SI}, []),
    "nowcast": ({"--linelist": _LIST}, ["--draws", "200"]),
    "si": (
        {"--clusters": "cluster,day\n" + "".join(f"c{i % 5},{d}\n" for i, d in enumerate((1, 2, 4, 3, 9, 5, 7, 8, 9, 15, 6, 6, 9, 7, 12)))},
        ["--draws", "50"],
    ),
    "delays": ({"--table": "lower,upper\n" + "".join(f"{d},{d + 1}\n" for d in (1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8))}, []),
    "over": ({"--cases": _CASES, "--si": _SI}, ["--days", "10"]),
    "freedom": ({"--rounds": "round,coverage,sensitivity,p_intro\n1,0.9,0.6,0\n2,0.95,0.8,0.01\n"}, ["--prior", "0.5"]),
    "chains": (
        {
            "--cases": "id,day\na,6\nb,10\nc,12\nd,15\n",
            "--contacts": "a,b\na,b\nb,c\n",
            "--w": "k,w\n1,0.1\n2,0.2\n3,0.4\n4,0.3\n",
            "--f": "k,f\n0,0\n1,0.2\n2,0.4\n3,0.4\n",
            "--snp": "id,a,b,c,d\na,0,1,2,3\nb,1,0,1,2\nc,2,1,0,1\nd,3,2,1,0\n",
        },
        ["--sweeps", "400"],
    ),
    "pools": ({}, ["--prevalence", "0.01", "--kind", "swab"]),
    "prevalence": ({"--tubes": "size,count,positive\n10,1000,3\n20,500,2\n"}, []),
    "sites": (
        {"--demand": "id,x,y,people\na,0,0,10\nb,100,0,20\nc,0,300,5\n", "--candidates": "id,x,y,capacity\nA,0,10,\nB,90,0,30\n"},
        ["--n", "2"],
    ),
    "cover": ({"--need": "site,hour,need\nA,8,2\nA,9,3\nA,10,3\nA,11,2\nA,12,1\n"}, ["--block", "2"]),
    "roster": (
        {
            "--shifts": "shift,start,end,need\nmon day,8,16,2\nmon night,20,32,1\ntue day,32,40,2\n",
            "--people": "person,away\nLi,\nWang,mon day\nZhao,\n",
        },
        [],
    ),
    "beds": (
        {
            "--admissions": "day,admissions\n1,10\n2,12\n3,9\n4,20\n",
            "--stay": "k,w\n0,0\n1,0.2\n2,0.5\n3,0.3\n",
            "--occupied": "rooms,free_after\n5,2\n",
        },
        ["--ready", "20", "--reserve", "9"],
    ),
    "contain": ({"--scenario": "# a small one\nR = 1.4\ninitial_cases = 3\ndays = 7\nfollow = 14\ndraws = 200\n"}, ["--levers"]),
}


def written(name: str, folder: Path, change: Callable[[str, str], str] | None = None) -> list[str]:
    """The words of the method's call, its files written into a folder; ``change`` is given each option and its text."""
    files, words = EXAMPLES[name]
    call = [name]
    for option, text in files.items():
        path = folder / f"{option.strip('-')}.{'toml' if text.startswith(('[', '#')) else 'csv'}"
        path.write_text(change(option, text) if change else text, encoding="utf-8")
        call += [option, str(path)]
    return call + words
