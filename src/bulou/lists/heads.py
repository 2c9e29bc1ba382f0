"""Where the headings of a grid stand and what they say, of one row or several. Says nothing of the rows below."""

import re
from collections.abc import Sequence

from bulou.lists.headings import JOIN, field_of
from bulou.lists.spreadsheet import Merge, letters

#: Headings are looked for in the first so many rows that are not blank.
LOOK = 30
#: Headings stand in at most so many rows.
DEEPEST = 4

REMARK = re.compile(
    r"^(?:注|备注|说明|填表说明|填报说明|填表人|填报人|制表人?|制表单位|审核人?|复核人?|负责人|联系人|联系电话|填报单位|填报日期|填报时间|填表日期|填表时间|制表日期|日期|报送时间|"
    r"单位|单位盖章|盖章|截至|截止|数据来源|note|notes|source|prepared by|checked by|remarks?)\s*(?:\(.*?\)|（.*?）)?\s*[:：]",
    re.IGNORECASE,
)
ID = re.compile(r"(?<!\d)\d{17}[\dXx×Ｘｘ](?!\d)|(?<!\d)\d{15}(?!\d)")
PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
DATA = re.compile(
    r"^(?:[+\-]?\d[\d,.]*%?|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*|.*\d{15,}.*|1[3-9]\d{9}|"
    r"[0-9a-f]{8}-[0-9a-f-]{27}|男|女|true|false|yes|no|na|n/a|是|否|阴性|阳性)$",
    re.IGNORECASE,
)  # fmt: skip
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?[eE]\+\d{1,2}$")


def _someone(row: Sequence[str]) -> bool:
    """Whether a row is plainly a person; the telephone of whoever filled the list in ("联系人:李某 139…") is none."""
    return any(ID.search(c) for c in row) or (
        any(PHONE.search(c) and ":" not in c and "：" not in c for c in row) and not any(REMARK.match(c) for c in row)
    )


def known_in(row: Sequence[str]) -> int:
    """How many different cells of a row are headings of fields."""
    return sum(1 for c in set(row) if c and len(c) <= 60 and field_of(c) is not None)


def _contrast(cells: list[list[str]], at: int, filled: list[int]) -> bool:
    """Whether a row differs from what stands below it as headings do: words over numbers, never a number over words."""
    below = [i for i in filled if i > at][:20]
    over = 0
    for c, heading in enumerate(cells[at]):
        values = [cells[i][c] for i in below if c < len(cells[i]) and cells[i][c]]
        if not heading or len(values) < 2:
            continue
        share = sum(1 for v in values if DATA.match(v)) / len(values)
        if DATA.match(heading):
            if share < 0.2:
                return False
        elif share >= 0.8:
            over += 1
    return over > 0


