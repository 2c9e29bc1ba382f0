"""The interface for programs, under /api/v1/: routes made from what desks declare, and their description. Decides nothing itself.

A program goes through the same eyes, areas, verbs and looks as a person; nothing is reached here that no page reaches.
"""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import NinjaAPI

from bulou import __version__
from bulou.basis.words import Word
from bulou.kit.answers import PROBLEM, ROOT, Answered, answer, asks, problem, responses, said
from bulou.kit.httpconfirm import add_confirmed
from bulou.kit.httplists import add_lists
from bulou.kit.httproutes import add_routes
from bulou.kit.httpverbs import add_verbs

_TITLE = Word("不漏接口", "Bulou's interface")
_ABOUT = Word(
    "每一清单、每一动作都在此。权限、区域、掩码与页面相同;每次读取人员信息都被记录。",
    "Every list and every act is here. Rights, areas and masks are those of the pages; every look at people is recorded.",
)


def _answered(request: HttpRequest, exc: Any) -> Any:
    return problem(exc.status, exc.wrongs, exc.seconds)


def _missing(request: HttpRequest, exc: Any) -> Any:
    return problem(404)


def interface() -> NinjaAPI:
    """The interface, with a route for everything that was declared so far."""
    api = NinjaAPI(title=said(_TITLE), version=__version__, description=said(_ABOUT), openapi_url=None, docs_url=None, urls_namespace="api")
    api.add_exception_handler(Answered, _answered)
    api.add_exception_handler(Http404, _missing)
    add_lists(api)
    add_verbs(api)
    add_confirmed(api)
    add_routes(api)

    def openapi(request: HttpRequest) -> Any:
        asks(request, at_door=True)
        return answer(description(api))

    api.default_router.add_api_operation(
        "/openapi.json", ["GET"], openapi, operation_id="openapi", summary=said(Word("接口说明", "this description")), tags=["kit"],
        url_name="openapi", openapi_extra={"responses": responses({"type": "object"})},
    )  # fmt: skip
    return api


def description(api: NinjaAPI) -> dict[str, Any]:
    """The description of an interface (OpenAPI 3.1), every field in both languages."""
    found = dict(api.get_openapi_schema(path_prefix=ROOT))
    found["components"] = {
        "schemas": {"Problem": PROBLEM},
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        },
    }
    found["security"] = [{"token": []}, {"session": []}]
    return found
