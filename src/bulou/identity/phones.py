"""Telephone numbers folded for comparing and dialling. A telephone is shared by families, landlords and cadres: it never says who someone is."""

import re
import unicodedata

_SPLIT = re.compile(r"[,，、;；/／|\n]|\s{2,}|(?<=\d)\s+(?=(?:\+?86)?1[3-9]\d{9})|或|和")
#: Typed where a form insists on a number; the first is a carrier's service line.
_FILLERS = frozenset(["13800138000", "13000000000", "13800000000", "13900000000", "12345678"])


def fold_phone(text: str | None) -> str | None:
    """The digits of a number as one dials them inside the country; with ``+`` and its country where that is another. None for nothing.

    Full-width digits, spaces, hyphens, brackets, +86, 0086 and a spreadsheet's ``.0`` are folded; of several numbers in a cell the
    first that can be dialled is taken (:func:`phones` gives all). A number in scientific notation is none.
    """
    if text and len(text) == 11 and text[0] == "1" and text.isascii() and text.isdecimal():
        return text
    found = phones(text)
    return next((one for one in found if plausible(one)), found[0] if found else None)


def phones(text: str | None) -> list[str]:
    """Every number in a cell, in order, folded, each once."""
    if not text:
        return []
    plain = unicodedata.normalize("NFKC", text)
    found = [_one(part) for part in _SPLIT.split(plain)]
    return list(dict.fromkeys(one for one in found if one))


def as_written(text: str | None) -> list[str]:
    """Every number in a cell as it stands there, in order: what a register that keeps numbers as written is searched for."""
    return [part.strip() for part in _SPLIT.split(unicodedata.normalize("NFKC", text)) if part.strip()] if text else []


def _one(text: str) -> str | None:
    plain = re.sub(r"\.0*$", "", text.strip().strip("'`\"‘’"))
    if re.match(r"^\d+(?:\.\d+)?E\+?\d+$", plain, re.IGNORECASE):
        return None
    plain = re.sub(r"(?:转|分机|EXT\.?|X)\s*(\d{1,6})$", r"#\1", plain, flags=re.IGNORECASE)
    plain, _, extension = plain.partition("#")
    abroad = plain.lstrip().startswith(("+", "00"))
    digits = re.sub(r"\D", "", plain)
    if abroad:
        digits = re.sub(r"^00", "", digits)
        if not digits.startswith("86"):
            return f"+{digits}" if digits else None
    if re.match(r"^861[3-9]\d{9}$", digits):
        digits = digits[2:]
    elif abroad:
        digits = "0" + digits[2:].removeprefix("0")
    if re.match(r"^01[3-9]\d{9}$", digits):
        digits = digits[1:]
    return (digits + (f"#{extension.strip()}" if extension.strip() else "")) or None


def plausible(phone: str | None) -> bool:
    """Whether a folded number can be somebody's: a mobile, a fixed line with or without its area, or a number abroad; no filler."""
    if not phone or phone in _FILLERS or len(set(phone[-8:])) == 1:
        return False
    number = phone.partition("#")[0]
    return bool(re.match(r"^(?:1[3-9]\d{9}|0[1-9]\d{8,11}|[2-9]\d{6,7}|400\d{7}|\+[1-9]\d{6,14})$", number))


def mobile(phone: str | None) -> bool:
    """Whether a folded number is a mobile of the country, which a person carries; a fixed line belongs to a house."""
    return bool(phone and re.match(r"^1[3-9]\d{9}$", phone) and plausible(phone))
