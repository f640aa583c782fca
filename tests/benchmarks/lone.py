"""A browser that no debugger holds on to while its memory is measured: one that does keeps 200 MB of answers for itself."""

import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser import chromium
from tests.instance import free_port

STARTING_SECONDS = 60


@dataclass(frozen=True)
class Lone:
    playwright: Playwright
    address: str

    @contextmanager
    def connected(self) -> Generator[Browser]:
        browser = self.playwright.chromium.connect_over_cdp(self.address)
        try:
            yield browser
        finally:
            browser.close()  # of the line alone: the pages stay as they are

    @contextmanager
    def page(self) -> Generator[Page]:
        with self.connected() as browser:
            yield browser.contexts[0].pages[0]

    def megabytes(self, pressed: bool = True) -> float:
        """Proportional set size of the browser's processes without files, after its garbage was collected.

        `pressed`: and free pages were given back, as when another program asks for them.
        """
        with self.connected() as browser:
            page = browser.contexts[0].pages[0]
            session = page.context.new_cdp_session(page)
            for _ in range(3):
                session.send("HeapProfiler.collectGarbage")
                if pressed:
                    session.send("Memory.simulatePressureNotification", {"level": "critical"})
                page.wait_for_timeout(1_500)
            told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
            return sum(proportional(int(one["id"])) for one in told["processInfo"])


@contextmanager
def lone() -> Generator[Lone]:
    port = free_port()
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        more = [f"--remote-debugging-port={port}", f"--user-data-dir={profile}"]
        size = ["--headless", "--window-size=1440,900", "--disable-dev-shm-usage", "--no-first-run"]
        command = [
            chromium.executable(playwright),
            *chromium.ARGUMENTS,
            *size,
            *more,
            "about:blank",
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(address)
            yield Lone(playwright, address)
        finally:
            process.terminate()
            process.wait(20)


def wait_for(address: str) -> None:
    end = time.monotonic() + STARTING_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{address}/json/version", timeout=2).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def proportional(pid: int) -> float:
    """MB, pages of shared memory split among those that share them; the program's own file, of every browser here, is none."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    parts = [int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:"))]
    if not parts:
        raise LookupError(f"Process {pid} says nothing of its memory.")
    return sum(parts) / 1024
