"""Settings of the site. What a centre may set is a variable of ``basis.options``; the rest has one good value."""

from pathlib import Path
from zoneinfo import ZoneInfo

import dj_database_url
from django.utils.translation import gettext_lazy as _

from bulou.basis.options import said, several
from bulou.web.home import exercise_of, home, secret_key, zone_of

PACKAGE = Path(__file__).resolve().parent.parent
BULOU_HOME = home()

#: The centre's time zone: days, deadlines at 24:00 and printed times are of it.
BULOU_ZONE = ZoneInfo(zone_of(BULOU_HOME))
#: The scenario whose clock this database runs on, if any; set by the demo alone.
BULOU_DEMO = said("BULOU_DEMO")
#: The exercise whose ledger this is, if any: its pages and exports say so. Whether the ledger agrees is asked when it is served.
BULOU_EXERCISE = exercise_of(BULOU_HOME)
BULOU_DEMO_TOKEN = said("BULOU_DEMO_TOKEN")

SECRET_KEY = secret_key(BULOU_HOME)
DEBUG = said("BULOU_DEBUG") == "1"
ALLOWED_HOSTS = several("BULOU_HOSTS")
CSRF_TRUSTED_ORIGINS = several("BULOU_ORIGINS")

DATABASES = {"default": dj_database_url.parse(said("DATABASE_URL") or f"sqlite:///{BULOU_HOME / 'bulou.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # The transaction takes the write lock when it begins: the ledger's lock on SQLite (see evidence.append.lock).
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        # Written back every 32 MB: an entry touches pages all over, and each of them is then written once for many entries.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; "
        "PRAGMA wal_autocheckpoint=8000;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    # Compiling a query costs more here than it spares: a tenth of a second on every count over all duties.
    DATABASES["default"]["OPTIONS"] = {"options": "-c jit=off"}

INSTALLED_APPS = [
    "bulou.evidence",
    "bulou.register",
    "bulou.duties",
    "bulou.kit",
    "bulou.desks",
    "bulou.desks.compare",
    "bulou.scenarios",
    "bulou.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tables2",
    "django_filters",
    "allauth",
    "allauth.account",
]

MIDDLEWARE = [
    "bulou.web.health.health",
    "django.middleware.security.SecurityMiddleware",
    "bulou.web.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "bulou.web.middleware.without_nul",
    "bulou.web.middleware.loading",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bulou.web.middleware.looking",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bulou.web.shell.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "bulou.kit.templatetags.kit"],
        },
    }
]
FORM_RENDERER = "bulou.kit.choices.Renderer"

ROOT_URLCONF = "bulou.web.urls"
ASGI_APPLICATION = "bulou.web.asgi.application"

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "bulou.web.accounts.Accounts"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

# Everything comes from this server and nothing is inline (Django 6's setting name, see middleware).
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "worker-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = said("BULOU_HTTPS") == "1"
# The proxy holds the certificate; that the outside is HTTPS it says to uvicorn, which believes BULOU_PROXIES alone.
SECURE_HSTS_SECONDS = 86_400 * int(said("BULOU_HSTS_DAYS")) if SESSION_COOKIE_SECURE else 0
SESSION_COOKIE_AGE = 14 * 3600

AUTH_USER_MODEL = "register.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = BULOU_ZONE.key

STATIC_URL = "/static/"
# Served from the package itself, nothing is copied; names are stable, so browsers ask again after a few minutes.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 300

#: A page that failed says so in the server's own log: without debugging Django would send a letter to nobody.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"where": {"()": "bulou.web.failures.Where", "format": "%(levelname)s %(message)s"}},
    "handlers": {"failed": {"class": "logging.StreamHandler", "level": "ERROR", "formatter": "where"}},
    "loggers": {"django.request": {"handlers": ["failed"], "level": "ERROR", "propagate": False}},
}
