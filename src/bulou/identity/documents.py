"""Reads what is written where a document number belongs, and says how far it can be trusted. Never loses what was written, never refuses a person.

Sources: GB 11643-1999 (citizen number: area, day of birth, order, check character after ISO 7064 MOD 11-2) and GB 11643-1989 (its 15
digits); ICAO Doc 9303 parts 3 and 4 (machine-readable passports); the National Immigration Administration's notices of 2018 (residence
permits that begin with 81, 82, 83) and of 2023 (permanent residence in 18 digits that begin with 9). Shapes of passports and travel
permits are those printed on them; nobody publishes a check for them, so *sound* of these says only that the shape is right.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Literal, NamedTuple

Verdict = Literal["sound", "checksum", "refused", "unknown"]


class Document(NamedTuple):
    """One document number as it was written and as it is compared.

    ``kind`` is a word of the closed list ``document``; ``value`` what is compared (folded; 15 digits raised to 18, a permit without
    its count of renewals); ``original`` what stood there. ``verdict``: ``sound`` (shape and, where its kind has one, checksum, day
    and area agree), ``checksum`` (they do not: a warning, nothing is blocked), ``refused`` (a spreadsheet destroyed it, or it is a
    filler: never a key), ``unknown`` (no kind that we know looks like this). ``repaired``: numbers one slip away that would be
    sound, proposals only. ``zh`` and ``en`` say the verdict to a person.
    """

    kind: str
    value: str
    original: str
    verdict: Verdict
    repaired: tuple[str, ...]
    zh: str
    en: str


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
#: First two digits of a citizen number (GB/T 2260), of residents from Hong Kong, Macau and Taiwan (81, 82, 83) apart.
PROVINCES = frozenset(re.findall("..", "1112131415212223313233343536374142434445465051525354616263646571"))
_BORN_FROM, _BORN_UNTIL = 1880, 2099

#: What clerks write for the X at the end: multiplication signs, crosses, Cyrillic and Greek letters that look alike.
_CROSSES = str.maketrans(dict.fromkeys("×✕✖╳⨯хХχΧ╳", "X"))
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―_'\"`´‘’“”,，、;；:：/／|.。·()（）\[\]【】<>《》#＃№]+")
_NOTHING = frozenset(
    ["", "无", "无证件", "无证", "没有", "暂无", "未知", "不详", "未填", "未提供", "空", "N/A", "NA", "NONE", "NULL", "NIL", "UNKNOWN", "NAN", "X", "0", "1"]
)  # fmt: skip
_SCIENTIFIC = re.compile(r"^[+-]?\d+(?:\.\d+E[+-]?|E\+)\d{1,3}$")
_WHOLE = re.compile(r"^(\d+)\.0*$")

_WORDS: dict[str, tuple[str, str]] = {
    "sound": ("号码可用", "the number is in order"),
    "shape": ("格式正确,此类证件无公开校验位", "the shape is right; nobody publishes a check for this kind"),
    "check": ("校验位不符,请核对原件;不影响录入", "the check character does not agree: look at the document; nothing is blocked"),
    "day": ("号码中的出生日期不存在", "the day of birth in the number does not exist"),
    "area": ("号码开头的地区代码不存在", "no area has the code with which the number begins"),
    "length": ("位数不对", "the number has a digit too few or too many"),
    "tail": ("末尾为 0:电子表格只保留 15 位数字,原号已丢失,不作为证件号", "a spreadsheet keeps 15 digits and wrote the zeros: the number is lost and not used"),
    "scientific": ("科学计数法:电子表格丢失了原号,不作为证件号", "scientific notation: a spreadsheet lost the number, it is not used"),
    "filler": ("占位号码,不作为证件号", "a filler, not anybody's number"),
    "unknown": ("不认识的证件格式", "no kind of document that is known looks like this"),
    "temporary": ("临时编号", "a temporary number"),
}  # fmt: skip


def fold(text: str) -> str:
    """What is left of a written number for comparing: NFKC, capitals, any cross is X; no separators, quotes or invisible characters."""
    if text.isascii() and text.isalnum():
        return text.upper()
    text = unicodedata.normalize("NFKC", text)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf").upper().translate(_CROSSES)
    return _SEPARATORS.sub("", text)


def check_character(body: str) -> str:
    """The check character of 17 digits after ISO 7064 MOD 11-2."""
    return _CHECKS[sum(w * (ord(c) - 48) for w, c in zip(_WEIGHTS, body, strict=True)) % 11]


def day_in(value: str) -> str | None:
    """The day of birth inside a number of 18 characters, ``YYYY-MM-DD``; None where there is no such day."""
    try:
        born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return None
    return born.isoformat() if _BORN_FROM <= born.year <= _BORN_UNTIL else None


def sex_in(value: str) -> str:
    """``male`` or ``female`` after the 17th digit of a number of 18 characters."""
    return "male" if value[16] in "13579" else "female"


def raised(value: str) -> str:
    """The 18 characters of an old number of 15 digits: the same document (GB 11643-1999, annex)."""
    body = value[:6] + "19" + value[6:]
    return body + check_character(body)


def read_document(text: str | None, kind: str | None = None) -> Document | None:
    """Reads one written number; None where nothing, or a word for nothing, is written.

    ``kind`` is what the list says that it is (a word of ``document``); without it the shape tells. A number that fits its said kind
    badly is read by its shape: lists are often wrong about the kind.
    """
    if text is None:
        return None
    plain = unicodedata.normalize("NFKC", text).strip().strip("'`‘’\"").upper()
    if _SCIENTIFIC.match(plain):
        return _document(kind or "id_card", fold(text), text, "refused", "scientific")
    if whole := _WHOLE.match(plain):
        plain = whole[1]
    value = fold(plain)
    if value in _NOTHING or not any(c.isalnum() for c in value):
        return None
    if _filler(value):
        return _document(kind if kind in _KINDS else "id_card", value, text, "refused", "filler")
    cut = value.isdecimal() and 16 <= len(value) <= 20 and not value[15:].strip("0")
    if cut or (kind == "id_card" and len(value) == 18 and value.endswith("000")):
        return _document(kind if kind in _KINDS else "id_card", value, text, "refused", "tail")
    if kind == "temporary" or value.startswith(("SYN", "TMP")):
        return _document("temporary", value, text, "sound", "temporary")
    if plain.count("<") >= 2 and (found := _machine_line(plain)):
        return found._replace(original=text)
    if kind in _READERS and (found := _READERS[kind](value, text)):
        return found
    for reader in (_citizen, _permanent, _hong_kong, _taiwan, _permit, _chinese_passport, _birth, _military):
        if found := reader(value, text):
            return found
    if kind == "passport" and (found := _passport(value, text)):
        return found
    return _foreign(value, text) or _document(kind if kind in _KINDS else "none", value, text, "unknown", "unknown")


#: How lists call the kinds; the first that is in the words counts.
_CALLED = (
    ("temporary", "临时"), ("permanent", "永久"), ("permanent", "永居"), ("residence", "居住证"), ("birth", "出生"), ("passport", "护照"), ("passport", "passport"),
    ("military", "军"), ("military", "武警"), ("military", "士兵"), ("permit", "通行证"), ("permit", "回乡"), ("permit", "台胞"), ("permit", "permit"),
    ("local_id", "香港身份证"), ("local_id", "澳门身份证"), ("local_id", "台湾身份证"), ("id_card", "身份证"), ("id_card", "户口"), ("id_card", "id card"),
    ("id_card", "identity card"),
)  # fmt: skip


def read_kind(text: str | None) -> str | None:
    """The kind of document that a list names in words (护照, 台胞证, 居民身份证) or by its code; None where it names none that is known."""
    plain = unicodedata.normalize("NFKC", text or "").strip().casefold()
    return plain if plain in _KINDS else next((kind for kind, word in _CALLED if word in plain), None)


_KINDS = frozenset(["id_card", "passport", "permit", "residence", "permanent", "local_id", "birth", "military", "temporary"])


def _document(kind: str, value: str, original: str, verdict: Verdict, why: str, repaired: tuple[str, ...] = ()) -> Document:
    return Document(kind, value, original, verdict, repaired, *_WORDS[why])


def _filler(value: str) -> bool:
    """Ones, or the digits in their row: what is typed where a form insists on a number. Letters before them make it a real one."""
    if not value.isdecimal() or len(value) < 4:
        return False
    return len(set(value)) == 1 or value in "1234567890" * 3 or value.startswith("000000")


# --- 18 and 15 characters ---------------------------------------------------------------------------------------------
_EIGHTEEN = re.compile(r"^\d{17}[\dX]$")
_FIFTEEN = re.compile(r"^\d{15}$")


def _citizen(value: str, original: str) -> Document | None:
    """A citizen number, or one made like it: residents from Hong Kong, Macau, Taiwan; foreigners since 2023."""
    if _EIGHTEEN.match(value):
        kind = "permanent" if value[0] == "9" else "residence" if value[:2] in ("81", "82", "83") else "id_card"
        if check_character(value[:17]) != value[17]:
            return _document(kind, value, original, "checksum", "check", tuple(repairs(value)))
        if kind == "id_card" and value[:2] not in PROVINCES:
            return _document(kind, value, original, "checksum", "area")
        if day_in(value) is None:
            return _document(kind, value, original, "checksum", "day")
        return _document(kind, value, original, "sound", "sound")
    if _FIFTEEN.match(value) and value[:2] in PROVINCES:
        longer = raised(value)
        good = day_in(longer) is not None
        return _document("id_card", longer if good else value, original, "sound" if good else "checksum", "sound" if good else "day")
    if len(value) in (17, 19) and re.match(r"^\d+X?$", value) and value[:2] in PROVINCES | {"81", "82", "83"}:
        return _document("id_card", value, original, "checksum", "length", tuple(repairs(value)))
    return None


def repairs(value: str) -> Iterator[str]:
    """Sound numbers of 18 characters that are one slip away: one character wrong, two neighbours exchanged, one lost, one doubled.

    They are proposals: about a dozen for each wrong number, so one is taken only where name and birth agree with it.
    """
    found: set[str] = set()
    if len(value) == 17 and value.isdecimal():
        found.add(value + check_character(value))
    if len(value) == 17:
        found.update(value[:i] + d + value[i:] for i in range(17) for d in "0123456789")
    elif len(value) == 19:
        found.update(value[:i] + value[i + 1 :] for i in range(19))
    elif len(value) == 18:
        body = value[:17]
        found.add(body + check_character(body))
        found.update(value[:i] + value[i + 1] + value[i] + value[i + 2 :] for i in range(17))
        off = (sum(w * int(c) for w, c in zip(_WEIGHTS, body, strict=True)) - _CHECKS.index(value[17])) % 11
        for i, w in enumerate(_WEIGHTS):
            digit = (int(body[i]) - off * pow(w, -1, 11)) % 11
            if digit < 10:
                found.add(value[:i] + str(digit) + value[i + 1 :])
    found.discard(value)
    for one in sorted(found):
        known = one[0] == "9" or one[:2] in PROVINCES or one[:2] in ("81", "82", "83")
        if _EIGHTEEN.match(one) and known and check_character(one[:17]) == one[17] and day_in(one):
            yield one


def _permanent(value: str, original: str) -> Document | None:
    """A foreigner's permanent residence card before 2023: three letters, twelve digits with the day of birth in six of them."""
    if not re.match(r"^[A-Z]{3}\d{12}$", value):
        return None
    month, day = int(value[9:11]), int(value[11:13])
    good = 1 <= month <= 12 and 1 <= day <= 31
    return _document("permanent", value, original, "sound" if good else "checksum", "shape" if good else "day")


