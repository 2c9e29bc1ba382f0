"""The closed lists of the trade, in Chinese and English. GLOSSARY.md explains each word; a test holds the two together."""

from typing import NamedTuple


class Word(NamedTuple):
    """One word of a closed list, as it is printed."""

    zh: str
    en: str


Words = dict[str, Word]


def _list(**words: tuple[str, str]) -> Words:
    return {name: Word(*pair) for name, pair in words.items()}


#: What a laboratory reads from a tube. "negative" of a tube is never yet "negative" of a person in an open pool.
RESULT = _list(
    negative=("阴性", "negative"),
    positive=("阳性", "positive"),
    grey=("灰区", "grey"),
    insufficient=("样本不足", "insufficient"),
    invalid=("无效", "invalid"),
)

RUN = _list(first=("初次", "first run"), rerun=("原管复测", "re-run of the same tube"))

CHANNEL = _list(
    phone=("电话先报", "by phone first"),
    form=("手工录入", "by hand"),
    file=("文件", "by file"),
    scenario=("情景", "scenario"),
)

#: Status words of an infection (FIELD B2). A tube is "pool positive"; only people have the others.
CASE_STATUS = _list(
    screening_positive=("初筛阳性", "preliminary positive"),
    recheck_positive=("复核阳性", "recheck positive"),
    suspected=("疑似病例", "suspected case"),
    confirmed=("确诊病例", "confirmed case"),
    asymptomatic=("无症状感染者", "asymptomatic infection"),
    converted=("无症状转确诊", "asymptomatic, later confirmed"),
    positive_again=("复阳", "positive again"),
    excluded=("排除", "excluded"),
)
POOL_POSITIVE = Word("混检阳性", "pool positive")

SEVERITY = _list(
    mild=("轻型", "mild"),
    ordinary=("普通型", "ordinary"),
    severe=("重型", "severe"),
    critical=("危重型", "critical"),
)

#: Ways in which an infection comes to light, and whether the person was under control then (MISSION B2).
HOW_FOUND = _list(
    clinic=("发热门诊就诊", "came to a fever clinic"),
    contact_tracing=("密接排查", "among traced contacts"),
    in_isolation=("隔离期间检测", "tested while in isolation"),
    area_testing=("区域核酸筛查", "area testing round"),
    key_group=("重点人群定期检测", "periodic testing of key trades"),
    voluntary=("愿检尽检", "asked for a test"),
    entry_check=("入境入区检测", "tested on arrival"),
    symptom_report=("症状排查", "symptoms found at the door or at a pharmacy"),
    linked_region=("外地协查", "letter of assistance from another region"),
    environment=("环境物品追溯", "traced from an environment or goods sample"),
    not_given=("未公布", "published, details not given"),
)

#: Whether the person was already under a measure when found; every stop rule of mass testing reads this.
CONTROL = _list(
    inside=("管控中发现", "found under control"),
    outside=("社会面发现", "found outside control"),
    unknown=("不详", "not known"),
)

RING = _list(
    close=("密切接触者", "close contact"),
    secondary=("密接的密接", "contact of a close contact"),
    general=("一般接触者", "general contact"),
    excluded=("排除", "excluded"),
)

SETTING = _list(
    household=("共同居住", "same household"),
    kin=("亲属往来", "kin"),
    meal=("同餐", "same meal"),
    venue=("同场所", "same venue"),
    vehicle=("同乘", "same vehicle"),
    work=("同工作", "same workplace"),
    care=("照护", "direct care"),
    other=("其他", "other"),
)

MEASURE = _list(
    central=("集中隔离", "central isolation"),
    home=("居家隔离", "home isolation"),
    monitoring=("健康监测", "health monitoring"),
    hospital=("定点医院治疗", "designated hospital"),
)

#: Where a recalled person is, asked within the hour. "not_reached" discharges nothing.
LOCATED = _list(
    staying=("已找到并原地等候", "found and staying put"),
    on_the_way=("途中", "on the way"),
    elsewhere=("在外区,已去函", "in another district, letter sent"),
    not_reached=("未联系上", "not reached"),
)

#: What an attempt at the door or by phone met; a sub-class of due or overdue, never a way to close a duty.
ATTEMPT = _list(
    under_way=("进行中", "under way"),
    not_found=("未找到", "not found"),
    refused=("拒绝", "refused"),
    wrong_number=("号码错误", "wrong number"),
    moved=("已搬走", "moved"),
    elsewhere=("在外地", "elsewhere"),
)

ZONE_LEVEL = _list(
    high=("高风险", "high risk"),
    medium=("中风险", "medium risk"),
    low=("低风险", "low risk"),
    temporary=("临时管控", "temporary control"),
)

AREA_LEVEL = _list(
    province=("省", "province"),
    city=("市", "city"),
    county=("区县", "county or district"),
    street=("街道乡镇", "street or town"),
    village=("村社区", "village or community"),
    group=("村民小组", "village group"),
    compound=("小区", "compound"),
    phase=("期", "phase"),
    building=("楼栋", "building"),
    grid=("网格", "grid"),
    functional=("功能区", "functional area"),
)

