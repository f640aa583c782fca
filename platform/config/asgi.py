"""ASGI entry point. There is no WSGI one: it drops chunked uploads (Django ticket 35838)."""

import os
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
for folder in (HERE, HERE / "platform"):
    if str(folder) not in sys.path:
        sys.path.insert(1, str(folder))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup(set_prefix=False)

from config.onehop import OneHopHandler

application = OneHopHandler(
    streams=frozenset({"/api/events/"}),
    heavy=re.compile(
        r"/dicomweb/|/api/(uploads|instances|holds)/|/api/tasks/\d+/(predict|encoders)/"
    ),
)
