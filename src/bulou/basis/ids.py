"""Ids made where the fact is made, never from a document number. An id is 16 bytes that name nobody."""

import hashlib
import os
import uuid

from bulou.basis.time import Instant

#: Sixteen bytes of a UUID. Codes (areas, tubes, posts, editions) are text and stand for themselves.
Id = bytes


def new_id(at: Instant, entropy: bytes | None = None) -> Id:
    """A UUIDv7 (RFC 9562) whose time is ``at`` to the millisecond; ``entropy`` (10 bytes) replaces the random part.

    Callers give the time, so that ids made under a demo's clock sort with its facts.
    """
    random = entropy if entropy is not None else os.urandom(10)
    milliseconds = max(0, at // 1000) & 0xFFFF_FFFF_FFFF
    tail = bytearray(random[:10])
    tail[0] = 0x70 | (tail[0] & 0x0F)
    tail[2] = 0x80 | (tail[2] & 0x3F)
    return milliseconds.to_bytes(6, "big") + bytes(tail)


def named_id(*parts: str) -> Id:
    """The same 16 bytes for the same words: for scenario files and tests, where facts are written by hand."""
    digest = bytearray(hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16, person=b"bulou.named").digest())
    digest[6] = 0x80 | (digest[6] & 0x0F)
    digest[8] = 0x80 | (digest[8] & 0x3F)
    return bytes(digest)


def to_text(value: Id) -> str:
    """The id as people and files write it: a UUID with hyphens."""
    return str(uuid.UUID(bytes=value))


def subject_text(subject: Id | str) -> str:
    """Any subject as one text: 32 hexadecimal digits for an id, a code as it stands (no code looks like an id)."""
    return subject.hex() if isinstance(subject, bytes) else subject


def subject_of(text: str) -> Id | str:
    """The subject behind its text."""
    if len(text) == 32:
        try:
            return bytes.fromhex(text)
        except ValueError:
            return text
    return text


def from_text(text: str) -> Id:
    """The 16 bytes of a UUID written with or without hyphens; ValueError with what would be right for anything else."""
    try:
        return uuid.UUID(text.strip()).bytes
    except ValueError:
        raise ValueError(f'"{text}" is no id: an id is a UUID, as in 0176-… with 32 hexadecimal digits') from None
