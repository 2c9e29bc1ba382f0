"""A plan filled as a PDF, set by typst with a font of this machine that has Chinese characters. Fetches no font; says which to install where there is none.

The text comes as data and is set as text: nothing in it is read as markup.
"""

import json
from functools import lru_cache

import typst

from bulou.basis.words import Word
from bulou.lists.filling import Filling, Plan, Unfit

#: Families that have simplified Chinese, the first that is there is used: of Debian (fonts-noto-cjk, fonts-wqy), of Windows, of macOS.
FAMILIES = ("Noto Sans CJK SC", "Noto Serif CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Microsoft YaHei", "SimSun",
            "PingFang SC", "Songti SC")  # fmt: skip
NO_FONT = Word("本机没有中文字体,不能生成 PDF:请安装(Debian/Ubuntu:apt install fonts-noto-cjk),或导出 DOCX",
               "this machine has no font with Chinese characters, so no PDF: install one (Debian, Ubuntu: apt install fonts-noto-cjk), or take DOCX")  # fmt: skip
_SOURCE = """
#let d = json(bytes(sys.inputs.data))
#set document(date: none, title: d.title)
#set page(paper: "a4", margin: (x: 16mm, top: 18mm, bottom: 20mm), header: if d.mark != "" { text(weight: "bold", d.mark) },
  footer: context [#set text(size: 8pt); #d.footer #h(1fr) #counter(page).display("1 / 1", both: true)])
#set text(font: d.font, size: 9pt, lang: d.lang)
#set par(justify: false)
#text(size: 15pt, weight: "bold", d.title)
#table(columns: (auto, 1fr), stroke: 0.4pt + luma(160), ..d.fields.map(f => (strong(f.at(0)), f.at(1))).flatten())
#for l in d.lists {
  block(above: 12pt, below: 5pt, sticky: true, text(size: 11pt, weight: "bold", l.title + " (" + str(l.rows.len()) + ")"))
  if l.rows.len() == 0 { [—] } else {
    table(columns: l.heads.len() * (1fr,), stroke: 0.4pt + luma(160), table.header(..l.heads.map(h => strong(h))), ..l.rows.flatten())
  }
}
"""


@lru_cache(maxsize=1)
def font() -> str | None:
    """The family that is used, of those on this machine; None where none has the characters."""
    have = set(typst.Fonts().families())
    return next((f for f in FAMILIES if f in have), None)


def as_pdf(plan: Plan, filling: Filling, language: str, family: str | None = None) -> bytes:
    """The plan with its values, both hours at the foot of every page. ``family``: the font, for a test; Unfit where there is none."""
    chosen = family or font()
    if chosen is None:
        raise Unfit(NO_FONT)
    data = {
        "title": plan.title, "mark": filling.fields.get("exercise", ""), "footer": filling.footer, "font": chosen, "lang": language[:2],
        "fields": [[called, filling.fields[name] or "—"] for name, called in plan.fields],
        "lists": [{"title": called, "heads": [h for _, h in columns], "rows": [[row.get(c) or "—" for c, _ in columns] for row in filling.lists[name]]}
                  for name, called, columns in plan.lists],
    }  # fmt: skip
    made = typst.compile(_SOURCE.encode(), sys_inputs={"data": json.dumps(data, ensure_ascii=False)})
    assert isinstance(made, bytes)
    return made