def headings_at(cells: list[list[str]], merges: Sequence[Merge]) -> tuple[int, int]:
    """Where the headings begin (index from 0) and in how many rows they stand; (0, 0) when there are none."""
    filled = [i for i, row in enumerate(cells[: LOOK * 4]) if any(row)][:LOOK]
    best, most = -1, 0
    usual = sorted(sum(1 for c in cells[i] if c) for i in filled)[len(filled) // 2] if filled else 0
    begun = next((i for i in filled if sum(1 for c in cells[i] if c) >= max(1, usual * 0.6)), -1)
    for i in filled:
        known = known_in(cells[i])
        data = sum(1 for c in cells[i] if c and DATA.match(c))
        said = sum(1 for c in cells[i] if c)
        if _someone(cells[i]):
            if best < 0 and i == begun:
                return 0, 0
            break  # someone stands here: people have begun
        if known == 1 and i != begun:
            continue  # one word that happens to be a heading's, further down, is a value
        enough = known * 3 >= min(said, 9) if i == begun else known * 2 >= said or known > 2
        if known > most and ((data <= said / 4 and enough) or (i == begun and _contrast(cells, i, filled))):
            best, most = i, known
        if best >= 0 and data > said / 3:
            break  # people have begun
    if best < 0:
        best = _unknown(cells, filled)
        if best < 0:
            return 0, 0
    top = best
    while top > 0 and best - top + 1 < DEEPEST and _groups(cells, top - 1, best, merges):
        top -= 1
    bottom = best
    # merged downwards: the headings reach as far as the deepest of them
    for first, _, last, _ in merges:
        if top <= first <= best and last < top + DEEPEST:
            bottom = max(bottom, last)
    below = bottom + 1
    while below < len(cells) and below - top < DEEPEST and _second(cells, below, bottom, merges):
        bottom, below = below, below + 1
    return top, bottom - top + 1


def _unknown(cells: list[list[str]], filled: list[int]) -> int:
    """The first row that could be headings no word of which is known: all text, all different, and what follows looks otherwise."""
    usual = sorted(sum(1 for c in cells[i] if c) for i in filled)[len(filled) // 2] if filled else 0
    for i in filled[:6]:
        said = [c for c in cells[i] if c]
        if len(said) < max(1, usual * 0.6):
            continue
        if any(len(c) > 60 or _SCIENTIFIC.match(c) for c in said) or len(set(said)) < len(said) * 0.8:
            return -1
        if _contrast(cells, i, filled):
            return i
        if any(DATA.match(c) for c in said):
            return -1
        after = [c for j in filled if j > i for c in cells[j] if c]
        looks = sum(1 for c in after if DATA.match(c)) / max(1, len(after))
        return i if looks > 0.1 or (all(c.isascii() for c in said) and len(said) > 1 and after) else -1
    return -1


def _groups(cells: list[list[str]], above: int, best: int, merges: Sequence[Merge]) -> bool:
    """Whether the row above names groups of columns ("基本信息" over three of them), and is no title."""
    row = [c for c in cells[above] if c]
    if len(row) < 2 or any(DATA.match(c) or REMARK.match(c) for c in row):
        return False
    below = sum(1 for c in cells[best] if c)
    wide = [m for m in merges if m[0] <= above <= m[2] and (m[3] > m[1] or m[2] > m[0])]
    if wide:
        return len(row) >= 2 and any(m[3] - m[1] + 1 < below for m in wide)
    repeated = len(set(row)) < len(row) * 0.7 and len(row) >= below * 0.5
    gaps = len(row) < below and bool(cells[above][0]) and max(map(len, row)) <= 12
    return repeated or gaps


def _second(cells: list[list[str]], below: int, above: int, merges: Sequence[Merge]) -> bool:
    """Whether the row below still holds headings: parts of groups merged above it, or the same in another language."""
    row = cells[below]
    said = [c for c in row if c]
    if not said or any(DATA.match(c) for c in said) or len(set(said)) < len(said) * 0.6:
        return False
    parts = [m for m in merges if m[0] <= above and m[2] == above and m[3] > m[1]]
    if any(any(row[c] for c in range(m[1], min(m[3] + 1, len(row)))) for m in parts):
        return True
    known = known_in(row)
    if known < 2 or known < len(said) * 0.6:
        return False
    # "姓名 / Name": both rows name the same fields, or the lower fills gaps of the upper
    for i, c in enumerate(row):
        over = cells[above][i] if i < len(cells[above]) else ""
        if c and over and field_of(c) and field_of(over) and field_of(c)[0] != field_of(over)[0]:  # type: ignore[index]
            return False
    return True


def columns_at(cells: list[list[str]], merges: Sequence[Merge], first: int, depth: int) -> tuple[str, ...]:
    """The headings that stand in ``depth`` rows from ``first`` (from 0), joined: one for each column."""
    width = max((i + 1 for row in cells[first : first + depth] for i, c in enumerate(row) if c), default=0)
    return _joined(cells[first : first + depth], merges, first, width)


def _joined(rows: list[list[str]], merges: Sequence[Merge], first: int, width: int) -> tuple[str, ...]:
    """One heading per column: merged cells spread, gaps of a group filled from its left, parts that repeat said once."""
    filled = [(row + [""] * width)[:width] for row in rows]
    covered = set()
    for top, left, bottom, right in merges:
        if first <= top < first + len(rows) and left < width:
            value = filled[top - first][left]
            for r in range(top, min(bottom, first + len(rows) - 1) + 1):
                for c in range(left, min(right, width - 1) + 1):
                    filled[r - first][c] = value
                    covered.add((r - first, c))
    for depth, row in enumerate(filled[:-1]):  # without merges (a CSV of such a sheet) a group reaches to the next
        for c in range(1, width):
            if not row[c] and row[c - 1] and filled[-1][c] and (depth, c) not in covered:
                row[c] = row[c - 1]
    columns = []
    for c in range(width):
        parts: list[str] = []
        for row in filled:
            part = " ".join(row[c].split())
            if part and part not in parts:
                parts.append(part)
        columns.append(JOIN.join(parts) or f"({letters(c)})")
    return tuple(columns)
