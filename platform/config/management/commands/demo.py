"""`manage.py demo`: loads the demo into this instance; `manage.py up --demo` calls it and shows the accounts."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo.loading import Size, load
from config.demo_accounts import ADMIN, READER

PATIENCE = 10  # how nice the other tasks are to whoever reads the first already


class Command(BaseCommand):
    help = "Load the demo: phantoms, three tasks, a reader, an admin, reads and a first training."

    def add_arguments(self, parser: CommandParser) -> None:
        size = Size()
        parser.add_argument("--cases", type=int, default=size.cases, help="knees")
        parser.add_argument("--large", type=int, default=size.large, help="of them 2500 x 2000")
        parser.add_argument(
            "--reads", type=int, default=size.reads, help="of them already read by demo readers"
        )
        parser.add_argument("--fractures", type=int, help="limbs; none without --rest")
        parser.add_argument("--mr", type=int, help="MR studies of knees; none without --rest")
        parser.add_argument(
            "--rest",
            action="store_true",
            help="fractures and MR too, leaving the cores to who reads already",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENV.mode == "production":
            raise CommandError(
                "The demo is not loaded in production mode: the password of its admin is public."
            )
        size = size_of(options)
        if not 0 <= size.large <= size.cases or not 0 <= size.reads <= size.cases:
            raise CommandError("--large and --reads cannot exceed --cases, and none is negative.")
        if size.fractures < 0 or size.mr < 0:
            raise CommandError("--fractures and --mr cannot be negative.")
        if options["rest"]:
            os.nice(PATIENCE)
        load(size, self.stderr.write)
        for role, (name, password) in {"Reader": READER, "Admin": ADMIN}.items():
            self.stdout.write(f"{role:<7} {name:<8} password {password}")


def size_of(options: dict[str, Any]) -> Size:
    usual = Size() if options["rest"] else Size(fractures=0, mr=0)
    return Size(
        *(getattr(usual, name) if options[name] is None else options[name] for name in Size._fields)
    )
