"""``bulou audit``: the looks at personal data held against their seals, and who was shown whom. Shows no name."""

from typing import Any

import click

from bulou.cli.terminal import as_json, lang, ledger, of_demo, print_json, progress, use


@click.group()
def audit() -> None:
    """Who was shown whom: check that nothing was changed, and ask."""


@audit.command("verify")
@click.option("--chain", is_flag=True, help="Read the ledger's hash chain too (as bulou verify), on which the seals rest.")
@of_demo
@lang
@as_json
@click.pass_context
def audit_verify(ctx: click.Context, chain: bool, demo: bool, lang: str, as_json: bool) -> None:
    """Hold every look against its seal, and every seal against the ledger: name what was changed, is gone or was put in later."""
    connection = ledger(demo)
    found = use("kit.looks").verify()
    entries = use("evidence.verify").verify(connection, progress(("核验", "verify"), lang)).wrong if chain else []
    if as_json:
        wrong = [{"look": d.look, "seal": d.seal, "wrong": d.wrong.en, "wrong_zh": d.wrong.zh} for d in found.wrong]
        wrong += [
            {"entry": t.entry, "fact": t.fact.hex() if t.fact else None, "wrong": t.wrong.en, "wrong_zh": t.wrong.zh} for t in entries
        ]
        print_json({"looks": found.looks, "seals": found.seals, "waiting": found.waiting, "wrong": wrong})
    else:
        for each in ("zh", "en") if lang == "both" else (lang,):
            for d in found.wrong:
                click.echo(_doubt(d, each))
            for t in entries:
                click.echo(f"记录 {t.entry}:{t.wrong.zh}" if each == "zh" else f"entry {t.entry}: {t.wrong.en}")
        click.echo(_verified(found, len(found.wrong) + len(entries), lang))
    ctx.exit(1 if found.wrong or entries else 0)


def _doubt(doubt: Any, lang: str) -> str:
    if doubt.look is None:
        return f"封存 {doubt.seal}:{doubt.wrong.zh}" if lang == "zh" else f"seal {doubt.seal}: {doubt.wrong.en}"
    if lang == "zh":
        return f"查看 {doubt.look}(封存 {doubt.seal}):{doubt.wrong.zh}"
    return f"look {doubt.look} (seal {doubt.seal}): {doubt.wrong.en}"


def _verified(found: Any, wrong: int, lang: str) -> str:
    if lang == "zh":
        return f"{found.looks:,} 次查看,{found.seals:,} 次封存,{found.waiting:,} 次待封存,{wrong:,} 处不符"
    return f"{found.looks:,} looks, {found.seals:,} seals, {found.waiting:,} looks not yet sealed, {wrong:,} not as written"


@audit.command("seal")
@of_demo
@lang
def audit_seal(demo: bool, lang: str) -> None:
    """Seal now what is not yet sealed. The watch does it once a minute; before a backup it is done by hand."""
    ledger(demo)
    one = use("kit.centre").centre()
    made = use("kit.looks").seal(one.clock, one.protocol)
    many = made.looks if made else 0
    click.echo(f"已封存 {many:,} 次查看" if lang == "zh" else f"{many:,} looks sealed")


@audit.command("looks")
@click.option("--person", help="Only looks that showed this person: an id, as it stands in the address of their page.")
@click.option("--user", "account", help="Only looks of this account.")
@click.option("--searched", help="Only looks for which exactly this was typed: a name, a number.")
@click.option("--from", "since", help="From this local time on: YYYY-MM-DD HH:MM.")
@click.option("--to", "until", help="Until this local time.")
@of_demo
@lang
@as_json
@click.pass_context
def audit_looks(
    ctx: click.Context, person: str | None, account: str | None, searched: str | None, since: str | None, until: str | None, demo: bool,
    lang: str, as_json: bool,
) -> None:  # fmt: skip
    """Who was shown whom, when, on which page and what for, oldest first."""
    ledger(demo)
    module, settings = use("kit.looks"), use("web.settings")
    found = module.looks(_time("--from", since, settings.BULOU_ZONE), _time("--to", until, settings.BULOU_ZONE))
    if account:
        found = found.filter(account=account)
    if searched:
        found = found.filter(typed__contains=module.typed(searched))
    if person:
        found = module.of_person(found, _person(person))
    rows = [_row(row, module, settings.BULOU_ZONE) for row in found.order_by("number").iterator()]
    if as_json:
        print_json(rows)
        return
    words = use("basis.words").LISTS["purpose"]
    for row in rows:
        purpose = words[row["purpose"]]
        unmasked = row["unmasked"] or ("均掩码" if lang == "zh" else "all masked")
        click.echo(f"{row['look']:>8}  {row['at']}  {row['account']:<16} {row['post']:<20} {row['page']:<16} "
                   f"{purpose.zh if lang == 'zh' else purpose.en}  n={row['n']}  {unmasked}")  # fmt: skip
    click.echo(f"{len(rows):,} 次查看" if lang == "zh" else f"{len(rows):,} looks", err=True)


def _row(row: Any, module: Any, zone: Any) -> dict[str, Any]:
    time = use("basis.time")
    return {
        "look": row.number, "at": time.format_local(time.Instant(row.at), zone), "account": row.account, "post": row.post, "device": row.device,
        "page": row.page, "address": row.address, "purpose": row.purpose, "n": row.n, "unmasked": row.bare, "about": row.about, "entry": row.entry,
        "people": [use("basis.ids").to_text(i) for i in module.shown_in(row)],
    }  # fmt: skip


def _time(option: str, text: str | None, zone: Any) -> int | None:
    if text is None:
        return None
    try:
        return int(use("basis.time").parse_local(text.replace("T", " ") if " " in text or "T" in text else f"{text} 00:00", zone))
    except ValueError:
        raise click.UsageError(f"{option}: {text!r} should be a local time, YYYY-MM-DD or YYYY-MM-DD HH:MM") from None


def _person(text: str) -> list[bytes]:
    """Every id of a person, and the households in which they lived."""
    try:
        asked = use("basis.ids").from_text(text)
    except ValueError:
        raise click.UsageError(f"--person: {text!r} should be an id, as it stands in the address of a person's page") from None
    found: list[bytes] = use("kit.looks").same_person(asked)
    return found
