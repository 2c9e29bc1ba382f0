"""``bulou exercise``: a made-up city whose truth is known, to drill with, and an outbreak in it. Everything in it is an exercise; a centre's ledger never takes it in."""

import os
import signal
import threading
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from bulou.cli.terminal import as_json, lang, ledger, parts, print_json, progress, refusal, saying, site, use

_PARTS = {
    "city": (("造城", "city"), ("步", "steps")), "register": (("名册", "register"), ("步", "steps")), "day": (("活动", "visits"), ("天", "days")),
}  # fmt: skip


@click.group()
def exercise() -> None:
    """A made-up city to drill with: make one, enter its register into a database of its own. EXERCISE / 演练."""


@exercise.command("city")
@click.option(
    "--area", required=True, metavar="CODE", help="The area that it lies in: an official code of any level, or one of this home's ledger."
)
@click.option("--people", type=int, required=True, help="How many people, 1,000 to 2,000,000.")
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed makes the same city, on every machine.")
@click.option("--out", "to", required=True, type=click.Path(path_type=Path), help="The folder: new, or empty.")
@click.option("--days", type=int, default=14, show_default=True, help="Days of visits, 0 to 120.")
@click.option("--first-day", "first_day", type=click.DateTime(["%Y-%m-%d"]), help="The first of them. Default: 2020-12-07, a Monday.")
@click.option(
    "--parameters", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A TOML to replace the one that comes with Bulou."
)
@click.option(
    "--workers", type=click.IntRange(1, 32), default=1, show_default=True, help="Processes that make days; changes nothing but the time."
)
@lang
@as_json
def city(
    area: str, people: int, seed: int, to: Path, days: int, first_day: datetime | None, parameters: Path | None, workers: int, lang: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Make a city: people in households and homes, places with tables and rows, visits by day, a register with errors, and the truth of each.

    The folder is there whole or not at all. Wrong words or parameters: a message, and nothing is made.
    """
    making, unfit = use("exercise.city"), use("exercise.parameters").Unfit
    say = parts(_PARTS, lang)
    started: dict[str, date] = {"first_day": first_day.date()} if first_day else {}
    try:
        use("exercise.parameters").people_in_range(people)
        p = use("exercise.parameters").read_file(parameters)
        head = making.make(to, _lands(area, unfit), area, people, seed, p, days, say, workers=workers, **started)
    except unfit as wrong:
        raise refusal(wrong, lang) from None
    _told(to, head, lang, as_json)


def _lands(area: str, unfit: Any) -> Any:
    """The areas of an official code; else those of the ledger of this home, where there is one with that code."""
    ground = use("exercise.ground")
    try:
        return ground.find(area)
    except unfit:
        try:
            connection = ledger(False)
        except click.UsageError:
            connection = None
        known = use("kit.loading").known_areas(use("evidence.reader").Reader(connection)) if connection else {}
        if area not in known:
            raise
        return [ground.Land(a.code, a.parent, a.level, a.name, a.official) for _, a in sorted(known.items())]


def _told(to: Path, head: Any, lang: str, as_json: bool) -> None:
    if as_json:
        print_json({"city": str(to), **head._asdict(), "first_day": head.first_day.isoformat(), "parameters": None})
        return
    rows = head.rows
    for each in ("zh", "en") if lang == "both" else (lang,):
        click.echo(
            f"演练城市 {to}:{head.name},{head.people:,} 人,{rows['households']:,} 户,{rows['places']:,} 处场所,{head.days} 天 {rows['visits']:,} 次停留;"
            f"名册 {rows['registered']:,} 条"
            if each == "zh"
            else f"a city of the exercise in {to}: {head.name}, {head.people:,} people, {rows['households']:,} households, {rows['places']:,} places, "
            f"{rows['visits']:,} stays on {head.days} days; the register has {rows['registered']:,} records"
        )


@exercise.command("enter")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--home", "into", type=click.Path(file_okay=False, path_type=Path), help="The exercise's own home. Default: exercise in this home."
)
@click.option(
    "--database", metavar="URL", help="A PostgreSQL database of its own. Default: SQLite in the exercise's home; DATABASE_URL is not asked."
)
@lang
@as_json
def enter(folder: Path, into: Path | None, database: str | None, lang: str, as_json: bool) -> None:
    """Enter the register of the city in FOLDER as facts, into a database of its own. Stopped, it goes on where it was; again, it changes nothing.

    A ledger with real facts refuses, and an exercise's refuses the facts of other instances. Serve it with BULOU_HOME set to its home.
    """
    unfit = use("exercise.parameters").Unfit
    home_of = use("web.home")
    try:
        of = use("exercise.files").read_head(folder)
        title = use("exercise.files").title(of)
        home = into or home_of.home() / "exercise"
        made = _mark(home, title, home_of.EXERCISE, unfit)
    except unfit as wrong:
        raise refusal(wrong, lang) from None
    connection = _at(home, database)
    try:
        use("web.serve").prepare(connection, saying(lang))
        receipt = use("exercise.entering").enter(
            folder, connection, use("kit.centre").centre().protocol, home / "receipts" / f"{title.replace(' ', '-')}.jsonl",
            progress(("录入名册", "register"), lang, ("条事实", "facts")),
        )  # fmt: skip
    except (unfit, home_of.Impossible) as wrong:
        if made:
            (home / home_of.EXERCISE).unlink()
        raise refusal(wrong, lang) from None
    if as_json:
        print_json({"home": str(home), "exercise": title, "facts": receipt.done, **receipt.count, "receipt": str(receipt.path)})
        return
    saying(lang, err=False)(
        f"EXERCISE / 演练 {title}:{receipt.done:,} 条事实已在账本;家目录 {home};回执 {receipt.path}",
        f"EXERCISE / 演练 {title}: {receipt.done:,} facts are in the ledger; home {home}; receipt {receipt.path}",
    )


def _at(home: Path, database: str | None) -> Any:
    """The connection to an exercise's own ledger, the site set up in its home."""
    os.environ["BULOU_HOME"] = str(home)
    os.environ.pop("DATABASE_URL", None)
    if database:
        os.environ["DATABASE_URL"] = database
    return site()


def _mark(home: Path, title: str, name: str, unfit: Any) -> bool:
    """Marks a home as an exercise's before anything is in it; whether the mark is new. Unfit for a home with another ledger."""
    path = home / name
    if path.exists():
        if path.read_text(encoding="utf-8").strip() != title:
            raise unfit(f"{home} 是另一演练的家目录:用 --home 另选", f"{home} is another exercise's home: choose another with --home")
        return False
    if (home / "bulou.sqlite3").exists():
        raise unfit(f"{home} 已有账本,不是演练的:用 --home 另选", f"{home} has a ledger that is no exercise's: choose another with --home")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(title + "\n", encoding="utf-8")
    return True


# --- the outbreak ---------------------------------------------------------------------------------------------------------
_LIMITS = (
    "界限:接触按当日行程一次定下,被告知居家者不因此在家更久;不分年龄易感;开始时无人免疫;各场所的权重为模型假设",
    "limits: contacts follow the day's plan, and whoever is told to stay is not longer at home for it; no age is more susceptible; nobody is immune at "
    "the beginning; the weight of a setting is a model",
)


@exercise.command("outbreak")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--pathogen", default="wild-2020", show_default=True, help="A name of pathogens.toml.")
@click.option(
    "--pathogens", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A TOML to replace the one that comes with Bulou."
)
@click.option("--imported", type=int, default=3, show_default=True, help="Cases that come from outside on the first day.")
@click.option("--days", type=int, help="Days to run; all of the city's without it.")
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="The same seed makes the same outbreak.")
@click.option("--r0", type=float, help="Instead of the pathogen's.")
@lang
@as_json
def outbreak(
    folder: Path,
    pathogen: str,
    pathogens: Path | None,
    imported: int,
    days: int | None,
    seed: int,
    r0: float | None,
    lang: str,
    as_json: bool,
) -> None:
    """Let an outbreak run through the city in DIR with nothing done about it; its truth stands in DIR/infections.parquet afterwards.

    Wrong words: a message, and nothing is written. Running again replaces the truth as a whole.
    """
    unfit, source, truth = use("exercise.parameters").Unfit, use("exercise.outbreak"), use("exercise.truth")
    tell = progress(("疫情", "outbreak"), lang, ("天", "days"))
    try:
        known = source.read(pathogen, pathogens)
        if r0 is not None:
            if not r0 > 0:
                raise unfit(f"--r0 {r0}:应大于 0", f"--r0 {r0}: should be above 0")
            known = known._replace(r0=r0)
        told, _ = truth.run(folder, known, imported, seed, lambda done, all_, _n: tell(done, all_), days)
    except unfit as wrong:
        raise refusal(wrong, lang) from None
    _say(told, known, lang, as_json)