# --- Hong Kong, Macau, Taiwan ----------------------------------------------------------------------------------------
def _hong_kong(value: str, original: str) -> Document | None:
    """A Hong Kong identity card: one or two letters, six digits, a check character after modulus 11."""
    if not (found := re.match(r"^([A-Z]{1,2})(\d{6})([\dA])$", value)):
        return None
    letters = [36 if len(found[1]) == 1 else ord(found[1][0]) - 55, ord(found[1][-1]) - 55]
    total = sum(w * n for w, n in zip((9, 8, 7, 6, 5, 4, 3, 2), letters + [int(c) for c in found[2]], strict=True))
    good = "0123456789A"[-total % 11] == found[3]
    # a foreign passport may look the same: only a check that agrees makes it a Hong Kong card
    return _document("local_id", value, original, "sound", "sound") if good else None


_TAIWAN_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"


def _taiwan(value: str, original: str) -> Document | None:
    """A Taiwan identity card: a letter, nine digits of which the first is 1 or 2 (8, 9 for residents), modulus 10."""
    if not re.match(r"^[A-Z][1289]\d{8}$", value):
        return None
    code = _TAIWAN_LETTERS.index(value[0]) + 10
    total = code // 10 + code % 10 * 9 + sum(w * int(c) for w, c in zip((8, 7, 6, 5, 4, 3, 2, 1, 1), value[1:], strict=True))
    return _document("local_id", value, original, "sound", "sound") if total % 10 == 0 else None


