"""``bulou assess chains``: days, contacts and sequences of cases; who infected whom, with support. The sampler is `assessment.chains`'s."""

from pathlib import Path
from typing import Any

import click

from bulou.basis.words import Word
from bulou.cli.assess.curves import weights
from bulou.cli.assess.frame import READ, Column, Run, method, option
from bulou.cli.assess.reading import Table
from bulou.cli.terminal import use

CASES = (
    Column("id", Word("病例编号,各不相同", "the name of the case, each once")),
    Column("day", Word("采样(或发病)在第几天,整数", "the day of its sample (or onset), whole")),
    Column("imported", Word("可没有:1 为确知外来,0 为确知本地;有此列则不再推断",
                            "may be missing: 1 where it came from outside for sure, 0 where not; with it this is not inferred")),
    Column("exposed_from, exposed_to", Word("可没有:最早、最晚可能感染的一天", "may be missing: first and last day on which it may have been infected")),
)  # fmt: skip
DAYS = {
    "w": (
        Column("k", Word("天数 1、2……", "days 1, 2 …")),
        Column("w", Word("一代历时 k 天的概率", "chance that a generation takes k days")),
    ),
    "f": (
        Column("k", Word("天数 0、1……", "days 0, 1 …")),
        Column("f", Word("感染后 k 天采样的概率", "chance that a case is sampled k days after infection")),
    ),
}


