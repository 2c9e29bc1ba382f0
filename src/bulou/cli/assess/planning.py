"""``bulou assess sites``, ``cover``, ``roster``, ``beds``: places, shifts and rooms. Reads and writes; the programs are `assessment`'s."""

from datetime import date, timedelta
from pathlib import Path

import click

from bulou.basis.words import Word
from bulou.cli.assess.curves import weights
from bulou.cli.assess.frame import READ, Column, Run, method, option
from bulou.cli.assess.reading import Table
from bulou.cli.terminal import use

FROM = click.FloatRange(0)
SECONDS = option("--seconds", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True,
                 said=Word("求解限时;到时给出已有的解与证明的界。", "Time for solving; then the best so far, with its proven bound."))  # fmt: skip


@method(
    "sites",
    about=Word(
        "采样点放在哪里:给定点数使总步行最少(--n),或人人不超过某个距离而点最少(--max-walk)。每处需求一行;另给目标值和已证明的界。",
        "Where to put sites: least walking in all with a given number (--n), or fewest sites such that nobody walks further than --max-walk. One row for "
        "each demand point; the objective, and a bound that no choice can beat.",
    ),
    limits=Word(
        "没有距离表时用直线距离的 1.3 倍。一处需求整体归一个点;有容量时如此可能无解。不计排队与到达高峰。需求乘候选超过 4 万对时用贪心加交换,"
        "与最优的差距看 bound。",
        "Without a table of distances, 1.3 times the straight line. A demand point goes whole to one site, which may not fit capacities. Knows no queues "
        "and no peaks. Above 40,000 pairs of demand and candidate it is greedy with exchanges: see the bound for how far off it may be.",
    ),
    paper="Hakimi 1964, Oper Res 12:450; Toregas et al. 1971, Oper Res 19:1363; Cornuejols et al. 1977, Manage Sci 23:789",
    reads={
        "--demand": (Column("id", Word("需求点", "the demand point")), Column("x, y", Word("坐标(米)", "coordinates, in metres")),
                     Column("people", Word("人数", "people"))),
        "--candidates": (Column("id", Word("候选点", "the candidate")), Column("x, y", Word("坐标(米)", "coordinates, in metres")),
                         Column("capacity", Word("能服务的人数;空为不限;可没有此列", "people it can serve; empty: no limit; the column may be missing"))),
        "--distances": (Column("(id)", Word("首列为需求点,列名为候选点,格为距离", "first column: demand points; headings: candidates; cells: distances")),),
    },
    gives=(
        Column("demand", Word("需求点", "the demand point")),
        Column("site", Word("去哪个点", "the site it goes to")),
        Column("distance", Word("距离", "the distance")),
    ),
    functions=("sites.place_sites", "sites.straight"),
)  # fmt: skip
@option("--demand", type=READ, said=Word("需求(id,x,y,people)。", "Demand: id,x,y,people."))
@option("--candidates", type=READ, said=Word("候选点(id,x,y,capacity)。", "Candidates: id,x,y,capacity."))
@option("--distances", type=READ, said=Word("距离表;给了就不用坐标。", "Table of distances; with it coordinates are not used."))
@option("--n", "count", type=click.IntRange(1), said=Word("开几个点。", "How many sites are opened."))
@option("--max-walk", type=FROM, said=Word("最远步行。", "The longest walk."))
@option("--detour", type=click.FloatRange(1), default=1.3, show_default=True, said=Word("步行与直线之比。", "Walk to straight line."))
@SECONDS
def sites(
    run: Run, demand: Path | None, candidates: Path | None, distances: Path | None, count: int | None, max_walk: float | None, detour: float,
    seconds: float,
) -> None:  # fmt: skip
    if (count is None) == (max_walk is None):
        run.wrong("--n 与 --max-walk 应给其中一个", "one of --n and --max-walk should be given")
    if distances is None and (demand is None or candidates is None):
        run.wrong("应给 --demand 和 --candidates,或 --distances", "--demand and --candidates should be given, or --distances")
    asked, offered = (run.read("--demand", demand) if demand else None), (run.read("--candidates", candidates) if candidates else None)
    model = use("assessment.sites")
    if distances is not None:
        heads, labels, far = run.read("--distances", distances).matrix(labels=True)
        people_of = _by_id(asked, "people", labels) if asked else [1.0] * len(labels)
        room = _by_id(offered, "capacity", heads) if offered and offered.has("capacity") else None
        froms, tos = labels, heads
        run.use("distances", "from the file")
    else:
        assert asked is not None and offered is not None
        froms, tos = asked.text("id"), offered.text("id")
        asked.distinct("id", froms)
        offered.distinct("id", tos)
        people_of = asked.numbers("people", least=0) if asked.has("people") else [1.0] * len(froms)
        room = offered.numbers("capacity", least=0, empty=1e18) if offered.has("capacity") else None
        far = model.straight([*zip(asked.numbers("x"), asked.numbers("y"), strict=True)],
                             [*zip(offered.numbers("x"), offered.numbers("y"), strict=True)], detour)  # fmt: skip
        run.use("detour", detour, "a walk is so much longer than the straight line; assumed")
    if room is not None:
        room = [float("inf") if r >= 1e18 else r for r in room]
    if count is not None and count > len(tos):
        run.wrong(f"--n {count}:只有 {len(tos)} 个候选点", f"--n {count}: there are only {len(tos)} candidates")
    if max_walk is not None and room is not None and min(room) < float("inf"):
        run.note("--max-walk 不计容量;各点人数见 load", "--max-walk takes no account of capacities; see load")
        room = None
    found = model.place_sites(far, people_of, room, count, max_walk, seconds)
    run.give((froms[i], tos[s], float(d)) for i, (s, d) in enumerate(zip(found.site, found.distance, strict=True)))
    run.fact("objective", found.objective)
    run.fact("bound", found.bound)
    run.fact("opened", [tos[s] for s in found.opened])
    run.fact("load", {tos[s]: float(found.load[s]) for s in found.opened})
    if found.objective > found.bound + 1e-6 * max(1.0, found.objective):
        gap = (found.objective - found.bound) / max(found.objective, 1e-12)
        run.note(f"未证明最优:与界相差 {gap:.2%}", f"not proved optimal: {gap:.2%} above the bound")


