"""The API's description (OpenAPI) and a page to browse it; for whoever is signed in."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts.access import SIGNED_IN, Decided


class SchemaView(SpectacularAPIView):
    access = SIGNED_IN
    permission_classes = [Decided]


class DocsView(SpectacularSwaggerSplitView):
    """Its script comes from its own address, as the content security policy wants."""

    access = SIGNED_IN
    permission_classes = [Decided]
