"""``bulou pass``: reads a signed pass on any machine, shows and changes the keys that sign. Needs no network to read one."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from bulou.cli.terminal import as_json, lang, ledger, of_demo, print_json, saying, use


@click.group("pass")
def pass_() -> None:
    """Signed passes: read one, show the centre's public keys, sign with a new key."""


@pass_.command("verify")
@click.argument("text")
@click.option("--key", "file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="What the centre publishes at /passes/keys.json, or what `bulou pass keys` prints.")  # fmt: skip
@click.option("--say", "word", help="What its owner says at the door: the last four characters of a document, or four digits.")
@click.option("--at", "hour", help="At this hour instead of now: 2026-06-01T09:30+08:00.")
@lang
@as_json
@click.pass_context
def verify(ctx: click.Context, text: str, file: Path, word: str | None, hour: str | None, lang: str, as_json: bool) -> None:
    """Whether the pass TEXT is good, by the public keys in a file: no database, no network. Ends with 1 where it is not."""
    signing, time = use("kit.signing"), use("basis.time")
    try:
        keys, withdrawn = signing.read_published(file.read_text(encoding="utf-8"))
        now = time.MachineClock().now() if hour is None else time.from_datetime(datetime.fromisoformat(hour))
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from None
    found = signing.verdict(text, keys, now, withdrawn)
    fits = None if word is None or found.found is None else signing.check_of(found.found.number, word) == found.found.check
    good = found.state == "good" and fits is not False
    if as_json:
        print_json({"state": found.state, "fits": fits, **_said(found.found, time)})
    else:
        say = saying(lang, err=False)
        if found.state == "good":
            told = _said(found.found, time)
            say(
                f"可通行:{told['area']}({told['nature']}),至 {told['until']}",
                f"may pass: {told['area']} ({told['nature']}), until {told['until']}",
            )
            if fits is not True:
                say(*(_ASK if fits is None else _OTHERS))
        else:
            reason = signing.REASONS[found.state]
            say(f"无效:{reason.zh}。请按证件号核对", f"not good: {reason.en}. Ask by the number of a document")
    ctx.exit(0 if good else 1)


_ASK = ("请本人说出后四位,以 --say 核对", "ask its owner for the four characters and give them by --say")
_OTHERS = ("后四位不符:可能是他人的凭证", "the four characters do not fit: it may be somebody else's")


def _said(told: Any, time: Any) -> dict[str, Any]:
    if told is None:
        return {}
    return {
        "number": told.number, "area": told.area, "nature": told.nature, "from": time.to_datetime(told.starts).isoformat(),
        "until": time.to_datetime(told.ends).isoformat(),
    }  # fmt: skip


@pass_.command("keys")
@of_demo
def keys(demo: bool) -> None:
    """The public keys, and the passes that were withdrawn, as they are published at /passes/keys.json."""
    ledger(demo)
    now = use("kit.centre").centre().clock.now()
    passes = use("kit.doorpasses")
    print_json(use("kit.signing").published(passes.public(now), passes.withdrawn(use("kit.looking").moment_now(now)), now))


@pass_.command("rotate")
@click.option(
    "--distrust", is_flag=True, help="The old key was seen by others: its passes are good no longer, once phones have fetched this."
)
@of_demo
@lang
def rotate(distrust: bool, demo: bool, lang: str) -> None:
    """Sign with a new key from now on. Passes of the old one are good until they end, a day at most."""
    ledger(demo)
    made = use("kit.doorpasses").keys().rotate(use("kit.centre").centre().clock.now(), distrust=distrust)
    saying(lang, err=False)(f"新密钥 {made.id}", f"new key {made.id}")
