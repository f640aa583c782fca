"""The Celery application: a bell. What must be done stands in the Job rows (see jobs/)."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
for folder in (HERE, HERE / "platform"):
    if str(folder) not in sys.path:
        sys.path.insert(1, str(folder))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from celery import Celery

app = Celery("osteon")
app.set_default()  # else the web server's threads would ring with an application of no broker
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")