def _permit(value: str, original: str) -> Document | None:
    """Permits of residents of Hong Kong and Macau (回乡证) and of Taiwan (台胞证) to the mainland, and of mainlanders the other way.

    The last two digits of ten count renewals: the person keeps the first eight, which are compared.
    """
    if found := re.match(r"^([HM]\d{8})(\d{2})?$", value):
        return _document("permit", found[1], original, "sound", "shape")
    if re.match(r"^(?:[HM][A-Z]\d{7}|C[A-Z]\d{7}|[CWLT]\d{8})$", value):
        return _document("permit", value, original, "sound", "shape")
    return None


def _taiwan_permit(value: str, original: str) -> Document | None:
    """Eight digits are a 台胞证 only where the list says so: they may be a day or a telephone."""
    if found := re.match(r"^(\d{8})(?:\d{2}[A-Z]?)?$", value):
        return _document("permit", found[1], original, "sound", "shape")
    return _permit(value, original)


# --- passports and papers --------------------------------------------------------------------------------------------
def _chinese_passport(value: str, original: str) -> Document | None:
    """Passports of China and of its two special administrative regions, as they have been numbered since 1997."""
    if re.match(r"^(?:E\d{8}|E[A-HJ-NP-Z]\d{7}|G\d{8}|1[45]\d{7}|[DSP]E?\d{7}|[DSP]\d{8}|K\d{8}|KJ\d{7}|MA\d{7})$", value):
        return _document("passport", value, original, "sound", "shape")
    return None


