"""Writes src/bulou/identity/hanzi.txt from pypinyin and OpenCC: ``uv run --with pypinyin --with opencc-python-reimplemented tools/hanzi.py``.

Readings without tones of the characters of GB 18030's first planes, and which traditional or variant form stands for which simple
one. Only what comparing names needs.
"""

import re
import unicodedata
from importlib.resources import files
from pathlib import Path

from pypinyin.constants import PINYIN_DICT

#: How a character is read as a surname, where that is not its commonest.
SURNAMES = {
    pair[0]: pair[1:]
    for line in (
        "单shan 曾zeng 仇qiu 解xie 查zha 区ou 盖ge 乐yue 覃qin 翟zhai 朴piao 任ren 华hua 缪miao 尉yu 长zhang 召shao 秘bi 洗xian 折she",
        "种chong 员yun 贠yun 冼xian 纪ji 卜bu 繁po 黑he 宓mi 能nai 隗wei 祭zhai 那na 宁ning 佴nai 阚kan 句gou 郇xun 万wan",
    )
    for pair in line.split(" ")
}
#: Forms that registers and input methods exchange, beside the traditional ones; 喆, 堃, 暠 are chosen on purpose and stay.
VARIANTS = dict(
    re.findall(
        "(.)(.)", "髙高𠮷吉﨑崎硏研衞卫峯峰羣群淸清靑青眞真歩步徳德毎每昻昂甦苏濶阔氷冰厳严沢泽浜滨関关闗关恵惠広广斉齐斎斋辺边邉边邊边"
    )
)


def plain(syllable: str) -> str:
    """A reading without its tone; ü is written v."""
    syllable = syllable.replace("ü", "v").replace("ǖ", "v").replace("ǘ", "v").replace("ǚ", "v").replace("ǜ", "v").replace("ê", "e")
    return "".join(c for c in unicodedata.normalize("NFD", syllable) if c.isascii() and c.isalpha())


def main() -> None:
    simple: dict[str, str] = {}
    for line in (files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8").splitlines():
        old, _, new = line.partition("\t")
        if new and len(old) == 1 and new.split()[0] != old and ord(new.split()[0]) < 0x20000:
            simple[old] = new.split()[0]
    simple |= VARIANTS
    readings: dict[str, tuple[list[str], list[str]]] = {}
    for code, told in sorted(PINYIN_DICT.items()):
        if 0x4E00 <= code <= 0x9FFF or code == 0x3007:
            for i, syllable in enumerate(list(dict.fromkeys(p for p in map(plain, told.split(",")) if p))[:4]):
                readings.setdefault(syllable, ([], []))[i > 0].append(chr(code))
    out = [
        "# Readings (commonest, others), surnames (=), traditional and variant forms (>). Made by tools/hanzi.py.",
        "# Readings from pypinyin, Copyright (c) 2016 mozillazg, 闲耘, the MIT License; forms from OpenCC by BYVoid, the Apache License 2.0.",
    ]
    out += [f"{syllable} {''.join(first) or '-'} {''.join(others) or '-'}" for syllable, (first, others) in sorted(readings.items())]
    out += ["= " + " ".join(f"{c}{s}" for c, s in sorted(SURNAMES.items()))]
    out += ["> " + "".join(a + b for a, b in sorted(simple.items()))]
    Path("src/bulou/identity/hanzi.txt").write_text("\n".join(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