def _say(told: Any, known: Any, lang: str, as_json: bool) -> None:
    if as_json:
        print_json({
            "days": told.days, "people": told.people, "infected": told.infected, "with_symptoms": told.symptoms, "generation": told.generation,
            "infections_by_early_cases": told.reproduction, "pathogen": known._asdict(), "expected_at_home": told.rates.at_home,
            "expected_elsewhere": told.rates.elsewhere, "limits": {"zh": _LIMITS[0], "en": _LIMITS[1]},
        })  # fmt: skip
        return
    for each in ("zh", "en") if lang == "both" else (lang,):
        click.echo(
            f"演练疫情:{told.days} 天,{told.people:,} 人中感染 {told.infected:,} 人,其中有症状 {told.symptoms:,} 人;代间距平均 {told.generation:.2f} 天;"
            f"前半段感染者人均传染 {told.reproduction:.2f} 人(预期:家中 {told.rates.at_home:.2f},别处 {told.rates.elsewhere:.2f})\n{_LIMITS[0]}"
            if each == "zh"
            else f"outbreak of the exercise: {told.days} days, {told.infected:,} of {told.people:,} people infected, {told.symptoms:,} with symptoms; "
            f"generation interval {told.generation:.2f} d on average; those infected in the first half infected {told.reproduction:.2f} each "
            f"(expected: {told.rates.at_home:.2f} at home, {told.rates.elsewhere:.2f} elsewhere)\n{_LIMITS[1]}"
        )


