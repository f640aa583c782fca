"""`manage.py demo`: loads the demo into this instance; `manage.py up --demo` calls it and shows the accounts."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo.loading import Size, load
from config.demo_accounts import ADMIN, READER

PATIENCE = 10  # how nice the later tasks are to whoever reads already


class Command(BaseCommand):
    help = "Load the demo: phantoms, three tasks, a reader, an admin, reads and a first training."

    def add_arguments(self, parser: CommandParser) -> None:
        size = Size()
        parser.add_argument("--cases", type=int, default=size.cases, help="knees")
        parser.add_argument("--large", type=int, default=size.large, help="of them 2500 x 2000")
        parser.add_argument(
            "--reads", type=int, default=size.reads, help="of them already read by demo readers"
        )
        parser.add_argument("--fractures", type=int, default=size.fractures, help="limbs")
        parser.add_argument("--mr", type=int, default=size.mr, help="MR studies of knees")
        parser.add_argument(
            "--later", action="store_true", help="while the platform is in use: leave it the cores"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENV.mode == "production":
            raise CommandError(
                "The demo is not loaded in production mode: the password of its admin is public."
            )
        size = Size(*(options[name] for name in Size._fields))
        if not 0 <= size.large <= size.cases or not 0 <= size.reads <= size.cases:
            raise CommandError("--large and --reads cannot exceed --cases, and none is negative.")
        if size.fractures < 0 or size.mr < 0:
            raise CommandError("--fractures and --mr cannot be negative.")
        if options["later"]:
            os.nice(PATIENCE)
        load(size, self.stderr.write)
        for role, (name, password) in {"Reader": READER, "Admin": ADMIN}.items():
            self.stdout.write(f"{role:<7} {name:<8} password {password}")
