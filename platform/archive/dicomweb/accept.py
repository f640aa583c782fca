"""Which representation the client takes: PS3.18 8.7.5, the Accept header's media ranges against what is offered."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from django.http import HttpRequest
from django.http.request import MediaType
from pydicom.uid import ExplicitVRLittleEndian

from accounts.errors import Problem

from .answers import DICOM, DICOM_JSON, OCTETS
from .syntaxes import LOSSY

RANGE = re.compile(r'(?:[^,"]|"[^"]*")+')  # a comma within quotes divides nothing
LITTLE_OR_LOSSY = ""  # explicit VR little endian, or lossy as it came
# what is meant where no transfer syntax is named: PS3.18 8.7.3.4
DEFAULT_SYNTAX = {DICOM: LITTLE_OR_LOSSY, OCTETS: str(ExplicitVRLittleEndian)}
NO_XML = "Answers here are DICOM JSON; ask for application/dicom+json."


@dataclass(frozen=True)
class Offer:
    """One way in which the answer can be given."""

    media_type: str
    multipart: bool
    syntax: str = ""  # the transfer syntax; "" where there is none to choose

    @property
    def content_type(self) -> str:
        return (
            f"{self.media_type}; transfer-syntax={self.syntax}" if self.syntax else self.media_type
        )


@dataclass(frozen=True)
class Range:
    """One media range of an Accept header."""

    media_type: str  # of each part, where multipart
    multipart: bool | None  # None: either
    syntax: str
    quality: float

    def takes(self, offer: Offer) -> bool:
        return (
            self.multipart in (None, offer.multipart)
            and fnmatchcase(offer.media_type, self.media_type)
            and (not offer.syntax or self._takes_syntax(offer.syntax))
        )

    def _takes_syntax(self, syntax: str) -> bool:
        if self.syntax == LITTLE_OR_LOSSY:
            return syntax == ExplicitVRLittleEndian or syntax in LOSSY
        return self.syntax in ("*", syntax)


def choose(request: HttpRequest, offers: list[Offer], refusal: str) -> Offer:
    """The offer that the client likes best, the first of equals; Problem 406 with `refusal` where it takes none."""
    for wanted in ranges(request.headers.get("Accept", "*/*")):
        for offer in offers:
            if wanted.takes(offer):
                return offer
    raise Problem(406, refusal)


def require_json(request: HttpRequest) -> None:
    """Problem 406 where the client does not take JSON."""
    offers = [Offer(DICOM_JSON, multipart=False), Offer("application/json", multipart=False)]
    choose(request, offers, NO_XML)


@lru_cache(256)
def ranges(accept: str) -> tuple[Range, ...]:
    """Best first; an Accept header that names nothing takes everything."""
    found = [
        _range(MediaType(text.strip())) for text in RANGE.findall(accept[:4096]) if text.strip()
    ]
    wanted = [one for one in found if one.quality > 0] if found else [Range("*", None, "*", 1.0)]
    return tuple(sorted(wanted, key=lambda one: -one.quality))


def _range(given: MediaType) -> Range:
    name = f"{given.main_type}/{given.sub_type}".lower()
    parameters = {key: str(value) for key, value in given.params.items()}
    multipart: bool | None = given.main_type == "multipart"
    if multipart:
        name = parameters.get("type", "*").lower()
    elif name == "*/*":
        name, multipart = "*", None
    syntax = parameters.get("transfer-syntax", DEFAULT_SYNTAX.get(name, "*"))
    return Range(name, multipart, syntax, given.quality)
