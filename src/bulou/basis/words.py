"""The closed lists of the trade, in Chinese and English. GLOSSARY.md explains each word; a test holds the two together."""

from typing import NamedTuple

from bulou.basis.toldwords import DETAIL, SEARCH, SYMPTOM, TELLER


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
    co_exposed=("共同暴露人员", "exposed at the same place"),
    from_high=("高风险区旅居人员", "was in a high-risk area"),
    from_medium=("中风险区旅居人员", "was in a medium-risk area"),
    from_low=("低风险区旅居人员", "was in a low-risk area"),
    arrival=("入境人员", "arrived from abroad"),
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
    touch=("接触体液、皮损或污物", "touch of fluids, lesions or soiled things"),
    burial=("殡葬", "burial"),
    water=("共用水源", "shared water"),
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

#: The four channels by which someone to be traced becomes known (群众自报、社区排查、区域协查、大数据推送).
TRACED_BY = _list(
    self_report=("群众自报", "self-report"),
    community=("社区排查", "community screening"),
    assistance=("区域协查", "assistance between regions"),
    pushed=("大数据推送", "data pushed"),
)

#: The one state of someone traced, confirmed again at its cadence.
TRACED_STATE = _list(
    normal=("正常", "normal"),
    home=("居家隔离", "at home in isolation"),
    observed=("集中医学观察", "under medical observation"),
    hospital=("在院", "in hospital"),
    left=("已离开", "left"),
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

#: What a call met. Of "no answer" three send someone to the door; none of them but the first and the last closes anything.
CALL = _list(
    reached=("已接通", "reached"),
    no_answer=("无人接听", "no answer"),
    wrong_number=("号码错误", "wrong number"),
    refused=("拒绝配合", "refused"),
    elsewhere=("已接通,在外地", "reached, elsewhere"),
)

#: Whose number was dialled: people are called by their own, by that of the code they were swabbed under, by a household's.
WHOSE = _list(
    own=("本人", "their own"),
    code_of=("所用健康码的人", "whose code was shown"),
    household=("同住人", "of the household"),
    other=("其他", "other"),
)

ZONE_LEVEL = _list(
    high=("高风险", "high risk"),
    medium=("中风险", "medium risk"),
    low=("低风险", "low risk"),
    lowered=("降级中风险", "medium risk, lowered from high"),
    sealed=("封控", "sealed"),
    controlled=("管控", "controlled"),
    precaution=("防范", "precaution"),
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
    stair=("单元", "stair"),
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
    history=("历史资料", "historical record"),
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
    water=("水源点", "water point"),
    gate=("卡口大门", "gate or road post"),
    home=("住所", "home"),
    dormitory=("宿舍", "dormitory"),
    care_home=("养老院", "care home"),
    restaurant=("餐馆", "restaurant"),
    shop=("商店超市", "shop"),
    worship=("宗教场所", "place of worship"),
    bus=("公共汽车", "bus"),
    coach=("长途客车", "coach"),
    train=("列车", "train"),
    plane=("飞机", "aircraft"),
    ship=("船舶", "ship"),
    other=("其他", "other"),
)

#: What two people must have shared for a meeting to count under an edition's exposure.
SHARES = _list(
    household=("同一住户", "the same household"),
    space=("同一空间", "the same space"),
    rows=("同车厢前后数排", "the carriage, so many rows apart"),
    carriage=("同一车厢", "the same carriage"),
    place=("同一场所", "the same place"),
    meeting=("所述的见面", "a meeting that was told"),
)

CERTAINTY = _list(
    stated=("本人陈述", "stated"),
    recorded=("记录佐证", "recorded"),
    inferred=("推定", "inferred"),
)

#: On what the word on a visit rests: somebody said it, or something recorded it.
PROOF = _list(
    interview=("本人陈述", "the person's own word"),
    witness=("他人陈述", "another's word"),
    payment=("支付或小票", "payment or receipt"),
    ticket=("票据或乘车记录", "ticket or boarding record"),
    camera=("监控影像", "camera"),
    register=("场所登记或门禁", "register or gate of the place"),
    telecom=("通信记录", "telecom record"),
)

#: Why visits were deleted from the lake.
DELETION = _list(
    window=("超出方案时段", "older than the window"),
    closed=("事件已结束", "the incident is over"),
    excluded=("已排除的人员", "people who were excluded"),
    request=("本人依法申请", "a lawful request"),
)

WORN = _list(
    throughout=("全程佩戴", "throughout"),
    partly=("部分时间佩戴", "part of the time"),
    not_worn=("未佩戴", "not worn"),
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

#: Whether someone can still catch a disease; "not known" is asked about, never taken for either.
IMMUNITY = _list(immune=("有免疫力", "immune"), not_immune=("无免疫力", "not immune"), not_known=("不详", "not known"))

#: What is offered after an exposure so that the disease does not follow.
PRODUCT = _list(vaccine=("疫苗", "vaccine"), immunoglobulin=("免疫球蛋白", "immunoglobulin"), antibiotic=("抗生素", "antibiotic"))

#: What became of an offer. Declining one is an answer, not a gap.
OFFER = _list(given=("已给予", "given"), declined=("本人不接受", "declined"), contraindicated=("有禁忌", "contraindicated"))

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
    residence=("港澳台居民居住证", "residence permit of Hong Kong, Macau or Taiwan residents"),
    permanent=("外国人永久居留身份证", "foreigner's permanent residence card"),
    local_id=("港澳台居民身份证", "identity card of Hong Kong, Macau or Taiwan"),
    birth=("出生医学证明", "medical certificate of birth"),
    military=("军人证件", "paper of the forces"),
    temporary=("临时编号", "temporary number"),
    none=("无证件", "no document"),
)

#: Why two records are held for one person, or are put before a person who decides: the first six join, the others only ask.
TIE = _list(
    document=("证件号与姓名一致", "same document and name"),
    repaired=("证件号一处之差,姓名和生日一致", "document one slip away, name and birth agree"),
    contact=("姓名、电话、生日一致", "same name, phone and birth"),
    name_phone=("姓名与电话一致,生日不矛盾", "same name and phone, birth not contradicted"),
    likely=("概率达到合并阈值", "probability above the threshold for joining"),
    decided=("人工核定为同一人", "a person said that they are one"),
    other_name=("同一证件号,姓名不同", "one document, two names"),
    other_document=("同一姓名,两个证件号", "one name, two documents"),
    no_document=("姓名、生日、地址一致,无证件佐证", "same name, birth and address, no document to prove it"),
    lost_digits=("证件号被电子表格截断,其余一致", "document cut by a spreadsheet, what is left agrees"),
    unnamed=("尚无姓名者", "somebody without a name yet"),
    siblings=("同生日同住或同电话,名字相近:可能是双胞胎", "same birth and home or phone, names alike: twins?"),
    contradicted=("合并会使矛盾的记录成为一人", "joining would make one of records that contradict"),
    possible=("可能是同一人", "possibly one person"),
    name_only=("仅姓名一致", "nothing but the name agrees"),
)

#: In what lists differ about a person.
DIFFERENCE = _list(
    absent=("不在某张名单", "not in every list"),
    twice=("同一名单里重复", "twice in one list"),
    not_registered=("不在名册", "not on the register"),
    state=("状态", "state"),
    area=("街道/区域", "area"),
    document=("证件号", "document"),
    phone=("电话", "phone"),
    date=("日期", "date"),
    sampled=("采样时间", "time of sampling"),
    resulted=("出结果时间", "time of result"),
    reported=("报告时间", "time of report"),
    onset=("发病日期", "date of onset"),
    exposed=("末次暴露", "last exposure"),
    isolated=("隔离开始", "start of isolation"),
    released=("解除时间", "time of release"),
    born_on=("出生日期", "date of birth"),
    sex=("性别", "sex"),
    name=("姓名", "name"),
    address=("住址", "address"),
    name_writing=("姓名写法", "way of writing the name"),
)
#: Why a difference between lists is none that anybody must see to.
EXPLAINED = _list(
    cut_off=("截止时刻不同", "other cut-off"),
    definition=("口径不同", "other definition"),
    transfer=("移交途中", "in transfer"),
    older=("另一张名单较旧", "the other list is older"),
    elsewhere=("由他处统计", "counted elsewhere"),
    both_right=("两个说法都对(如两个号码)", "both are right (two telephones)"),
    known_error=("名单笔误,已告知来源", "a slip in a list, its sender was told"),
    checked=("已核实,无误", "checked, nothing is wrong"),
)
#: Why a difference is not one's own to settle.
NOT_MINE = _list(
    lives_elsewhere=("人在他处居住", "stays in another area"),
    works_elsewhere=("归单位或部门管理", "is a department's or an employer's"),
    other_list=("名单出自对方", "the list is theirs"),
    moved=("已迁出", "has moved away"),
    back=("退回:也不归我方", "given back: not ours either"),
)

#: What is put on a place where cases were.
POINT_HELD = _list(closed=("关闭", "closed"), stays_open=("不关闭", "stays open"))
#: When surfaces are sampled: what was there, and whether disinfection removed it.
STAGE = _list(before=("消毒前", "before disinfection"), after=("消毒后", "after disinfection"))
#: What samples of surfaces show, all of one stage together.
SURFACES = _list(negative=("全部阴性", "all negative"), positive=("有阳性", "some positive"))

SEX = _list(female=("女", "female"), male=("男", "male"), other=("其他", "other"), not_stated=("未填", "not stated"))

#: What may become of an account.
ACCOUNT = _list(
    invited=("邀请", "invited"),
    reset=("重发链接", "given a new link"),
    suspended=("停用", "suspended"),
    restored=("恢复", "restored"),
)

#: Signs printed instead of a number (FIELD E35).
ZERO, NOTHING_REPORTED, NOT_APPLICABLE = "0", "—", "/"

#: Every closed list by the name a kind's field or a page uses for it.
#: Why someone looks at people: recorded with every look.
PURPOSE = _list(
    response=("社区排查与服务", "work at the door"),
    tracing=("流调与接触者管理", "tracing"),
    testing=("采样检测", "testing"),
    care=("诊疗、隔离与照护", "care"),
    command=("指挥督办", "command"),
    reconciling=("核对名单", "reconciling lists"),
    objection=("答复本人或异议", "answering a person"),
    audit=("审计", "audit"),
    administration=("系统管理", "administration"),
)

#: What became of a printed list with names.
RETURNED = _list(
    returned=("已交回", "returned"),
    destroyed=("已销毁", "destroyed"),
    lost=("遗失", "lost"),
)

#: What is done at a door: what a list for doors is of. Never why, nor for whom.
DOOR = _list(
    all=("上门应办的全部", "all that is owed at doors"),
    visit=("入户排查", "visit"),
    swab=("采样", "swab"),
    observe=("健康监测", "look after health"),
    tell=("告知", "tell"),
    locate=("查找", "find"),
)

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
    "traced_by": TRACED_BY,
    "traced_state": TRACED_STATE,
    "attempt": ATTEMPT,
    "call": CALL,
    "whose": WHOSE,
    "zone_level": ZONE_LEVEL,
    "area_level": AREA_LEVEL,
    "stay": STAY,
    "incident": INCIDENT,
    "place": PLACE,
    "shares": SHARES,
    "certainty": CERTAINTY,
    "proof": PROOF,
    "deletion": DELETION,
    "worn": WORN,
    "review": REVIEW,
    "conclusion": CONCLUSION,
    "notice": NOTICE,
    "test": TEST,
    "immunity": IMMUNITY,
    "product": PRODUCT,
    "offer": OFFER,
    "interview": INTERVIEW,
    "unit": UNIT,
    "clock": CLOCK,
    "counting": COUNTING,
    "state": STATE,
    "purpose": PURPOSE,
    "returned": RETURNED,
    "door": DOOR,
    "document": DOCUMENT,
    "tie": TIE,
    "difference": DIFFERENCE,
    "explained": EXPLAINED,
    "not_mine": NOT_MINE,
    "sex": SEX,
    "account": ACCOUNT,
}

