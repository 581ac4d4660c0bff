"""All settings, read from the environment; .env.example lists every variable.

Three ways to run, told apart by DEBUG:
  unset   trial: the demo and the tests. Friendly error pages, embedded servers where no address is
          given, a secret key made once and kept in DATA_DIR.
  1       development: the same, with Django's debug pages.
  0       production: refuses to start without what only the operator can know.
"""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import environ
from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from chang_e8_portal import bodies, embedded

try:
    from botocore.config import Config as S3Config
except ImportError:  # an optional dependency; checks.py says so when it is missed
    S3Config = dict

BASE_DIR = Path(__file__).resolve().parent.parent
# An empty variable, as a template for .env leaves behind, means the same as none.
env = environ.Env()
env.ENVIRON = {name: value for name, value in os.environ.items() if value.strip()}

PRODUCTION = not embedded.allowed(env.ENVIRON)
DEBUG = not PRODUCTION and env.bool("DEBUG", default=False)
DATA_DIR = embedded.data_dir(env.ENVIRON)
_embedded = embedded.Folders(DATA_DIR)


# --- what only the operator can know ---

SECRET_KEY = env.str("SECRET_KEY", default="")
# Earlier ones: what they signed and encrypted still opens, and nothing new is made with them.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
_database: dict = {}
if "DATABASE_URL" in env or not PRODUCTION:
    _database = env.db_url("DATABASE_URL", default=_embedded.database_url)

if PRODUCTION:
    _missing = [
        name
        for name, is_there in [
            ("SECRET_KEY (a long random text)", SECRET_KEY),
            ("ALLOWED_HOSTS (the host names, with commas between)", ALLOWED_HOSTS),
            ("DATABASE_URL (postgresql://...)", _database),
        ]
        if not is_there
    ]
    if _missing:
        raise ImproperlyConfigured("DEBUG=0 means production, which needs " + "; ".join(_missing))
if _database["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must be a PostgreSQL address: postgresql://...")


