"""`manage.py up`: the whole platform on this machine, until Ctrl-C."""

import contextlib
import os
import signal
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from embedded import leftovers, running
from embedded.ports import check_port
from embedded.process import CannotStart, lock
from embedded.supervisor import Supervisor

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Command(BaseCommand):
    help = "Start PostgreSQL, Valkey, the workers and the web server; Ctrl-C stops everything."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="where to listen (%(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="the port (%(default)s)")
        parser.add_argument(
            "--data", help="the folder of everything that is written (OSTEON_DATA, else data)"
        )
        parser.add_argument(
            "--demo",
            action="store_true",
            help="load the demo: made-up knees first, other tasks while they are read",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        data = running.data_folder(options["data"])
        address = f"http://{options['host']}:{options['port']}"
        for number in STOPPING:
            signal.signal(number, leave)
        try:
            prepare(data)
            with lock(data / "run" / "up.lock", already_up(data)) as held:
                held.truncate(0)
                held.write(f"process {os.getpid()}, {address}")
                held.flush()
                leftovers.end(data / "run" / "processes.json")
                check_port(options["host"], options["port"])
                self.run(
                    Supervisor(data, options["host"], options["port"], self.say), options["demo"]
                )
        except CannotStart as reason:
            raise SystemExit(str(reason)) from None
        except KeyboardInterrupt:
            self.say("Stopped.")

    def run(self, supervisor: Supervisor, demo: bool) -> None:
        try:
            self.say("Starting PostgreSQL and Valkey.")
            supervisor.start_servers()
            self.say("Bringing the database up to date.")
            supervisor.manage("migrate", "--no-input")
            supervisor.start_processes()
            accounts = ""
            if demo:
                self.say("Loading the demo; the first time this takes a few minutes.")
                accounts = supervisor.manage("demo")
            supervisor.wait_until_ready()
            self.welcome(supervisor, accounts)
            if demo:
                supervisor.begin("demo", "--rest")  # while the knees are read
            supervisor.watch()
        finally:
            for number in STOPPING:  # A second Ctrl-C must not cut the shutdown of the database.
                signal.signal(number, signal.SIG_IGN)
            supervisor.stop()

    def welcome(self, supervisor: Supervisor, accounts: str) -> None:
        self.say(f"\nOsteon is ready: {supervisor.address}\n")
        if accounts:
            self.say("\n".join(f"  {line}" for line in accounts.splitlines()) + "\n")
        self.say(
            f"  Data  {supervisor.data}\n  Logs  {supervisor.logs}\n\nCtrl-C stops everything."
        )

    def say(self, line: str) -> None:
        with contextlib.suppress(OSError):  # The terminal may be gone; the platform need not be.
            print(line, flush=True)


def leave(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def prepare(data: Path) -> None:
    """Make the data folder. Others may pass through it (the database may run as another user), not look."""
    try:
        if not data.exists():
            data.mkdir(parents=True)
            data.chmod(0o711)
        for name, mode in {"run": 0o700, "logs": 0o700}.items():
            (data / name).mkdir(mode=mode, exist_ok=True)
        (data / "run" / "up.lock").open("a").close()
    except OSError as error:
        raise CannotStart(
            f"{data} cannot be written ({error.strerror}): choose another folder with --data."
        ) from None


def already_up(data: Path) -> str:
    who = (data / "run" / "up.lock").read_text().strip() or "another process"
    return (
        f"Osteon already runs on {data} ({who}): stop it there with Ctrl-C, "
        "or choose another folder with --data."
    )
