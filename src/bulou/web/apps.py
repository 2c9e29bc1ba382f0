"""The app of the shell: pages around the desks, sign-in, the demo's progress."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "bulou.web"
    label = "web"
