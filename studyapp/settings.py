"""All settings, read from the environment alone; the defaults run everything on one machine."""

from __future__ import annotations

import os
import secrets
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ

from studyapp.addresses import by_both_names

# Lets classes of Django be written with their type parameters.
django_stubs_ext.monkeypatch()

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
if (BASE_DIR / ".env").is_file():
    env.read_env(str(BASE_DIR / ".env"))

# Where everything a run writes goes: database, files, broker folders, credentials.
QUORUM_VAR = Path(env.str("QUORUM_VAR", default=str(BASE_DIR / "var"))).resolve()


def _secret_key() -> str:
    """SECRET_KEY, or what SECRET_KEY_FILE holds, or a key made once and kept in QUORUM_VAR."""
    key: str = env.str("SECRET_KEY", default="")
    if key:
        return key
    path = Path(env.str("SECRET_KEY_FILE", default=str(QUORUM_VAR / "secret_key")))
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.write_text(secrets.token_urlsafe(50), encoding="ascii")
        fresh.chmod(0o600)
        try:
            # A hard link fails if another process was first; its key then counts.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip()


DEBUG = env.bool("DEBUG", default=False)
# The newest version named in the changelog, so that the two cannot disagree.
VERSION = next(
    line.split("[")[1].split("]")[0]
    for line in (BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("## [")
)
SECRET_KEY = _secret_key()

# The address under which browsers reach the rater pages and the marketplace. They may differ.
_bind = env.str("BIND", default="127.0.0.1:8000").replace("0.0.0.0", "127.0.0.1")  # noqa: S104
QUORUM_URL = env.str("QUORUM_URL", default=f"http://{_bind}").rstrip("/")
MARKETPLACE_URL = env.str("MARKETPLACE_URL", default=QUORUM_URL).rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = sorted({QUORUM_URL, MARKETPLACE_URL})
_https = QUORUM_URL.startswith("https://")

INSTALLED_APPS = [
    "studyapp.apps.QuorumAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "studyapp.apps.StudyappConfig",
    "marketplace",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "marketplace.worker_site.cookies.OwnCookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "studyapp.web.security.ContentSecurityPolicyMiddleware",
]
ROOT_URLCONF = "studyapp.urls"
WSGI_APPLICATION = "studyapp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Question types keep their templates in their folders.
        "DIRS": [BASE_DIR / "templates", BASE_DIR / "studyapp" / "questions"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{QUORUM_VAR / 'quorum.sqlite3'}")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    QUORUM_VAR.mkdir(parents=True, exist_ok=True)
    # IMMEDIATE takes the write lock when a transaction begins, so that two writers queue up
    # instead of failing half-way; WAL lets readers go on meanwhile.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 60,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# Reports are kept as files: one cache for every web process, and it outlives all of them.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "reports": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(QUORUM_VAR / "reports"),
        "TIMEOUT": 30 * 24 * 60 * 60,
        "OPTIONS": {"MAX_ENTRIES": 2_000},
    },
    # Views that were not planned: an address can ask for any number of them. Apart, so that they
    # crowd out each other and nothing else.
    "looks": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(QUORUM_VAR / "looks"),
        "TIMEOUT": 7 * 24 * 60 * 60,
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "home"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
# One way to write a date on every page.
FORMAT_MODULE_PATH = ["studyapp.formats"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served straight from the source folders, so that no collecting step stands before the first run.
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {
        "BACKEND": env.str(
            "STORAGE_BACKEND", default="django.core.files.storage.FileSystemStorage"
        ),
        "OPTIONS": env.json("STORAGE_OPTIONS", default={"location": str(QUORUM_VAR / "media")}),
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=0)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000

# Pages that may hold the rater page in a frame, besides the two sites of Mechanical Turk.
# Workers on one machine open the marketplace by either of its names.
FRAME_ANCESTORS = env.list("FRAME_ANCESTORS", default=by_both_names(MARKETPLACE_URL))

# The marketplace: where boto3 sends its calls and where the credentials of this site lie.
MARKETPLACE_CREDENTIALS = Path(
    env.str("MARKETPLACE_CREDENTIALS", default=str(QUORUM_VAR / "marketplace.credentials"))
)
MARKETPLACE_ALLOW_SIGNUP = env.bool("MARKETPLACE_ALLOW_SIGNUP", default=True)
# Calls a requester of the marketplace may make per second in the long run; 0: any number.
MARKETPLACE_CALLS_PER_SECOND = env.float("MARKETPLACE_CALLS_PER_SECOND", default=0)
# Whether the marketplace tells this site what was handed in, which is then collected at once.
COLLECT_ON_EVENTS = env.bool("COLLECT_ON_EVENTS", default=False)
# Hosts (host, or host:port) that requesters may have their notifications sent to.
MARKETPLACE_SINK_HOSTS = env.list(
    "MARKETPLACE_SINK_HOSTS", default=[urlsplit(QUORUM_URL).netloc] if COLLECT_ON_EVENTS else []
)
# Faults to inject into calls, for tests of clients alone: marketplace/faults.py.
MARKETPLACE_FAULTS = env.json("MARKETPLACE_FAULTS", default=[])
MARKETPLACE_CLOCK_OFFSET_S = env.int("MARKETPLACE_CLOCK_OFFSET_S", default=0)

# Calls to the recruiter per second and process; empty: 3 towards Amazon, no limit on our own.
MTURK_CALLS_PER_SECOND = env.float("MTURK_CALLS_PER_SECOND", default=None)

# Own models that may be asked for on a page, as module:callable. Such a name runs code on the
# compute machine, so the page takes these alone; the terminal takes any.
MODEL_CALLABLES = env.list("MODEL_CALLABLES", default=[])

# Hosts of panels that participants may be sent back to from a study with a link.
LINK_RETURN_HOSTS = env.list(
    "LINK_RETURN_HOSTS",
    default=["app.prolific.com", "connect.cloudresearch.com", "www.surveycircle.com"],
)

# Images: what an upload may be at most (a decompression bomb stops here).
IMAGE_MAX_PIXELS = env.int("IMAGE_MAX_PIXELS", default=100_000_000)
IMAGE_MAX_BYTES = env.int("IMAGE_MAX_BYTES", default=100_000_000)
ARCHIVE_MAX_BYTES = env.int("ARCHIVE_MAX_BYTES", default=200_000_000_000)
ARCHIVE_MAX_MEMBERS = env.int("ARCHIVE_MAX_MEMBERS", default=2_000_000)

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://localhost//")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "web"
CELERY_TASK_ROUTES = {"studyapp.compute.*": {"queue": "compute"}}
CELERY_BEAT_SCHEDULE = {
    "sweep-jobs": {"task": "studyapp.tasks.sweep_jobs", "schedule": 30.0},
    # Later conditions of studies that were launched to go on by themselves.
    "launch-due": {"task": "studyapp.tasks.launch_due", "schedule": 60.0},
}
# Below this median a study's page says that its work pays too little, in US dollars an hour.
WAGE_FLOOR_USD = Decimal(env.str("WAGE_FLOOR_USD", default="7.25"))

# How often beat collects, and pays, what raters of live studies handed in; 0: never by itself.
COLLECT_EVERY_MINUTES = env.float("COLLECT_EVERY_MINUTES", default=0.0)
if COLLECT_EVERY_MINUTES > 0:
    CELERY_BEAT_SCHEDULE["collect-live"] = {
        "task": "studyapp.tasks.collect_live",
        "schedule": 60 * COLLECT_EVERY_MINUTES,
    }
CELERY_BEAT_SCHEDULE_FILENAME = str(QUORUM_VAR / "celerybeat-schedule")
if CELERY_BROKER_URL.startswith("filesystem://"):
    _broker = QUORUM_VAR / "broker"
    for _folder in ("messages", "control"):
        (_broker / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "messages"),
        "data_folder_out": str(_broker / "messages"),
        "control_folder": str(_broker / "control"),
        # The longest a press of a button waits to be seen, and a worker to see that it shall end.
        "polling_interval": 0.2,
    }
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=120)
# Off, background work is left queued until a worker or `manage.py run_jobs` takes it.
JOB_SEND = env.bool("JOB_SEND", default=True)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}

