"""The frame of ``bulou assess``: what every method says of itself, reads, gives and writes. Computes nothing.

A method is declared once, with `method`: what it tells, its paper, its limits, the columns of its files and of its answer. Help in both
languages, the reference page and the tests loop over `METHODS`, so no method is left out by forgetting.
"""

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import click

from bulou.basis.words import Word
from bulou.cli.assess.reading import Table, Wrong, read
from bulou.cli.terminal import LANGS, language, print_json, use

FILE = click.Path(dir_okay=False, path_type=Path)
READ = click.Path(exists=True, dir_okay=False, path_type=Path)
#: What a cell of an answer may be; None and nan are undefined and stay empty.
Cell = str | int | float | date | None


class Column(NamedTuple):
    """A column of a file, as the reference page tells it."""

    name: str
    word: Word


class Said(NamedTuple):
    """What a method says of itself."""

    about: Word
    paper: str
    limits: Word
    reads: dict[str, tuple[Column, ...]]
    gives: tuple[Column, ...]
    functions: tuple[str, ...]


def _lang(ctx: click.Context) -> str:
    return str(ctx.meta.get("bulou.lang") or language())


def _peek(ctx: click.Context, args: Sequence[str]) -> None:
    """Notes the language that is asked for, also where ``--help`` stands before it."""
    for i, word in enumerate(args):
        told = word.partition("=")[2] if word.startswith("--lang=") else args[i + 1] if word == "--lang" and i + 1 < len(args) else ""
        if told in ("zh", "en", "both"):
            ctx.meta["bulou.lang"] = told


