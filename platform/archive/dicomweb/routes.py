"""The addresses under /dicomweb/, by the tables of PS3.18 10.

Every request is authorized: the caller passes in which instances a user sees, since tasks are above the archive.
"""

from functools import partial

from django.urls import URLPattern, path

from . import bulk, frames, metadata, qido, rendered, stow, wado
from .endpoint import Visible, endpoint
from .frame_query import FrameQueries
from .levels import INSTANCE, SERIES, STUDY

ONE_STUDY = "studies/<str:study>"
ONE_SERIES = ONE_STUDY + "/series/<str:series>"
ONE_INSTANCE = ONE_SERIES + "/instances/<str:instance>"
FRAMES = ONE_INSTANCE + "/frames/<str:numbers>"


def routes(visible: Visible, shown: Visible) -> list[URLPattern]:
    """The routes; `visible` says which instances a user finds, `shown` which he gets when he names them."""
    find, get = partial(endpoint, visible), partial(endpoint, shown)
    return [
        path("studies", find(GET=partial(qido.search, STUDY), POST=stow.store)),
        path("series", find(GET=partial(qido.search, SERIES))),
        path("instances", find(GET=partial(qido.search, INSTANCE))),
        path(ONE_STUDY, get(GET=wado.retrieve, POST=stow.store)),
        path(ONE_STUDY + "/series", find(GET=partial(qido.search, SERIES))),
        path(ONE_STUDY + "/instances", find(GET=partial(qido.search, INSTANCE))),
        path(ONE_SERIES, get(GET=wado.retrieve)),
        path(ONE_SERIES + "/instances", find(GET=partial(qido.search, INSTANCE))),
        path(ONE_INSTANCE, get(GET=wado.retrieve)),
        path(FRAMES, endpoint(FrameQueries(shown).of, GET=frames.retrieve)),
        path(ONE_INSTANCE + "/bulkdata/<path:tags>", get(GET=bulk.retrieve)),
        *[
            path(f"{resource}/metadata", get(GET=metadata.retrieve))
            for resource in (ONE_STUDY, ONE_SERIES, ONE_INSTANCE)
        ],
        *[
            path(f"{resource}/{name}", get(GET=view))
            for resource in (ONE_STUDY, ONE_SERIES, ONE_INSTANCE, FRAMES)
            for name, view in (("rendered", rendered.retrieve), ("thumbnail", rendered.thumbnail))
        ],
    ]
