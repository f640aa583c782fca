"""Settings of the web server that test_events starts: only the routes of this app."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.jobs.urls"
