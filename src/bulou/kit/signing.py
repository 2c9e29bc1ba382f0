"""A pass that is signed: "may pass these doors until", one line of text that any machine checks without a network. Knows nobody.

Nothing else is ever signed: there is no "may not", no reason, colour, score, name or number of a document (docs/adr/0015). Keys are the
centre's own, made at first use in its home, readable by their owner alone; only the public halves leave. Holds no database and no Django.
"""

import base64
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bulou.basis.time import DAY, MINUTE, Instant, from_datetime, to_datetime
from bulou.basis.words import Word

#: The first word of every pass: what is signed here can be taken for nothing else.
FORM = "BULOU1"
#: No pass lives longer, whatever a setting says.
LONGEST = DAY
#: The file of a home that holds the keys: private, never in a backup.
FILE = "pass-keys.json"
#: Every kind of door, in the place where a pass says which.
EVERY = "*"
_CODE = re.compile(r"[0-9A-Za-z_.-]+")
_TIME = "%Y%m%dT%H%MZ"


class Pass(NamedTuple):
    """What a pass says. ``number`` is drawn by lot; ``check`` is eight bits of what its owner says at the door (see ``check_of``)."""

    number: str
    starts: Instant
    ends: Instant
    area: str
    nature: str
    check: str


class Key(NamedTuple):
    """The public half of a key, and the span in which passes under it are good."""

    id: str
    key: bytes
    since: Instant
    until: Instant | None = None


class Verdict(NamedTuple):
    """What a check comes to: "good", or one of ``REASONS``. ``found`` is what the pass says, where it could be read."""

    state: str
    found: Pass | None = None


#: Why a pass is not good. None of them says that its owner may not pass: that is asked by the number of a document.
REASONS: dict[str, Word] = {
    "unreadable": Word("不是通行凭证,或抄录有误", "this is no pass, or it was copied wrongly"),
    "unknown_key": Word("签发密钥不在已公布之列", "its key is none of those published"),
    "forged": Word("签名不符:内容被改动过", "the signature does not fit: it was changed"),
    "early": Word("尚未生效", "it is not good yet"),
    "over": Word("已过有效时间", "its time is over"),
    "withdrawn": Word("已收回", "it was withdrawn"),
}


def b32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


def unb32(text: str) -> bytes:
    return base64.b32decode(text + "=" * (-len(text) % 8))


def new_number() -> str:
    """The number of a pass: 64 random bits, nothing that could be worked out of a person."""
    return b32(secrets.token_bytes(8))


def check_of(number: str, said: str) -> str:
    """Eight bits of what is said at the door (the last four characters of a document, or four digits), mixed with the number of the pass.

    Two passes of one person share nothing, and what was said cannot be had back from it; one stranger in 256 fits by chance.
    """
    word = "".join(said.split()).upper()
    return hashlib.sha256(f"{FORM}:{number}:{word}".encode()).hexdigest()[:2].upper()


def _time(at: Instant) -> str:
    return to_datetime(at).strftime(_TIME)


def _instant(text: str) -> Instant:
    return from_datetime(datetime.strptime(text, _TIME).replace(tzinfo=UTC))


def _key_id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:8].upper()


