"""What a reader with a ruler would find: measured in the pixels, not asked of the program that drew them."""

import numpy as np
import numpy.typing as npt

from phantoms.knee import KneePhantom


def joint_space_mm(phantom: KneePhantom, side: str) -> float:
    """Width of the dark band between the bones where it is narrowest, at half depth."""
    row, column = (round(part) for part in phantom.joint[side])
    mm = phantom.pixel_spacing_mm
    reach, half = round(11 / mm), max(1, round(0.8 / mm))
    strip = phantom.pixels[row - reach : row + reach + 1, column - half : column + half + 1]
    profile = strip.mean(axis=1)
    bone = float(np.median(np.concatenate([profile[: reach // 3], profile[-(reach // 3) :]])))
    near = profile[reach - round(3 / mm) : reach + round(3 / mm) + 1]
    darkest = reach - round(3 / mm) + int(np.argmin(near))
    level = (bone + _soft(phantom)) / 2
    if profile[darkest] >= level:
        return 0.0
    top, bottom = darkest, darkest
    while top > 0 and profile[top - 1] < level:
        top -= 1
    while bottom < len(profile) - 1 and profile[bottom + 1] < level:
        bottom += 1
    return (bottom - top + 1) * mm


def _soft(phantom: KneePhantom) -> float:
    """Brightness of the notch's soft tissue: half way between the compartments, a little above."""
    (row_m, column_m), (row_l, column_l) = phantom.joint["medial"], phantom.joint["lateral"]
    row, column = round((row_m + row_l) / 2), round((column_m + column_l) / 2)
    reach = round(6 / phantom.pixel_spacing_mm)
    return float(np.percentile(phantom.pixels[row - 2 * reach : row, column - 4 : column + 5], 5))


def joint_picture(phantom: KneePhantom, side: int = 32) -> npt.NDArray[np.float64]:
    """The 60 mm around the joint, averaged to side x side, medial always on the right, mean 0 and spread 1."""
    places = list(phantom.joint.values())
    row, column = (round(sum(part) / 2) for part in zip(*places, strict=True))
    cell = round(60 / phantom.pixel_spacing_mm) // side
    half = cell * side // 2
    crop = phantom.pixels[row - half : row + half, column - half : column + half].astype(float)
    if phantom.laterality == "L":
        crop = crop[:, ::-1]
    small = crop.reshape(side, cell, side, cell).mean(axis=(1, 3))
    return np.asarray((small - small.mean()) / small.std())
