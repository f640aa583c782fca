"""`manage.py token USER [--expires DAYS]`: makes an API token and shows it this one time."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from knox.models import AuthToken

from accounts.models import User


class Command(BaseCommand):
    help = "Make an API token for a user and print it once; it is stored only as a hash."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="the user's name")
        parser.add_argument(
            "--expires", type=int, metavar="DAYS", help="without it the token never expires"
        )

    def handle(self, *args: Any, user: str, expires: int | None, **options: Any) -> None:
        owner = User.objects.filter(username=user).first()
        if owner is None:
            raise CommandError(
                f"There is no user {user!r}; make one with: manage.py adduser {user}"
            )
        if not owner.is_active:
            raise CommandError(f"{user} is not active; a token would be refused.")
        if expires is not None and expires < 1:
            raise CommandError(f"--expires is {expires}; it must be at least 1 day.")
        lifetime = timedelta(days=expires) if expires else None
        _, token = AuthToken.objects.create(user=owner, expiry=lifetime)
        self.stdout.write(token)
        self.stderr.write(f"Send it as the header: Authorization: Token {token[:4]}…")
