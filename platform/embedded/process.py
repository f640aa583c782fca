"""Child processes, folder locks and socket folders: what both servers and the supervisor stand on."""

import contextlib
import fcntl
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

# sun_path holds 104 bytes on macOS and 108 on Linux; "/.s.PGSQL.5432" takes 14 of them.
LONGEST_SOCKET_FOLDER = 85
# An address with other characters would need quoting three different ways (URL, libpq, kombu).
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


class CannotStart(Exception):
    """Something could not be started; the message is one plain sentence for the person at the terminal."""


@dataclass
class Child:
    """One process that we start, watch and stop. It leads its own session, so Ctrl-C reaches only us."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    folder: Path = Path("/")
    uid: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=dict(self.environment),
                start_new_session=True,
                user=self.uid,
                group=group_of(self.uid),
                extra_groups=None if self.uid is None else [],
            )

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Signal the process alone: what it has forked is its own to end in good order."""
        if self.process is not None and self.alive():
            self.process.send_signal(self.stop_signal)

    def wait(self, until: float) -> bool:
        """Wait for the end, until a moment of `time.monotonic`; True when it has ended."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End the process and everything left in its session."""
        if self.process is None:
            return
        # Nobody may be left: macOS answers with a permission error for a group of zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = 10.0) -> None:
        self.ask_to_stop()
        self.wait(time.monotonic() + seconds)
        self.kill()

    def tail(self, lines: int = 8) -> str:
        """The last lines of the log."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 8192))
            text = log.read().decode(errors="replace")
        return "\n".join(text.rstrip().splitlines()[-lines:])


def group_of(uid: int | None) -> int | None:
    """The main group of a user; without one of its own, the number of the user."""
    if uid is None:
        return None
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return uid


def run_as(
    uid: int | None, command: Sequence[str], **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a short command as that user, from the root folder: the current one may be closed to it."""
    return subprocess.run(
        command,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        user=uid,
        group=group_of(uid),
        extra_groups=None if uid is None else [],
    )


def reachable(path: Path, uid: int) -> bool:
    """Whether that user can get to a folder or start a program; asked of the system, not worked out."""
    return run_as(uid, ["/bin/sh", "-c", 'test -x "$0"', str(path)]).returncode == 0


def lock(path: Path, message: str) -> IO[str]:
    """Hold a lock until the returned file is closed or this process ends, however it ends.

    Raises CannotStart with the message while another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = path.open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        raise CannotStart(message) from None
    return handle


def socket_folder(wanted: Path, uid: int | None = None) -> Path:
    """A folder only its owner enters: the wanted one, or a short one when its path cannot hold a socket."""
    if len(os.fsencode(wanted)) <= LONGEST_SOCKET_FOLDER and PLAIN_PATH.fullmatch(str(wanted)):
        wanted.mkdir(mode=0o700, exist_ok=True)
        folder = wanted
    else:
        temporary = tempfile.gettempdir()
        plain = len(temporary) < 60 and PLAIN_PATH.fullmatch(temporary)
        # mkdtemp makes a folder that nobody else could have laid there before.
        folder = Path(tempfile.mkdtemp(prefix="osteon-", dir=temporary if plain else "/tmp"))  # noqa: S108
    folder.chmod(0o700)
    if uid is not None:
        os.chown(folder, uid, -1)
    return folder


def forget_socket_folder(folder: Path, wanted: Path) -> None:
    """Remove a short socket folder that `socket_folder` made, and nothing else."""
    if folder == wanted or not folder.name.startswith("osteon-"):
        return
    if folder.is_dir() and stat.S_IMODE(folder.lstat().st_mode) == 0o700:
        shutil.rmtree(folder, ignore_errors=True)