# --- the play -------------------------------------------------------------------------------------------------------------
_PLAYED = {
    "register": (("录入名册", "register"), ("条事实", "facts")),
    "play": (("演练", "play"), ("天", "days")),
    "exports": (("导出", "exports"), ("步", "steps")),
}
_PLAY_LIMITS = (
    "界限:当日感染在当日工作之后抽定,当日感染者不会当日被发现;一人一天只记一次管控;岗位人员不是居民,不会感染",
    "limits: a day's infections are drawn when its work is done, so nobody infected on a day is found on it; a day knows one hold of a person; whoever "
    "sits on a post is no citizen and is never infected",
)


def _lead(speed: int, lang: str, port: int, browser: bool) -> Any:
    """A live play's lead: ends at its minute when this process is told to stop, and says where its page is as soon as there is one."""

    def opens(live: Any) -> None:
        url = f"http://127.0.0.1:{port}/exercise/start/{live.token}"
        saying(lang)(
            f"EXERCISE / 演练 导调:{url}(Ctrl+C 在此刻结束并导出)",
            f"EXERCISE / 演练 to lead it: {url} (Ctrl+C ends it at its minute and keeps what was played)",
        )
        if browser:
            threading.Thread(target=use("web.demo").open_browser, args=(port, url), daemon=True).start()

    live = use("exercise.live").Live(speed, notices=use("exercise.people").notices, opens=opens)

    def told(*_: object) -> None:
        if live.stopped:  # told twice: whoever says so does not want to wait for what is left behind
            raise KeyboardInterrupt
        live.stop()

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, told)
    return live


def _stay(live: Any, folder: Path, home: Path, lang: str) -> None:
    """Scores a live play that is over, and goes on serving it until told to stop."""
    scoring, name = use("exercise.score.reckoned"), use("exercise.score").FILE
    try:
        score = scoring.score(folder)
        for to in (folder / "play", home):
            scoring.write(score, to / name)
    except use("exercise.score.records").Unscored as wrong:
        saying(lang)(wrong.zh, wrong.en)
    if not live.stopped:
        saying(lang)(
            "演练结束,时钟停住,网站仍在服务(Ctrl+C 停止)", "the drill is over, its clock stands; the site is still served (Ctrl+C stops it)"
        )
    live.stays()


