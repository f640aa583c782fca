"""Addresses in answers: absolute, as PS3.18 wants them, by the name under which the client called."""

from django.http import HttpRequest


def root(request: HttpRequest) -> str:
    """Where DICOMweb begins: "https://archive.example/dicomweb"."""
    return request.build_absolute_uri("/dicomweb")


def study_url(base: str, study: str) -> str:
    return f"{base}/studies/{study}"


def series_url(base: str, study: str, series: str) -> str:
    return f"{base}/studies/{study}/series/{series}"


def instance_url(base: str, study: str, series: str, instance: str) -> str:
    return f"{base}/studies/{study}/series/{series}/instances/{instance}"
