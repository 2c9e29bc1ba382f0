"""``bulou rebuild`` and ``bulou verify``: the ledger compared with what follows from it, and with itself."""

from typing import Any

import click

from bulou.cli.terminal import as_json, lang, ledger, of_demo, print_json, progress, use


@click.command("rebuild")
@click.option("--check", "only_check", is_flag=True, help="Only compare: change nothing, end with 1 where something differs.")
@of_demo
@lang
@click.pass_context
def rebuild(ctx: click.Context, only_check: bool, demo: bool, lang: str) -> None:
    """Make duties and every table of now again from the facts alone. Nobody can enter anything meanwhile."""
    ledger(demo)
    rebuilding, protocol = use("duties.rebuild"), use("kit.centre").centre().protocol
    if not only_check:
        rebuilding.rebuild(protocol, progress=progress(("重建", "rebuild"), lang))
        return
    differences = rebuilding.check(protocol, progress=progress(("比对", "check"), lang))
    for found in differences:
        for each in ("zh", "en") if lang == "both" else (lang,):
            many = len(found.unduly), len(found.missing)
            click.echo(
                f"{found.table}:{many[0]:,} 行无事实依据,缺 {many[1]:,} 行"
                if each == "zh"
                else f"{found.table}: {many[0]:,} rows that no fact gives, {many[1]:,} rows missing"
            )
    if not differences:
        click.echo("各表与事实一致" if lang == "zh" else "every table is what the facts give")
    ctx.exit(1 if differences else 0)


@click.command("verify")
@of_demo
@lang
@as_json
@click.pass_context
def verify(ctx: click.Context, demo: bool, lang: str, as_json: bool) -> None:
    """Read the hash chain from the first entry on: is every entry and fact still as it was entered? Note the hash elsewhere."""
    connection = ledger(demo)
    found = use("evidence.verify").verify(connection, progress(("核验", "verify"), lang))
    if as_json:
        wrong = [
            {"entry": t.entry, "fact": t.fact.hex() if t.fact else None, "wrong": t.wrong.en, "wrong_zh": t.wrong.zh} for t in found.wrong
        ]
        print_json({"entries": found.entries, "facts": found.facts, "hash": found.hash.hex(), "wrong": wrong})
    else:
        for t in found.wrong:
            for each in ("zh", "en") if lang == "both" else (lang,):
                of = f" ({t.fact.hex()})" if t.fact else ""
                click.echo(f"记录 {t.entry}{of}:{t.wrong.zh}" if each == "zh" else f"entry {t.entry}{of}: {t.wrong.en}")
        click.echo(_verified(found, lang))
    ctx.exit(1 if found.wrong else 0)


def _verified(found: Any, lang: str) -> str:
    if lang == "zh":
        return f"{found.entries:,} 条记录,{found.facts:,} 条事实,{len(found.wrong):,} 处不符;末条哈希 {found.hash.hex()}"
    return f"{found.entries:,} entries, {found.facts:,} facts, {len(found.wrong):,} not as entered; hash at the end {found.hash.hex()}"