STAY = _list(
    residence=("居住", "residence"),
    stay=("临时停留", "temporary stay"),
    away=("离开本地", "left the area"),
)

INCIDENT = _list(
    outbreak=("疫情", "outbreak"),
    signal=("信号", "signal"),
    watch=("常态监测", "standing watch"),
)

PLACE = _list(
    sampling=("采样点", "sampling point"),
    laboratory=("实验室", "laboratory"),
    hospital=("医院", "hospital"),
    isolation=("隔离点", "isolation site"),
    market=("市场", "market"),
    teahouse=("茶馆麻将馆", "teahouse or mahjong room"),
    clinic=("诊所", "clinic"),
    school=("学校", "school"),
    worksite=("单位", "workplace"),
    home=("住所", "home"),
    other=("其他", "other"),
)

CERTAINTY = _list(
    stated=("本人陈述", "stated"),
    recorded=("记录佐证", "recorded"),
    inferred=("推定", "inferred"),
)

REVIEW = _list(
    explained=("已查明", "explained"),
    not_explained=("未查明", "not explained"),
)

CONCLUSION = _list(case=("判定为感染者", "is a case"), not_case=("排除", "is not a case"), wait=("待定", "not yet decided"))

#: What may be said of a person's tests. Nobody is negative while a pool of theirs is open.
TEST = _list(
    none=("未采样", "not swabbed"),
    sampled=("已采样,待结果", "swabbed, result pending"),
    pool_open=("混管未查明", "pool not resolved"),
    positive=("阳性", "positive"),
    negative=("阴性", "negative"),
)

NOTICE = _list(
    hold=("原地等候告知", "asked to stay put"),
    order=("隔离告知", "isolation order told"),
    release=("解除告知", "release told"),
    risk=("健康风险告知", "told of the risk"),
)

INTERVIEW = _list(
    last_days=("近日行程", "the last days"),
    core=("核心信息", "core information"),
    full=("完整流调", "full investigation"),
)

#: Units of count: a figure names its own, and people's samples are never divided by people.
UNIT = _list(
    people=("人", "people"),
    samples=("人次", "samples"),
    tubes=("管", "tubes"),
    items=("份", "items"),
    households=("户", "households"),
    places=("处", "places"),
    duties=("项", "duties"),
    units=("个单位", "units"),
    points=("个点位", "points"),
)

#: Which hour a figure counts by. Three clocks give three curves.
CLOCK = _list(
    happened=("发生时间", "by when it happened"),
    sampled=("采样时间", "by sampling"),
    resulted=("结果时间", "by result"),
    reported=("报告时间", "by report"),
)

#: Cumulative, new and current are three figures, never one.
COUNTING = _list(cumulative=("累计", "cumulative"), new=("新增", "new"), current=("现有", "current"))

#: The partition of duties (and of everyone in scope): exactly one of these at any moment.
STATE = _list(
    done=("已完成", "done"),
    done_late=("逾期完成", "done late"),
    upcoming=("未到期", "upcoming"),
    due=("应办", "due"),
    overdue=("超时", "overdue"),
    blocked=("受阻", "blocked"),
    excused=("免除", "excused"),
    ended=("已终止", "ended"),
    not_owed=("不承担", "not owed"),
)

DOCUMENT = _list(
    id_card=("居民身份证", "identity card"),
    passport=("护照", "passport"),
    permit=("通行证", "travel permit"),
    temporary=("临时编号", "temporary number"),
    none=("无证件", "no document"),
)

SEX = _list(female=("女", "female"), male=("男", "male"), other=("其他", "other"), not_stated=("未填", "not stated"))

#: Signs printed instead of a number (FIELD E35).
ZERO, NOTHING_REPORTED, NOT_APPLICABLE = "0", "—", "/"

#: Every closed list by the name a kind's field or a page uses for it.
LISTS: dict[str, Words] = {
    "result": RESULT,
    "run": RUN,
    "channel": CHANNEL,
    "case_status": CASE_STATUS,
    "severity": SEVERITY,
    "how_found": HOW_FOUND,
    "control": CONTROL,
    "ring": RING,
    "setting": SETTING,
    "measure": MEASURE,
    "located": LOCATED,
    "attempt": ATTEMPT,
    "zone_level": ZONE_LEVEL,
    "area_level": AREA_LEVEL,
    "stay": STAY,
    "incident": INCIDENT,
    "place": PLACE,
    "certainty": CERTAINTY,
    "review": REVIEW,
    "conclusion": CONCLUSION,
    "notice": NOTICE,
    "test": TEST,
    "interview": INTERVIEW,
    "unit": UNIT,
    "clock": CLOCK,
    "counting": COUNTING,
    "state": STATE,
    "document": DOCUMENT,
    "sex": SEX,
}

