"""Users. What a user may do in a task stands in annotation.Membership; what a role is, in roles.py."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person who signs in. `is_staff` runs the installation: uploads, new tasks, all tasks as admin."""

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.get_username()


class Preferences(models.Model):
    """How a person wants the pages: own keys, the form's side. Not on the user, whose row is read with each request."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+")
    content = models.JSONField(default=dict)
