"""``bulou exercise score``: what a play came to, held against the truth of its city."""

from pathlib import Path

import click

from bulou.cli.terminal import as_json, lang, print_json, refusal, use


@click.command("score")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--home",
    "into",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Also keep it in this exercise's home, whose page shows it.",
)
@click.option(
    "--beside",
    "other",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Also compare with the play in another folder of the same city, by the cases that both came to know.",
)
@lang
@as_json
def score(folder: Path, into: Path | None, other: Path | None, lang: str, as_json: bool) -> None:
    """Score the play in DIR: who was found, when and how; who was missed and why; who was held without need; and three numbers that must be zero.

    Reads DIR alone: the truth, the actors' logs, the platform's exports. Writes DIR/play/score.json. Ends with 1 where one of the three is not zero.
    """
    scoring = use("exercise.score.reckoned")
    unscored = use("exercise.score.records").Unscored
    try:
        mark = (into / use("web.home").EXERCISE) if into else None
        told = scoring.score(folder)
        compared = use("exercise.score.beside").beside(folder, other) if other else None
        if mark is not None and (not mark.is_file() or mark.read_text(encoding="utf-8").strip() != told["exercise"]):
            raise unscored(f"{into} 不是这一演练的家目录", f"{into} is not the home of this exercise")
        for to in (folder / "play", *((into,) if into else ())):
            scoring.write(told, to / use("exercise.score").FILE)
    except unscored as wrong:
        raise refusal(wrong, lang) from None
    if as_json:
        print_json({**told, "beside": compared} if compared else told)
    else:
        for each in ("zh", "en") if lang == "both" else (lang,):
            click.echo(use("exercise.score.said").table(told, each))
            if compared:
                click.echo("\n" + use("exercise.score.beside").table(compared, each))
    if any(zero["n"] for zero in told["zeros"].values()):
        raise SystemExit(1)
