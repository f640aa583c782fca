"""Reads the environment for config/settings.py; the only file that does, so that every knob stands in one place.

| variable            | is                                                         | when absent                       |
|---------------------|------------------------------------------------------------|-----------------------------------|
| OSTEON_MODE         | development or production                                  | development                       |
| OSTEON_DATA         | the folder of everything that is written                   | ./data                            |
| OSTEON_DEBUG        | 1 for Django's error pages; refused in production          | 0                                 |
| SECRET_KEY          | signs sessions and keys the patients' pseudonyms: another  |                                   |
|                     | one makes known patients strangers; ≥ 32 characters        | a fixed one, development only     |
| ALLOWED_HOSTS       | host names, by comma                                       | the loopback names, development   |
| CSRF_TRUSTED_ORIGINS| origins, by comma, when a proxy changes the host           | none                              |
| HTTPS               | 1: cookies and redirects for https; always 1 in production unless set to 0 | 0 in development |
| DATABASE_URL        | postgresql://user:password@host:port/name or ?host=/socket/folder | set by `manage.py up`      |
| CELERY_BROKER_URL   | redis://…, redis+socket://… or amqp://…                    | set by `manage.py up`             |
| STORAGE_URL         | file:///folder or s3://bucket/prefix                       | OSTEON_DATA/originals             |
| OSTEON_KEEP_LINK    | 0: who a study was of is forgotten, not kept sealed for    | 1                                 |
|                     | admins                                                     |                                   |
| OSTEON_CHECK_TEXT   | 0: pictures are not searched for burned-in text            | 1                                 |
| JOB_LEASE_SECONDS   | how long a silent worker keeps its job                     | 30                                |
| OSTEON_LISTEN_PORT  | `manage.py up` listens there for DICOM C-STORE too         | it does not                       |
| OSTEON_LISTEN_PEERS | AE titles that may send there, by comma                    | none: the listener does not start |
| OSTEON_LISTEN_HOST  | the address to listen on                                   | 127.0.0.1                         |
| OSTEON_LISTEN_AE    | the listener's own AE title                                | OSTEON                            |
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

DEVELOPMENT_KEY = "development-only-key-that-production-refuses-to-boot-with"
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]


class Misconfigured(SystemExit):
    """Stops the process with one sentence; a half-safe server is worse than none."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Osteon does not start in production mode: " + " ".join(problems))


@dataclass(frozen=True)
class Environment:
    mode: str
    data: Path
    debug: bool
    secret_key: str
    allowed_hosts: list[str]
    trusted_origins: list[str]
    https: bool
    database: dict[str, Any]
    broker: str
    storage: str
    keep_link: bool = True
    check_text: bool = True
    job_lease_seconds: float = 30.0
    listen_port: int | None = None
    listen_peers: list[str] = field(default_factory=list)
    listen_host: str = "127.0.0.1"
    listen_ae_title: str = "OSTEON"
    problems: list[str] = field(default_factory=list)


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def seconds(env: dict[str, str], name: str, default: float) -> float:
    text = env.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 86_400:
        raise SystemExit(f"{name} is {text!r}; it must be a number of seconds from 1 to 86400.")
    return value


def port(env: dict[str, str], name: str) -> int | None:
    text = env.get(name)
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise SystemExit(f"{name} is {text!r}; it must be a port from 1 to 65535.")
    return int(text)


def database_settings(url: str) -> dict[str, Any]:
    """Django's DATABASES entry of a libpq URL; `?host=/folder` names a socket folder, as libpq has it."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    return {
        "ENGINE": "config.postgres",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or "postgres"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [unquote(parts.hostname or "")])[0],
        "PORT": query.get("port", [str(parts.port or "")])[0],
    }


def production_problems(env: dict[str, str]) -> list[str]:
    """What forbids a start in production: each a sentence that names the variable and the cure."""
    problems = []
    key = env.get("SECRET_KEY", "")
    if key in ("", DEVELOPMENT_KEY) or len(key) < 32:
        problems.append(
            "SECRET_KEY is the default or shorter than 32 characters; set a random one."
        )
    if env.get("OSTEON_DEBUG", "0") == "1":
        problems.append("OSTEON_DEBUG is 1; it shows code and settings to everybody; unset it.")
    hosts = words(env.get("ALLOWED_HOSTS", ""))
    if not hosts or "*" in hosts:
        problems.append("ALLOWED_HOSTS is empty or *; name the hosts that this server answers to.")
    return problems


def read(env: dict[str, str] | None = None) -> Environment:
    """The settings of this process; stops it when production would be unsafe."""
    env = dict(os.environ) if env is None else env
    mode = env.get("OSTEON_MODE", "development")
    if mode not in ("development", "production"):
        raise SystemExit(f"OSTEON_MODE is {mode!r}; it must be development or production.")
    if mode == "production" and (problems := production_problems(env)):
        raise Misconfigured(problems)
    data = Path(env.get("OSTEON_DATA") or Path(__file__).resolve().parents[2] / "data").resolve()
    return Environment(
        mode=mode,
        data=data,
        debug=env.get("OSTEON_DEBUG", "0") == "1",
        secret_key=env.get("SECRET_KEY") or DEVELOPMENT_KEY,
        allowed_hosts=words(env.get("ALLOWED_HOSTS", "")) or LOOPBACK,
        trusted_origins=words(env.get("CSRF_TRUSTED_ORIGINS", "")),
        https=env.get("HTTPS", "1" if mode == "production" else "0") == "1",
        database=database_settings(env.get("DATABASE_URL") or "postgresql://postgres@/osteon"),
        broker=env.get("CELERY_BROKER_URL") or "redis://127.0.0.1:6379/0",
        storage=env.get("STORAGE_URL") or (data / "originals").as_uri(),
        keep_link=env.get("OSTEON_KEEP_LINK", "1") != "0",
        check_text=env.get("OSTEON_CHECK_TEXT", "1") != "0",
        job_lease_seconds=seconds(env, "JOB_LEASE_SECONDS", 30.0),
        listen_port=port(env, "OSTEON_LISTEN_PORT"),
        listen_peers=words(env.get("OSTEON_LISTEN_PEERS", "")),
        listen_host=env.get("OSTEON_LISTEN_HOST") or "127.0.0.1",
        listen_ae_title=env.get("OSTEON_LISTEN_AE") or "OSTEON",
    )


def folder_of(url: str) -> str:
    """The local path of a file:// URL."""
    return unquote(urlsplit(url).path)
