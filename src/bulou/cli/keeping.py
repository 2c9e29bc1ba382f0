"""``bulou backup``, ``bulou restore``, ``bulou upgrade``: a centre's data kept, brought back, and brought forward."""

import os
from pathlib import Path
from typing import Any

import click

from bulou.cli.terminal import as_json, lang, ledger, of_demo, print_json, progress, saying, site, use

_ROWS = ("行", "rows")
#: What each step of restoring is called, and what it counts.
_STEPS = {
    "parts": (("核对备份", "checking the backup"), ("字节", "bytes")),
    "rows": (("写入", "writing"), _ROWS),
    "verify": (("核验", "verify"), ("条记录", "entries")),
    "check": (("比对", "check"), ("条记录", "entries")),
}


class Called(click.ClickException):
    """A command that was called where it cannot help."""

    exit_code = 2


def refused(why: Any, lang: str) -> click.ClickException:
    """What could not be done, in the language of the terminal."""
    return Called({"zh": why.zh, "en": why.en}.get(lang, f"{why.zh}\n{why.en}"))


@click.command("backup")
@click.argument("to", type=click.Path(path_type=Path))
@click.option("--with-secret-key", "with_key", is_flag=True, help="Also the key that signs sessions; then keep it as you keep a key.")
@of_demo
@lang
@as_json
def backup(to: Path, with_key: bool, demo: bool, lang: str, as_json: bool) -> None:
    """Everything of this centre, as of one moment, into the new folder TO (or a new folder inside TO); serving goes on.

    Database (of either kind), editions and attachments, with a manifest of digests and the hash of the last entry. Not the sessions, and
    not the secret key unless asked. Holds everyone's names: encrypt it before it leaves the machine.
    """
    connection = ledger(demo)
    making, clock = use("web.backup"), use("kit.centre").centre().clock
    try:
        made, manifest = making.make(
            connection, use("web.home").home(), to, clock.now(), with_key=with_key, progress=progress(("备份", "backup"), lang, _ROWS)
        )
    except use("web.home").Impossible as why:
        raise refused(why, lang) from None
    if as_json:
        print_json(
            {"folder": str(made), "entry": manifest.entry, "hash": manifest.hash, "facts": manifest.facts, "parts": len(manifest.parts)}
        )
        return
    saying(lang, err=False)(
        f"{made}:至记录 {manifest.entry:,},{manifest.facts:,} 条事实;末条哈希 {manifest.hash}",
        f"{made}: up to entry {manifest.entry:,}, {manifest.facts:,} facts; hash at the end {manifest.hash}",
    )