def _by_id(table: Table, column: str, ids: list[str]) -> list[float]:
    """A column in the order of ids; every id has a row."""
    own = [x.lower() for x in table.text("id")]
    table.distinct("id", own)
    values = table.numbers(column, least=0, empty=1e18 if column == "capacity" else None) if table.has(column) else [1.0] * len(own)
    where = {x: i for i, x in enumerate(own)}
    for i, x in enumerate(own):
        if x not in {y.lower() for y in ids}:
            raise table.wrong(i, "id", Word("距离表里有的编号", "an id that the table of distances has"))
    missing = [x for x in ids if x.lower() not in where]
    if missing:
        raise table.wrong(
            0, "id", Word(f"距离表里的每个编号(缺 {missing[0]})", f"every id of the table of distances ({missing[0]} is missing)")
        )
    return [values[where[x.lower()]] for x in ids]


@method(
    "cover",
    about=Word("每个点每小时要多少人,换成每段班从几点开始几个人:总人数最少。",
               "From the heads each site needs by the hour to how many start a block of work when: fewest in all."),
    limits=Word("每段一样长(防护服的时限),不跨到第二天(除非 --cyclic)。各点分开算。",
                "Blocks are of one length (a protective suit's) and end with the hours of the file unless --cyclic. Sites are apart."),
    paper="Dantzig 1954, J Oper Res Soc Am 2:339",
    reads={"--need": (Column("site", Word("点;可没有此列", "the site; the column may be missing")), Column("hour", Word("小时,整数", "the hour, whole")),
                      Column("need", Word("要几个人", "heads it needs")))},
    gives=(Column("site", Word("点", "the site")), Column("start", Word("从哪个小时开始", "the hour at which they begin")), Column("heads", Word("几个人", "how many"))),
    functions=("shifts.cover", "shifts.blocks"),
)  # fmt: skip
@option("--need", type=READ, required=True, said=Word("需要的人数([site,]hour,need)。", "Need: [site,]hour,need."))
@option("--block", type=click.IntRange(1), default=4, show_default=True, said=Word("一段几小时。", "Hours of a block."))
@option("--cyclic", is_flag=True, said=Word("末段接到首段。", "The last hours go on with the first."))
def cover(run: Run, need: Path, block: int, cyclic: bool) -> None:
    table = run.read("--need", need)
    names = table.text("site") if table.has("site") else [""] * len(table)
    hours, needs = table.whole("hour"), table.numbers("need", least=0)
    table.distinct("hour", [*zip(names, hours, strict=True)])
    first, last = min(hours), max(hours)
    if last - first > 10_000:
        raise table.wrong(hours.index(last), "hour", Word("与其他相近的小时", "an hour near the others"))
    model = use("assessment.shifts")
    patterns = model.blocks(last - first + 1, block, cyclic)
    run.use("block", block)
    run.use("cyclic", cyclic)
    rows: list[tuple[str, int, int]] = []
    bound = 0.0
    for site in dict.fromkeys(names):
        asked = [0.0] * (last - first + 1)
        for name, hour, n in zip(names, hours, needs, strict=True):
            if name == site:
                asked[hour - first] = n
        found = model.cover(asked, patterns)
        bound += found.bound
        rows += [(site, first + start, int(heads)) for start, heads in enumerate(found.heads) if heads]
    run.give(rows)
    run.fact("heads", sum(r[2] for r in rows))
    run.fact("bound", bound)


