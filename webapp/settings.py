"""Every setting of the installation, from the environment. A bad value stops the start and says which."""

from __future__ import annotations

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from webapp.api.settings import (  # noqa: F401  # they are settings of Django
    MEDULA_API_TOKEN_RATE,
    MEDULA_API_VISITOR_RATE,
    MEDULA_PROXIES,
    REST_FRAMEWORK,
    SPECTACULAR_SETTINGS,
)
from webapp.common.environment import Environment, SettingError, database, secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

try:
    DEBUG = env.yes("MEDULA_DEBUG", False)
    HTTPS = env.yes("MEDULA_HTTPS", False)
    MEDULA_VAR = env.folder("MEDULA_VAR", BASE_DIR / "var")
    MEDULA_STORAGE = env.folder("MEDULA_STORAGE", MEDULA_VAR / "storage")
    MEDULA_MAX_UPLOAD_BYTES = env.whole("MEDULA_MAX_UPLOAD_BYTES", 2 * 1024**3, least=1024)
    MEDULA_PROXIES = env.whole("MEDULA_PROXIES", 0, least=0)
    MEDULA_ALIVE_FILE = env.text("MEDULA_ALIVE_FILE", "")
    MEDULA_BUNDLES = env.folder("MEDULA_BUNDLES", BASE_DIR / "segmentation" / "bundles")
    MEDULA_PATH = env.choice("MEDULA_PATH", "fp32", ("auto", "fp32", "int8"))
    (MEDULA_VAR / "uploads").mkdir(parents=True, exist_ok=True)
    SECRET_KEY = env.text("MEDULA_SECRET_KEY", "") or secret_key(MEDULA_VAR / "secret_key")
    ALLOWED_HOSTS = env.names("MEDULA_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
    CSRF_TRUSTED_ORIGINS = env.names("MEDULA_TRUSTED_ORIGINS", "")
    LANGUAGE_CODE = env.choice("MEDULA_LANGUAGE", "es", ("es", "en"))
    TIME_ZONE = env.text("MEDULA_TIME_ZONE", "America/Panama")
    LOG_LEVEL = env.choice("MEDULA_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
    DATABASES = {"default": database(env.text("DATABASE_URL", f"sqlite:///{MEDULA_VAR / 'medula.sqlite3'}"))}
    BROKER_URL = env.url("BROKER_URL", "filesystem://", ("filesystem", "redis", "rediss"))
    CACHE_URL = env.url("CACHE_URL", "", ("redis", "rediss"))
except (SettingError, OSError) as problem:
    raise ImproperlyConfigured(str(problem)) from problem

ROOT_URLCONF = "webapp.urls"
WSGI_APPLICATION = "webapp.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

INSTALLED_APPS = [
    "webapp.common",
    "webapp.accounts",
    "webapp.jobs",
    "webapp.cases",
    "webapp.datasets",
    "webapp.registry",
    "webapp.analyses",
    "webapp.api",
    "webapp.portal",
    "allauth",
    "allauth.account",
    "webapp.portal.admin_app.CuratorAdminConfig",  # django.contrib.admin with our own site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "webapp.common.middleware.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "webapp.accounts.middleware.PersonMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webapp.portal.registry.notices.bell",
            ],
        },
    }
]

# Counters of sign-in attempts are shared between processes: a folder, or Redis where there is one.
CACHES: dict[str, dict[str, object]] = {
    "default": (
        {
            "BACKEND": "webapp.common.cache.Cache",
            "LOCATION": CACHE_URL,
            "KEY_PREFIX": "medula",
        }
        if CACHE_URL
        else {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(MEDULA_VAR / "cache"),
        }
    )
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "webapp.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "change_password": "5/m/user"}
# How many of our own proxies stand in front: only they are believed about who is asking.
ALLAUTH_TRUSTED_PROXY_COUNT = MEDULA_PROXIES
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

USE_I18N = True
USE_TZ = True
LANGUAGES = [("es", _("Spanish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["webapp.common.formats"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

STATIC_URL = "/static/"
STATIC_ROOT = MEDULA_VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "webapp" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "webapp.common.static_storage.StaticStorage"},
}
# An upload larger than this goes to a temporary file, chunk by chunk, never whole into memory.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024**2
# Beside the storage and not in /tmp, which on some systems is memory.
FILE_UPLOAD_TEMP_DIR = MEDULA_VAR / "uploads"
DATA_UPLOAD_MAX_NUMBER_FILES = 100

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "medula_session"
CSRF_COOKIE_NAME = "medula_csrf"
SESSION_COOKIE_AGE = 12 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "webapp.portal.errors.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # asked from inside, by whatever watches over the server
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
# Behind plain http a browser ignores this header and complains about it on every page.
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if HTTPS else None
X_FRAME_OPTIONS = "DENY"
# Other names under the domain are not ours to decide about; plain http is meant where HTTPS is not set.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"] + (
    [] if HTTPS else ["security.W004", "security.W008", "security.W012", "security.W016"]
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"django": {"handlers": [], "level": LOG_LEVEL, "propagate": True}},
}
