#!/usr/bin/env python
"""Osteon's command line: `manage.py up`, `ingest`, `retrain`, … (`manage.py help` lists them all)."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    # `platform/` is a folder of packages, never a package: Python has a module of that name.
    for folder in (HERE, HERE / "platform"):
        if str(folder) not in sys.path:
            sys.path.insert(1, str(folder))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    from embedded import running

    if sys.argv[1:2] != ["up"]:
        running.adopt()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