@method(
    "chains",
    about=Word(
        "谁感染了谁,附支持度。用日期、接触和序列抽取感染日、来源和代数;来源空着表示名单之外的来源。每个病例的各个可能来源各一行,按支持度排列。"
        "下面另说再查清哪一件事(问一次接触、测一个序列、问清一个发病日)预期最有用,总的和每个分辨不出的病例的(Lindley 1956)。",
        "Who infected whom, with support. Days of infection, ancestors and generations are sampled from days, contacts and sequences. One row for each "
        "possible source of a case, best first; an empty ancestor is a source outside the list. Generations above 1 mean links that were not sampled. "
        "Below it stands which single datum (a contact asked about, a sequence, a day of onset) is expected to say most, over all and for each case "
        "that is not resolved (Lindley 1956, Ann Math Stat 27:986).",
    ),
    limits=Word(
        "起点之间相差超过 0.1 就不给结果(退出码 3)。支持度不到 0.5 的不要画箭头,不到 0.9 的不要说谁是传染源。只有日期时,几乎分不出来源;漏检的病例、"
        "不知道的输入、错的 w 都会使支持度偏离(见验证页)。第一次运行要编译(安静的机器上约七秒)。",
        "No result (exit 3) when starts differ by more than 0.1. Draw no arrow below a support of 0.5 and name no source below 0.9. Days alone hardly "
        "tell sources apart; cases missed, imports unknown and a wrong w shift the support (see the validation page). The first run compiles (some 7 s "
        "on a quiet machine).",
    ),
    paper="Jombart et al. 2014, PLoS Comput Biol 10:e1003457; Campbell et al. 2018, BMC Bioinformatics 19:363; Campbell et al. 2019, PLoS Comput Biol 15:e1006930",
    reads={
        "--cases": CASES,
        "--contacts": (Column("a", Word("病例编号", "a case")), Column("b", Word("接触过的另一病例", "another case it had contact with"))),
        "--snp": (Column("(id)", Word("方阵:首列与列名都是病例编号,格为差异位点数", "a square matrix: first column and headings are cases, cells are differences")),),
        "--w": DAYS["w"],
        "--f": DAYS["f"],
    },
    gives=(
        Column("case", Word("病例", "the case")),
        Column("ancestor", Word("可能的来源;空为名单之外", "a possible source; empty: outside the list")),
        Column("support", Word("后验支持度,0 至 1", "posterior support, 0 to 1")),
        Column("generations", Word("该来源与病例之间的平均代数;名单之外为空", "mean generations between the two; empty for a source outside the list")),
    ),
    functions=("chains.reconstruct", "chains.log_likelihood", "compatible.compatible", "asking.worth"),
)  # fmt: skip
@option("--cases", "cases_", type=READ, required=True, said=Word("病例(id,day)。", "Cases: id,day."))
@option("--contacts", type=READ, said=Word("病例之间的接触(a,b)。", "Contacts between cases: a,b."))
@option("--snp", type=READ, said=Word("序列差异方阵。", "Square matrix of differences between sequences."))
@option("--w", "w_", type=READ, required=True, said=Word("世代间隔(k,w)。", "Generation time: k,w."))
@option("--f", "f_", type=READ, required=True, said=Word("感染到采样(k,f)。", "Infection to sample: k,f."))
@option(
    "--seq-length",
    type=click.IntRange(min=1),
    default=29903,
    show_default=True,
    said=Word("序列的位点数(缺省为新冠病毒)。", "Sites of a sequence (the default is SARS-CoV-2)."),
)
@option("--seeds", type=click.IntRange(min=2), default=2, show_default=True, said=Word("独立起点的个数。", "Independent starts."))
@option(
    "--sweeps",
    type=click.IntRange(min=100),
    default=2000,
    show_default=True,
    said=Word("每个起点的迭代数;起点不一致时自动加倍,至多两次。", "Sweeps of each start; doubled, at most twice, where starts disagree."),
)
@option("--seed", type=click.IntRange(min=0), default=1, show_default=True, said=Word("随机数种子。", "Seed of the random numbers."))
@option(
    "--p-outside",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    said=Word("一例来自名单之外的先验概率。", "Prior chance that a case was infected from outside the list."),
)
@option(
    "--day-of",
    type=click.Choice(["sample", "onset"]),
    default="sample",
    show_default=True,
    said=Word(
        "day 是采样日还是发病日;是发病日就不再建议去问发病日。",
        "What day is; where it is of onset, no day of onset is suggested to be asked for.",
    ),
)
@option(
    "--min-support",
    type=click.FloatRange(0, 1),
    default=0.01,
    show_default=True,
    said=Word("支持度低于此数的来源不列出。", "Sources with less support are not listed."),
)
def chains(
    run: Run, cases_: Path, contacts: Path | None, snp: Path | None, w_: Path, f_: Path, seq_length: int, seeds: int, sweeps: int, seed: int,
    p_outside: float, day_of: str, min_support: float,
) -> None:  # fmt: skip
    table = run.read("--cases", cases_)
    ids, days = table.text("id"), table.whole("day")
    table.distinct("id", ids)
    index = {name.lower(): i for i, name in enumerate(ids)}
    imported = [bool(x) for x in table.whole("imported", least=0)] if table.has("imported") else None
    exposed = [*zip(_optional(table, "exposed_from"), _optional(table, "exposed_to"), strict=True)]
    pairs = _pairs(run.read("--contacts", contacts, empty=True), index) if contacts else None
    distances = _matrix(run.read("--snp", snp), index) if snp else None
    w, f = weights(run.read("--w", w_), "k", "w"), weights(run.read("--f", f_), "k", "f")
    engine = use("assessment.chains")
    model = engine.Model(sites=seq_length, seeds=seeds, sweeps=sweeps, seed=seed, p_outside=p_outside)
    for name in ("generations", "p_outside", "sites", "sweeps", "temperatures", "attempts", "seeds", "seed"):
        run.use(name, getattr(model, name))
    run.use("prior of the share sampled", "Beta(10, 1)", "Jombart et al. 2014")
    run.use("prior of contacts", "Beta(1, 1)", "Campbell et al. 2019")
    found = engine.reconstruct(days, w, f, pairs, distances, imported, exposed, model)
    n = len(ids)
    rows: list[tuple[str, str | None, float, float | None]] = []
    for i in range(n):
        order = sorted(range(n + 1), key=lambda j: (-found.support[i, j], j))
        kept = [j for j in order if found.support[i, j] > 0 and found.support[i, j] >= min_support] or order[:1]
        rows += [
            (ids[i], None if j == n else ids[j], float(found.support[i, j]), None if j == n else float(found.generations[i, j]))
            for j in kept
        ]
    run.give(rows)
    run.fact("expected_sources_outside", found.one_introduction())
    for name in ("mutation_rate", "sampled_share", "contact_share", "contact_noise", "log_likelihood", "disagreement", "rhat", "exchanged"):
        run.fact(name, getattr(found, name))
    weak = sum(support < engine.DRAWN for _, support in found.best())
    if weak:
        run.note(f"{weak} 例的来源分辨不出(支持度都不到 0.5)", f"the source of {weak} cases is not resolvable (no support reaches 0.5)")
        asking = use("assessment.asking")
        if not pairs:
            run.use("share of links that asking finds, and of other pairs relative to it", asking.ASKED, "assumed")
        if day_of == "sample":
            run.use("incubation, Weibull shape and scale in days", asking.INCUBATION, "Hellewell 2020, Lancet Glob Health 8:e488")
        _next(run, asking.worth(found, pairs, distances, seq_length, day_of == "sample"), ids)