def _passport(value: str, original: str) -> Document | None:
    """Any passport: six to nine letters and digits (ICAO Doc 9303 leaves nine places), where the list says that it is one."""
    if re.match(r"^(?=.*\d)[A-Z0-9]{6,9}$", value):
        return _document("passport", value, original, "sound", "shape")
    return None


def _foreign(value: str, original: str) -> Document | None:
    """A foreign passport by its shape alone: one to three letters and six to eight digits, nine in all at most."""
    if re.match(r"^[A-Z]{1,3}\d{5,8}[A-Z]?$", value) and 7 <= len(value) <= 9:
        return _document("passport", value, original, "sound", "shape")
    return None


def _machine_line(text: str) -> Document | None:
    """The second line of a machine-readable passport: number, its check digit, nationality, birth, sex (ICAO Doc 9303-4)."""
    for line in text.split():
        if found := re.match(r"^([A-Z0-9<]{9})(\d)([A-Z<]{3})(\d{6})(\d)[MFX<](\d{6})(\d)", line):
            good = machine_check(found[1]) == found[2] and machine_check(found[4]) == found[5]
            return _document("passport", found[1].replace("<", ""), text, "sound" if good else "checksum", "sound" if good else "check")
    return None


def machine_check(text: str) -> str:
    """The check digit of a field of a machine-readable document: weights 7, 3, 1, letters from A = 10, modulus 10."""
    worth = [0 if c == "<" else int(c) if c.isdecimal() else ord(c) - 55 for c in text]
    return str(sum(v * (7, 3, 1)[i % 3] for i, v in enumerate(worth)) % 10)


def _birth(value: str, original: str) -> Document | None:
    """A medical certificate of birth: a letter for the edition and nine digits that begin with the province."""
    if re.match(r"^[A-Z]\d{9}$", value) and value[1:3] in PROVINCES:
        return _document("birth", value, original, "sound", "shape")
    return None


def _military(value: str, original: str) -> Document | None:
    """Papers of the forces: the words of the issuer, 字第, a number, 号."""
    if found := re.match(r"^([一-鿿]{0,4}[字军警武海空陆政参后装士兵文][一-鿿]{0,3}?)第?(\d{4,10})号?$", value):
        return _document("military", found[1].removesuffix("字") + found[2], original, "sound", "shape")
    return None


_READERS = {"id_card": _citizen, "residence": _citizen, "permanent": lambda v, o: _permanent(v, o) or _citizen(v, o), "permit": _taiwan_permit,
            "local_id": lambda v, o: _hong_kong(v, o) or _taiwan(v, o), "birth": _birth, "military": _military, "passport": _passport}  # fmt: skip


def series(document: Document) -> str:
    """In what a person has only one number at a time: two different ones are two people until a person says otherwise."""
    shape = document.value[:1] if document.kind in ("permit", "local_id") and document.value[:1].isalpha() else ""
    return f"{document.kind}{shape}{len(document.value) if document.kind == 'permanent' else ''}"
