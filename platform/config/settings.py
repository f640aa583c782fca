"""Django's settings. What differs between installations is read from the environment in environment.py."""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF, UNSAFE_INLINE

from . import environment, headers

ENV = environment.read()
BASE_DIR = Path(__file__).resolve().parents[2]
VERSION = "0.1.0"
DATA = ENV.data
DEBUG = ENV.debug
SECRET_KEY = ENV.secret_key
ALLOWED_HOSTS = ENV.allowed_hosts
CSRF_TRUSTED_ORIGINS = ENV.trusted_origins

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "axes",
    "csp",
    "django_vite",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "pghistory",
    "pgtrigger",
    "rest_framework",
    "accounts",
    "jobs",
    "archive",
    "annotation",
    "training",
    "inference",
    "embedded",
    "config",
]

# One hop from the event loop to a thread: everything below is synchronous under it.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.no_nul",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "platform" / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- database: threads share a pool; every statement ends some time -------------------------
DATABASES = {
    "default": {
        **ENV.database,
        "OPTIONS": {
            # the same few statements all day: planned once a connection, not at each request
            "server_side_binding": True,
            "prepare_threshold": 5,
            # while the server is away: how long a request waits, and how long a row of attempts goes on
            "pool": {"min_size": 1, "max_size": 12, "timeout": 5, "reconnect_timeout": 5},
            "options": "-c statement_timeout=60000 -c lock_timeout=10000"
            " -c idle_in_transaction_session_timeout=120000",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- files ----------------------------------------------------------------------------------
_storage = urlsplit(ENV.storage)
ORIGINALS = (
    {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": _storage.netloc, "location": _storage.path.lstrip("/")},
    }
    if _storage.scheme == "s3"
    else {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": environment.folder_of(ENV.storage)},
    }
)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA / "files"},
    },
    "originals": ORIGINALS,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
INCOMING_FOLDER = (
    DATA / "incoming"
)  # what is being sent: it names patients, and is gone once ingested
WEIGHTS_FOLDER = DATA / "weights"
CACHE_FOLDER = DATA / "cache"
RUNS_FOLDER = DATA / "runs"
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [
    folder
    for folder in (BASE_DIR / "static_build", BASE_DIR / "platform/config/static")
    if folder.is_dir()
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MIMETYPES = {".wasm": "application/wasm"}
WHITENOISE_ADD_HEADERS_FUNCTION = headers.add_headers
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.*/frontend/assets/.+$"
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "static_url_prefix": "frontend",
        "manifest_path": BASE_DIR / "static_build" / "frontend" / ".vite" / "manifest.json",
    }
}
# what the archive does about identities (archive/policy.py)
KEEP_IDENTITY_LINK = ENV.keep_link
CHECK_TEXT = ENV.check_text
DATA_UPLOAD_MAX_MEMORY_SIZE = (
    8 << 20
)  # a read with ten masks, drawn finely on radiographs, has about one
DATA_UPLOAD_MAX_NUMBER_FILES = 1_001  # who takes files says how many (inference/api/receiving.py)

# --- who may come in ------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = False  # axes is the one lock on the door
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.https
SESSION_COOKIE_NAME = "__Host-sid" if ENV.https else "sid"
CSRF_COOKIE_NAME = "__Host-csrf" if ENV.https else "csrftoken"
SECURE_SSL_REDIRECT = ENV.https
SECURE_HSTS_SECONDS = 31_536_000 if ENV.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENV.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.https else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, "'wasm-unsafe-eval'"],
        "style-src": [SELF, UNSAFE_INLINE],
        "connect-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "worker-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- API ------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.Session",
        "accounts.authentication.Token",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.access.Decided"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.parsers.Json"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "accounts.errors.sentence",
    "DEFAULT_THROTTLE_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Osteon",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "ENABLE_DJANGO_DEPLOY_CHECK": False,  # how well views are described says nothing of safety
    "SWAGGER_UI_DIST": "SIDECAR",  # from our own address: a closed machine has no other
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
REST_KNOX = {"TOKEN_TTL": None, "AUTO_REFRESH": False}

# --- background work ------------------------------------------------------------------------
CELERY_BROKER_URL = ENV.broker
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # the Job row decides, not the broker (DESIGN.md section 4)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 43_200, "socket_connect_timeout": 3}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    # short questions on a queue of their own: no long job may keep them waiting (see docs/architecture.md)
    "sweep": {"task": "jobs.sweep", "schedule": 5.0, "options": {"queue": "beat", "expires": 5}},
    "cases": {
        "task": "annotation.look",
        "schedule": 10.0,
        "options": {"queue": "beat", "expires": 10},
    },
    "retrain": {
        "task": "inference.consider",
        "schedule": 10.0,
        "options": {"queue": "beat", "expires": 10},
    },
    "preannotate": {
        "task": "inference.keep_current",
        "schedule": 2.0,
        "options": {"queue": "beat", "expires": 2},
    },
    "check_text": {
        "task": "archive.keep_checking",
        "schedule": 5.0,
        "options": {"queue": "beat", "expires": 5},
    },
    "tidy": {
        "task": "config.tidy",
        "schedule": 3600.0,
        "options": {"queue": "beat", "expires": 3600},
    },
}
JOB_LEASE_SECONDS = ENV.job_lease_seconds
LISTEN_HOST, LISTEN_PORT = ENV.listen_host, ENV.listen_port
LISTEN_AE_TITLE, LISTEN_PEERS = ENV.listen_ae_title, ENV.listen_peers
READ_LEASE_SECONDS = 600

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]  # frontend/src/texts has the same
LANGUAGE_COOKIE_NAME = "osteon_language"  # the pages read and write it as well
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "platform" / "config" / "locale"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
        "pynetdicom": {"level": "ERROR"},  # its lines name instances
        "psycopg.pool": {"level": "ERROR"},  # each failed attempt; what is told in the end says it
        # beat asks something every two seconds; what jobs do, jobs/ says itself
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
