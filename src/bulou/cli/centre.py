"""``bulou found`` and ``bulou invite``: links that work once. No command sets or prints a password."""

import click

from bulou.cli.terminal import as_json, lang, ledger, print_json, saying, site, use

_URL = click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Where this centre is served, as browsers reach it.")


@click.command("found")
@_URL
@lang
@as_json
@click.pass_context
def found(ctx: click.Context, url: str, lang: str, as_json: bool) -> None:
    """Print the link that founds the centre on an empty ledger. It works once, for 24 hours; a new one ends the earlier.

    The first start makes the tables. On a ledger that is a centre's already it prints nothing and ends with 1.
    """
    connection = site()
    serving = use("web.serve")
    try:
        serving.prepare(connection, saying(lang))
    except serving.CannotServe as why:
        raise click.ClickException(why.zh if lang == "zh" else why.en) from None
    if use("register.scope").root(2**62) is not None:
        saying(lang)(
            "本账本已有指挥中心;如管理员无法登录,请用 bulou invite 用户名",
            "this ledger is a centre's already; if nobody can sign in: bulou invite USERNAME",
        )
        ctx.exit(1)
    _print(ctx, "/found/", use("register.accounts").link(None, use("kit.centre").centre().clock.now()), url, lang, as_json)


@click.command("invite")
@click.argument("username")
@_URL
@lang
@as_json
@click.pass_context
def invite(ctx: click.Context, username: str, url: str, lang: str, as_json: bool) -> None:
    """Print a new link for the account USERNAME, whose person chooses a password by it. It works once, for 24 hours.

    For the day on which nobody who administers can sign in; otherwise the page *Accounts* does it, and the ledger says who did.
    """
    ledger(False)
    accounts = use("register.accounts")
    user = accounts.of_name(username)
    if user is None or not user.is_active:
        raise click.UsageError(f"there is no account {username} that may be used")
    _print(ctx, "/welcome/", accounts.link(user, use("kit.centre").centre().clock.now()), url, lang, as_json)


def _print(ctx: click.Context, path: str, token: str, url: str, lang: str, as_json: bool) -> None:
    whole = f"{url.rstrip('/')}{path}{token}"
    if as_json:
        print_json({"link": whole, "hours": 24})
        return
    saying(lang)("仅可用一次,24小时内有效;只交给该用的人:", "Works once, for 24 hours; give it to nobody but whom it is for:")
    click.echo(whole)
