"""/api/ of the archive, put together of its parts."""

from django.urls import URLPattern

from . import api_holds, api_identity, api_studies, api_uploads


def routes(visible: api_studies.Visible) -> list[URLPattern]:
    """The routes under /api/; `visible` says which instances a user may see."""
    return [
        *api_uploads.routes(),
        *api_holds.urlpatterns,
        *api_identity.urlpatterns,
        *api_studies.routes(visible),
    ]
