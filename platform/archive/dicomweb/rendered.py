"""WADO-RS rendered images and thumbnails (PS3.18 10.4.1.1.3, 10.4.1.1.8): JPEG or PNG for eyes, not for measuring.

Of a series or study one picture is given, of the middle frame of the image in its middle.
"""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.errors import Problem
from archive.models import Instance
from archive.pixels import THUMBNAIL_SIDE, Undecodable
from archive.pixels import thumbnail as stored_thumbnail

from .accept import Offer, choose
from .answers import Part, cached, multipart, single, unchanged
from .endpoint import query
from .finding import IN_ORDER, not_found, under
from .frames import check, numbers_of
from .picture import Asked, encode, render
from .viewport import Viewport, quality_of, viewport_of, window_of

JPEG, PNG = "image/jpeg", "image/png"
NOT_THIS = (
    "A rendered image is given as image/jpeg or image/png, several as multipart/related of them."
)


def retrieve(
    request: HttpRequest,
    instances: QuerySet[Instance],
    study: str,
    series: str = "",
    instance: str = "",
    numbers: str = "",
) -> HttpResponseBase:
    given = query(request, ("window", "viewport", "quality"))
    asked = Asked(window_of(given), viewport_of(given), quality_of(given))
    found, wanted = _named(instances, study, series, instance, numbers)
    offers = [Offer(kind, several) for several in (len(wanted) > 1, True) for kind in (JPEG, PNG)]
    offer = choose(request, offers, NOT_THIS)
    tag = f'"{found.file_hash}-{wanted}-{asked}-{offer.media_type}"'.replace(" ", "")
    if not_modified := unchanged(request, tag):
        return not_modified
    parts = [_picture(found, number, asked, offer.media_type) for number in wanted]
    if offer.multipart:
        return cached(multipart(parts, offer.media_type), tag)
    return cached(single(parts[0]), tag)


def thumbnail(
    request: HttpRequest,
    instances: QuerySet[Instance],
    study: str,
    series: str = "",
    instance: str = "",
    numbers: str = "",
) -> HttpResponseBase:
    """A JPEG, 160 pixels on its longer side unless a viewport says otherwise."""
    given = query(request, ("viewport",))
    viewport = viewport_of(given)
    found, [number, *more] = _named(instances, study, series, instance, numbers)
    if more:
        raise Problem(400, "A thumbnail is of one frame; name one.")
    choose(request, [Offer(JPEG, multipart=False)], "A thumbnail is given as image/jpeg.")
    tag = f'"{found.file_hash}-{number}-{viewport}-thumbnail"'.replace(" ", "")
    if not_modified := unchanged(request, tag):
        return not_modified
    if viewport is None and not numbers:
        return cached(single((JPEG, [_stored(found)])), tag)
    asked = Asked(None, viewport or Viewport(THUMBNAIL_SIDE, THUMBNAIL_SIDE), 82)
    return cached(single(_picture(found, number, asked, JPEG)), tag)


def _named(
    instances: QuerySet[Instance], study: str, series: str, instance: str, numbers: str
) -> tuple[Instance, list[int]]:
    """The instance, and its frames from 1."""
    wanted = numbers_of(numbers) if numbers else []
    rows = under(instances, study, series, instance).order_by(*IN_ORDER)
    count = 1 if instance else rows.count()
    found = rows[count // 2 :].first() if count else None
    if found is None:
        raise not_found()
    if wanted:
        check(wanted, found.number_of_frames)
    return found, wanted or [found.number_of_frames // 2 + 1]


def _picture(instance: Instance, number: int, asked: Asked, media_type: str) -> Part:
    try:
        return media_type, [encode(render(instance, number - 1, asked), media_type, asked.quality)]
    except Undecodable as exc:
        raise Problem(422, str(exc)) from exc


def _stored(instance: Instance) -> bytes:
    try:
        return stored_thumbnail(instance)
    except Undecodable as exc:
        raise Problem(422, str(exc)) from exc
