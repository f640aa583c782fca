"""Nothing of a file's words gets into the logs by pydicom's warnings."""

import os
import subprocess
import sys

from tests.factories.archive import file_bytes, make_dataset

READ = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
from archive.policy import Policy
from archive.prepare import prepare
from archive.refused import Refused
try:
    prepare(sys.stdin.buffer.read(), "0" * 64, Policy(b"k" * 32, keep_link=True, check_text=True))
    print("taken")
except Refused as reason:
    print(reason)
"""


def test_it_says_nothing_of_odd_values() -> None:
    ds = make_dataset(SpecificCharacterSet="ISO_IR 192", StudyDescription="Knee")
    data = file_bytes(ds).replace(b"20240131", b"Canary7!").replace(b"ISO_IR 192", b"Canary7 !!")

    done = subprocess.run(
        [sys.executable, "-c", READ],
        input=data,
        capture_output=True,
        env=dict(os.environ),
        check=True,
    )

    assert done.stdout.strip() == b"taken"
    assert b"anary" not in done.stderr