#: The parties that answer for a person or a place (MISSION A6); each has its own, and one does not excuse another.
PARTY = _list(
    territory=("属地", "territory"),
    department=("行业主管部门", "the trade's department"),
    employer=("用人单位", "the employer"),
    person=("本人", "the person"),
)

#: How it stands with who answers at one level: the first two answer.
ANSWERING = _list(
    held=("在岗", "on duty"),
    standing_in=("代理在岗", "an acting holder on duty"),
    off_duty=("不在班次内", "off duty at this hour"),
    vacant=("空缺", "vacant"),
    unnamed=("未明确", "nobody named"),
)

#: How it stands with a handing over.
TRANSFER = _list(
    offered=("移交中", "in transfer"),
    accepted=("已接受", "accepted"),
    declined=("已拒绝", "declined"),
    lapsed=("已被新的移交取代", "replaced by a later offer"),
)

#: How each field of a fact is called, one word per thing whatever kind it stands in.
FIELD: Words = _list(
    about=("事项", "about"),
    account=("账号", "account"),
    acting=("代理", "acting"),
    address=("地址", "address"),
    anchor=("起算时刻", "anchor"),
    answered_by=("答复单位", "answered by"),
    area=("区域", "area"),
    asked=("请求事项", "what is asked"),
    authority=("调取依据", "authority"),
    basis=("依据", "basis"),
    begun=("正在拨打", "on the phone"),
    born_on=("出生日期", "born on"),
    caller=("拨打人", "caller"),
    callup=("协查通告", "call-up"),
    capacity=("管容", "tube capacity"),
    cases=("病例数", "cases"),
    cause=("缘由", "cause"),
    certainty=("可靠性", "certainty"),
    change=("变动", "change"),
    channel=("上报方式", "channel"),
    charge=("移交", "charge"),
    chosen=("认定的陈述", "the word that holds"),
    clock=("统计口径", "clock"),
    closed_until=("关闭至", "closed until"),
    code=("指标代码", "code"),
    code_of=("所用健康码的人员", "code shown"),
    companions=("同行人", "companions"),
    comparison=("对表", "comparison"),
    conclusion=("会诊结论", "conclusion"),
    contents=("销毁内容数", "contents destroyed"),
    control=("是否管控中发现", "under control when found"),
    counting=("计数方式", "counting"),
    ct_n=("Ct 值(N)", "Ct (N)"),
    ct_orf=("Ct 值(ORF)", "Ct (ORF)"),
    cut_off=("截止时刻", "cut-off"),
    day=("日期", "day"),
    detail=("栏目", "field of the page"),
    device=("设备", "device"),
    differ=("差异位点", "sites that differ"),
    difference=("哪一处差异", "which difference"),
    digest=("摘要", "digest"),
    disease=("疾病", "disease"),
    document=("证件号", "document number"),
    document_kind=("证件类型", "document"),
    doses=("接种剂次", "doses"),
    edition=("方案", "edition"),
    ends=("结束时刻", "end"),
    erased_kind=("销毁的种类", "kind destroyed"),
    error=("自述误差", "stated error"),
    expires=("到期时刻", "expiry"),
    exposed_from=("首次暴露", "first exposure"),
    exposed_until=("末次暴露", "last exposure"),
    finding=("复盘结论", "finding"),
    findings=("发现数", "findings"),
    fire_exits=("消防通道已确认", "fire exits confirmed"),
    first=("起号", "first"),
    first_day=("最早一天", "first day"),
    followed=("已随访", "followed up"),
    follows=("接替的函", "takes the place of"),
    forget_by=("销毁时刻", "destroyed by"),
    found=("候选人数", "candidates found"),
    found_positive=("其后查出阳性人数", "people found positive since"),
    geometry=("边界", "boundary"),
    granted=("准予", "granted"),
    hash=("文本校验值", "hash of the text"),
    held=("处置", "what is put on it"),
    holder=("任职人", "holder"),
    hours=("小时数", "hours"),
    household=("住户", "household"),
    how_found=("发现方式", "how found"),
    immunity=("免疫状况", "immunity"),
    incident=("事件", "incident"),
    inferred=("推定", "inferred"),
    into=("并入事件", "joined into"),
    label=("编号", "label"),
    laboratory=("实验室", "laboratory"),
    lane_minutes=("医疗通道(分钟)", "medical lane (minutes)"),
    last=("止号", "last"),
    last_day=("最晚一天", "last day"),
    lat=("纬度", "latitude"),
    letter=("协查函", "letter"),
    letter_number=("文号", "number of the letter"),
    level=("级别", "level"),
    lineage=("谱系", "lineage"),
    listed=("名单内人数", "on the list"),
    living=("实际居住人数", "living there"),
    lon=("经度", "longitude"),
    looks=("查看次数", "looks"),
    many=("户数", "households to visit"),
    matched=("在册人数", "on the register"),
    measure=("措施", "measure"),
    member=("覆盖区域", "area covered"),
    met=("关联人员", "person met"),
    name=("名称", "name"),
    name_en=("英文名称", "name in English"),
    nationality=("国籍", "nationality"),
    nature=("性质", "nature"),
    negative=("阴性份数", "negative samples"),
    missed=("未随访", "not followed up"),
    note=("备注", "note"),
    noted=("信号数", "signals"),
    notice=("通告号", "notice number"),
    number=("序号", "number"),
    objection=("异议", "objection"),
    offer=("本人答复", "answer"),
    official=("官方代码", "official code"),
    on=("发病日期", "day of onset"),
    on_from=("上班时刻", "on duty from"),
    on_until=("下班时刻", "on duty until"),
    order=("隔离令", "order"),
    other=("另一人", "the other person"),
    outcome=("结果", "outcome"),
    page=("页面", "page"),
    parent=("上级区域", "parent area"),
    party=("责任方", "party"),
    people=("人数", "people"),
    person=("人员", "person"),
    phone=("电话", "phone"),
    place=("场所", "place"),
    point=("风险点", "risk point"),
    positive=("阳性份数", "positive samples"),
    post=("岗位", "post"),
    printed=("所打印的名单", "list printed"),
    product=("预防用品", "product"),
    promised=("承诺数", "a promise"),
    proof=("依据", "proof"),
    provisional=("口头先报", "provisional"),
    public=("公开文字", "public words"),
    purpose=("用途", "purpose"),
    quality=("质量", "quality"),
    query=("筛选条件", "filters"),
    read=("查看条数", "visits read"),
    read_share=("覆盖度(%)", "share of the genome read (%)"),
    reason=("理由", "reason"),
    refused=("拒收条数", "rows refused"),
    region_code=("外地区划代码", "code of the other area"),
    registered_area=("户籍地", "registered area"),
    replaces=("替代隔离令", "replaces order"),
    reply_to=("响应联系方式", "where to answer"),
    request=("申请", "request"),
    result=("检测结果", "result"),
    ring=("接触者类别", "ring"),
    role=("角色", "role"),
    room=("房间", "room"),
    rows=("行数", "rows"),
    rule=("规则", "rule"),
    run=("检测次序", "run"),
    said=("所述内容", "what was said"),
    same_as=("同一人", "same person as"),
    sampled_on=("采样日", "day of the sample"),
    samples=("份数", "samples"),
    seat=("座位", "seat"),
    seats=("人数上限", "how many may join"),
    sender=("来函单位", "from whom"),
    sequencer=("测序单位", "sequencing laboratory"),
    setting=("接触场景", "setting"),
    severity=("临床分型", "severity"),
    sex=("性别", "sex"),
    sheet=("清单", "list"),
    shift=("班次", "shift"),
    signs=("当日症状", "symptoms of the day"),
    since=("起", "since"),
    seen_where=("何处所见", "where seen"),
    seen_from=("所见自", "seen from"),
    seen_until=("所见至", "seen until"),
    signal=("信号", "signal"),
    sites=("共同位点", "sites that both read"),
    source=("来源", "source"),
    source_kind=("来源类别", "kind of source"),
    source_name=("来源名称", "name of the source"),
    space=("所在空间", "space"),
    stage=("阶段", "stage"),
    starts=("开始时刻", "start"),
    state=("状态", "state"),
    status=("诊断状态", "status"),
    step=("步骤", "step"),
    subject=("对象", "subject"),
    supplies=("物资保障负责人", "supplies lead"),
    symptoms=("有症状", "symptoms"),
    synthetic=("情景合成", "synthetic"),
    taken=("收入条数", "rows taken"),
    target=("被撤回的事实", "fact withdrawn"),
    teller=("谁说的", "told by"),
    temperature=("体温", "temperature"),
    to=("发往单位", "to whom"),
    to_area=("移交至区域", "to area"),
    to_post=("移交至岗位", "to post"),
    trigger=("触发事实", "trigger"),
    tube=("试管", "tube"),
    unit=("单位", "unit"),
    unit_en=("单位英文名", "unit in English"),
    until=("截止时刻", "until"),
    upto=("截至条目", "as of entry"),
    url=("来源网址", "source address"),
    value=("数值", "value"),
    vehicle=("交通工具", "vehicle"),
    via=("途径", "by which way"),
    visits=("停留条数", "visits"),
    vulnerable_listed=("脆弱人员名单已备", "vulnerable people listed"),
    what=("内容", "what"),
    where=("去向", "where to"),
    whose=("谁的号码", "whose number"),
    why=("因何协查", "why"),
    words=("原话", "words"),
    worn=("佩戴口罩", "mask worn"),
    zone=("风险区", "zone"),
)

