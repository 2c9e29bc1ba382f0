"""How personal values are masked for those who need not know them. Decides nothing about who those are."""

import re


def masked(manner: str, value: str | None) -> str:
    """A personal value as those see it who need not know it: enough to tell two people apart at the door, no more."""
    if not value:
        return ""
    match manner:
        case "name":
            return value[0] + "*" * max(1, min(len(value) - 1, 2))
        case "phone":
            return value[:3] + "****" + value[-4:] if len(value) >= 8 else "****"
        case "document":
            return "***" + value[-4:] if len(value) >= 8 else "***"
        case "address":
            return value[:3] + "…" if len(value) > 3 else "…"
        case _:
            return "…"


_DOCUMENT = re.compile(r"(?<![0-9A-Za-z])(?:\d[\d \-]{13,21}[\dXxＸｘ×]|[A-Za-z]{1,2}\d{7,9})(?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<!\d)(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[ \-]?\d{7,8}(?!\d)")


def scrubbed(text: str, *, phones: bool = True) -> str:
    """Free text without the document numbers in it, and (``phones``) with its telephones masked: people write both into remarks."""
    if phones:
        text = _PHONE.sub(lambda m: masked("phone", m[0]), text)
    return _DOCUMENT.sub("***", text)
