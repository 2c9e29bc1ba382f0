"""Routes for programs that are neither a list nor a verb: a desk declares one with its body and its answer. Enters nothing itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI

from bulou.basis.words import Word
from bulou.kit.answers import responses, said


@dataclass(frozen=True, slots=True)
class Route:
    """A question: where, what it is called, what its body and its answer are, which problems there may be. Posted; asked by GET where it has no body."""

    name: str
    path: str
    desk: str
    word: Word
    note: Word
    takes: dict[str, Any] | None
    gives: dict[str, Any]
    problems: tuple[int, ...]
    view: Callable[[HttpRequest], Any]
    #: What it is asked with in the address.
    parameters: tuple[dict[str, Any], ...] = ()


ROUTES: dict[str, Route] = {}


def route(declared: Route) -> Route:
    """Declares a route."""
    if declared.name in ROUTES:
        raise ValueError(f"route {declared.name} is declared twice")
    ROUTES[declared.name] = declared
    return declared


def add_routes(api: NinjaAPI) -> None:
    """Every route that a desk declared."""
    for one in ROUTES.values():
        _add(api, one)


def _add(api: NinjaAPI, one: Route) -> None:
    def view(request: HttpRequest) -> Any:
        return ROUTES[one.name].view(request)

    api.default_router.add_api_operation(
        one.path, ["POST" if one.takes else "GET"], view, operation_id=one.name, summary=said(one.word), description=said(one.note), tags=[one.desk],
        url_name=f"route-{one.name}",
        openapi_extra={
            **({"requestBody": {"required": True, "content": {"application/json": {"schema": one.takes}}}} if one.takes else {}),
            "parameters": list(one.parameters), "responses": responses(one.gives, *one.problems),
        },
    )  # fmt: skip
