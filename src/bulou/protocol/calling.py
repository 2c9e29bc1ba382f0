"""How people are phoned, where an edition says nothing of it: questions in their order, and waiting times. An edition's ``[call]`` takes its place.

The times are proposals of this project, not of any protocol; a centre replaces them in its own edition.
"""

from bulou.basis.time import HOUR, MINUTE, Duration
from bulou.basis.words import Word
from bulou.protocol.reader import Reader
from bulou.protocol.rules import Calling, Edition
from bulou.protocol.templates import Raw

#: What is asked when an edition gives no questions of its own. Nobody hears why before it is sure who speaks.
USUAL = Calling(
    Duration(30 * MINUTE, None), Duration(12 * HOUR, None), Duration(15 * MINUTE, None),
    (
        Word("先报单位和来电核实方式,请对方说出本人姓名和住处的小区或村;未核实身份前,不对接听者说任何原因。",
             "Say which centre calls and how to verify it; let them say their name and where they live. Until it is sure who speaks, no reason is given."),
        Word("现在人在哪里(到门牌)?和谁在一起?", "Where are you now, to the door? With whom?"),
        Word("最近四天去过哪里,何时到、何时离开?", "Where have you been in the last four days, from when until when?"),
        Word("在哪里上班,最近哪天去过?", "Where do you work, and when were you there last?"),
        Word("家里有没有人上学、上幼儿园,哪所?", "Does anyone at home go to a school or kindergarten? Which?"),
        Word("坐过哪些出租车、网约车、公交、火车(车牌、车次、座位)?", "Which taxis, buses or trains did you take (plate, number, seat)?"),
        Word("同住有几人,各在哪里?有没有老人、婴幼儿、孕妇、病人?", "Who lives with you, and where are they? Is anyone old, ill, pregnant or very young?"),
        Word("有没有发热、咳嗽、咽痛等不适,从哪天起?", "Any fever, cough, sore throat or the like? Since which day?"),
        Word("告知:请留在原处等候单管采样,谁来、何时来、打哪个电话。", "Tell them: please stay where you are; who comes for a swab, when, which number to call."),
    ),
    "本系统的提议,各地须以自己的话术和时限替换 · proposed by Bulou, to be replaced by the centre's own script and times", "unverified",
)  # fmt: skip
_KEYS = {"retry", "ask_again", "on_it", "questions", "source", "url", "status"}


def calling_of(edition: Edition | None) -> Calling:
    """How people are phoned under an edition; the usual way where it says nothing."""
    return (edition.calling if edition else None) or USUAL


def calling(reader: Reader, raw: Raw) -> Calling | None:
    """The section ``[call]`` of an edition; a time that it leaves out is the usual one."""
    if raw.get("call") is None:
        return None
    table = reader.table("the file", "call", raw["call"])
    reader.keys("call", table, _KEYS)
    times = {
        name: reader.duration("call", name, table[name]) if name in table else getattr(USUAL, name)
        for name in ("retry", "ask_again", "on_it")
    }
    for name, time in times.items():
        if time.days is not None or not 0 < time.micros <= 7 * 24 * HOUR:
            reader.wrong("call", name, Word("应为不超过168小时的时长", "should be a length of at most 168 hours"))
    questions = table.get("questions")
    if not isinstance(questions, list) or not questions:
        reader.wrong("call", "questions", Word("应为一列中英文问题", "should be a list of questions in both languages"))
        questions = []
    asked = tuple(reader.word("call", "questions", q) for q in questions)
    return Calling(**times, questions=asked, source=reader.text("call", "source", table), status=reader.status("call", table))
