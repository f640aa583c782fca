"""`manage.py listen`: takes images by DICOM's own protocol from the callers that are named, until Ctrl-C."""

import signal
import threading
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from archive.listener import Listener

LONGEST_TITLE = 16  # AE, PS3.5 6.2


class Command(BaseCommand):
    help = "Listen for DICOM C-STORE and C-ECHO from named callers. Off unless this is started."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host", default=settings.LISTEN_HOST, help="where to listen (%(default)s)"
        )
        parser.add_argument(
            "--port", type=int, default=settings.LISTEN_PORT or 11112, help="(%(default)s)"
        )
        parser.add_argument(
            "--ae-title", default=settings.LISTEN_AE_TITLE, help="our own title (%(default)s)"
        )
        parser.add_argument(
            "--peer",
            action="append",
            metavar="AE",
            help="the AE title of a caller that may send; repeat it for more (OSTEON_LISTEN_PEERS)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        peers: list[str] = options["peer"] or settings.LISTEN_PEERS
        if not peers:
            raise CommandError(
                "Name who may send: --peer AETITLE for each, or OSTEON_LISTEN_PEERS=A,B."
            )
        for title in (*peers, options["ae_title"]):
            if not 0 < len(title.strip()) <= LONGEST_TITLE or not title.isascii():
                raise CommandError(f"{title!r} is no AE title: 1 to 16 plain characters.")
        stop = threading.Event()

        def leave(number: int, frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, leave)
        listener = Listener(options["host"], options["port"], options["ae_title"], peers)
        try:
            listener.start()
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {options['host']} port {options['port']}: {error.strerror}."
            ) from error
        self.stdout.write(
            f"Listening on {options['host']} port {options['port']} as {options['ae_title']}"
            f" for {', '.join(peers)}."
        )
        self.stdout.flush()
        stop.wait()
        listener.stop()