#: How an objection came.
OBJECTED_BY = _list(
    own_page=("本人页面", "own page"),
    hotline=("热线代录", "by telephone"),
    counter=("当面代录", "in person"),
    letter=("书面", "in writing"),
)

#: What became of an objection.
OBJECTION = _list(
    upheld=("成立", "upheld"),
    rejected=("不成立", "rejected"),
    ended=("已先行解除", "ended before it was decided"),
)

#: What came back to a letter of assistance, or was answered to one. A receipt says that it arrived and nothing more.
LETTER = _list(
    receipt=("已收到", "received"),
    unknown=("查无此人", "nobody of that name"),
    moved=("已离开", "moved on"),
    measures=("已在当地管控", "under measures there already"),
    accepted=("已接收管理", "accepted as ours"),
    forwarded=("已转办", "forwarded"),
    bounced=("退回", "bounced"),
)

#: Why a letter of assistance is written: no more of somebody's illness than whoever receives them must know.
LETTER_WHY = _list(
    contact=("密切接触或次密接", "a contact"),
    case=("感染者", "a case"),
    searched=("需查找人员", "somebody to be found"),
)

#: How a letter of assistance stands, by all that came back to it.
LETTER_STATE = _list(
    sent=("未回执", "no receipt yet"),
    received=("待答复", "to be answered"),
    receipt=("已收到,待答复", "received, to be answered"),
    forwarded=("已转办", "forwarded"),
    differs=("答复不一致", "answers differ"),
    unknown=("查无此人", "nobody of that name"),
    moved=("已离开", "moved on"),
    bounced=("退回", "bounced"),
    replaced=("已另去函", "another letter took its place"),
    measures=("已在当地管控", "under measures there already"),
    accepted=("已接收管理", "accepted as ours"),
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
    review=("复核岗", "the reviewer"),
)

