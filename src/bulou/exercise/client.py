"""A program of the interface, in the same process as the site: requests through WSGI with a token or a signed-in session. Decides nothing.

Whatever an actor does goes through here, as a telephone's or a laboratory's own program would send it; nothing reaches the ledger beside it.
"""

import io
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from threading import get_ident
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core import signals
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections, connections
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from bulou.kit.incidents import COOKIE as INCIDENT

ROOT = "/api/v1/"
SIGN_IN = "/accounts/login/"
#: Requests answered with "too many" are asked again so often, each after as long as was said.
PATIENCE = 20


class Answer(NamedTuple):
    """What was answered: the status, the body, seconds to wait where there were too many requests, where it leads."""

    status: int
    text: str
    wait: int
    leads: str = ""

    @property
    def json(self) -> Any:
        """The body; None where it is no JSON."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


class Site:
    """The site, as one process serves it."""

    def __init__(self) -> None:
        self._handler = WSGIHandler()

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
        """One request; its answer read to the end."""
        where, _, query = path.partition("?")
        said: dict[str, Any] = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": where, "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            said[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        got: list[Any] = []

        def begins(status: str, heads: list[tuple[str, str]], _exc: Any = None, /) -> Callable[[bytes], object]:
            got.extend((status, heads))
            return lambda _text: None

        answer = self._handler(said, begins)
        try:
            text = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        return int(got[0].split(" ")[0]), got[1], text

    def dies_of(self, ask: Callable[[], object]) -> bool:
        """One request in a process of its own, which is killed (SIGKILL) as soon as it has committed something, before it answers; whether it
        was killed. Where nothing was committed it ends by itself, unanswered too."""
        connections.close_all()  # a child never shares a connection
        child = os.fork()
        if not child:
            try:
                vars(connections["default"])["run_and_clear_commit_hooks"] = lambda: os.kill(
                    os.getpid(), signal.SIGKILL
                )  # called after a commit
                ask()
            finally:
                os._exit(0)
        _, how = os.waitpid(child, 0)
        return os.WIFSIGNALED(how)


@contextmanager
def one_process() -> Iterator[Site]:
    """The site for as long as the block lasts; this thread's connection to the database stays open from request to request."""
    mine = get_ident()

    def elsewhere(**_of: Any) -> None:
        if get_ident() != mine:
            close_old_connections()

    for each in (signals.request_started, signals.request_finished):
        each.disconnect(close_old_connections)
        each.connect(elsewhere)
    try:
        yield Site()
    finally:
        for each in (signals.request_started, signals.request_finished):
            each.disconnect(elsewhere)
            each.connect(close_old_connections)


class Program:
    """Somebody's program: with the token of a device, or signed in by name and password the first time that it asks."""

    def __init__(self, site: Site, token: str = "", account: tuple[str, str] | None = None) -> None:
        self._site, self._token, self._account = site, token, account
        self._cookies: SimpleCookie = SimpleCookie()

    def get(self, path: str, **query: str) -> Answer:
        """Reads a page or a route of the interface."""
        return self._asked("GET", f"{path}?{urlencode(query)}" if query else path, b"", "")

    def post(self, path: str, body: Any) -> Answer:
        """Sends JSON to a route of the interface."""
        return self._asked("POST", path, json.dumps(body, ensure_ascii=False).encode(), "application/json")

    def killed(self, path: str, body: Any) -> bool:
        """Sends JSON to a site that is killed between its commit and its answer; whether it was."""
        return self._site.dies_of(lambda: self.post(path, body))

    def form(self, path: str, **fields: str | list[str]) -> Answer:
        """Sends the form of a page, as whoever is signed in presses its button."""
        return self._asked("POST", path, urlencode(fields, doseq=True).encode(), "application/x-www-form-urlencoded")

    def looks_at(self, incident: str) -> None:
        """Chooses the incident that pages are about."""
        self._cookies[INCIDENT] = incident

    def hand_in(self, path: str, name: str, data: bytes, **fields: str) -> Answer:
        """Sends a file by the form of a page."""
        body = encode_multipart(BOUNDARY, {**fields, "file": SimpleUploadedFile(name, data)})
        return self._asked("POST", path, body, MULTIPART_CONTENT)

    def _asked(self, method: str, path: str, body: bytes, kind: str) -> Answer:
        if self._account and "sessionid" not in self._cookies:
            self._sign_in()
        return self._send(method, path, body, kind)

    def _send(self, method: str, path: str, body: bytes, kind: str) -> Answer:
        headers = {"Accept-Language": "en"}
        if kind:
            headers["Content-Type"] = kind
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={morsel.value}" for name, morsel in self._cookies.items())
            if "csrftoken" in self._cookies and method == "POST":
                headers["X-CSRFToken"] = self._cookies["csrftoken"].value
        status, heads, text = self._site.ask(method, path, body, headers)
        wait, leads = 0, ""
        for name, value in heads:
            if name.lower() == "set-cookie":
                self._cookies.load(value)
            elif name.lower() == "retry-after":
                wait = int(value)
            elif name.lower() == "location":
                leads = value
        return Answer(status, text.decode(errors="replace"), wait, leads)

    def _sign_in(self) -> None:
        """By the site's own page: its form, with its token."""
        assert self._account
        self._send("GET", SIGN_IN, b"", "")
        form = urlencode({"login": self._account[0], "password": self._account[1]}).encode()
        answer = self._send("POST", SIGN_IN, form, "application/x-www-form-urlencoded")
        if "sessionid" not in self._cookies:
            raise RuntimeError(f"{self._account[0]} could not sign in: {answer.status}")
