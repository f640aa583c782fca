"""`manage.py demo`: loads the demo into this instance; `manage.py up --demo` calls it and shows the accounts."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo import Size, load
from config.demo_accounts import ADMIN, READER


class Command(BaseCommand):
    help = "Load the demo: phantom knees, a task, a reader, an admin, sixty reads and a first training."

    def add_arguments(self, parser: CommandParser) -> None:
        size = Size()
        parser.add_argument("--cases", type=int, default=size.cases)
        parser.add_argument("--large", type=int, default=size.large, help="of them 2500 x 2000")
        parser.add_argument(
            "--reads", type=int, default=size.reads, help="already read by demo readers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENV.mode == "production":
            raise CommandError(
                "The demo is not loaded in production mode: the password of its admin is public."
            )
        size = Size(options["cases"], options["large"], options["reads"])
        if not 0 <= size.large <= size.cases or not 0 <= size.reads <= size.cases:
            raise CommandError("--large and --reads cannot exceed --cases, and none is negative.")
        load(size, self.stderr.write)
        for role, (name, password) in {"Reader": READER, "Admin": ADMIN}.items():
            self.stdout.write(f"{role:<7} {name:<8} password {password}")
