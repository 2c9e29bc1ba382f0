"""``bulou serve``: one command that keeps a centre's web server, its watch and its worker running. Migrates nothing that is already there."""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from django.conf import settings

from bulou.basis.options import said
from bulou.basis.time import HOUR, Instant, MachineClock
from bulou.desks.compare.work import keep_working
from bulou.desks.tracing.lakekeeping import forget_by_clock
from bulou.desks.tracing.signalkeeping import forget_by_clock as forget_signals
from bulou.duties.enter import tick
from bulou.evidence.append import head, is_exercise
from bulou.gaps.watch import keep
from bulou.kit.looks import seal, waiting
from bulou.web.health import SIGN
from bulou.web.home import CannotServe, holding
from bulou.web.shape import migrate, one_step, standing
from bulou.web.supervisor import Child, Say, Supervisor

#: Open streams are ended after this; they would keep a server that was told to stop for ever.
STREAMS_S = 3


def run(home: Path, connection: Any, host: str, port: int, workers: int, say: Say) -> None:
    """Serves until told to stop."""
    os.umask(0o077)  # what is made here is its owner's alone
    with holding(home):
        _free(host, port)
        prepare(connection, say)
        connection.close()
        say(f"Bulou 不漏:http://{host}:{port}/(Ctrl+C 停止)", f"Bulou 不漏: http://{host}:{port}/ (Ctrl+C stops it)")
        Supervisor(children(host, port, workers), say).run()


def children(host: str, port: int, workers: int) -> list[Child]:
    """The processes of a centre."""
    bulou = (sys.executable, "-m", "bulou.cli")
    return [
        Child("web", (*bulou, "web", "--host", host, "--port", str(port), "--workers", str(workers))),
        Child("watch", (*bulou, "watch")),
        Child("worker", (*bulou, "worker")),
    ]


def prepare(connection: Any, say: Say) -> None:
    """Makes the tables of an empty database; refuses one of another shape than this code's."""
    found = standing(connection)
    if found.empty:
        say("第一次启动:建立数据库", "first start: the database is made")
        with one_step(connection):
            migrate(connection)
        return
    if found.unknown:
        app, name = found.unknown[0]
        raise CannotServe(
            f"数据库由更新版本的 Bulou 建立(有本版本不认识的 {app}.{name}):请用该版本",
            f"the database was made by a newer Bulou (it has {app}.{name}, which this one does not know): use that one",
        )
    if found.lacking:
        raise CannotServe(
            f"数据库比程序旧(缺 {len(found.lacking)} 步):请运行 bulou upgrade",
            f"the database is older than this Bulou ({len(found.lacking)} steps behind): run bulou upgrade",
        )
    marked_alike(connection)


def marked_alike(connection: Any) -> None:
    """CannotServe where a home and its ledger disagree on being an exercise's: pages of made-up people would look real, or the other way."""
    if (
        "entry" not in connection.introspection.table_names()
        or not head(connection).seq
        or is_exercise(connection) == bool(settings.BULOU_EXERCISE)
    ):
        return
    if settings.BULOU_EXERCISE:
        raise CannotServe(
            "家目录标为演练,账本却是真实的:请换账本,或删去其中的 exercise 文件",
            "this home is marked as an exercise's, its ledger is real: use another, or take its file exercise away",
        )
    raise CannotServe(
        "账本是演练的,家目录却没有标明:请用 bulou exercise enter 建的家目录",
        "this ledger is an exercise's and the home does not say so: use the home that bulou exercise enter made",
    )


def web(host: str, port: int, workers: int) -> None:
    """The web server alone, until told to stop or until whoever started it is gone."""
    parent = os.getppid()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    uvicorn.run(
        "bulou.web.asgi:application", host=host, port=port, workers=workers, log_level="warning", server_header=False,
        timeout_graceful_shutdown=STREAMS_S, forwarded_allow_ips=said("BULOU_PROXIES"),
    )  # fmt: skip


@contextmanager
def beside(port: int) -> Iterator[None]:
    """The web server in a thread of this process, on this machine alone, for as long as the block lasts: what a live exercise is served by."""
    _free("127.0.0.1", port)
    server = uvicorn.Server(
        uvicorn.Config("bulou.web.asgi:application", host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=STREAMS_S)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(2 * STREAMS_S)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), 15)


def watch(home: Path, one: Any, alive: Callable[[], bool] | None = None) -> None:
    """The watch of a centre: settles the duties whose hour has come, seals the looks of the last minute, and once an hour deletes visits and
    signals that are due."""
    parent, looked = os.getppid(), [Instant(0)]

    def step() -> None:
        tick(one.clock, one.protocol)
        if waiting(one.clock.now()):
            seal(one.clock, one.protocol)
        if abs(one.clock.now() - looked[0]) >= HOUR:
            looked[0] = one.clock.now()
            forget_by_clock()
            forget_signals()

    keep(step, home / SIGN, MachineClock(), alive or (lambda: os.getppid() == parent))


def worker(home: Path) -> None:
    """The worker of a centre: compares the lists that wait for it, until whoever started it is gone."""
    parent = os.getppid()
    keep_working(home, lambda: os.getppid() == parent)


def _free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as why:
            raise CannotServe(
                f"不能在 {host}:{port} 上服务({why.strerror}):换一个 --port",
                f"cannot serve on {host}:{port} ({why.strerror}): choose another --port",
            ) from None