# --- the text of a pass -----------------------------------------------------------------------------------------------
def text_of(told: Pass, key: Ed25519PrivateKey) -> str:
    """A pass as text. ValueError for one that would live longer than a day, not at all, or whose area does not fit in a line."""
    starts, ends = Instant(told.starts // MINUTE * MINUTE), Instant(told.ends // MINUTE * MINUTE)
    if not starts < ends <= told.starts + LONGEST:
        raise ValueError("a pass lives longer than a minute and no longer than a day")
    if not _CODE.fullmatch(told.area):
        raise ValueError(f"the area {told.area!r} cannot stand on a pass")
    id_ = _key_id(key.public_key().public_bytes_raw())
    signed = ":".join((FORM, id_, told.number, _time(starts), _time(ends), f"{told.area}/{told.nature}", told.check))
    return f"{signed}:{b32(key.sign(signed.encode()))}"


def verdict(text: str, keys: Iterable[Key], now: Instant, withdrawn: Iterable[str] = ()) -> Verdict:
    """Whether a pass is good at an hour, by these public keys. Spaces and line breaks that typing brings are no matter."""
    parts = "".join(text.split()).split(":")
    if len(parts) != 8 or parts[0] != FORM:
        return Verdict("unreadable")
    _form, key_id, number, starts, ends, door, check, signature = parts
    area, slash, nature = door.partition("/")
    try:
        told, signed = Pass(number, _instant(starts), _instant(ends), area, nature, check), unb32(signature)
    except ValueError:
        return Verdict("unreadable")
    if not slash or not area or not nature or not told.starts < told.ends <= told.starts + LONGEST + MINUTE:
        return Verdict("unreadable")
    key = next((k for k in keys if k.id == key_id), None)
    if key is None or (key.until is not None and now >= key.until):
        return Verdict("unknown_key", told)
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(signed, ":".join(parts[:-1]).encode())
    except (InvalidSignature, ValueError):
        return Verdict("forged", None)
    state = "withdrawn" if number in set(withdrawn) else "early" if now < told.starts else "over" if now >= told.ends else "good"
    return Verdict(state, told)


def opens(told: Pass, lineage: Iterable[str], nature: str) -> bool:
    """Whether a pass speaks of a door: one in its area or below, of its kind. ``lineage``: the door's area and those above it."""
    return told.area in set(lineage) and told.nature in (EVERY, nature)


# --- keys -------------------------------------------------------------------------------------------------------------
class Keys:
    """The keys of a centre, in the file ``FILE`` of its home."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE

    def signing(self, now: Instant) -> Ed25519PrivateKey:
        """The key that signs now; the first is made when it is first asked for."""
        if not self.path.exists():
            with suppress(FileExistsError):  # another process made it meanwhile
                self._write(_made(now, []), new=True)
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self._read()["private"]))

    def public(self, now: Instant) -> list[Key]:
        """The public halves whose passes may still be good, the one that signs now last."""
        self.signing(now)
        return [k for k in map(_key, self._read()["public"]) if k.until is None or k.until > now]

    def rotate(self, now: Instant, *, distrust: bool = False) -> Key:
        """A new key signs from now on. The old one's passes are good until they end; with ``distrust`` (it was seen) not a minute more."""
        until = now if distrust else Instant(now + LONGEST + MINUTE)
        self._write(_made(now, [k if k.until is not None else k._replace(until=until) for k in self.public(now)]), new=False)
        return self.public(now)[-1]

    def _read(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return found

    def _write(self, told: Mapping[str, Any], *, new: bool) -> None:
        part = self.path.with_name(f"{FILE}.{secrets.token_hex(4)}")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(told, file)
            if new:
                os.link(part, self.path)  # fails where there is one already: two processes never sign by two keys
            else:
                part.replace(self.path)
        finally:
            part.unlink(missing_ok=True)


def _made(now: Instant, before: Iterable[Key]) -> dict[str, Any]:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    return {"private": key.private_bytes_raw().hex(), "public": [*map(_told, before), _told(Key(_key_id(public), public, now))]}


def _told(key: Key) -> dict[str, Any]:
    return {"id": key.id, "key": key.key.hex(), "since": key.since, "until": key.until}


def _key(told: Mapping[str, Any]) -> Key:
    until = told["until"]
    return Key(str(told["id"]), bytes.fromhex(told["key"]), Instant(told["since"]), None if until is None else Instant(until))


def published(keys: Iterable[Key], withdrawn: Iterable[str], now: Instant) -> dict[str, Any]:
    """What everyone may have: public keys, the numbers of passes withdrawn before their end, and the hour (microseconds since 1970)."""
    return {"form": FORM, "now": now, "keys": [*map(_told, keys)], "withdrawn": sorted(withdrawn)}


def read_published(text: str) -> tuple[list[Key], list[str]]:
    """Keys and withdrawn numbers from what a centre published; ValueError for what is none of that."""
    try:
        told = json.loads(text)
        return [_key(k) for k in told["keys"]], [str(n) for n in told["withdrawn"]]
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as wrong:
        raise ValueError(f"no published keys: {wrong}") from None