#: How sure a rule of an edition is of its source; nothing shipped claims more until a person of the centre signs it.
STATUS = _list(
    official=("官方文本", "official text"),
    copy=("公开转载", "public copy"),
    code=("公开项目代码", "code of a public project"),
    unverified=("未核实", "unverified"),
)

#: What joins two cases on record. A link is a question, not a finding: none of them says that one infected the other.
LINK = _list(
    judged=("判定的接触", "judged contact"),
    told=("报告的接触", "named contact"),
    household=("同住", "same household"),
    place=("同时同地", "same place at one time"),
    sequence=("序列相近", "sequences are near"),
)

#: How good a sequence is, as its laboratory says.
QUALITY = _list(
    good=("良好", "good"),
    partial=("部分可用", "in part usable"),
    poor=("不可用", "not usable"),
    not_said=("未说明", "not said"),
)

#: What is not on record of a case and could settle where it stands on the chain.
LACK = _list(
    onset=("发病日", "day of onset"),
    interview=("访谈", "interview"),
    path=("活动轨迹", "path"),
    home=("住户", "household"),
    judgement=("接触者判定", "judgement as a contact"),
    sequence=("测序", "sequence"),
)

#: Where signals come from; each is opened by name.
SIGNAL_SOURCE = _list(
    pharmacy=("药店(退热、止咳药)", "pharmacies (fever and cough medicine)"),
    fever_clinic=("发热门诊", "fever clinic"),
    door=("门口测温筛查", "symptoms found at a door"),
)