#: Lines of single cases that are printed; all are in ``--json``.
_LINES = 10


def _next(run: Run, worth: Any, ids: list[str]) -> None:
    """Which single datum would most raise certainty: over all, and for each case that is not resolved."""
    best, open_ = worth.best(), sorted(worth.entropy, key=lambda i: -worth.entropy[i])
    whole = sum(worth.entropy.values())
    run.fact("doubt_bits", whole)
    if best is None:
        run.note("没有哪一件事单独查清就会明显有用", "no single datum is expected to say much")
    else:
        zh, en = _said(best, ids)
        run.note(
            f"最有用的一件事:{zh};预期使来源的不确定(共 {whole:.2f} 比特)减少 {best.whole():.2f} 比特(涉及病例数:{len(best.bits)})",
            f"what would most raise certainty: {en}; expected to take {best.whole():.2f} of {whole:.2f} bits of doubt (cases concerned: "
            f"{len(best.bits)})",
        )
    told = []
    for i in open_:
        one = worth.of(i)
        asked = {} if one is None else {"kind": one.kind, "asked": ids[one.case], "with": None if one.other is None else ids[one.other]}
        told.append({"case": ids[i], "entropy": worth.entropy[i], **asked, "bits": 0.0 if one is None else one.bits[i]})
        if one is not None and len(told) <= _LINES:
            zh, en = _said(one, ids)
            run.note(
                f"  {ids[i]}:{zh}({worth.entropy[i]:.2f} 比特,预期减少 {one.bits[i]:.2f})",
                f"  {ids[i]}: {en} ({worth.entropy[i]:.2f} bits, {one.bits[i]:.2f} less expected)",
            )
    run.more("next", told)


def _said(datum: Any, ids: list[str]) -> tuple[str, str]:
    who, other = ids[datum.case], "" if datum.other is None else ids[datum.other]
    return {
        "contact": (f"问 {who} 与 {other} 是否接触过", f"ask whether {who} and {other} met"),
        "sequence": (f"测 {who} 的序列", f"sequence {who}"),
        "onset": (f"问清 {who} 的发病日", f"find out on which day {who} fell ill"),
    }[datum.kind]


def _optional(table: Table, name: str) -> list[int | None]:
    if not table.has(name):
        return [None] * len(table)
    filled = [i for i, text in enumerate(table.text(name, empty=True)) if text]
    values = table.whole(name, empty=0)
    return [values[i] if i in set(filled) else None for i in range(len(table))]


def _pairs(table: Table, index: dict[str, int]) -> list[tuple[int, int]]:
    found = []
    for name in ("a", "b"):
        right = Word("--cases 里的病例编号", "the id of a case in --cases")
        found.append(table.column(name, lambda text: index.get(text.lower()), right))
    return [*zip(found[0], found[1], strict=True)]


def _matrix(table: Table, index: dict[str, int]) -> object:
    """Differences by case, -1 for those who are not in the file; it is square, symmetric and 0 on its diagonal."""
    heads, labels, numbers = table.matrix(labels=True)
    right = Word("--cases 里的病例编号,行列同序", "the id of a case in --cases, rows and columns in the same order")
    if len(heads) != len(labels):
        raise table.wrong(
            0,
            table.heads[0],
            Word(
                f"方阵的一行(有 {len(labels)} 行、{len(heads)} 列)", f"a row of a square matrix ({len(labels)} rows, {len(heads)} columns)"
            ),
        )
    at = []
    for i, (head, label) in enumerate(zip(heads, labels, strict=True)):
        if head != label.lower() or label.lower() not in index:
            raise table.wrong(i, table.heads[0], right)
        at.append(index[head])
    out = [[-1] * len(index) for _ in index]
    for i, row in enumerate(numbers):
        for j, value in enumerate(row):
            if value != int(value) or value != numbers[j][i] or (i == j and value):
                raise table.wrong(
                    i, heads[j], Word("整数,对称,对角线为 0", "a whole number; the matrix is symmetric with 0 on its diagonal")
                )
            out[at[i]][at[j]] = int(value)
    return out
