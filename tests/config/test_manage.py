import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_command_without_a_platform_says_in_one_sentence_what_to_do(tmp_path: Path) -> None:
    gone = {"DATABASE_URL": f"postgresql://postgres@/osteon?host={tmp_path}"}

    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "token", "admin"],
        env=os.environ | gone | {"OSTEON_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"The database of {tmp_path} does not answer: start the platform with `make demo` or "
        "`manage.py up`, or set OSTEON_DATA to the folder of the one that runs."
    )
