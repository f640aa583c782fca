"""The web process never loads torch: it takes seconds and 200 MB, and no page needs it."""

import subprocess
import sys


def test_the_routes_load_without_torch() -> None:
    code = (
        "import django; django.setup()\n"
        "import config.urls, inference.jobs, training.jobs, sys\n"
        "assert not {'torch', 'training.engine.model'} & set(sys.modules), 'torch was loaded'\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