#: What a nurse found when a signal was followed up. Whoever was not reached is still owed it.
SIGNAL = _list(
    well=("无异常", "well"),
    to_test=("需检测", "to be tested"),
    unreached=("未联系上", "not reached"),
    other_person=("不是此人", "not that person"),
)

#: What speaks against a link between two cases.
AGAINST = _list(
    lineage=("谱系不同", "different lineages"),
    order=("所称来源发病更晚", "the one told of as source fell ill later"),
)

LISTS["party"] = PARTY
LISTS["answering"] = ANSWERING
LISTS["transfer"] = TRANSFER
LISTS["answers"] = ANSWERS
LISTS["status"] = STATUS
LISTS["objected_by"] = OBJECTED_BY
LISTS["objection"] = OBJECTION
LISTS["letter"] = LETTER
LISTS["letter_why"] = LETTER_WHY
LISTS |= {"letter_state": LETTER_STATE, "search": _list(**SEARCH)}
LISTS["link"] = LINK
LISTS["against"] = AGAINST
LISTS["point_held"] = POINT_HELD
LISTS["signal_source"] = SIGNAL_SOURCE
LISTS["signal"] = SIGNAL
LISTS["stage"] = STAGE
LISTS["surfaces"] = SURFACES
LISTS["quality"] = QUALITY
LISTS["lack"] = LACK
LISTS["teller"] = _list(**TELLER)
LISTS["detail"] = _list(**DETAIL)
LISTS["symptom"] = _list(**SYMPTOM)