def _kept_secret_key(path: Path) -> str:
    """Return the key in this file, made on the first call. Two processes may call at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as draft:  # mode 600
            draft.write(secrets.token_urlsafe(64))
            draft.flush()
            with suppress(FileExistsError):  # the other process was first: take its key
                os.link(draft.name, path)
    return path.read_text()


SECRET_KEY = SECRET_KEY or _kept_secret_key(DATA_DIR / "secret_key")
ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
SIGNING_KEY_FILE = env.path("SIGNING_KEY_FILE", default=DATA_DIR / "signing_key.pem")
# Decision letters: key and certificate in one PKCS#12 file, and certificates of earlier keys.
PDF_SIGNING_KEY_FILE = env.path("PDF_SIGNING_KEY_FILE", default=DATA_DIR / "letter_key.p12")
PDF_SIGNING_KEY_PASSWORD = env.str("PDF_SIGNING_KEY_PASSWORD", default="")
PDF_SIGNING_CERTIFICATES_FILE = env.path(
    "PDF_SIGNING_CERTIFICATES_FILE", default=DATA_DIR / "letter_certificates.pem"
)
# Or the key lies in a token: the library that speaks to it (PKCS#11), the labels of token and key,
# a file with the PIN, and the certificate with those of its authorities behind it, as PEM.
PDF_SIGNING_TOKEN_MODULE = env.str("PDF_SIGNING_TOKEN_MODULE", default="")
PDF_SIGNING_TOKEN = env.str("PDF_SIGNING_TOKEN", default="")
PDF_SIGNING_TOKEN_KEY = env.str("PDF_SIGNING_TOKEN_KEY", default="")
PDF_SIGNING_TOKEN_PIN_FILE = env.str("PDF_SIGNING_TOKEN_PIN_FILE", default="")
PDF_SIGNING_TOKEN_CERTIFICATES_FILE = env.str("PDF_SIGNING_TOKEN_CERTIFICATES_FILE", default="")
# A time-stamp service (RFC 3161). Empty: letters bear the portal's own time alone.
PDF_TIMESTAMP_URL = env.str("PDF_TIMESTAMP_URL", default="")
PORTAL_CLOCK = env.str("PORTAL_CLOCK", default="")
PORTAL_DEMO = env.bool("PORTAL_DEMO", default=False)
# What a monitor shows to read /metrics. Empty: only an operator who is signed in reads it.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Named in the contract, not connected yet: checks.py says so when it is set.
SENTRY_DSN = env.str("SENTRY_DSN", default="")


# --- the site ---

ROOT_URLCONF = "chang_e8_portal.urls"
WSGI_APPLICATION = "chang_e8_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "chang_e8_portal",
    # the rooms, upper floors first: a template or a translation upstairs wins
    "operations",
    "decisions",
    "reviews",
    "proposals",
    "notifications",
    "accounts",
    "audit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_countries",
    "django_htmx",
    "js_lib_bootstrap5",
    "chang_e8_portal.admin_site.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",  # runserver serves static files the way gunicorn does
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Above all that a kept page need not ask again; its headers were kept with it.
    "decisions.views.results_kept.KeptResultsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Above everything that reads the session: its headers must be the last word.
    "chang_e8_portal.middleware.PrivateCacheMiddleware",
    # Before anything reads the body.
    "chang_e8_portal.middleware.BodyLimitMiddleware",
    "chang_e8_portal.middleware.NulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "chang_e8_portal.session_life.SessionLifeMiddleware",
    "chang_e8_portal.middleware.LoginMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "chang_e8_portal.middleware.PersonMiddleware",
    "chang_e8_portal.middleware.PanelLanguageMiddleware",
    "chang_e8_portal.middleware.SamePersonMiddleware",
    "chang_e8_portal.middleware.RefusalMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chang_e8_portal.navigation.navigation",
                "chang_e8_portal.demo.bar.bar",
            ],
        },
    },
]

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
MESSAGE_TAGS = {message_levels.ERROR: "danger", message_levels.DEBUG: "secondary"}  # Bootstrap's


# --- languages and time ---

# Each named in itself. What agencies meet is written in all (accounts.states.Language), what only
# the panel meets in the first two (accounts.states.PanelLanguage).
LANGUAGES = [
    ("en", "English"),
    ("zh-hans", "简体中文"),
    ("fr", "français"),
    ("ru", "русский"),
    ("es", "español"),
    ("ar", "العربية"),
]
LANGUAGE_CODE = "en"
# As the announcement of the result names it.
COUNTRIES_OVERRIDE = {"HK": _("Hong Kong, China")}
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "chang_e8_portal.formats"
USE_TZ = True
TIME_ZONE = "UTC"


# --- people ---

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:home"

ACCOUNT_ADAPTER = "notifications.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_FORMS = {
    "signup": "accounts.forms.signing_in.SignupForm",
    "reset_password": "accounts.forms.signing_in.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.signing_in.ResetPasswordKeyForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True  # one address a person; the old one counts until the new is proven
# A code, not a link: mail scanners open links, and a link opens in the wrong browser.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60  # as for a new address: mail may be slow
# Whether an address has an account is nobody's business.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# For one address; notifications.adapter holds the same limit while the cache is away.
ACCOUNT_RATE_LIMITS = {"reset_password": "20/m/ip,3/h/key"}
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = False
# Whoever finds a browser open must not take the account over: another address or factor needs the
# password, or the second factor, once more. And its owner is told by mail of each such change.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Behind a proxy the log-in limits count the address that the proxy saw, not one a client claims.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if PRODUCTION else 0

MFA_ADAPTER = "accounts.second_factor.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # half a minute early or late: telephones' clocks differ
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # http://localhost in a trial
MFA_FORMS = {
    "authenticate": "accounts.forms.factors.AuthenticateForm",
    "reauthenticate": "accounts.forms.factors.ReauthenticateForm",
    "activate_totp": "accounts.forms.factors.ActivateForm",
    "add_webauthn": "accounts.forms.factors.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.factors.EditPasskeyForm",
    "authenticate_webauthn": "accounts.forms.factors.PasskeyAuthenticateForm",
    "reauthenticate_webauthn": "accounts.forms.factors.PasskeyReauthenticateForm",
    "login_webauthn": "accounts.forms.factors.PasskeyLoginForm",
}

# At most; session_life.py ends a session earlier that is left alone.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True


# --- security ---

HTTPS = PRODUCTION and urlsplit(BASE_URL).scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
if HTTPS:
    # The prefix makes browsers refuse cookies planted by a neighbouring host name.
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]  # asked from inside, without the proxy
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "chang_e8_portal.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}


# --- database ---

DATABASES = {
    "default": _database
    | {
        "ATOMIC_REQUESTS": False,  # actions open their own, short transactions
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A socket's folder arrives as an option; as HOST, `manage.py dbshell` knows it too.
        "HOST": _database["HOST"] or _database.get("OPTIONS", {}).get("host", ""),
        "OPTIONS": {
            **_database.get("OPTIONS", {}),
            "connect_timeout": 3,
            # Nobody may hold the call's row for long, least of all in the last minute.
            "options": "-c idle_in_transaction_session_timeout=30s -c lock_timeout=5s",
        },
    }
}


# --- Redis or Valkey: a queue for Celery, and beside it a cache for the log-in limits ---

REDIS_URL = env.str(
    "REDIS_URL", default="redis://127.0.0.1:6379/0" if PRODUCTION else _embedded.redis_url
)


def _queue_and_cache(address: str) -> tuple[str, str]:
    """Return the queue's address in Celery's spelling, and the cache's: the next database."""
    url = urlsplit(address)
    if url.scheme != "unix":
        number = int(url.path.strip("/") or 0)
        return address, url._replace(path=f"/{number + 1}").geturl()
    query = dict(parse_qsl(url.query))
    number = int(query.pop("db", 0))
    queue = f"redis+socket://{url.path}?{urlencode(query | {'virtual_host': number})}"
    return queue, f"unix://{url.path}?{urlencode(query | {'db': number + 1})}"


