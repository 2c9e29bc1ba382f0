"""The duties that the sections of an edition may ask for, each in the words of a rule. Data alone: ``read`` completes them."""

from typing import Any

Raw = dict[str, Any]

_POOL = {"on": {"kind": "tube.resulted", "result": ["positive", "grey"], "run": "first"}, "key": ["tube"], "mode": "at_opening"}
_PEOPLE = {**_POOL, "each": "people in the tube"}
_JUDGED = {"key": ["person"], "each": "person", "mode": "at_opening"}
_LOCATED = {"kind": "person.located", "outcome": ["staying", "on_the_way", "elsewhere"]}
_SINGLE = {"kind": "sample.taken", "capacity": 1}
_ORDER = {"key": ["order"], "each": "person", "mode": "at_opening", "from": "starts", "until": ["ends", "order over"]}
_CASE = {"key": ["person"], "each": "person", "mode": "at_opening"}
#: A letter that was sent: owed until the other side has the person, or another letter takes its place.
_LETTER = {
    "on": {"kind": "letter.sent"}, "key": ["letter"], "each": "person", "mode": "at_opening", "answers": "tracing",
    "until": [{"kind": "letter.sent", "by": "follows"}],
}  # fmt: skip
_POINT = {
    "on": {"kind": "point.named"}, "key": ["point"], "each": "place", "mode": "at_opening", "until": [{"kind": "point.reopened"}],
}  # fmt: skip
_INFECTED = ["confirmed", "asymptomatic"]

