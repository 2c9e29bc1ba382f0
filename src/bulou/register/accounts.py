"""The only place that writes accounts and the links by which they begin. Decides nothing: who may, is asked before; holds no fact.

No account has a password that anyone but its person has known: a link works once, for a day, and only its hash is kept.
"""

import hashlib
import re
import secrets
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import F

from bulou.basis.time import DAY, Instant
from bulou.register.models import Invitation, User

#: How long a link may be used.
LINK_LIVES = DAY


class Taken(ValueError):
    """A user name, or a person, that has an account already."""


_USERNAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{1,39}")


def may_be(username: str) -> bool:
    """Whether something can be a user name: letters, digits and . _ -, at most 40."""
    return _USERNAME.fullmatch(username) is not None


def hash_of(token: str) -> str:
    """What is kept of a link."""
    return hashlib.sha256(token.encode()).hexdigest()


def make(username: str, holder: bytes) -> User:
    """An account of a person, without a password: it can be used once its link has been. Taken where either has one."""
    try:
        with transaction.atomic():
            return User.objects.create(username=username, holder=holder, password=make_password(None))
    except IntegrityError:
        raise Taken(username) from None


def usable(username: str) -> User | None:
    """The account of that name, where it may be used."""
    return User.objects.filter(username=username, is_active=True).first()


def link(user: User | None, now: Instant) -> str:
    """A new link for an account (None: to found the centre); earlier ones that nobody used no longer work. Said once, never kept."""
    token = secrets.token_urlsafe(24)
    Invitation.objects.filter(user=user, used_at=None).update(expires_at=now)
    Invitation.objects.create(user=user, token=hash_of(token), made_at=now, expires_at=now + LINK_LIVES)
    return token


def open_link(token: str, now: Instant) -> Invitation | None:
    """The invitation of a link that may still be used."""
    found = Invitation.objects.select_related("user").filter(token=hash_of(token), used_at=None, expires_at__gt=now).first()
    return None if found is None or (found.user is not None and not found.user.is_active) else found


def use(invitation: Invitation, now: Instant) -> bool:
    """Spends a link; False when another was faster."""
    return Invitation.objects.filter(pk=invitation.pk, used_at=None, expires_at__gt=now).update(used_at=now) == 1


def set_password(user: User, password: str) -> None:
    """The password that its person chose; whoever was signed in by the account no longer is."""
    user.set_password(password)
    user.epoch += 1
    user.save(update_fields=["password", "epoch"])


def suspend(user: User) -> None:
    """Nobody signs in by it, every session ends, and its links no longer work."""
    User.objects.filter(pk=user.pk).update(is_active=False, epoch=F("epoch") + 1)
    Invitation.objects.filter(user=user, used_at=None).delete()


def restore(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=True)


def reset(user: User) -> None:
    """Forgets its password and ends its sessions: only a new link leads in."""
    User.objects.filter(pk=user.pk).update(password=make_password(None), epoch=F("epoch") + 1)


def accounts() -> Any:
    """Every account, by name."""
    return User.objects.order_by("username")


def of_name(username: str) -> User | None:
    """The account of a user name."""
    return User.objects.filter(username=username).first()


def named(holders: Any) -> dict[bytes, str]:
    """The user names of these people, where they have an account."""
    found = User.objects.filter(holder__in=list(holders)).values_list("holder", "username")
    return {bytes(holder): name for holder, name in found if holder}
