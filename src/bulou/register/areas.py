"""Official areas of China at five levels, from the file built at installation; and local units below them. Reads, never writes."""

import lzma
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

LEVELS = {2: "province", 4: "city", 6: "county", 9: "street", 12: "village"}
ABOVE = {4: 2, 6: 4, 9: 6, 12: 9}
#: Suffixes of the offices that statistical names carry; people say the place without them.
_OFFICES = ("社区居民委员会", "社区居委会", "居民委员会", "居委会", "村村民委员会", "村村委会", "村民委员会", "村委会")
_KEPT = {"社区居民委员会": "社区", "社区居委会": "社区", "村村民委员会": "村", "村村委会": "村", "村民委员会": "村", "村委会": "村"}


class Official(NamedTuple):
    """One official area: its code, its parent's, its level and its name as people say it."""

    code: str
    parent: str | None
    level: str
    name: str


def short_name(name: str) -> str:
    """A statistical name without the office: 太平村村委会 is 太平村."""
    for office in _OFFICES:
        if name.endswith(office) and len(name) > len(office):
            return name.removesuffix(office) + _KEPT.get(office, "")
    return name


def official(prefix: str = "") -> Iterator[Official]:
    """Every official area at or below ``prefix``, by code; all 665,000 when it is empty. FileNotFoundError when not built."""
    for code, name in _rows(prefix):
        if code.startswith(prefix):
            yield Official(code, code[: ABOVE[len(code)]] if len(code) in ABOVE else None, LEVELS[len(code)], short_name(name))
        elif code > prefix and not prefix.startswith(code):
            return


def above(code: str) -> list[Official]:
    """The official areas above a code, highest first."""
    wanted = [code[:n] for n in (2, 4, 6, 9) if n < len(code)]
    return [next(official(w)) for w in wanted]


@lru_cache(maxsize=1)
def _text() -> str:
    path = resources.files("bulou.register") / "data" / "areas-cn.txt.xz"
    return lzma.decompress(path.read_bytes()).decode()


def _rows(prefix: str = "") -> Iterator[tuple[str, str]]:
    """Codes and names from the province, city or county that ``prefix`` begins with on, from the first where it names none; each line shares with the one before as many
    characters as its first (hexadecimal) says."""
    text = _text()
    at, before = _begins().get(next((prefix[:n] for n in (6, 4, 2) if len(prefix) >= n), ""), (0, ""))
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        rest, _, name = text[at + 1 : end].partition("\t")
        before = before[: int(text[at], 16)] + rest
        yield before, name
        at = end + 1


@lru_cache(maxsize=1)
def _begins() -> dict[str, tuple[int, str]]:
    """For each province, city and county where its line begins in the text, and the code of the line before it."""
    found, at, before = {}, 0, ""
    for line in _text().splitlines(keepends=True):
        code = before[: int(line[0], 16)] + line[1:].partition("\t")[0]
        if len(code) <= 6:
            found[code] = (at, before)
        at, before = at + len(line), code
    return found


def local_code(parent: str, unit: str) -> str:
    """The code of a local unit below another area: never looks like an official one."""
    return f"{parent}-{unit}"