@exercise.command("play")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--days", type=int, default=14, show_default=True, help="Days to play.")
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=7,
    show_default=True,
    help="The same seed makes the same play, but for ids that the platform makes.",
)
@click.option(
    "--home",
    "into",
    type=click.Path(file_okay=False, path_type=Path),
    help="The exercise's own home, in which nothing was played yet. Default: DIR/home.",
)
@click.option(
    "--database", metavar="URL", help="A PostgreSQL database of its own. Default: SQLite in the exercise's home; DATABASE_URL is not asked."
)
@click.option("--pathogen", default="wild-2020", show_default=True, help="A name of pathogens.toml.")
@click.option("--imported", type=int, default=5, show_default=True, help="Cases that come from outside on the first day.")
@click.option(
    "--events",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The trainer's events, TOML or JSON. Default: a list of usual ones.",
)
@click.option(
    "--fault", "faults", multiple=True, metavar="NAME",
    help="A fault, several times: lost answers, killed, sent twice, late sync, clock skew, two devices, swapped racks, lies; none. Default: all of them.",
)  # fmt: skip
@click.option(
    "--traced-by", type=click.Choice(["memory", "visits"]), default="memory", show_default=True,
    help="What contacts are named from: what cases remember, or also the visits on their path and the lists that places keep.",
)  # fmt: skip
@click.option(
    "--speed", type=click.IntRange(1, 100_000), metavar="N",
    help="Live, N simulated seconds a second, served while it runs: pause it, sit down at desks. Default: as fast as possible, not served.",
)  # fmt: skip
@click.option("--port", default=8000, show_default=True, help="With --speed: the port to serve on.")
@click.option("--browser/--no-browser", default=True, show_default=True, help="With --speed: open a browser at the page of the drill.")
@lang
@as_json
def play(
    folder: Path, days: int, seed: int, into: Path | None, database: str | None, pathogen: str, imported: int, events: Path | None,
    faults: tuple[str, ...], traced_by: str, speed: int | None, port: int, browser: bool, lang: str, as_json: bool,
) -> None:  # fmt: skip
    """Play the city in DIR as fast as possible, or live with --speed: residents fall ill, staff swab, read, recall, trace and order.

    All of it through the interface for programs; in a live play a person may sit at any desk instead, by the site's pages. Ctrl+C ends a live
    play at its minute and keeps what was played. What everyone sent, the platform's lists and figures, and each acknowledged fact asked about
    again stand in DIR/play afterwards, whole or not at all; the truth in DIR/infections.parquet. Wrong words: a message, and nothing is entered.
    Serve the ledger with BULOU_HOME set to its home.
    """
    unfit, home_of = use("exercise.parameters").Unfit, use("web.home")
    say = parts(_PLAYED, lang)
    try:
        title = use("exercise.files").title(use("exercise.files").read_head(folder))
        known = use("exercise.outbreak").read(pathogen)
        home = into or folder / "home"
        os.environ["DJANGO_SETTINGS_MODULE"] = "bulou.web.settings"
        made = _mark(home, title, home_of.EXERCISE, unfit)
    except unfit as wrong:
        raise refusal(wrong, lang) from None
    try:
        connection = _at(home, database)
        drill = use("exercise.drill")
        usual = [f for f in drill.FAULTS if speed is None or f not in drill.NOT_LIVE]
        wanted = [] if faults == ("none",) else list(faults) or usual
        drill.checked(folder, days, wanted, imported)
        listed = use("exercise.actors.trainer").read(events)
        use("web.serve").prepare(connection, saying(lang))
        receipts = home / "receipts" / f"{title.replace(' ', '-')}.jsonl"
        live = None
        with ExitStack() as served:
            if speed is not None:
                served.enter_context(home_of.holding(home))
                served.enter_context(use("web.serve").beside(port))
                live = _lead(speed, lang, port, browser)
            told = drill.run(
                folder, connection, receipts, days, seed, known, imported, wanted, listed, say, live,
                lambda _told: _stay(live, folder, home, lang) if live else None, traced_by == "visits",
            )  # fmt: skip
    except (unfit, home_of.Impossible) as wrong:
        if made and not (home / "receipts").exists():
            (home / home_of.EXERCISE).unlink()
        raise refusal(wrong, lang) from None
    if as_json:
        print_json({"home": str(home), "exercise": title, **told._asdict(), "limits": {"zh": _PLAY_LIMITS[0], "en": _PLAY_LIMITS[1]}})
        return
    again = ", ".join(f"{n} {fate}" for fate, n in sorted(told.again.items()))
    saying(lang, err=False)(
        f"EXERCISE / 演练 {title}:{told.days} 天,感染 {told.infected:,} 人;日志 {told.lines:,} 行,账本确认 {told.acknowledged:,} 条,"
        f"结束时逐条再问:{again};留在 {folder / 'play'},家目录 {home}\n{_PLAY_LIMITS[0]}",
        f"EXERCISE / 演练 {title}: {told.days} days, {told.infected:,} infected; {told.lines:,} lines of the diary, {told.acknowledged:,} facts acknowledged, "
        f"asked about again at the end: {again}; left in {folder / 'play'}, home {home}\n{_PLAY_LIMITS[1]}",
    )
