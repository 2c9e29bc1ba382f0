"""Settings of the site. Everything a centre may set is an environment variable named here; the rest has one good value."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo

import dj_database_url
from django.utils.translation import gettext_lazy as _

from bulou.web.home import home, secret_key

PACKAGE = Path(__file__).resolve().parent.parent
BULOU_HOME = home()

#: The centre's time zone: days, deadlines at 24:00 and printed times are of it.
BULOU_ZONE = ZoneInfo(os.environ.get("BULOU_ZONE", "Asia/Shanghai"))
#: The scenario whose clock this database runs on, if any; set by the demo alone.
BULOU_DEMO = os.environ.get("BULOU_DEMO", "")

SECRET_KEY = secret_key(BULOU_HOME)
DEBUG = os.environ.get("BULOU_DEBUG") == "1"
ALLOWED_HOSTS = [h for h in os.environ.get("BULOU_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]

DATABASES = {"default": dj_database_url.parse(os.environ.get("DATABASE_URL") or f"sqlite:///{BULOU_HOME / 'bulou.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # The transaction takes the write lock when it begins: the ledger's lock on SQLite (see evidence.append.lock).
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60

INSTALLED_APPS = [
    "bulou.evidence",
    "bulou.register",
    "bulou.duties",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

AUTH_USER_MODEL = "register.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = BULOU_ZONE.key

STATIC_URL = "static/"
