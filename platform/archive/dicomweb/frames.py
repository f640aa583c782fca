"""WADO-RS frames (PS3.18 10.4.1.1.6): straight from the stored bytes, no decode, one query.

A frame that is asked for uncompressed and stored compressed is decoded for it.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache, partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from pydicom.uid import ExplicitVRLittleEndian

from accounts.errors import Problem
from accounts.proof import proof_of
from archive import store
from archive.frames import Frame

from . import answers
from .accept import Offer, choose
from .again import bare
from .answers import OCTETS, Pieces, as_it_fits, cached, unchanged
from .decoded import decodable, native_frames
from .finding import not_found
from .frame_query import FrameQuery
from .syntaxes import IMAGE_TYPES, served

MAX_AT_ONCE = 64
NOT_THIS = "The frames are stored in transfer syntax {syntax}; ask for it or for *."


def retrieve(request: HttpRequest, query: FrameQuery, **names: str) -> HttpResponseBase:
    response = given(request, query, **names)
    if isinstance(response, Pieces) and request.resolver_match:
        view = partial(given, bare(request), query.proven(proof_of(request)))
        response.again = request.resolver_match.route, view
    return response


def given(
    request: HttpRequest,
    query: FrameQuery,
    study: str,
    series: str,
    instance: str,
    numbers: str,
) -> HttpResponseBase:
    """Of the request it looks at the headers alone."""
    wanted = numbers_of(numbers)
    found = query.find(wanted, study=study, series=series, instance=instance)
    if found is None:
        raise not_found()
    check(wanted, found.number_of_frames)
    stored = served(found.transfer_syntax_uid)
    offer = choose(request, offers_of(stored), NOT_THIS.format(syntax=stored))
    tag = f'"{found.file_hash}-{numbers}-{offer.syntax}"'
    if not_modified := unchanged(request, tag):
        return not_modified
    ranges = [frame or [] for frame in found.frames]
    bodies: Iterator[Iterable[bytes]]
    if offer.syntax == stored:
        bodies = (_bytes(found.file, frame) for frame in ranges)
    else:
        bodies = ([body] for body in native_frames(found.file, stored, ranges))
    parts = ((offer.content_type, body) for body in bodies)
    several = offer.multipart or len(wanted) > 1
    return cached(as_it_fits(parts, offer.media_type if several else ""), tag)


def numbers_of(text: str) -> list[int]:
    """The frames that an address names, from 1; Problem 400 where it names none."""
    numbers = text.split(",")
    if not all(re.fullmatch(r"[0-9]{1,6}", number) for number in numbers):
        raise Problem(400, "Frames are named by numbers from 1, with commas between them.")
    if len(numbers) > MAX_AT_ONCE:
        raise Problem(400, f"At most {MAX_AT_ONCE} frames can be had at once.")
    if "0" in {number.lstrip("0") or "0" for number in numbers}:
        raise Problem(404, "Frames are counted from 1.")
    return [int(number) for number in numbers]


def check(wanted: list[int], count: int) -> None:
    """Problem 404 where one is not there."""
    if max(wanted) > count:
        raise Problem(404, f"There are frames 1 to {count}.")


@cache
def offers_of(stored: str) -> list[Offer]:
    types = (OCTETS, *IMAGE_TYPES.get(stored, ()))
    offers = [Offer(kind, several, stored) for kind in types for several in (True, False)]
    if decodable(stored):
        offers += [Offer(OCTETS, several, ExplicitVRLittleEndian) for several in (True, False)]
    return offers


def _bytes(file: str, frame: Frame) -> Iterator[bytes]:
    """In pieces that can be held."""
    for start, length in frame:
        for at in range(start, start + length, answers.AT_ONCE_BYTES):
            yield store.read(file, at, min(answers.AT_ONCE_BYTES, start + length - at))
