"""Aligned sequences: read from FASTA, and compared site by site. Pure; keeps no sequence and assigns no lineage.

A site counts where both read one of A, C, G, T; whatever is ambiguous or missing counts neither as the same nor as a difference.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bulou.basis.words import Word

#: Sequences in one file: they are compared in pairs.
MOST = 120
#: Sites of a genome, and signs of a file, that are read at most.
MOST_SITES, MOST_SIGNS = 250_000, 12_000_000
#: Pairs of which fewer than this share of the alignment was read in both say nothing.
LEAST_SHARE = 0.5
_BASES = b"ACGT"
#: What an alignment may hold beside them: codes of what is ambiguous, gaps, what was not read.
_OTHER = b"RYSWKMBDHVNX-.?*"


class NotAligned(ValueError):
    """A file that cannot be compared; says which record, and what would be right."""

    def __init__(self, word: Word) -> None:
        super().__init__(word.en)
        self.word = word


class Aligned(NamedTuple):
    """The records of a file, by the first word of their heads, and their bases: 0–3, 4 for what does not count."""

    names: tuple[str, ...]
    bases: NDArray[np.uint8]


class Apart(NamedTuple):
    """Two records: at how many sites they differ, of how many that both read; ``enough``: whether that says anything."""

    one: int
    other: int
    differ: int
    sites: int
    enough: bool


_CODES = np.full(256, 255, np.uint8)
for _n, _base in enumerate(_BASES):
    _CODES[_base] = _n
    _CODES[ord(chr(_base).lower())] = _n
_CODES[ord("U")] = _CODES[ord("u")] = _BASES.index(b"T")
for _sign in _OTHER:
    _CODES[_sign] = 4
    _CODES[ord(chr(_sign).lower())] = 4


def read(data: bytes) -> Aligned:
    """The aligned records of a FASTA file. NotAligned names the record that is empty, twice there, of another length or holds another sign."""
    if len(data) > MOST_SIGNS:
        raise NotAligned(Word(f"文件超过 {MOST_SIGNS // 1_000_000} MB:请拆分", f"the file is over {MOST_SIGNS // 1_000_000} MB: split it"))
    names: list[str] = []
    parts: list[list[bytes]] = []
    for raw in data.removeprefix(b"\xef\xbb\xbf").splitlines():
        line = raw.strip()
        if line.startswith(b">"):
            words = line[1:].decode("utf-8", "replace").split()
            if not words:
                raise NotAligned(Word(f"第 {len(names) + 1} 条没有名称", f"record {len(names) + 1} has no name after >"))
            names.append(words[0])
            parts.append([])
        elif line and not line.startswith(b";"):
            if not names:
                raise NotAligned(Word("不是 FASTA:第一行应以 > 开头", "this is no FASTA: the first line begins with >"))
            parts[-1].append(line.replace(b" ", b""))
    if len(names) < 2:
        raise NotAligned(Word("至少两条序列才能比对", "two sequences at least are needed to compare"))
    if len(names) > MOST:
        raise NotAligned(Word(f"有 {len(names)} 条,一次至多 {MOST} 条", f"there are {len(names)} sequences: at most {MOST} at once"))
    twice = next((n for i, n in enumerate(names) if n in names[:i]), None)
    if twice is not None:
        raise NotAligned(Word(f"“{twice}”出现两次", f"“{twice}” is there twice"))
    rows = [np.frombuffer(b"".join(p), np.uint8) for p in parts]
    sites = len(rows[0])
    for name, row in zip(names, rows, strict=True):
        if not len(row):
            raise NotAligned(Word(f"“{name}”没有序列", f"“{name}” has no sequence"))
        if len(row) != sites:
            raise NotAligned(Word(
                f"未比对:“{name}”长 {len(row)},第一条“{names[0]}”长 {sites};请先比对到同一参考序列,长度须一致",
                f"not aligned: “{name}” has {len(row)} sites and the first, “{names[0]}”, {sites}; align all to one reference first: one length",
            ))  # fmt: skip
    if sites > MOST_SITES:
        raise NotAligned(Word(f"序列长 {sites},至多 {MOST_SITES}", f"the sequences have {sites} sites: at most {MOST_SITES}"))
    bases = _CODES[np.stack(rows)]
    wrong = np.argwhere(bases == 255)
    if len(wrong):
        i, at = map(int, wrong[0])
        sign = chr(int(rows[i][at]))
        raise NotAligned(
            Word(f"“{names[i]}”第 {at + 1} 位是“{sign}”,不是碱基符号", f"“{names[i]}” holds “{sign}” at site {at + 1}: no sign of a base")
        )
    return Aligned(tuple(names), bases)


def apart(of: Aligned) -> list[Apart]:
    """Every pair of records. O(records² · sites), in whole arrays."""
    known = of.bases < 4
    found = []
    for i in range(len(of.names) - 1):
        both = known[i + 1 :] & known[i]
        differs = ((of.bases[i + 1 :] != of.bases[i]) & both).sum(axis=1)
        for k, (differ, sites) in enumerate(zip(differs, both.sum(axis=1), strict=True)):
            found.append(Apart(i, i + 1 + k, int(differ), int(sites), int(sites) >= LEAST_SHARE * of.bases.shape[1]))
    return found


def same_line(one: str, other: str) -> bool:
    """Whether two lineages may be one: the same, or one named within the other (``B.1`` and ``B.1.1``), as a laboratory that read less would say."""
    a, b = one.strip().upper(), other.strip().upper()
    return f"{a}.".startswith(f"{b}.") or f"{b}.".startswith(f"{a}.")
