"""The posts to which something of the bench may be handed: those whose role opens it, but one's own. Decides nothing."""

from collections.abc import Collection
from typing import Any

from bulou.kit.looking import Looking
from bulou.register.roles import roles


def offered(look: Looking, handed: Collection[str]) -> list[dict[str, Any]]:
    """The posts whose role opens the bench, with whether it was handed to them."""
    chairs = sorted(c for post in look.posts.established if (c := look.posts.chair(post, look.about)) and "compare" in roles()[c.role].sees)
    own = {c.post for c in look.viewer.chairs}
    return [
        {"post": c.post, "name": f"{c.unit_en} · {c.name_en}" if look.language == "en" else f"{c.unit} · {c.name}", "on": c.post in handed}
        for c in chairs if c.post not in own
    ]  # fmt: skip
