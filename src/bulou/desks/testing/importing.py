"""Results from a laboratory's file: how its columns and signs are called, and what no result may say. Enters nothing itself."""

from collections.abc import Sequence
from typing import Any

from bulou.basis.ids import named_id
from bulou.desks.testing.verbs import REPORT_RESULT
from bulou.kit.centre import centre
from bulou.kit.importing import Import, importing
from bulou.kit.looking import Looking
from bulou.kit.many import Fate

#: How laboratories head their columns, beside the names of the fields themselves.
HEADS: dict[str, tuple[str, ...]] = {
    "tube": ("试管", "试管号", "管号", "样本编号", "barcode", "条码"),
    "result": ("结果", "检测结果"),
    "run": ("检测次序", "复测"),
    "at": ("time", "出结果时间", "检测时间", "报告时间"),
    "ct_orf": ("orf", "orf1ab", "ctorf"),
    "ct_n": ("n", "ctn", "n基因"),
}
#: How they write a result where they write no word.
SIGNS = {"result": {"+": "positive", "-": "negative", "－": "negative", "＋": "positive", "可疑": "grey"}}


def not_ahead(numbers: Sequence[int], rows: Sequence[dict[str, Any]], look: Looking, incident: bytes | None = None) -> list[Fate | None]:
    """A machine's file is of the past: a result of later than now has a wrong hour or a wrong day, and no clock is so far off."""
    now = centre().clock.now()
    return [Fate("refused", "at", "时间不能晚于现在", "lies in the future") if (r.get("at") or 0) > now else None for r in rows]


RESULTS = importing(
    Import(
        REPORT_RESULT,
        ("tube", "result", "run", "at", "ct_orf", "ct_n"),
        judge=not_ahead,
        usual={"channel": "file", "provisional": False},
        called=HEADS,
        words=SIGNS,
        # The same whichever incident its sender works in: a file that comes again from the next desk changes nothing.
        named=lambda sha256, n: named_id("result file", sha256, str(n)),
        shared=True,
    )
)
