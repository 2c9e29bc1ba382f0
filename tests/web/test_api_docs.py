"""The commands of docs/how-to/use-the-api.md: each is read as curl would read it, sent to the site, and does what the page says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bulou.basis.ids import new_id, to_text
from bulou.kit.centre import centre
from bulou.register import tokens
from bulou.register.models import User
from tests.web.test_httpconfirm import PIN
from tests.web.test_httplists import told, url
from tests.web.test_httpverbs import body
from tests.web.test_tokens import made
from tests.web.world import World

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "use-the-api.md"


def commands() -> list[str]:
    return [b.replace("\\\n", " ") for b in re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)]


def sent(world: World, command: str, values: dict[str, str]) -> tuple[int, Any]:
    """What a curl command would be answered."""
    for name, value in sorted(values.items(), key=lambda pair: -len(pair[0])):  # $ID2 before $ID
        command = command.replace(f"${name}", value)
    assert "$" not in command
    words = shlex.split(command)
    headers = dict(words[i + 1].split(": ", 1) for i, w in enumerate(words) if w == "-H")
    query = [words[i + 1].split("=", 1) for i, w in enumerate(words) if w == "--data-urlencode"]
    data = next((words[i + 1] for i, w in enumerate(words) if w == "-d"), None)
    address = next(w for w in words if w.startswith("http://bulou")).removeprefix("http://bulou")
    address += f"?{urlencode(dict(query))}" if query else ""
    client = world.client(None)
    kind = headers.pop("Content-Type", "")
    answer = client.get(address, headers=headers) if data is None else client.post(address, data, content_type=kind, headers=headers)
    return answer.status_code, json.loads(answer.content)


def test_every_command_of_the_page_works(world: World) -> None:
    user, one = body(world, "locate")
    found = told(world.ask("commander", url("people", area="510117001")))
    reader, doer = made("commander"), made(user, "locate")
    values = {
        "BULOU": "http://bulou", "ID": to_text(new_id(world.opens)), "INCIDENT": to_text(world.incident), "PERSON": one["content"]["person"],
        "NEXT": found["next"],
    }  # fmt: skip
    own = tokens.make(User.objects.get(username="tracing"), "desk", ["withdraw"], 1, centre().clock.now(), PIN)
    door = tokens.make(User.objects.get(username="taiping"), "gate", [], 1, centre().clock.now(), door="510117001218")
    values |= {"OWN": own, "PIN": PIN, "DOOR": door, "ID2": to_text(new_id(world.opens))}
    answers = []
    for command in commands():
        answers.append(sent(world, command, {"TOKEN": doer if "/verbs/" in command else reader, **values}))
        if isinstance(answers[-1][1], dict) and answers[-1][1].get("code"):
            values["CODE"] = answers[-1][1]["code"]
    assert [status for status, _ in answers] == [200] * 9, answers
    first, second, figures, entered, batch, shown, withdrawn, passes, described = (a for _, a in answers)
    assert (shown["fate"], withdrawn["fate"], type(passes["passes"])) == ("shown", "new", bool)
    assert figures["figures"]
    assert first["rows"] == found["rows"]
    assert {r["key"] for r in second["rows"]}.isdisjoint(r["key"] for r in first["rows"])
    assert (entered["fate"], batch["rows"][0]["fate"]) == ("new", "same")
    assert described["openapi"] == "3.1.0"
