"""``/health`` and ``/ready``: is this process alive, and can it serve. Asks nobody to sign in and tells nothing of anybody."""

import shutil
from collections.abc import Callable

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from bulou.basis.options import said
from bulou.basis.time import MachineClock
from bulou.gaps.watch import fresh
from bulou.web.shape import standing

#: The watch's sign in the home.
SIGN = "watch.sign"
Handler = Callable[[HttpRequest], HttpResponse]


def health(get_response: Handler) -> Handler:
    """Answers both before anything else is asked: no session, no host, no database for the first."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.path == "/health":
            return _said(200, {"alive": True})
        if request.path == "/ready":
            found = checks()
            return _said(200 if all(found.values()) else 503, {"ready": all(found.values()), **found})
        return get_response(request)

    return handle


def _said(status: int, told: dict[str, bool]) -> HttpResponse:
    return JsonResponse(told, status=status, headers={"Cache-Control": "no-store"})


def checks() -> dict[str, bool]:
    """What must be so for this centre to be served, each by itself."""
    return {
        "database": _database(),
        "migrations": _migrations(),
        "watch": fresh(settings.BULOU_HOME / SIGN, MachineClock().now()),
        "disk": shutil.disk_usage(settings.BULOU_HOME).free >= int(said("BULOU_DISK_MB")) * 1_000_000,
    }


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except Error:
        return False


_migrated = False


def _migrations() -> bool:
    """Whether the database has the shape of this code; once it has, a running process need not ask again."""
    global _migrated  # noqa: PLW0603 - migrations of a running process only ever become whole
    if not _migrated:
        try:
            _migrated = standing(connection).whole
        except Error:
            return False
    return _migrated
