"""Headers of static files."""

import re
from wsgiref.headers import Headers

# Cornerstone's image decoder compiles functions at run time. A worker obeys the policy it was served with, so it
# alone may, and the pages stay strict.
DECODE_WORKER = re.compile(r"/frontend/assets/decodeImageFrameWorker-[^/]+\.js$")
WORKER_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; connect-src 'self'"
)


def add_headers(headers: Headers, path: str, url: str) -> None:
    """Called by whitenoise for each static file as it is found."""
    headers["X-Content-Type-Options"] = "nosniff"
    if DECODE_WORKER.search(url):
        headers["Content-Security-Policy"] = WORKER_POLICY
