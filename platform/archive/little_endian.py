"""Turns a big-endian file (a retired transfer syntax) around, so that everything stored is little-endian."""

from dataclasses import replace
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from .inspect import Inspected

# VRs whose values pydicom hands on as bytes, and their words' size in bytes (PS3.5 6.2)
WORDS = {"OW": 2, "OL": 4, "OF": 4, "OD": 8, "OV": 8}


def to_little_endian(inspected: Inspected) -> Inspected:
    """The same image with its words turned; little-endian files pass unchanged."""
    if inspected.transfer_syntax_uid != ExplicitVRBigEndian:
        return inspected
    _turn_header(inspected.header)
    word = inspected.image.bits_allocated // 8
    if word < 2:  # 8 bits a pixel, but written in 16-bit words
        word = 2 if inspected.pixels_vr == "OW" else 1
    pixels = memoryview(_turned(bytes(inspected.pixels), word))
    return replace(inspected, transfer_syntax_uid=str(ExplicitVRLittleEndian), pixels=pixels)


def _turned(data: bytes, word: int) -> bytes:
    if word < 2 or len(data) % word:
        return data
    return np.frombuffer(data, dtype=f">u{word}").astype(f"<u{word}").tobytes()


def _turn_header(dataset: Dataset) -> None:
    for tag in list(dataset.keys()):
        element: Any = dataset[tag]
        if element.VR == "SQ":
            for item in element.value:
                _turn_header(item)
        elif element.VR in WORDS and element.value:
            element.value = _turned(element.value, WORDS[element.VR])
