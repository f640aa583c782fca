"""A frame as a picture of 8 bits: windowed, cut, mirrored and scaled as asked."""

from io import BytesIO
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pydicom
from PIL import Image as Pictures
from PIL import ImageOps
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array

from archive import store
from archive.functional_groups import number, of_frame
from archive.models import Instance
from archive.pixels import Grey, Undecodable, grey, mirror
from archive.voi_lut import by_voi_lut, has_voi_lut

from .viewport import FUNCTIONS, Viewport, Window

CENTER, WIDTH, FUNCTION, FRAME_VOI_LUT = "00281050", "00281051", "00281056", "00289132"


class Asked(NamedTuple):
    window: Window | None
    viewport: Viewport | None
    quality: int


def render(instance: Instance, index: int, asked: Asked) -> Pictures.Image:
    """Raises Undecodable."""
    if instance.photometric_interpretation.startswith("MONOCHROME"):
        values = grey(instance, index)
        picture = Pictures.fromarray(_shown(values, asked.window, instance, index))
    else:
        picture = Pictures.fromarray(_colour(instance, index))
    return _fitted(picture, asked.viewport) if asked.viewport else picture


def encode(picture: Pictures.Image, media_type: str, quality: int) -> bytes:
    buffer = BytesIO()
    if media_type == "image/png":
        picture.save(buffer, "PNG", compress_level=3)
    else:
        picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _shown(
    values: Grey, asked: Window | None, instance: Instance, index: int
) -> npt.NDArray[np.uint8]:
    """As asked, else by the file's own table, else by its window."""
    # of MONOCHROME1 larger is brighter here, and tables and windows are meant for what is stored
    turned = mirror(instance, index) if _is_mirrored(instance) else None
    if asked is None and has_voi_lut(instance):
        if turned is None:
            return by_voi_lut(instance, values)
        return 255 - by_voi_lut(instance, np.float32(turned) - values)
    window = asked or _own_window(instance, index)
    if window and turned is not None:
        window = window._replace(center=turned - window.center)
    return _windowed(values, window)


def _own_window(instance: Instance, index: int) -> Window | None:
    """The first that the file names for this frame."""
    found = of_frame(instance.metadata, index, FRAME_VOI_LUT, WIDTH)
    function = (found.get(FUNCTION, {}).get("Value") or [""])[0]
    name = str(function).lower().replace("_", "-")
    width = number(found, WIDTH, 0)
    if width <= 0:
        return None
    return Window(number(found, CENTER, 0), width, name if name in FUNCTIONS else "linear")


def _windowed(values: Grey, window: Window | None) -> npt.NDArray[np.uint8]:
    """PS3.3 C.11.2.1.2; without a window, from the 1st to the 99th percentile of the pixels."""
    if window is None:
        low, high = np.percentile(values[::4, ::4] if values.size > 65_536 else values, (1, 99))
        window = Window((low + high) / 2, max(high - low, 1e-6), "linear-exact")
    center, width, function = window
    if function == "sigmoid":
        scaled = 1 / (1 + np.exp(np.clip(-4 * (values - center) / width, -80, 80)))
    elif function == "linear" and width > 1:
        scaled = (values - (center - 0.5)) / (width - 1) + 0.5
    else:
        scaled = (values - center) / width + 0.5
    return np.asarray(np.clip(scaled * 255 + 0.5, 0, 255), np.uint8)


def _is_mirrored(instance: Instance) -> bool:
    return instance.photometric_interpretation == "MONOCHROME1"


def _colour(instance: Instance, index: int) -> npt.NDArray[np.uint8]:
    try:
        with store.originals().open(instance.file) as file:
            dataset = pydicom.dcmread(file)
            pixels = pixel_array(dataset, index=index)
        if instance.photometric_interpretation == "PALETTE COLOR":
            pixels = apply_color_lut(pixels, dataset)
    except OSError:
        raise
    except Exception as exc:  # decoders raise anything
        raise Undecodable(
            f"The pixels of {instance.sop_instance_uid} cannot be decoded: {exc}"
        ) from exc
    bits = (
        pixels.dtype.itemsize * 8 if instance.photometric_interpretation == "PALETTE COLOR" else 0
    )
    shift = max(0, (bits or instance.bits_stored) - 8)
    return np.ascontiguousarray((pixels[..., :3] >> shift).astype(np.uint8))


def _fitted(picture: Pictures.Image, viewport: Viewport) -> Pictures.Image:
    if viewport.region:
        x, y, width, height = viewport.region
        box = (x, y, x + abs(width), y + abs(height))
        corners = [
            int(min(max(at, 0), side)) for at, side in zip(box, picture.size * 2, strict=True)
        ]
        if corners[0] >= corners[2] or corners[1] >= corners[3]:
            raise Undecodable(
                f"There is nothing at {x:g},{y:g}; the image has {picture.size} pixels."
            )
        picture = picture.crop((corners[0], corners[1], corners[2], corners[3]))
        picture = ImageOps.mirror(picture) if width < 0 else picture
        picture = ImageOps.flip(picture) if height < 0 else picture
    return ImageOps.contain(picture, (viewport.width, viewport.height))
