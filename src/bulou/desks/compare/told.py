"""What the page of an answer says: the sentence, every figure, what does not close. Names nobody."""

from typing import Any

from django.utils.translation import gettext as _

from bulou.desks.compare import lasting
from bulou.desks.compare.answer import Answer, head
from bulou.desks.compare.differences import is_difference
from bulou.desks.compare.settling import Settled
from bulou.identity.linking import MEANING
from bulou.kit.looking import Looking
from bulou.lists.bridge import UNEXPLAINED
from bulou.lists.comparing import LETTERS
from bulou.lists.definitions import EVERYONE
from bulou.lists.findings import UNITS


def told(answer: Answer, look: Looking, stand: Settled) -> dict[str, Any]:
    """Everything that the page of an answer says; no name is in it."""
    said, lang = answer.said, look.language
    letters = LETTERS[: len(said["lists"])]
    most = max((r["number"] for r in said["regions"]), default=1) or 1
    regions = [
        {"code": f"mask_{r['mask']}", "word": r["word"][lang], "number": r["number"], "bar": max(1, round(100 * r["number"] / most)),
         "dots": [bool(r["mask"] >> i & 1) for i in range(len(letters))]}
        for r in said["regions"]
    ]  # fmt: skip
    figures = {f["code"]: f for f in said["figures"]}
    return {
        "said": said, "letters": letters, "regions": regions, "sentence": _sentence(said, figures, letters, lang),
        "sums": [{"letter": x, "group": f"in_{x}", **each} for x, each in zip(letters, said["lists"], strict=True)],
        "figures": [
            {"code": f["code"], "word": f["word"][lang], "number": f["number"], "means": f["means"][lang], "until": f["until"],
             "unit": look.say(UNITS[f["unit"]]), "group": answer.has(f["code"]), "settled": _settled(stand, f["code"])}
            for f in said["figures"]
        ],
        "areas": [{"code": f"area_{n}", "word": a["word"][lang], "number": a["number"], "partial": a["partial"]} for n, a in enumerate(said["areas"])],
        "partitions": [
            {**p, "letter": LETTERS[p["list"]], "word": look.say(head(p["field"])), "name": said["lists"][p["list"]]["name"],
             "none_code": f"none_{LETTERS[p['list']]}_{p['field']}", "two_code": f"two_{LETTERS[p['list']]}_{p['field']}"}
            for p in said["partitions"] if p["none"] or p["two"]
        ],
        **asked_told(answer, look),
        "thresholds": [{"value": v, "means": look.say(MEANING[k])} for k, v in said.get("thresholds", {}).items()],
        "unlike": [{"word": look.say(head(u["field"])), "a": LETTERS[u["a"]], "b": LETTERS[u["b"]], "agree": u["agree"], "of": u["of"]} for u in said["unlike"]],
    }  # fmt: skip


def asked_told(answer: Answer, look: Looking) -> dict[str, Any]:
    """The bridges, each term with those behind it, and the counts of others' definitions."""
    said, lang = answer.said, look.language
    # Between two definitions a bridge leads from one code to another: they are called by their names.
    called = {d.code: d.en if lang == "en" else d.zh for d in (*lasting.definitions(), EVERYONE)} if said["counted"] else {}
    return {
        "bridges": [
            {**b, **({"from": called[b["from"]], "to": called[b["to"]]} if b["from"] in called and b["to"] in called else {}), "said": b["said"][lang], "terms": [
                {"code": f"bridge_{i}_{t['code']}", "word": t["word"][lang], "signed": t["sign"] * t["number"],
                 "named": answer.count(f"bridge_{i}_{t['code']}"), "open": t["code"] in UNEXPLAINED} for t in b["terms"]]}
            for i, b in enumerate(said["bridges"])
        ],
        "counted": [
            {"word": f["word"][lang], "number": f["number"], "means": f["means"][lang], "until": f["until"], "unit": look.say(UNITS[f["unit"]])}
            for f in said["counted"]
        ],
    }  # fmt: skip


def _settled(stand: Settled, group: str) -> str:
    """Of a figure's people how many are explained, how many another's, how many open; nothing where nothing was said of any."""
    if not stand.lines or not is_difference(group, 0):
        return ""
    of = stand.tally(group)
    some = of["explained"] or of["passed"]
    return _("of which %(explained)d explained, %(passed)d not mine, %(open)d open") % of if some else ""


def _sentence(said: dict[str, Any], figures: dict[str, Any], letters: str, lang: str) -> list[dict[str, Any]]:
    """The answer in one sentence: each part a number, its words, and the group that it opens. What is nobody is left out."""
    found = [{"n": said["people"], "text": _("distinct people"), "group": "distinct"}]
    found += [{"n": figures[f"only_{x}"]["number"], "text": _("only in %(list)s") % {"list": x}, "group": f"only_{x}"} for x in letters]
    found.append({"n": figures["twice"]["number"], "text": _("twice in one list"), "group": "twice"})
    found.append({"n": figures["differing"]["number"], "text": _("with something that differs"), "group": "differing"})
    none = max((p for p in said["partitions"] if p["field"] == "state"), key=lambda p: p["none"], default=None)
    if none:
        found.append(
            {
                "n": none["none"],
                "text": _("in no class of %(list)s") % {"list": LETTERS[none["list"]]},
                "group": f"none_{LETTERS[none['list']]}_state",
            }
        )
    return [found[0], *(f for f in found[1:] if f["n"])]
