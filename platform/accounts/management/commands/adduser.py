"""`manage.py adduser NAME [--staff] [--password-stdin]`: there is no sign-up page, an admin makes the accounts."""

import sys
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User


class Command(BaseCommand):
    help = (
        "Make a user account. Staff run the installation: uploads, new tasks, all tasks as admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--staff", action="store_true")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password from the first line of the input",
        )

    def handle(self, *args: Any, name: str, staff: bool, **options: Any) -> None:
        if User.objects.filter(username__iexact=name).exists():
            raise CommandError(f"There is a user {name!r} already; choose another name.")
        user = User(
            username=name,
            is_staff=staff,
            first_name=options["first_name"],
            last_name=options["last_name"],
        )
        password = _from_stdin() if options["password_stdin"] else _from_prompt()
        try:
            user.set_password(password)
            user.full_clean()
            validate_password(password, user)
        except ValidationError as exc:
            raise CommandError(" ".join(exc.messages)) from exc
        user.save()
        self.stdout.write(f"{name} can sign in now{', as staff' if staff else ''}.")


def _from_stdin() -> str:
    return sys.stdin.readline().rstrip("\n")


def _from_prompt() -> str:
    password = getpass("Password: ")
    if getpass("Again: ") != password:
        raise CommandError("The two passwords differ; nothing was made.")
    return password