CELERY_BROKER_URL, _cache_url = _queue_and_cache(REDIS_URL)


def _in_process(name: str, *, most: int) -> dict:
    """A cache in the memory of this process; none while templates are being written."""
    if DEBUG:
        return {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    return {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": name,
        "OPTIONS": {"MAX_ENTRIES": most},
    }


CACHES = {
    "default": {
        # Answers "nothing known" while Redis is away, so that people can still log in.
        "BACKEND": "chang_e8_portal.cache.ForgivingRedisCache",
        "LOCATION": _cache_url,
        "OPTIONS": {
            "socket_connect_timeout": 0.5,
            "socket_timeout": 0.5,
            # The client's default is ten tries with growing pauses: a page would wait for them.
            "retry": Retry(NoBackoff(), 0),
        },
    },
    # Pieces of pages that are drawn alike for everybody, a copy in each process: nothing that a
    # stranger may not read, and nothing that waits for Redis.
    "drawn": _in_process("drawn", most=300),
    # Letters as reviewers read them, drawn once by each process. A page asks its room's permissions
    # first, and looks here for a text only by the hash of what was filed: there is no list. With
    # some 30 kB each they stay under 20 MB.
    "letters": _in_process("letters", most=500),
}

CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True  # the rows tell what happened
CELERY_TASK_DEFAULT_QUEUE = "portal"
# Mails have workers of their own: a mail server that does not answer keeps nothing else waiting.
CELERY_TASK_ROUTES = {"notifications.tasks.deliver_message": {"queue": "mail"}}
# A task whose worker died is given to another: every task may run twice without harm.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 50  # seconds
CELERY_TASK_TIME_LIMIT = 60
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Five times the usual limit. A task with a longer one may be given out twice: its row is
    # claimed and the second finds the claim; the audit chain is only read, and may be twice.
    "visibility_timeout": 300,
    # A dead worker's task comes back after 11 s instead of 103 s.
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    # A page that rings the bell must not hang with a frozen Redis.
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}
CELERY_TASK_PUBLISH_RETRY = False  # the next ring of beat does the same
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_MAX_TASKS_PER_CHILD = 250  # WeasyPrint keeps a little memory with every letter
CELERY_WORKER_HIJACK_ROOT_LOGGER = False


# --- files ---

PRIVATE_FILES = DATA_DIR / "files"
# Set: files lie in this bucket, and in the folder only while they arrive.
S3_BUCKET = env.str("S3_BUCKET", default="")
# Every upload is written there at once, no further than the limit.
FILE_UPLOAD_HANDLERS = ["proposals.files.incoming.IncomingHandler"]
MOST_BODY_BYTES = bodies.MOST_BYTES
# How much one agency may keep here: files in its letters, and megabytes with what can be put back.
AGENCY_MOST_FILES = env.int("AGENCY_MOST_FILES", default=50)
AGENCY_MOST_MB = env.int("AGENCY_MOST_MB", default=1000)

# clamd's socket: unix:/run/clamav/clamd.ctl, or tcp://host:3310. Empty: files are not scanned.
CLAMAV_ADDRESS = env.str("CLAMAV_ADDRESS", default="")

STATIC_URL = "static/"
# Without collectstatic, in a trial, WhiteNoise serves from where the files lie.
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    # Nothing uses the default storage: what people send lies in PRIVATE_FILES, named by its hash.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_FILES},
    },
    "staticfiles": {
        # Hashed names and compression cost half a minute at build time: production only.
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
if S3_BUCKET:
    # Without keys the machine's own role is asked for some.
    STORAGES["private"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "access_key": env.str("AWS_ACCESS_KEY_ID", default=None),
            "secret_key": env.str("AWS_SECRET_ACCESS_KEY", default=None),
            # Amazon's own unless a compatible store is named.
            "endpoint_url": env.str("AWS_S3_ENDPOINT_URL", default=None),
            "region_name": env.str("AWS_S3_REGION_NAME", default=None),
            "default_acl": None,  # private, as the bucket is
            "file_overwrite": True,  # a name is a hash: the same name is the same content
            # A page waits for the store no longer than its database connection may (30 s).
            "client_config": S3Config(
                connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2}
            ),
        },
    }
WHITENOISE_USE_FINDERS = not PRODUCTION


# --- mail ---

_mail = env.email_url("EMAIL_URL", default=f"filemail:///{DATA_DIR / 'mail'}")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"]
EMAIL_HOST = _mail["EMAIL_HOST"] or "localhost"
EMAIL_PORT = _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 15
MAILS_A_MINUTE = env.int("MAILS_A_MINUTE", default=4800)  # what the mail server takes from us
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default="Chang'e-8 portal <portal@example.org>"
)


# --- log: one line an event, to the terminal, in every mode ---

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["terminal"], "level": "INFO" if PRODUCTION else "WARNING"},
    # Django's own handlers mail errors to administrators, and a mail may carry a letter's text.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},  # pages not found are in the proxy's log
    },
}
