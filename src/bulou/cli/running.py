"""``bulou demo``, ``bulou serve`` and the processes that serving keeps: ``bulou web``, ``bulou watch``, ``bulou worker``."""

import os
import shutil

import click

from bulou.cli import exercise
from bulou.cli.terminal import lang, language, refusal, saying, site, use

#: A live city of the demo: where, from which seed, for how many days, with how many cases from outside; simulated seconds a second.
CITY = {"area": "500107", "seed": 7, "days": 14}
IMPORTED, PACE = 20, 300


@click.command("demo")
@click.option("--port", default=8000, show_default=True, help="The port to serve on.")
@click.option("--browser/--no-browser", default=True, show_default=True, help="Open a browser at the board.")
@click.option("--reset", is_flag=True, help="Make the demo anew, forgetting what was entered in it.")
@click.option(
    "--city",
    is_flag=True,
    help="Instead a live drill in a made-up city of 100,000: played while you look, from its first day at each start.",
)
@click.pass_context
def demo(context: click.Context, port: int, browser: bool, reset: bool, city: bool) -> None:
    """Work with a real outbreak: Pidu district, December 2020, with a made-up register around it."""
    if city:
        _city(context, port, browser, reset)
        return
    serving = use("web.demo")
    try:
        serving.run(port, browser=browser, reset=reset)
    except serving.CannotStart as why:
        raise click.ClickException(str(why)) from None


def _city(context: click.Context, port: int, browser: bool, reset: bool) -> None:
    """A city of its own in this home, made once; its ledger and what was played begin anew at each start."""
    size, kept, lang_ = use("scenarios.size"), use("web.home"), language()
    try:
        people = size.how_many()
    except size.NoSize as wrong:
        raise click.ClickException(str(wrong)) from None
    folder = kept.home() / "city"
    folder.mkdir(exist_ok=True, mode=0o700)
    town, home = folder / f"{people}", folder / "home"
    try:
        with kept.holding(folder):  # two demos of one home do not take each other's ledger away
            for old in (home, town / "play", *([town] if reset else ())):
                shutil.rmtree(old, ignore_errors=True)
            if not (town / "city.toml").exists():
                context.invoke(
                    exercise.city, people=people, to=town, first_day=None, parameters=None, workers=1, lang=lang_, as_json=False, **CITY
                )
            context.invoke(
                exercise.play, folder=town, days=CITY["days"], seed=CITY["seed"], into=home, database=None, pathogen="wild-2020",
                imported=IMPORTED, events=None, faults=(), traced_by="memory", speed=PACE, port=port, browser=browser, lang=lang_, as_json=False,
            )  # fmt: skip
    except kept.Impossible as wrong:
        raise refusal(wrong, lang_) from None


#: Where a web server listens.
_PORT = click.option("--port", default=8000, show_default=True, help="The port to serve on.")
_HOST = click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at; a proxy holds the certificate.")
_WORKERS = click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes of the web server.")


@click.command("serve")
@_HOST
@_PORT
@_WORKERS
@lang
def serve(host: str, port: int, workers: int, lang: str) -> None:
    """Serve this centre: the web server, the watch and the worker, started again when they die. SIGTERM or Ctrl+C stops all within 5 s.

    The first start makes the home, its secret key and the tables. An older database is not touched: run bulou upgrade.
    """
    connection = site()
    serving = use("web.serve")
    try:
        serving.run(use("web.home").home(), connection, host, port, workers, saying(lang))
    except serving.CannotServe as why:
        raise click.ClickException(why.zh if lang == "zh" else why.en) from None


@click.command("web")
@_HOST
@_PORT
@_WORKERS
def web(host: str, port: int, workers: int) -> None:
    """Only the web server, for who supervises otherwise. Ends with the process that started it."""
    connection, serving = site(), use("web.serve")
    try:
        serving.marked_alike(connection)
    except serving.CannotServe as why:
        raise click.ClickException(str(why)) from None
    connection.close()
    serving.web(host, port, workers)


@click.command("watch")
def watch() -> None:
    """Only the watch, which settles the duties whose hour has come. Ends with the process that started it."""
    site()
    use("web.serve").watch(use("web.home").home(), use("kit.centre").centre())


@click.command("worker")
def worker() -> None:
    """Only the worker, which compares lists put on the bench. Ends with the process that started it."""
    site()
    use("web.serve").worker(use("web.home").home())


@click.command("reckon", hidden=True)
def reckon() -> None:
    """What the worker starts beside itself: reckons everything that waits, and ends."""
    site()
    parent, one = os.getppid(), use("kit.centre").centre()
    use("desks.tracing.supported").work(one.clock, lambda: os.getppid() == parent)
