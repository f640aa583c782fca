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
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if "couldn't get a connection" not in str(error) and "connection failed" not in str(error):
            raise
        sys.exit(
            f"The database of {running.data_folder()} does not answer: start the platform with `make demo` or "
            "`manage.py up`, or set OSTEON_DATA to the folder of the one that runs."
        )


if __name__ == "__main__":
    main()