# The API: who asks, how often, how much at once.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=600)
# Reports, exports and imports read or write whole studies.
API_HEAVY_PER_MINUTE = env.int("API_HEAVY_PER_MINUTE", default=60)
API_MAX_JSON_BYTES = env.int("API_MAX_JSON_BYTES", default=100_000)
API_MAX_VOTES_BYTES = env.int("API_MAX_VOTES_BYTES", default=5_000_000)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["studyapp.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["studyapp.api.permissions.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["studyapp.api.throttling.PerTokenThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["studyapp.api.parsers.BoundedJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "studyapp.api.pagination.KeyPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # What OPTIONS would tell stands in the schema.
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "studyapp.api.problems.answer_with_problem",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Quorum",
    "DESCRIPTION": "Human studies of what a vision model's mistakes really are.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "LICENSE": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "studyapp.api.schema.complete_schema",
    ],
    "ENUM_NAME_OVERRIDES": {
        "StudyState": "studyapp.vocabulary.StudyState",
        "JobState": "studyapp.vocabulary.JobState",
        "Answer": "studyapp.vocabulary.Answer",
        "UnsureCoding": "studyapp.vocabulary.UnsureCoding",
        "Environment": "studyapp.vocabulary.Environment",
        "QuestionKind": "studyapp.vocabulary.QuestionKind",
        "PopulationKind": "studyapp.vocabulary.PopulationKind",
        "Allocation": "studyapp.vocabulary.Allocation",
    },
}