#: The duties that sections may ask for: a template of words each, completed by the file.
TEMPLATES: dict[str, Raw] = {
    "testing.result": {
        "title": {"zh": "实验室出结果", "en": "read the tube"},
        "on": {"kind": "tube.received"}, "key": ["tube"], "each": "tube", "must": {"kind": "tube.resulted"},
        "answers": "laboratory",
    },
    "testing.advised": {
        "title": {"zh": "为建议检测者单采", "en": "offer the test that was advised"}, "on": {"kind": "test.advised"}, "key": ["person"], "each": "person",
        "mode": "at_opening", "must": _SINGLE, "answers": "sampling",
    },
    "recall.locate": {**_PEOPLE, "title": {"zh": "找到并落位", "en": "locate"}, "must": _LOCATED, "answers": "grid"},
    "recall.tell": {
        **_PEOPLE, "title": {"zh": "告知原地等候", "en": "tell to stay put"}, "given": "hold authorised",
        "must": {"kind": "notice.given", "about": "hold"}, "until": ["hold over"], "answers": "grid",
    },
    "recall.household": {
        **_POOL, "each": "households of the people in the tube", "title": {"zh": "告知同住人等候", "en": "ask the household to stay"},
        "given": "hold authorised", "must": {"kind": "notice.given", "about": "hold"},
        "until": ["hold at its limit", "pool resolved"],
        "answers": "grid",
    },
    "recall.single": {**_PEOPLE, "title": {"zh": "单人单管重采", "en": "take a single swab"}, "must": _SINGLE, "answers": "sampling"},
    "recall.interview": {
        **_PEOPLE, "title": {"zh": "询问近日行程", "en": "ask about the last days"},
        "must": {"kind": "interview.held"}, "answers": "tracing",
    },
    "recall.rerun": {
        **_POOL, "each": "tube", "title": {"zh": "原管复测", "en": "re-run the same tube"},
        "must": {"kind": "tube.resulted", "run": "rerun"}, "answers": "laboratory",
    },
    "recall.identify": {
        **_POOL, "each": "tube", "title": {"zh": "查明试管人员", "en": "find who is in the tube"},
        "must": "tube's people known", "answers": "sampling",
    },
    "recall.review": {
        **_POOL, "each": "tube", "title": {"zh": "复盘混管:查邻管与登记", "en": "review the pool and its neighbours"},
        "from": "pool unresolved", "must": {"kind": "pool.reviewed"}, "answers": "sampling",
    },
    "recall.single_again": {
        **_PEOPLE, "title": {"zh": "24小时后再次单采", "en": "take a second single swab"},
        "from": "pool unresolved a day", "must": _SINGLE, "answers": "sampling",
    },
    "recall.release": {
        **_PEOPLE, "title": {"zh": "告知等候结束", "en": "tell that the hold is over"}, "given": "hold authorised",
        "from": "hold over", "must": {"kind": "notice.given", "about": "release"}, "until": ["diagnosed"], "answers": "command",
    },
    "case.recheck": {
        "title": {"zh": "疾控复核", "en": "recheck"}, "on": {"kind": "tube.resulted", "result": "positive"}, "key": ["tube"],
        "each": "person of the single tube", "must": {"kind": "recheck.read"}, "answers": "tracing",
    },
    "case.consult": {
        **_CASE, "title": {"zh": "专家会诊", "en": "consult"}, "on": {"kind": "recheck.read", "result": "positive"},
        "must": {"kind": "consultation.held"}, "answers": "hospital",
    },
    "case.diagnose": {
        **_CASE, "title": {"zh": "作出诊断", "en": "diagnose"}, "on": {"kind": "consultation.held", "conclusion": "case"},
        "must": {"kind": "case.diagnosed"}, "answers": "hospital",
    },
    "case.report": {
        **_CASE, "title": {"zh": "网络直报", "en": "report"}, "on": {"kind": "case.diagnosed", "status": _INFECTED},
        "must": {"kind": "case.reported"}, "answers": "hospital",
    },
    "case.hospital": {
        **_CASE, "title": {"zh": "转定点医院", "en": "move to the designated hospital"},
        "on": {"kind": "case.diagnosed", "status": _INFECTED}, "must": {"kind": "placement.made", "measure": "hospital"},
        "answers": "isolation",
    },
    "case.investigate": {
        **_CASE, "title": {"zh": "完成流调", "en": "complete the investigation"},
        "on": {"kind": "case.diagnosed", "status": _INFECTED}, "must": {"kind": "investigation.completed"}, "answers": "tracing",
    },
    "case.core": {
        **_CASE, "title": {"zh": "查明核心信息", "en": "find the core information"},
        "on": {"kind": "case.diagnosed", "status": _INFECTED}, "must": {"kind": "interview.held", "about": ["core", "full"]},
        "answers": "tracing",
    },
    "case.household": {
        **_CASE, "title": {"zh": "找到同住人", "en": "locate the household"}, "each": "household of the person",
        "on": {"kind": "case.diagnosed", "status": _INFECTED}, "must": _LOCATED, "answers": "grid",
    },
    "case.observe": {
        **_CASE, "title": {"zh": "病例观察", "en": "watch the case"}, "on": {"kind": "case.diagnosed", "status": _INFECTED},
        "must": {"kind": "observation.made"}, "until": ["two negatives 24 h apart"], "answers": "hospital",
    },
    "case.two_negatives": {
        **_CASE, "title": {"zh": "两次阴性后解除", "en": "show two negatives"},
        "on": {"kind": "case.diagnosed", "status": _INFECTED}, "must": "two negatives 24 h apart", "answers": "hospital",
    },
    "contact.judge": {
        "title": {"zh": "判定接触者", "en": "judge the candidate"}, "on": {"kind": "contact.named"}, "key": ["person", "met"],
        "each": "person", "must": {"kind": "contact.judged"}, "answers": "tracing",
    },
    "contact.identify": {
        "title": {"zh": "查明此人身份", "en": "find out who it is"}, "on": {"kind": "person.sought"}, "key": ["person"], "each": "person",
        "mode": "at_opening", "must": "person found", "until": [{"kind": "search.abandoned"}], "answers": "tracing",
    },
    "contact.decide": {
        "title": {"zh": "决定隔离令是否继续", "en": "decide whether the order stands"}, "on": {"kind": "order.made"}, "key": ["order"],
        "each": "person", "mode": "at_opening", "from": "judged otherwise than ordered", "until": ["order over"],
        "must": "order ended or replaced", "answers": "tracing",
    },
    "zone.visit": {
        "title": {"zh": "入户排查", "en": "visit"}, "key": ["zone"], "each": "households of the zone", "mode": "while_open",
        "must": {"kind": "household.visited"}, "until": [{"kind": "zone.lifted"}], "answers": "grid",
    },
    "zone.test": {
        "title": {"zh": "区内人员检测", "en": "test everyone in the zone"}, "key": ["zone"], "each": "residents of the zone",
        "mode": "while_open", "must": {"kind": "sample.taken"}, "until": [{"kind": "zone.lifted"}], "answers": "sampling",
    },
    "zone.final": {
        "title": {"zh": "解除前末轮检测", "en": "last round before lifting"}, "key": ["zone"], "each": "residents of the zone",
        "mode": "while_open", "from": "a day before lifting", "must": {"kind": "sample.taken"}, "until": [{"kind": "zone.lifted"}],
        "answers": "sampling",
    },
    "zone.decide": {
        "title": {"zh": "临时管控须作决定", "en": "decide on the temporary zone"}, "key": ["zone"], "each": "zone", "from": "expires",
        "must": {"kind": "zone.lifted"}, "until": [{"kind": "zone.lifted"}], "answers": "command",
    },
    "zone.review": {
        "title": {"zh": "研判解除风险区", "en": "decide on lifting"}, "key": ["zone"], "each": "zone",
        "from": "last infection in the zone", "must": {"kind": "zone.lifted"}, "answers": "command",
    },
    "objection.decide": {
        "title": {"zh": "另一岗位答复异议", "en": "decide on the objection, by another post"}, "on": {"kind": "objection.raised"}, "key": ["objection"],
        "each": "person", "mode": "at_opening", "must": {"kind": "objection.decided", "by": "objection"}, "answers": "review",
    },
    "letter.receipt": {
        **_LETTER, "title": {"zh": "取得协查函回执", "en": "get a receipt for the letter"}, "must": {"kind": "letter.answered", "by": "letter"},
    },
    "letter.accept": {
        **_LETTER, "title": {"zh": "落实由对方接收", "en": "see that the other side accepts the person"},
        "must": {"kind": "letter.answered", "by": "letter", "outcome": ["accepted", "measures"]},
    },
    "letter.decide": {
        "title": {"zh": "答复来函", "en": "answer the letter that came in"}, "on": {"kind": "letter.received"}, "key": ["letter"], "each": "letter",
        "must": {"kind": "letter.decided", "by": "letter", "outcome": ["unknown", "moved", "measures", "accepted", "forwarded", "bounced"]},
        "answers": "tracing",
    },
    "point.close": {
        **_POINT, "on": {"kind": "point.named", "held": "closed"}, "title": {"zh": "关闭场所", "en": "close the place"},
        "must": {"kind": "point.closed", "by": "point"}, "answers": "town",
    },
    "point.sample": {
        **_POINT, "title": {"zh": "消毒前环境采样", "en": "sample surfaces before disinfection"},
        "must": {"kind": "surfaces.sampled", "stage": "before", "by": "point"}, "answers": "sampling",
    },
    "point.disinfect": {
        **_POINT, "title": {"zh": "终末消毒", "en": "disinfect the place"}, "must": {"kind": "point.disinfected", "by": "point"}, "answers": "town",
    },
    "point.check": {
        **_POINT, "on": {"kind": "point.disinfected"}, "title": {"zh": "消毒后采样复核阴性", "en": "show negative surfaces after disinfection"},
        "must": {"kind": "surfaces.read", "stage": "after", "result": "negative", "by": "point"}, "answers": "sampling",
    },
    "point.decide": {
        **_POINT, "on": {"kind": "point.named", "held": "closed"}, "title": {"zh": "决定是否重新开放", "en": "decide on re-opening"},
        "from": "closed_until", "must": {"kind": "point.reopened", "by": "point"}, "answers": "command",
    },
    "callup.interview": {
        "title": {"zh": "询问响应通告者", "en": "ask whoever answered a call-up"}, "on": {"kind": "callup.answered"}, "key": ["person", "callup"], "each": "person",
        "mode": "at_opening", "must": {"kind": "interview.held"}, "answers": "tracing",
    },
    "callup.close": {
        "title": {"zh": "撤下通告及公开副本", "en": "take the notice and its public copies down"}, "on": {"kind": "callup.published"}, "key": ["callup"],
        "each": "area", "mode": "at_opening", "from": "ends", "must": {"kind": "callup.withdrawn", "by": "callup"},
        "until": [{"kind": "callup.withdrawn"}], "answers": "command",
    },
    "signal.follow": {
        "title": {"zh": "护士随访信号", "en": "a nurse follows the signal up"}, "on": {"kind": "signal.noted"}, "key": ["source", "signal"], "each": "signal",
        "must": {"kind": "signal.followed", "by": "signal", "outcome": ["well", "to_test", "other_person"]}, "mode": "at_opening",
        "until": ["forget_by", {"kind": "signals.closed", "by": "source"}], "answers": "town",
    },
    "signal.close": {
        "title": {"zh": "到期关闭信号来源", "en": "close the source of signals at its end"}, "on": {"kind": "signals.opened"}, "key": ["source"], "each": "area",
        "mode": "at_opening", "from": "ends", "must": {"kind": "signals.closed", "by": "source"}, "until": [{"kind": "signals.closed", "by": "source"}],
        "answers": "command",
    },
    "reporting.daily": {
        "title": {"zh": "日报告、零报告", "en": "report every day, also when there is nothing"},
        "on": {"kind": "incident.opened", "nature": "outbreak"}, "key": ["incident"], "each": "reporting units",
        "mode": "while_open", "must": {"kind": "report.sent"}, "until": [{"kind": "incident.closed"}], "answers": "town",
    },
}  # fmt: skip