class Option(click.Option):
    """An option that explains itself in the language of the terminal."""

    def __init__(self, *args: Any, zh: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zh = zh

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        if not self.zh or _lang(ctx) != "zh":
            return super().get_help_record(ctx)
        was, self.help = self.help, self.zh
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = was


def option(*names: str, said: Word, **more: Any) -> Callable[[Any], Any]:
    """An option of a method; ``said`` explains it in both languages."""
    return click.option(*names, cls=Option, help=said.en, zh=said.zh, **more)


_lang_option = option(
    "--lang",
    type=LANGS,
    default=language,
    show_default="the terminal's",
    said=Word("打印和帮助的语言。", "Language of what is printed and of the help."),
)
_json_option = option(
    "--json", "as_json", is_flag=True, said=Word("打印 JSON,含两种语言的说明。", "Print JSON, with what is said in both languages.")
)


class Method(click.Command):
    """A command that says its paper and its limits in its help."""

    said: Said

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _peek(ctx, args)
        return super().parse_args(ctx, args)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for each in ("zh", "en") if _lang(ctx) == "both" else (_lang(ctx),):
            for text in paragraphs(self.said, each):
                formatter.write_paragraph()
                with formatter.indentation():
                    formatter.write_text(text)


class Methods(click.Group):
    """The group; its help is each method in a paragraph, with its paper and its limits."""

    said: Word

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _peek(ctx, args)
        return super().parse_args(ctx, args)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for each in ("zh", "en") if _lang(ctx) == "both" else (_lang(ctx),):
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(_in(self.said, each))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for name, command in METHODS.items():
            with formatter.section(name):
                for each in ("zh", "en") if _lang(ctx) == "both" else (_lang(ctx),):
                    formatter.write_text(" ".join(paragraphs(command.said, each)))


def paragraphs(said: Said, lang: str) -> tuple[str, str, str]:
    """What a method tells, its limits, its paper."""
    heads = ("局限:", "文献:") if lang == "zh" else ("Limits: ", "Paper: ")
    return _in(said.about, lang), heads[0] + _in(said.limits, lang), heads[1] + said.paper


def _in(word: Word, lang: str) -> str:
    return word.zh if lang == "zh" else word.en


#: Every method, by the word with which it is called.
METHODS: dict[str, Method] = {}


def method(
    name: str,
    *,
    about: Word,
    paper: str,
    limits: Word,
    gives: Sequence[Column],
    functions: Sequence[str],
    reads: dict[str, tuple[Column, ...]] | None = None,
) -> Callable[[Callable[..., None]], Method]:
    """Declares a method. Its function is given a `Run` and its options; ``--out``, ``--json`` and ``--lang`` come with the frame.

    ``functions`` are the functions of `bulou.assessment` it stands for (``"reproduction.rt_cori"``), whose docstrings the reference prints.
    A mistake in a file (`Wrong`) or a number that means nothing (`Unusable`) ends with 2, `NoAnswer` with 3; nothing is written then.
    """

    def declare(body: Callable[..., None]) -> Method:
        @wraps(body)
        def call(out: Path | None, lang: str, as_json: bool, **options: Any) -> None:
            run = Run(name, out, lang, as_json)
            refusing = use("assessment.refusing")
            try:
                run.may_write()
                body(run, **options)
                run.finish()
            except Wrong as why:
                run.stop(why.words, 2)
            except refusing.Unusable as why:
                run.stop([why.word], 2)
            except refusing.NoAnswer as why:
                run.stop([why.word], 3)

        call.__doc__ = None
        outs = option(
            "--out",
            type=FILE,
            said=Word(
                "结果写入此文件(.csv、.tsv 或 .json):要么完整,要么不写。不给则打印。",
                "Write the answer into this file (.csv, .tsv or .json), whole or not at all; without it, it is printed.",
            ),
        )
        said = Said(about, paper, limits, reads or {}, tuple(gives), tuple(functions))
        command = click.command(name, cls=Method, help="\n\n".join(paragraphs(said, "en")), short_help=about.en)(
            outs(_lang_option(_json_option(call)))
        )
        command.params.sort(key=lambda p: p.name in ("out", "lang", "as_json"))  # what is the method's own comes first
        command.said = said
        METHODS[name] = command
        return command

    return declare


class Parameter(NamedTuple):
    """A number that the answer rests on, and where it comes from."""

    name: str
    value: Any
    source: str


class Run:
    """One call of a method: its files, the parameters it rests on, its answer."""

    def __init__(self, name: str, out: Path | None, lang: str, as_json: bool) -> None:
        self.name, self.out, self.lang, self.as_json = name, out, lang, as_json
        self.inputs: list[tuple[str, Table]] = []
        self.parameters: list[Parameter] = []
        self.facts: dict[str, Any] = {}
        self.notes: list[Word] = []
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self.columns: tuple[str, ...] = ()
        self.rows: list[tuple[Cell, ...]] = []

    # --- in -----------------------------------------------------------------------------------------------------------
    def read(self, option: str, path: Path, *, empty: bool = False) -> Table:
        """A file of columns; it is noted with its hash."""
        table = read(path, empty=empty)
        self.inputs.append((option, table))
        if self.out is not None and self.out.exists() and self.out.samefile(path):
            raise Wrong(
                [
                    Word(
                        f"--out {self.out}:正是要读的文件,请换一个名字",
                        f"--out {self.out} is the file that {option} reads: choose another name",
                    )
                ]
            )
        return table

    def use(self, name: str, value: Any, source: str = "") -> Any:
        """Notes a parameter that the answer rests on, with its source; it is printed with the answer. Gives it back."""
        self.parameters.append(Parameter(name, value, source))
        return value

    # --- out ----------------------------------------------------------------------------------------------------------
    def give(self, rows: Iterable[Sequence[Cell]]) -> None:
        """The answer: rows with the columns that the method declared."""
        self.columns = tuple(c.name for c in METHODS[self.name].said.gives)
        self.rows = [tuple(row) for row in rows]
        assert all(len(row) == len(self.columns) for row in self.rows)

    def fact(self, name: str, value: Any) -> None:
        """One number beside the table: an optimum, a bound, how many."""
        self.facts[name] = value

    def note(self, zh: str, en: str) -> None:
        """A sentence that whoever reads the answer must know."""
        self.notes.append(Word(zh, en))

    def more(self, name: str, rows: list[dict[str, Any]]) -> None:
        """A second table, for ``--json`` alone; what of it a reader must know is a note."""
        self.tables[name] = rows

    def wrong(self, zh: str, en: str) -> NoReturn:
        """The call means nothing: ends with 2."""
        raise Wrong([Word(zh, en)])

    def may_write(self) -> None:
        """Refuses an ``--out`` that could not be written, before anything is computed."""
        if self.out is None:
            return
        if not self.out.absolute().parent.is_dir():
            self.wrong(f"--out {self.out}:没有这个文件夹", f"--out {self.out}: there is no such folder")
        if self.out.suffix.lower() not in (".csv", ".tsv", ".txt", ".json"):
            self.wrong(
                f"--out {self.out}:应是 .csv、.tsv 或 .json 文件", f"--out {self.out} should be a file that ends in .csv, .tsv or .json"
            )

    def finish(self) -> None:
        """Writes the file, then prints."""
        if self.out is not None:
            self._write(self.out)
        if self.as_json:
            print_json(self.data())
            return
        if self.out is None:
            click.echo(self._delimited(","), nl=False)
        for each in ("zh", "en") if self.lang == "both" else (self.lang,):
            for line in self._lines(each):
                click.echo(line, err=self.out is None)

    def stop(self, words: Sequence[Word], code: int) -> NoReturn:
        """Says why there is no answer, and ends."""
        for each in ("zh", "en") if self.lang == "both" else (self.lang,):
            for word in words:
                click.echo(_in(word, each), err=True)
        if self.as_json:
            print_json({"command": self.name, "exit": code, "error": [w._asdict() for w in words]})
        raise click.exceptions.Exit(code)

    def data(self) -> dict[str, Any]:
        """The whole answer, with what it rests on: enough to make it again."""
        return {
            "command": self.name,
            "bulou": version("bulou"),
            "inputs": [{"option": o, "file": t.path.name, "rows": len(t), "sha256": t.sha256} for o, t in self.inputs],
            "parameters": {p.name: {"value": _plain(p.value), **({"source": p.source} if p.source else {})} for p in self.parameters},
            "facts": {k: _plain(v) for k, v in self.facts.items()},
            "notes": [n._asdict() for n in self.notes],
            "columns": list(self.columns),
            "rows": [dict(zip(self.columns, map(_plain, row), strict=True)) for row in self.rows],
            **{name: _plain(rows) for name, rows in self.tables.items()},
        }

    def _write(self, path: Path) -> None:
        kind = path.suffix.lower()
        text = (
            json.dumps(self.data(), ensure_ascii=False, indent=1) + "\n"
            if kind == ".json"
            else self._delimited("\t" if kind == ".tsv" else ",")
        )
        part = path.with_name(f".{path.name}.part")
        try:
            part.write_text(text, encoding="utf-8", newline="")
            part.replace(path)
        except OSError as why:
            self.wrong(f"--out {path}:写不了({why.strerror})", f"--out {path}: cannot be written ({why.strerror})")
        finally:
            part.unlink(missing_ok=True)

    def _delimited(self, sign: str) -> str:
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=sign, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(["" if (x := _plain(cell)) is None else x for cell in row] for row in self.rows)
        return text.getvalue()

    def _lines(self, each: str) -> Iterable[str]:
        zh = each == "zh"
        for name, value in self.facts.items():
            yield f"{name} = {_short(value)}"
        if self.parameters:
            yield "参数:" if zh else "parameters:"
            for p in self.parameters:
                yield f"  {p.name} = {_short(p.value)}" + (f"({p.source})" if zh and p.source else f" ({p.source})" if p.source else "")
        for note in self.notes:
            yield _in(note, each)
        if self.out is not None:
            yield f"已写 {self.out}:{len(self.rows):,} 行" if zh else f"written: {self.out}, {len(self.rows):,} rows"


def _plain(value: Any) -> Any:
    """A value as JSON and CSV take it: numbers of numpy as Python's, dates in ISO, undefined as None."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def _short(value: Any) -> str:
    value = _plain(value)
    if value is None:
        return "—"
    return f"{value:.6g}" if isinstance(value, float) else ", ".join(map(_short, value)) if isinstance(value, list) else str(value)
