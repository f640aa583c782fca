import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

import annotation.jobs  # noqa: F401 -- the kinds of jobs with their queues
import inference.jobs  # noqa: F401
import training.jobs  # noqa: F401
from config.celery import app
from embedded import children, memory
from embedded.postgres import INITDB
from jobs.runner import KINDS

BASE = Path(__file__).resolve().parents[2]
DOCKER = BASE / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "osteon"}
# Read by Python, uvicorn, Django and the calculating libraries, not by our settings.
OTHERS = {
    *("PYTHONPATH", "PYTHONUNBUFFERED", "DJANGO_SETTINGS_MODULE", "FORWARDED_ALLOW_IPS"),
    *children.QUIET_THREADS,
    *("LD_PRELOAD", *memory.SETTINGS),
}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, each with its words; continued lines are joined."""
    text = (DOCKER / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


NICE = list(children.NICE)


def command_of(service: dict[str, Any]) -> list[str]:
    given = service.get("command")
    if given is None:
        return yaml.safe_load(next(words for name, words in instructions() if name == "CMD"))  # type: ignore[no-any-return]
    return shlex.split(given)


def bare(words: list[str]) -> list[str]:
    """Without its niceness."""
    return words[len(NICE) :] if words[: len(NICE)] == NICE else words


def option(words: list[str], name: str) -> str:
    return words[words.index(name) + 1]


def queues(words: list[str]) -> set[str]:
    return set(option(words, "-Q").split(",")) if "-Q" in words else set()


def settings_names() -> set[str]:
    return set(
        re.findall(r'env\.get\("([A-Z_]+)"', (BASE / "platform/config/environment.py").read_text())
    )


@pytest.mark.parametrize("name", OURS)
def test_every_container_calls_an_entry_point_that_exists(name: str) -> None:
    words = bare(command_of(OURS[name]))

    if words[:2] == ["python", "manage.py"]:
        assert words[2] in get_commands()
    elif words[0] == "celery":
        assert words[1:3] == ["-A", "config"]
        assert words[3] in {"worker", "beat"}
    else:
        assert words[:3] == ["python", "-m", "config.server"]


def test_the_containers_serve_the_queues_that_up_serves() -> None:
    here = set().union(*(queues(list(words)) for words in children.WORKERS.values()))
    there = [queues(command_of(service)) for service in OURS.values()]

    assert set().union(*there) == here
    assert sum(len(names) for names in there) == len(here)


def test_beat_asks_on_a_queue_where_no_job_can_keep_it_waiting() -> None:
    schedule: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    asked = {entry["options"]["queue"] for entry in schedule.values()}
    here = [queues(list(words)) for words in children.WORKERS.values()]
    there = [queues(command_of(service)) for service in OURS.values()]

    assert asked == {"beat"}
    app.loader.import_default_modules()
    assert {entry["task"] for entry in schedule.values()} <= set(app.tasks)
    assert "beat" not in {kind.queue for kind in KINDS.values()}
    assert {"beat"} in here
    assert {"beat"} in there


def test_every_queue_of_jobs_has_a_worker_of_its_own_in_a_container() -> None:
    for queue in ("ingest", "train", "infer", "ask", "export"):
        assert queues(command_of(OURS[queue])) == {queue}
    assert {kind.queue for name, kind in KINDS.items() if not name.startswith("test.")} <= set(OURS)


def test_no_container_fills_the_disk_with_its_log() -> None:
    for service in SERVICES.values():
        assert {"max-size", "max-file"} <= set(service["logging"]["options"])


@pytest.mark.parametrize("name", ["train", "infer", "ask"])
def test_a_calculating_worker_runs_as_it_does_under_up(name: str) -> None:
    words = command_of(OURS[name])

    assert queues(words) == queues(list(children.WORKERS[name]))
    assert option(words, "--pool") == "solo"
    assert words[: len(NICE)] == NICE
    given = OURS[name]["environment"]
    assert children.QUIET_THREADS.items() <= given.items()
    assert ("LD_PRELOAD" in given) == ("LD_PRELOAD" in children.means_of(name))
    if "LD_PRELOAD" in given:
        [python] = [words for name, words in instructions() if words.startswith("python:")]
        version = python.removeprefix("python:").removesuffix("-slim")
        packages = f"/usr/local/lib/python{version}/site-packages"
        assert given["LD_PRELOAD"] == f"{packages}/{memory.LIBRARY}"
        assert memory.SETTINGS.items() <= given.items()


def test_there_is_one_beat_and_the_web_starts_as_it_does_under_up() -> None:
    beats = [name for name, service in OURS.items() if command_of(service)[3:4] == ["beat"]]
    web = children.web("127.0.0.1", 8000, Path("logs"), {})[0].command

    assert beats == ["beat"]
    assert command_of(OURS["web"])[1:3] == list(web)[1:3]


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_one_that_something_reads(name: str) -> None:
    assert set(OURS[name]["environment"]) - OTHERS <= settings_names()


def test_the_image_sets_only_variables_that_something_reads() -> None:
    words = " ".join(words for name, words in instructions() if name == "ENV")
    assert set(re.findall(r"([A-Z_]+)=", words)) - OTHERS <= settings_names()


def test_everything_copied_into_the_image_exists() -> None:
    copies = [shlex.split(words) for name, words in instructions() if name == "COPY"]
    sources = [
        source for words in copies if not words[0].startswith("--from") for source in words[:-1]
    ]

    assert len(sources) > 8
    assert [source for source in sources if not (BASE / source).exists()] == []


def test_the_image_holds_every_package_of_ours_and_does_not_run_as_root() -> None:
    copied = {words.split()[0].rstrip("/") for name, words in instructions() if name == "COPY"}
    users = [words for name, words in instructions() if name == "USER"]

    assert {"platform", "annotation", "training", "inference", "manage.py"} <= copied
    assert users == ["osteon"]


def test_the_database_is_made_as_the_embedded_one() -> None:
    given = set(SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split())
    assert given == {word for word in INITDB if "username" not in word and "auth" not in word}


def test_every_volume_and_mounted_file_exists() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
    sources = [re.sub(r"\$\{.*?\}", "", mount).split(":")[0] for mount in mounts]

    assert {source for source in sources if source and "/" not in source} == set(COMPOSE["volumes"])
    assert [source for source in sources if source.startswith("./")] == ["./nginx.conf"]
    assert (DOCKER / "nginx.conf").exists()


def test_nginx_takes_large_uploads_and_passes_events_on_at_once() -> None:
    text = (DOCKER / "nginx.conf").read_text()
    events = re.search(r"location /api/events/ \{(.*?)\}", text, re.DOTALL)

    assert re.search(r"client_max_body_size \d+g;", text)
    assert events is not None
    assert "proxy_buffering off;" in events[1]
    assert "server web:8000;" in text
    assert text.count("{") == text.count("}")


def test_what_is_decided_of_identities_reaches_every_container() -> None:
    for service in OURS.values():
        given = service["environment"]
        for name in ("OSTEON_KEEP_LINK", "OSTEON_CHECK_TEXT"):
            assert given[name] == f"${{{name}:-1}}"


def test_dicom_listens_only_when_asked() -> None:
    asked = {name for name, service in OURS.items() if "listen" in command_of(service)}

    assert asked == {"listener"}
    assert SERVICES["listener"]["profiles"] == ["listener"]
