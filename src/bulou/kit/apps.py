"""The app of the kit: its template tags and templates."""

from importlib import import_module

from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "bulou.kit"
    label = "kit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("bulou.kit.doing")  # declare their pages
        import_module("bulou.kit.withdrawing")
        import_module("bulou.kit.lookpages")
        import_module("bulou.kit.doorchecks")
        import_module("bulou.kit.exports")
        import_module("bulou.kit.copying")
        import_module("bulou.kit.tokenpages")
        import_module("bulou.kit.importpages")
        import_module("bulou.kit.bulk")
        import_module("bulou.kit.putback")
        import_module("bulou.kit.views")