#: The duties of a [[zone]], each a template above.
ZONE_DUTIES = ("visit", "test", "final", "review", "decide")

#: What each [[measure]] asks of people of its ring, and of the order that is made for them.
MEASURE_DUTIES: dict[str, Raw] = {
    "order": {**_JUDGED, "title": {"zh": "下达隔离令", "en": "make the order"}, "must": {"kind": "order.made"}, "answers": "tracing"},
    "tell": {
        **_JUDGED, "title": {"zh": "告知本人", "en": "tell the person"}, "must": {"kind": "notice.given", "about": "order"},
        "answers": "tracing",
    },
    "place": {**_JUDGED, "title": {"zh": "转运到位", "en": "bring to the place"}, "answers": "isolation"},
    "test": {**_ORDER, "title": {"zh": "按日检测", "en": "test on the day"}, "must": _SINGLE, "answers": "isolation"},
    "observe": {**_ORDER, "title": {"zh": "健康观察", "en": "observe"}, "must": {"kind": "observation.made"}, "answers": "isolation"},
    "reconsider": {
        "key": ["order"], "each": "person", "mode": "at_opening", "title": {"zh": "重新决定隔离令", "en": "decide again on the order"},
        "from": "anchor differs", "until": ["order over"], "must": "order reconsidered", "answers": "tracing",
    },
    "rise": {
        **_JUDGED, "title": {"zh": "其密接转阳,重新判定", "en": "judge again: a close contact behind them is positive"},
        "from": "ring one positive", "must": "judged since", "answers": "tracing",
    },
    "lapse": {
        **_JUDGED, "title": {"zh": "其身后已无密接,重新判定", "en": "judge again: no close contact is left behind them"},
        "from": "ring one gone", "must": "judged since", "answers": "tracing",
    },
    "dissolve": {
        "key": ["order"], "each": "person", "mode": "at_opening",
        "title": {"zh": "其密接两次阴性,决定是否解除", "en": "decide on ending the order: the close contacts behind are negative twice"},
        "from": "ring one negative under the order", "until": ["order over"], "must": "decided since", "answers": "tracing",
    },
    "doubt": {
        "key": ["order"], "each": "person", "mode": "at_opening",
        "title": {"zh": "期满前其密接未两次阴性,重新判定", "en": "judge again: the close contacts behind are not negative twice before the end"},
        "from": "ring one open a day before the end", "must": "ring one negative or judged since", "answers": "tracing",
    },
}  # fmt: skip

#: What a second phase asks for instead: its order before the first one ends, and what follows from that order.
FOLLOWING: dict[str, Raw] = {
    "order": {
        "key": ["order"], "each": "person", "mode": "at_opening", "title": {"zh": "下达后续措施", "en": "make the order that follows"},
        "from": "a day before the order ends", "must": {"kind": "order.made"}, "answers": "tracing",
    },
    "tell": {**MEASURE_DUTIES["tell"], "key": ["order"], "until": ["order over"]},
    "place": {**MEASURE_DUTIES["place"], "key": ["order"], "until": ["order over"]},
}  # fmt: skip
