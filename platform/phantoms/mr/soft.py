"""What lies round the joint: skin, fat, muscles, vessels, tendons and the collateral ligaments."""

import numpy as np

from phantoms.mr import palette
from phantoms.mr.layer import Layer
from phantoms.mr.shapes import egg, rod, tube
from phantoms.mr.stack import Point

SURFACE = (
    (-110, 52, 54, 14), (-60, 55, 58, 13), (-25, 52, 57, 6), (0, 54, 58, 2), (32, 56, 60, 0), (60, 60, 61, 2), (110, 68, 66, 4),
)  # fmt: skip
# centre, radii
MUSCLES: tuple[tuple[Point, Point], ...] = (
    ((30, -6, 88), (23, 30, 56)),  # vastus medialis
    ((-33, -10, 98), (22, 32, 60)),  # vastus lateralis
    ((0, -33, 106), (28, 13, 46)),  # vastus intermedius
    ((-32, 37, 66), (17, 16, 80)),  # biceps femoris
    ((21, 41, 54), (19, 15, 66)),  # semimembranosus
    ((10, 56, 66), (8, 6, 62)),  # semitendinosus
    ((46, 24, 44), (6, 15, 78)),  # sartorius
    ((39, 42, 40), (7, 7, 70)),  # gracilis
    ((20, 46, -46), (21, 16, 70)),  # gastrocnemius, medial head
    ((-19, 45, -46), (20, 15, 66)),  # gastrocnemius, lateral head
    ((3, 27, -54), (28, 9, 36)),  # popliteus
    ((-14, 34, -94), (30, 12, 48)),  # soleus
    ((-31, -9, -88), (18, 17, 66)),  # tibialis anterior
    ((-45, 9, -92), (11, 15, 68)),  # peronei
)
Rod = tuple[Point, Point, float, float, Point]  # start, end, radius, brightness, flatness
RODS: tuple[Rod, ...] = (
    ((-2, 37, 110), (0, 35, -10), 3.2, 0.12, (1, 1, 1)),  # popliteal artery
    ((0, 35, -10), (-4, 31, -90), 2.8, 0.12, (1, 1, 1)),
    ((-5, 42, 110), (-3, 41, -10), 3.8, palette.VEIN, (1, 1, 1)),
    ((-3, 41, -10), (-6, 34, -90), 3.2, palette.VEIN, (1, 1, 1)),
    ((-6, 50, 110), (-3, 49, -60), 2.6, palette.NERVE, (1, 1, 1)),
    ((-34, 46, 60), (-43, 28, -20), 1.8, palette.NERVE, (1, 1, 1)),
    ((36, 50, 110), (40, 42, -110), 1.7, palette.VEIN, (1, 1, 1)),  # great saphenous vein
    ((0, -49, 48), (0, -42, 110), 2.6, palette.FIBROUS, (0.2, 1, 1)),  # quadriceps tendon
    (
        (43, 0, 28),
        (39.5, -3, -40),
        1.1,
        palette.FIBROUS,
        (1, 0.14, 1),
    ),  # medial collateral ligament
    ((-40, 10, 24), (-37, 18, -14), 1.8, palette.FIBROUS, (1, 1, 1)),  # lateral collateral ligament
    ((-44, -14, 70), (-35, -19, -14), 1.1, palette.FIBROUS, (1, 0.16, 1)),  # iliotibial band
    ((-33, 40, 20), (-37, 21, -16), 2.4, palette.FIBROUS, (1, 1, 1)),  # tendon of the biceps
    ((22, 38, 20), (28, 27, -12), 2.4, palette.FIBROUS, (1, 1, 1)),  # tendon of the semimembranosus
)


def paint_surroundings(layer: Layer, stout: float) -> None:
    """Skin, fat in lobules between the fasciae, and the muscles with their septa."""
    texture = layer.texture
    body = tube(layer.grid, np.array(SURFACE) * (1.0, stout, stout, 1.0)) + 1.6 * texture.broad
    lobules = np.exp(-np.square(texture.coarse / 0.16))
    layer.paint(body, palette.SKIN)
    layer.paint(body + 1.6, palette.FAT + 0.015 * texture.fine + 0.05 * lobules)
    for centre, radii in MUSCLES:
        part, where = layer.part(*_corners(centre, radii))
        if not part.image.size:
            continue
        grain = part.texture
        septa = np.exp(-np.square(grain.bundles / 0.07))
        value = palette.MUSCLE * (1.0 + 0.08 * grain.fibres + 0.05 * grain.coarse - 0.45 * septa)
        muscle = np.maximum(egg(part.grid, centre, radii) + 1.6 * grain.bundles, body[where] + 5.0)
        part.paint(muscle, value, 1.4)
    for start, end, radius, value, flat in RODS:
        spread = tuple(radius / f + 2.0 for f in flat)
        low, high = (
            tuple(op(a, b) + sign * s for a, b, s in zip(start, end, spread, strict=True))
            for op, sign in ((min, -1), (max, 1))
        )
        part, _where = layer.part((low[0], low[1], low[2]), (high[0], high[1], high[2]))
        if part.image.size:
            part.paint(rod(part.grid, start, end, radius, flat=flat), value)


def _corners(centre: Point, radii: Point) -> tuple[Point, Point]:
    (x, y, z), (a, b, c) = centre, radii
    return (x - a - 8, y - b - 8, z - 1.5 * c), (x + a + 8, y + b + 8, z + 1.5 * c)