@method(
    "roster",
    about=Word(
        "谁上哪个班:先让缺的人最少。缺多少是一个数,排不满也给出班表,每班缺几人列在 short。",
        "Who works which shift, with the fewest missing. A shortage is a number: what cannot be filled is told by shift (short), and the roster stands.",
    ),
    limits=Word(
        "不计路程与愿望,不轮流夜班;同样好的班表中取哪一张不作讲究。用 scipy 自带的 HiGHS,不需要别的软件。",
        "Knows no travel and no wishes and does not rotate nights; among rosters equally good it takes any. Solved by HiGHS within scipy; nothing else has "
        "to be installed.",
    ),
    paper="Ernst et al. 2004, Eur J Oper Res 153:3",
    reads={
        "--shifts": (Column("shift", Word("班次,各不相同", "the shift, each once")),
                     Column("start, end", Word("从首日零点起的小时数", "hours since midnight of the first day")), Column("need", Word("要几个人", "people it needs")),
                     Column("skill", Word("要什么技能;空为不限;可没有此列", "the skill it needs; empty: any; the column may be missing"))),
        "--people": (Column("person", Word("人,各不相同", "the person, each once")),
                     Column("most", Word("至多几个班;可没有此列", "most shifts; the column may be missing")),
                     Column("skills", Word("技能,分号分开;可没有此列",
                                      "skills, parted by semicolons; the column may be missing")),
                     Column("away", Word("不能上的班次,分号分开;可没有此列", "shifts they cannot work, parted by semicolons; the column may be missing"))),
    },
    gives=(Column("shift", Word("班次", "the shift")), Column("person", Word("谁", "who works it"))),
    functions=("shifts.roster",),
)  # fmt: skip
@option("--shifts", type=READ, required=True, said=Word("班次(shift,start,end,need[,skill])。", "Shifts: shift,start,end,need[,skill]."))
@option("--people", type=READ, required=True, said=Word("人员(person[,most,skills,away])。", "People: person[,most,skills,away]."))
@option("--rest", type=FROM, default=11.0, show_default=True, said=Word("两班之间至少休息几小时。", "Hours of rest between two shifts."))
@option("--most", type=click.IntRange(0), default=5, show_default=True, said=Word("每人至多几个班。", "Most shifts of a person."))
@SECONDS
def roster(run: Run, shifts: Path, people: Path, rest: float, most: int, seconds: float) -> None:
    model = use("assessment.shifts")
    table = run.read("--shifts", shifts)
    names, starts, ends = table.text("shift"), table.numbers("start"), table.numbers("end")
    table.distinct("shift", names)
    needs, skills = table.whole("need", least=0), (table.text("skill", empty=True) if table.has("skill") else [""] * len(names))
    for i, (a, b) in enumerate(zip(starts, ends, strict=True)):
        if b <= a:
            raise table.wrong(i, "end", Word(f"大于 start({a:g})的小时", f"an hour after start ({a:g})"))
    who = run.read("--people", people)
    persons = who.text("person")
    who.distinct("person", persons)
    limits = who.whole("most", least=0, empty=most) if who.has("most") else [most] * len(persons)
    able = [frozenset(_parts(x)) for x in who.text("skills", empty=True)] if who.has("skills") else [frozenset[str]()] * len(persons)
    index = {name: s for s, name in enumerate(names)}
    away: list[frozenset[int]] = [frozenset()] * len(persons)
    if who.has("away"):
        right = Word("--shifts 里的班次,分号分开", "shifts of --shifts, parted by semicolons")
        away = who.column("away", lambda x: frozenset(index[p] for p in _parts(x)) if all(p in index for p in _parts(x)) else None, right)
    run.use("rest", rest, "11 hours: Directive 2003/88/EC, article 3")
    run.use("most", most, "assumed; give your own")
    found = model.roster(
        [model.Person(*row) for row in zip(persons, limits, able, away, strict=True)],
        [model.Shift(*row) for row in zip(names, starts, ends, needs, skills, strict=True)], rest, seconds,
    )  # fmt: skip
    run.give((names[s], persons[i]) for i, s in found.work)
    run.fact("shortage", int(found.short.sum()))
    run.fact("bound", found.bound)
    run.fact("short", {names[s]: int(n) for s, n in enumerate(found.short) if n})


