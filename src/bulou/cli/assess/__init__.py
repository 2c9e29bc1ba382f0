"""``bulou assess``: numbers anyone can check, files in, files out. Holds the group and the list of its methods.

A method ends with 0; with 2 when a file or an option means nothing (told by file, row, column and what would be right); with 3 when the
data do not carry an answer. What is written is whole or not there.
"""

import click

from bulou.basis.words import Word
from bulou.cli.assess import chaining, clearing, containing, delays, nowcast, planning, pooling, rt
from bulou.cli.assess.frame import METHODS, Methods

__all__ = ["METHODS", "assess"]

#: The modules that declare methods; importing them fills METHODS.
MODULES = (rt, nowcast, delays, clearing, containing, chaining, pooling, planning)


@click.group("assess", cls=Methods, help="Numbers anyone can check: files in, files out, each method with its paper and its limits.")
@click.option("--lang", type=click.Choice(["zh", "en", "both"]), help="Language of the help.")
def assess(lang: str | None) -> None:
    """Holds the methods; the language is taken where the help is made."""


assess.said = Word(
    "谁都能复核的数字:读文件,写文件。每种方法都说明出处和局限;默认值与结果一起打印,都可改。",
    "Numbers anyone can check: files in, files out. Each method says its paper and its limits; defaults are printed with the answer and can be "
    "changed. Ends with 0; with 2 when a file or an option means nothing; with 3 when the data do not carry an answer.",
)
for _command in METHODS.values():
    assess.add_command(_command)
