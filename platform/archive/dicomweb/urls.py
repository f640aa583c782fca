"""Addresses in answers: absolute, as PS3.18 wants them, by the name under which the client called."""

import re

from django.http import HttpRequest

PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host")
USUAL_PORTS = {"http": "80", "https": "443"}


def root(request: HttpRequest) -> str:
    """Where DICOMweb begins: "https://archive.example/dicomweb".

    dicomweb-client names the host without its port; where no proxy stands between, the port is the one it came to.
    """
    host, scheme = request.get_host(), request.scheme or "http"
    proxied = any(name in request.headers for name in PROXY_HEADERS)
    if not proxied and not re.search(r":[0-9]+$", host):
        port = str(request.META.get("SERVER_PORT", ""))
        host = host if port == USUAL_PORTS.get(scheme) else f"{host}:{port}"
    return f"{scheme}://{host}/dicomweb"


def study_url(base: str, study: str) -> str:
    return f"{base}/studies/{study}"


def series_url(base: str, study: str, series: str) -> str:
    return f"{base}/studies/{study}/series/{series}"


def instance_url(base: str, study: str, series: str, instance: str) -> str:
    return f"{base}/studies/{study}/series/{series}/instances/{instance}"
