"""When two writings of one field mean the same: areas, states, days, sexes, addresses. Never changes what is printed.

Names, documents and phones are folded in ``bulou.identity``; here is what is not about who someone is.
"""

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache

_SPACE = re.compile(r"[\s\u200b-\u200f\ufeff\xad]+")


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    """Full-width and half-width made one, no spaces, lower case."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).casefold()


# --- areas --------------------------------------------------------------------------------------------------------------
_ABOVE = re.compile(
    r"^(?:[^省市区县]{2,7}(?:省|自治区|特别行政区))?(?:[^省市区县]{2,7}(?:市|自治州|盟))?(?:[^省市区县]{1,6}(?:(?<![社小园])区|县|市|旗))?(?=.{2,})"
)
_BELOW = re.compile(
    r"(街道办事处|街道办|街道|街办|镇人民政府|镇政府|镇|乡人民政府|乡政府|民族乡|乡|社区居民委员会|社区居委会|居民委员会|居委会|社区"
    r"|村民委员会|村委会|村|subdistrict|street|township|town|village|community)$"
)


@lru_cache(maxsize=65_536)
def area(text: str) -> str:
    """A street, town, village or community by its name alone: ``郫筒``, ``郫筒街道``, ``郫筒街道办事处``, ``郫都区郫筒街道`` are one.

    What stands above it is taken off only where the kind of the place is written behind the name; a name of one character keeps
    its kind, which is then part of the name (``东村``). Empty for what names no area.
    """
    name = re.sub(r"[()[\]{}·.,:;_/\\-]+", "", plain(text))
    if name in _NO_AREA:
        return ""
    if _BELOW.search(name):
        below = _ABOVE.sub("", name, count=1)
        name = below if len(_BELOW.sub("", below)) >= 1 else name
    bare = _BELOW.sub("", name)
    return bare if len(bare) >= 2 else name


_NO_AREA = {"", "无", "不详", "未知", "不明", "none", "unknown", "na", "n/a", "null", "nan", "待核", "待查", "待核实", "/", "—"}


# --- states -------------------------------------------------------------------------------------------------------------
#: Ways of writing one state. A state of none of these is compared as it is written.
_STATES = {
    "阴性": ("阴", "阴性(-)", "阴(-)", "(-)", "-", "neg", "negative", "未检出"),
    "阳性": ("阳", "阳性(+)", "阳(+)", "(+)", "+", "pos", "positive", "检出"),
    "确诊病例": ("确诊", "已确诊", "confirmed", "确诊患者"),
    "无症状感染者": ("无症状", "无症状感染", "asymptomatic"),
    "密接": ("密切接触者", "密切接触", "close contact", "closecontact", "一密"),
    "次密接": ("次密切接触者", "密接的密接", "二密", "secondary contact", "secondarycontact"),
    "解除隔离": ("已解除", "解除", "解除医学观察", "已解除隔离", "解隔", "released", "隔离期满", "期满解除"),
    "居家隔离": ("居家", "居家医学观察", "居家观察", "home"),
    "集中隔离": ("集中", "集中医学观察", "集中观察", "central"),
    "转出": ("已转出", "转外区", "移交外区", "transferred out", "transferredout", "movedout"),
    "转入": ("已转入", "外区转入", "transferred in", "transferredin", "movedin"),
}
_STATE_OF = {plain(w): plain(state) for state, writings in _STATES.items() for w in (state, *writings)}


@lru_cache(maxsize=65_536)
def state(text: str) -> str:
    """A state with its usual other writings folded into one (``阴``, ``阴性``, ``Negative``)."""
    said = plain(text)
    return "" if said in _NO_AREA else _STATE_OF.get(said, said)


@lru_cache(maxsize=1024)
def sex(text: str) -> str:
    """``male``, ``female``, or what was written."""
    said = plain(text)
    return {"男": "male", "男性": "male", "m": "male", "1": "male", "女": "female", "女性": "female", "f": "female", "2": "female"}.get(
        said, said
    )


# --- days ---------------------------------------------------------------------------------------------------------------
_YMD = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(.*)$")
_COMPACT = re.compile(r"^(19\d\d|20\d\d)(\d\d)(\d\d)$")
_MD = re.compile(r"^(\d{1,2})[-/.月](\d{1,2})[日号]?(.*)$")
_TIME = re.compile(r"^t?,?(\d{1,2})[:时点](\d{1,2})?")
_SERIAL_BASE = date(1899, 12, 30)


@lru_cache(maxsize=65_536)
def moment(text: str) -> tuple[str, str]:
    """The day and the time of day of a writing of a date: ``("2022-08-11", "20:05")``; the time is empty where none is written.

    A date without its year is ``"--08-11"``, which equals any year's (`same_day`); a spreadsheet's day number (44905) is read as its
    day; 24:00 stays as written, it ends the day. ``("", "")`` for what is no date: those words stay words.
    """
    said = plain(text)
    found = _YMD.match(said)
    if found:
        year, month, day, rest = int(found[1]), int(found[2]), int(found[3]), found[4]
    elif found := _COMPACT.match(said):
        year, month, day, rest = int(found[1]), int(found[2]), int(found[3]), ""
    elif re.match(r"^[34]\d{4}(\.\d+)?$", said):
        serial = float(said)
        minutes = round(serial % 1 * 1440)
        day_of = _SERIAL_BASE + timedelta(days=int(serial))
        return day_of.isoformat(), f"{minutes // 60:02d}:{minutes % 60:02d}" if minutes else ""
    elif found := _MD.match(said):
        month, day, rest = int(found[1]), int(found[2]), found[3]
        if 1 <= month <= 12 and 1 <= day <= 31:
            return f"--{month:02d}-{day:02d}", _time(rest)
        return "", ""
    else:
        return "", ""
    try:
        return date(year, month, day).isoformat(), _time(rest)
    except ValueError:
        return "", ""


def _time(rest: str) -> str:
    found = _TIME.match(rest)
    if not found or int(found[1]) > 24:
        return ""
    return f"{int(found[1]):02d}:{int(found[2] or 0):02d}"


def day(text: str) -> str:
    """The day of a writing of a date, or the folded words where it is none."""
    return moment(text)[0] or plain(text)


def same_day(a: str, b: str) -> bool:
    """Whether two days (as ``day`` gives them) may be one: equal, or equal but for a year that one does not say."""
    return a == b or (a.startswith("--") and b.endswith(a[1:])) or (b.startswith("--") and a.endswith(b[1:]))


# --- addresses ----------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=65_536)
def address(text: str) -> str:
    """An address for comparing: without what stands above the street, signs of punctuation, 号/栋/单元 made one sign each."""
    said = re.sub(r"[,，、;；()\s#]+", "", plain(text))
    said = re.sub(
        r"^(?:[^省市区县]{2,7}(?:省|自治区))?(?:[^省市区县]{2,7}市)?(?:[^省市区县]{1,6}(?:(?<![社小园])区|县))?(?=.{4,})", "", said
    )
    said = re.sub(r"[幢座]|号楼", "栋", said)
    return re.sub(r"[号室户房]|单元|栋|[-—–]", "-", said).strip("-")


def same_address(a: str, b: str) -> bool:
    """Whether two folded addresses may be one place: one of them is the other's beginning or end."""
    return a == b or a.startswith(b) or b.startswith(a) or a.endswith(b) or b.endswith(a)
