"""A text as a code that phones read, made here: no service is asked."""

import segno
from django.utils.safestring import SafeString


def picture(text: str, scale: int = 6) -> str:
    """Dark on light in every theme, or phones do not read it."""
    made = segno.make(text, error="m", micro=False).svg_inline(scale=scale, border=4, dark="#000", light="#fff")
    return SafeString(made)