#: How each field of a fact is called, one word per thing whatever kind it stands in.
FIELD: Words = _list(
    acting=("代理", "acting"),
    about=("告知事项", "about"),
    address=("地址", "address"),
    anchor=("起算时刻", "anchor"),
    area=("区域", "area"),
    born_on=("出生日期", "born on"),
    capacity=("管容", "tube capacity"),
    certainty=("可靠性", "certainty"),
    channel=("上报方式", "channel"),
    clock=("统计口径", "clock"),
    code=("指标代码", "code"),
    code_of=("所用健康码的人员", "code shown"),
    conclusion=("会诊结论", "conclusion"),
    control=("是否管控中发现", "under control when found"),
    counting=("计数方式", "counting"),
    ct_n=("Ct 值(N)", "Ct (N)"),
    ct_orf=("Ct 值(ORF)", "Ct (ORF)"),
    day=("日期", "day"),
    disease=("疾病", "disease"),
    document=("证件号", "document number"),
    document_kind=("证件类型", "document"),
    edition=("方案", "edition"),
    ends=("结束时刻", "end"),
    expires=("到期时刻", "expiry"),
    exposed_from=("首次暴露", "first exposure"),
    exposed_until=("末次暴露", "last exposure"),
    finding=("复盘结论", "finding"),
    findings=("发现数", "findings"),
    fire_exits=("消防通道已确认", "fire exits confirmed"),
    hash=("文本校验值", "hash of the text"),
    holder=("任职人", "holder"),
    hours=("小时数", "hours"),
    household=("住户", "household"),
    how_found=("发现方式", "how found"),
    incident=("事件", "incident"),
    met=("关联人员", "person met"),
    inferred=("推定", "inferred"),
    into=("并入事件", "joined into"),
    label=("编号", "label"),
    laboratory=("实验室", "laboratory"),
    lane_minutes=("医疗通道(分钟)", "medical lane (minutes)"),
    lat=("纬度", "latitude"),
    level=("级别", "level"),
    lon=("经度", "longitude"),
    measure=("措施", "measure"),
    member=("覆盖区域", "area covered"),
    name=("名称", "name"),
    name_en=("英文名称", "name in English"),
    nationality=("国籍", "nationality"),
    nature=("性质", "nature"),
    note=("备注", "note"),
    notice=("通告号", "notice number"),
    official=("官方代码", "official code"),
    on=("发病日期", "day of onset"),
    order=("隔离令", "order"),
    outcome=("结果", "outcome"),
    parent=("上级区域", "parent area"),
    person=("人员", "person"),
    phone=("电话", "phone"),
    place=("场所", "place"),
    post=("岗位", "post"),
    promised=("承诺数", "a promise"),
    provisional=("口头先报", "provisional"),
    reason=("理由", "reason"),
    registered_area=("户籍地", "registered area"),
    replaces=("替代隔离令", "replaces order"),
    result=("检测结果", "result"),
    ring=("接触者类别", "ring"),
    role=("角色", "role"),
    room=("房间", "room"),
    rule=("规则", "rule"),
    run=("检测次序", "run"),
    same_as=("同一人", "same person as"),
    setting=("接触场景", "setting"),
    severity=("临床分型", "severity"),
    sex=("性别", "sex"),
    starts=("开始时刻", "start"),
    status=("诊断状态", "status"),
    step=("步骤", "step"),
    subject=("对象", "subject"),
    supplies=("物资保障负责人", "supplies lead"),
    symptoms=("有症状", "symptoms"),
    synthetic=("情景合成", "synthetic"),
    target=("被撤回的事实", "fact withdrawn"),
    temperature=("体温", "temperature"),
    trigger=("触发事实", "trigger"),
    tube=("试管", "tube"),
    unit=("单位", "unit"),
    unit_en=("单位英文名", "unit in English"),
    until=("截止时刻", "until"),
    url=("来源网址", "source address"),
    value=("数值", "value"),
    vulnerable_listed=("脆弱人员名单已备", "vulnerable people listed"),
    words=("原话", "words"),
    zone=("风险区", "zone"),
)

#: Who answers for a duty: a level of territory or a function.
ANSWERS = _list(
    grid=("网格", "the grid"),
    village=("村社区", "the village or community"),
    town=("街道乡镇", "the street or town"),
    district=("区县", "the district"),
    laboratory=("实验室", "the laboratory"),
    sampling=("采样组", "the sampling group"),
    tracing=("流调组", "the tracing group"),
    isolation=("隔离转运组", "the isolation and transfer group"),
    command=("指挥部", "the command"),
    hospital=("定点医院", "the designated hospital"),
)

#: How sure a rule of an edition is of its source; nothing shipped claims more until a person of the centre signs it.
STATUS = _list(
    official=("官方文本", "official text"),
    copy=("公开转载", "public copy"),
    code=("公开项目代码", "code of a public project"),
    unverified=("未核实", "unverified"),
)

LISTS["answers"] = ANSWERS
LISTS["status"] = STATUS