@click.command("restore")
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--into", help="A home (a folder) or a database (postgres://…); otherwise BULOU_HOME and DATABASE_URL.")
@click.option("--keep-differences", "keep", is_flag=True, help="Keep what was restored even where it is not what was entered; ends with 1.")
@lang
@click.pass_context
def restore(ctx: click.Context, source: Path, into: str | None, keep: bool, lang: str) -> None:
    """A backup from the folder SOURCE into an empty home or an empty database, SQLite or PostgreSQL; then verify and rebuild --check.

    What is there already is never overwritten. Stopped in the middle it leaves the place empty: give the command again.
    """
    reading = use("web.manifest")
    try:
        manifest = reading.read(source)
        home, place, made = _place(into)
        if place is not None and place.exists():
            raise reading.NotABackup(
                f"{place} 已存在:只能恢复到空处", f"{place} is there already: a backup is restored into an empty place only"
            )
        _key(source, home, manifest, reading)
        connection = site()
        with use("web.home").holding(home):
            found = _restore(connection, source, manifest, home, place, made, keep, lang)
    except use("web.home").Impossible as why:
        raise refused(why, lang) from None
    saying(lang, err=False)(
        f"已恢复 {found.verified.entries:,} 条记录,{found.verified.facts:,} 条事实;末条哈希 {found.verified.hash.hex()};"
        f"{len(found.verified.wrong)} 处与录入不符,{len(found.differences)} 张表与事实不符",
        f"restored {found.verified.entries:,} entries, {found.verified.facts:,} facts; hash at the end {found.verified.hash.hex()}; "
        f"{len(found.verified.wrong)} places not as entered, {len(found.differences)} tables not what facts give",
    )
    ctx.exit(0 if found.whole else 1)


def _place(into: str | None) -> tuple[Path, Path | None, Path | None]:
    """The home; and for SQLite the place of its database and where it is made before. Sets what the settings will read."""
    if into and "://" in into:
        os.environ["DATABASE_URL"] = into
    elif into:
        os.environ["BULOU_HOME"] = str(Path(into).absolute())
        os.environ.pop("DATABASE_URL", None)
    os.umask(0o077)
    home = use("web.home").home()
    url = os.environ.get("DATABASE_URL", "")
    if url and not url.startswith("sqlite:///"):
        return home, None, None
    place = Path(url.removeprefix("sqlite:///")) if url else home / "bulou.sqlite3"
    made = place.with_name(place.name + ".restoring")
    os.environ["DATABASE_URL"] = f"sqlite:///{made}"
    return home, place, made


def _key(source: Path, home: Path, manifest: Any, reading: Any) -> None:
    """The secret key of the backup, before the settings make another; one that is there stays."""
    name = reading.KEY
    if name in manifest.files and not (home / name).exists():
        if reading.digest(source / "files" / name) != manifest.files[name].sha256:
            raise reading.NotABackup(f"备份中的 {name} 与清单不符", f"{name} of the backup is not as its manifest says")
        (home / name).touch(mode=0o600, exist_ok=False)
        (home / name).write_bytes((source / "files" / name).read_bytes())


def _restore(connection: Any, source: Path, manifest: Any, home: Path, place: Path | None, made: Path | None, keep: bool, lang: str) -> Any:
    restoring = use("web.restore")
    if made is not None:
        for rest in made.parent.glob(made.name + "*"):  # of a run that was stopped
            rest.unlink()

    def hearing(step: str) -> Any:
        return progress(_STEPS[step][0], lang, _STEPS[step][1])

    found = restoring.restore(connection, home, source, manifest, lambda: use("kit.centre").centre().protocol, hearing, keep=keep)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()
    if made is not None and place is not None:
        restoring.into_place(made, place)
    return found


@click.command("upgrade")
@lang
@click.pass_context
def upgrade(ctx: click.Context, lang: str) -> None:
    """Bring the database to the shape of this Bulou: a backup first (in the home's folder backups), then every missing migration in one step.

    Nobody can enter anything meanwhile. Tables that follow from facts are compared with the facts and made again where they differ. Stopped
    in the middle it leaves the old state: give the command again.
    """
    connection = ledger(False)
    home, one, say = use("web.home").home(), use("kit.centre").centre(), saying(lang, err=False)
    try:
        with use("web.home").holding(home):
            done = use("web.upgrade").upgrade(
                connection, home, one.clock.now(), one.protocol, lambda step: progress(_UPGRADING[step][0], lang, _UPGRADING[step][1])
            )
    except use("web.home").Impossible as why:
        raise refused(why, lang) from None
    if done is None:
        say("数据库已与程序一致,无需升级", "the database has the shape of this Bulou already")
        return
    say(f"备份:{done.backup}", f"backup: {done.backup}")
    say(f"已升级 {len(done.steps)} 步", f"upgraded by {len(done.steps)} steps")
    for table in done.remade:
        say(f"按事实重建:{table}", f"made again from the facts: {table}")


_UPGRADING = {
    "backup": (("备份", "backup"), _ROWS),
    "migrate": (("升级", "upgrade"), ("步", "steps")),
    "check": (("比对", "check"), ("条记录", "entries")),
    "rebuild": (("重建", "rebuild"), ("条记录", "entries")),
}


@click.command("retention")
@click.option("--until", help="As if it were this hour (YYYY-MM-DD or YYYY-MM-DD HH:MM); never a later one than now.")
@click.option("--person", help="Everything of one person, by id, on a lawful request; with --reason and --post.")
@click.option("--reason", help="Why: the request, its date and file number. No names.")
@click.option("--post", help="The post that orders it; somebody holds it now.")
@click.option("--dry-run", "dry", is_flag=True, help="Only say what would be destroyed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@of_demo
@lang
@click.pass_context
def retention(
    ctx: click.Context,
    until: str | None,
    person: str | None,
    reason: str | None,
    post: str | None,
    dry: bool,
    yes: bool,
    demo: bool,
    lang: str,
) -> None:
    """Destroy the content of facts whose time is over by the table of retention, and its copies. There is no way back.

    Envelopes, entries and figures stay; what lost content keeps its last state. What still runs is held back. Old backups are not touched:
    they must expire by themselves.
    """
    connection = ledger(demo)
    one, forgetting, copies, say = use("kit.centre").centre(), use("duties.forgetting"), use("duties.copies"), saying(lang, err=False)
    now = one.clock.now()
    try:
        at = min(now, use("basis.time").parse_local(until.replace("T", " "), one.protocol.zone)) if until else now
        wanted, words = _wanted(connection, person, at, now, forgetting)
        if not dry or person:
            _ordered(connection, post, reason, now)
    except (ValueError, use("web.home").Impossible) as why:
        raise (refused(why, lang) if hasattr(why, "zh") else Called(str(why))) from None
    rule = forgetting.REQUEST if person else None
    ids = forgetting.ids_of(connection, use("basis.ids").from_text(person)) if person else []
    given = {"post": post or "-", "reason": reason or "", "by": f"{post or '-'} retention", "clock": one.clock, "protocol": one.protocol}

    def erase(dry: bool) -> Any:
        told = progress(("销毁", "erase") if not dry else ("查看", "look"), lang, ("条事实", "facts"))
        done = forgetting.erase(wanted, **given, using=connection, rule=rule, dry=dry, progress=told)
        if not person:
            return done, copies.old(connection, at, dry=dry)
        theirs = copies.of_person(connection, ids, dry=dry)
        return done, copies.of_words(connection, words, dry=dry)._replace(
            checks=theirs.checks, passes=theirs.passes, reckonings=theirs.reckonings
        )

    would, others = erase(True)
    for kind in sorted({*would.erased, *would.held}):
        gone, held = would.erased.get(kind, 0), would.held.get(kind, 0)
        say(f"{kind}:销毁 {gone:,} 条,因仍在进行而保留 {held:,} 条", f"{kind}: {gone:,} to destroy, {held:,} held back as still running")
    say(
        f"副本:退回件 {others.aside:,},导入回执 {others.receipts:,},会话 {others.sessions:,},门口核对 {others.checks:,},本人页面与凭证 {others.passes:,},"
        f"推算 {others.reckonings:,}",
        f"copies: {others.aside:,} kept aside, {others.receipts:,} receipts of imports, {others.sessions:,} sessions, {others.checks:,} checks at doors, "
        f"{others.passes:,} own pages and passes, {others.reckonings:,} reckonings",
    )
    lake, tell = use("desks.tracing.lakekeeping"), use("cli.visits").tell_deleted

    def visits(dry: bool) -> Any:
        return (
            lake.forget_people(one, ids, post=post or "-", by=given["by"], dry=dry)
            if person
            else lake.forget(one, post=post, by=given["by"], dry=dry)
        )

    tell(visits(True), True, lang)
    if dry:
        return
    if not yes:
        click.confirm("不可恢复。销毁?" if lang == "zh" else "There is no way back. Destroy?", abort=True)
    visits(False)
    of_signals = 0
    if not person:
        signals = use("desks.tracing.signalkeeping")
        of_signals = signals.forget(one, post=post or "-", by=given["by"]).contents
        wanted = {kind: ids for kind, ids in wanted.items() if kind not in signals.KINDS}
    done, _ = erase(False)
    copies.wiped(connection)
    total = of_signals + sum(done.erased.values())
    say(f"已销毁 {total:,} 条", f"destroyed {total:,}")
    ctx.exit(1 if done.held and person else 0)


def _wanted(connection: Any, person: str | None, at: Any, now: Any, forgetting: Any) -> tuple[dict[str, list[bytes]], list[str]]:
    """The facts to destroy, and the words by which copies of one person are known."""
    if not person:
        return {k: ids for k, rule in forgetting.table().items() if (ids := forgetting.due(connection, rule, at))}, []
    id_ = use("basis.ids").from_text(person)
    return forgetting.of_person(connection, id_, now), forgetting.words_of(connection, id_)


def _ordered(connection: Any, post: str | None, reason: str | None, now: Any) -> None:
    if not post or not (reason or "").strip():
        raise use("web.home").Impossible(
            "请以 --post 写明下令岗位,以 --reason 写明理由", "say the post that orders it with --post, and why with --reason"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM holding WHERE void_seq = %s AND post = %s AND here_from <= %s AND here_until > %s", [2**62, post, now, now]
        )
        if cursor.fetchone() is None:
            raise use("web.home").Impossible(f"岗位 {post} 现无人任职", f"nobody holds the post {post} now")
