"""Acts of sequencing: what a laboratory read of a case, and how far apart two cases are. Both are evidence for a person to weigh; neither names a source."""

import re
from collections.abc import Iterable
from typing import Any

from bulou.basis.time import day_of
from bulou.basis.words import Word
from bulou.kit.importing import Import, importing
from bulou.kit.verb import Acting, Problem, Verb, verb

#: How lineages and genotypes are written: ``B.1.1.7``, ``BA.5.2``, ``D8``, ``GII.4[P16]``.
_LINEAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-/\[\]]{0,39}")


def _read_ok(acting: Acting, body: Any) -> Iterable[Problem]:
    if body.lineage is not None and not _LINEAGE.fullmatch(body.lineage):
        yield Problem("lineage", "应为谱系名,如 B.1.1.7", "should be the name of a lineage, for example B.1.1.7")
    if body.read_share is not None and not 0 <= body.read_share <= 100:
        yield Problem("read_share", "应为 0 到 100", "a share from 0 to 100")
    if body.sampled_on is not None and body.sampled_on > day_of(acting.now, acting.looking.zone):
        yield Problem("sampled_on", "采样日不能晚于今天", "the day of the sample lies in the future")


def _compared_ok(acting: Acting, body: Any) -> Iterable[Problem]:
    if body.person == body.other:
        yield Problem("other", "不能与本人比对", "is the same person")
    if not 0 <= body.differ <= body.sites:
        yield Problem("differ", "应为 0 到共同位点数", "from 0 to the number of sites that both read")


RECORD_SEQUENCE = verb(Verb(
    "record_sequence", Word("登记测序结果", "record a sequencing result"), "tracing", "sequence.read", "person",
    ("lineage", "quality", "read_share", "sampled_on", "sequencer"), (_read_ok,),
))  # fmt: skip
COMPARE_SEQUENCES = verb(Verb(
    "compare_sequences", Word("比对序列", "compare sequences"), "tracing", "sequences.compared", "person", ("differ", "sites", "digest"),
    (_compared_ok,), page="chain-sequences", timed=False,
))  # fmt: skip

importing(Import(
    RECORD_SEQUENCE, ("person", "lineage", "quality", "read_share", "sampled_on", "sequencer", "at"),
    called={"lineage": ("pangolin", "pango lineage", "pango", "lineage", "谱系", "分型", "genotype"), "read_share": ("coverage", "覆盖度", "genome coverage"),
            "sequencer": ("laboratory", "lab", "实验室", "测序实验室"), "sampled_on": ("sample date", "collection date", "采样日期", "采样时间"),
            "quality": ("qc", "qc status", "质控")},
    words={"quality": {"pass": "good", "qc pass": "good", "合格": "good", "fail": "poor", "不合格": "poor", "mediocre": "partial", "bad": "poor"}},
))  # fmt: skip