def _parts(text: str) -> list[str]:
    return [p.strip() for p in text.replace("；", ";").split(";") if p.strip()]


@method(
    "beds",
    about=Word(
        "隔离房间要多少:每天在住的房间数及区间,与已开的相比,哪一天可能不够,最迟哪天下令。入住人数可用文件,也可直接用 contain 的情景。",
        "Isolation rooms: how many are taken each day, with intervals, against those that are open; when they may run out, and by when more must be ordered. "
        "Admissions come from a file, or from a scenario of contain, so that cases, contacts and rooms agree.",
    ),
    limits=Word(
        "只看 14 天以内;更远的不可靠。备用房间按 24 小时三分之一、48 小时一半、3 天全部启用。接触者与病例住同样久。",
        "Looks at most 14 days beyond what is known with any use. The reserve opens a third in 24 h, half in 48 h, all in 3 days. Contacts stay as long as cases.",
    ),
    paper="Jombart et al. 2020, medRxiv (bed occupancy); Palm 1943, Ericsson Technics 44:1",
    reads={
        "--admissions": (Column("day", Word("第几天(整数);或用 date", "the number of the day (whole); or date instead")),
                         Column("date", Word("日期;或用 day", "the date; or day instead")), Column("admissions", Word("预计入住人数", "people expected to be admitted"))),
        "--stay": (Column("k", Word("天数 0、1、2……", "days 0, 1, 2 …")), Column("w", Word("住 k 天的概率", "chance that a stay takes k days"))),
        "--occupied": (Column("rooms", Word("今天住着的房间数", "rooms taken now")), Column("free_after", Word("几天后空出", "days until they are free"))),
    },
    gives=(
        Column("day", Word("哪一天,写法同输入", "the day, as the file names days")),
        *(Column(n, Word(f"房间数的 {q} 分位数", f"quantile {q} of rooms taken"))
          for n, q in (("q025", 0.025), ("q25", 0.25), ("median", 0.5), ("q75", 0.75), ("q975", 0.975))),
        Column("mean", Word("平均", "the mean")),
        Column("open", Word("已开房间", "rooms that are open")),
        Column("p_short", Word("不够的概率", "chance that more are needed")),
    ),
    functions=("beds.isolation_demand", "beds.survival"),
)  # fmt: skip
@option("--admissions", type=READ, said=Word("每日入住(day 或 date, admissions)。", "Admissions by day: day or date, admissions."))
@option("--scenario", type=READ, said=Word("contain 的情景,代替 --admissions。", "A scenario of contain, in place of --admissions."))
@option("--stay", type=READ, required=True, said=Word("住留天数(k,w)。", "Stays: k,w."))
@option("--occupied", type=READ, said=Word("已住房间(rooms,free_after)。", "Rooms taken now: rooms,free_after."))
@option(
    "--ready", type=FROM, default=0.0, show_default=True, said=Word("已开的房间(含已住)。", "Rooms that are open, those taken among them.")
)
@option("--reserve", type=FROM, default=0.0, show_default=True, said=Word("备用房间。", "Rooms in reserve."))
@option("--contacts", type=FROM, default=0.0, show_default=True, said=Word("每例带来几个接触者。", "Contacts that each brings."))
@option(
    "--p-isolate",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    said=Word("接触者中要房间的比例。", "Share of contacts who take a room."),
)
@option(
    "--dispersion",
    type=click.FloatRange(0, min_open=True),
    said=Word("入住人数的离散度(负二项);不给为泊松。", "Dispersion of admissions (negative binomial); Poisson without it."),
)
@option(
    "--risk",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.1,
    show_default=True,
    said=Word("可接受的不够的概率。", "Chance of running out that is accepted."),
)
def beds(
    run: Run, admissions: Path | None, scenario: Path | None, stay: Path, occupied: Path | None, ready: float, reserve: float, contacts: float,
    p_isolate: float, dispersion: float | None, risk: float,
) -> None:  # fmt: skip
    if (admissions is None) == (scenario is None):
        run.wrong("--admissions 与 --scenario 应给其中一个", "one of --admissions and --scenario should be given")
    labels: list[int | date]
    if scenario is not None:
        contain = use("assessment.contain")
        told = use("assessment.scenario").read_scenario(use("cli.assess.containing").tables(run, "--scenario", scenario))
        if told.published:
            run.wrong("published 的情景没有每日病例", "a published scenario has no cases by day")
        arrived = contain.contain(told).counts[:, :, use("assessment.branching").CONFIRMED]
        labels = [*range(arrived.shape[1])]
    else:
        assert admissions is not None
        labels, arrived = _admitted(run.read("--admissions", admissions))
    taken = None
    if occupied is not None:
        table = run.read("--occupied", occupied, empty=True)
        rooms, free = table.numbers("rooms", least=0), table.whole("free_after", least=0)
        taken = [sum(r for r, f in zip(rooms, free, strict=True) if f > d) for d in range(len(labels))]
    stays = weights(run.read("--stay", stay), "k", "w")
    for name, value in {"ready": ready, "reserve": reserve, "contacts": contacts, "p_isolate": p_isolate, "dispersion": dispersion or "Poisson",
                        "risk": risk, "ramp": "a third in 24 h, half in 48 h, all in 3 days", "lead_days": 3}.items():  # fmt: skip
        run.use(name, value)
    found = use("assessment.beds").isolation_demand(arrived, stays, taken, ready, reserve, contacts, p_isolate, dispersion, risk=risk)
    run.give((label, *q, m, o, p) for label, q, m, o, p in zip(
        labels, found.quantiles.tolist(), found.mean.tolist(), found.open.tolist(), found.p_short.tolist(), strict=True))  # fmt: skip
    run.fact("first_short", None if found.first_short is None else labels[found.first_short])
    run.fact("order_by", None if found.order_by is None else labels[found.order_by])
    if len(labels) > 14:
        run.note("第 14 天以后的数不宜使用", "numbers beyond the fourteenth day are of little use")


def _admitted(table: Table) -> tuple[list[int | date], list[float]]:
    which = table.one_of("day", "date")
    days = [d.toordinal() for d in table.dates("date") if d] if which == "date" else table.whole("day")
    table.distinct(which, days)
    values = table.numbers("admissions", least=0)
    first, last = min(days), max(days)
    if last - first > 3_660:
        raise table.wrong(days.index(last), which, Word("与其他日子相近的一天", "a day near the others"))
    out = [0.0] * (last - first + 1)
    for day, value in zip(days, values, strict=True):
        out[day - first] = value
    if which == "date":
        return [date.fromordinal(first) + timedelta(days=i) for i in range(len(out))], out
    return [first + i for i in range(len(out))], out
