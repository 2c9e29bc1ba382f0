"""Signing in: accounts are made by the centre, never by visitors."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import login
from django.http import Http404, HttpRequest

from bulou.kit.centre import drill


class Accounts(DefaultAccountAdapter):
    """Nobody signs up by themselves: posts are given, and accounts with them."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> Any:
        return "/"


def sign_in_as(request: HttpRequest, user: Any) -> None:
    """Signs somebody in without a password: in a demo or an exercise alone, where nobody is real; not found anywhere else."""
    if not drill():
        raise Http404
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
