"""Settings of the web servers that these tests start: ours, with a few more routes."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.config.urls"
