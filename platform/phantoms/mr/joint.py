"""The joint itself: fluid, fat pad, bones with their cartilage, menisci and cruciate ligaments, and what is torn in it."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from phantoms.mr import bones, palette
from phantoms.mr.bones import Build
from phantoms.mr.layer import Layer
from phantoms.mr.menisci import corners_of, paint_meniscus
from phantoms.mr.shapes import common, ellipsoid, inside, joined, rod
from phantoms.mr.stack import Field, Grid, Point, Slices, within
from phantoms.mr.tears import KneeTears

CARTILAGE_MM = 2.4
FAR_MM = 50.0
ACL = ((3.0, -9.0, -1.0), (-7.5, 17.0, 24.0))
ACL_CORNERS = ((-22.0, -26.0, -8.0), (16.0, 32.0, 36.0))
PCL = ((1.0, 27.0, -12.0), (2.5, 25.0, 4.0), (4.0, 14.0, 15.0), (7.0, 1.0, 19.0))


@dataclass(frozen=True)
class Marks:
    """Where in a stack something is torn: the share of each voxel, and where that part lies."""

    share: Field
    where: Slices


def paint_joint(layer: Layer, build: Build, tears: KneeTears) -> dict[str, Marks]:
    """Paints the joint; answers where the tears lie, by "meniscus" and "acl"."""
    near, where = layer.part(bones.LOW, bones.HIGH)
    grid = near.grid
    femur = _spread(near, bones.FEMUR_CORNERS, lambda part: bones.femur(part, build))
    tibia = _spread(near, bones.TIBIA_CORNERS, bones.tibia)
    _paint_room(near, femur, tibia, tears.effusion)
    _paint_front(near, build, tears.effusion)
    _paint_bone(near, femur, _femoral_cartilage(grid, femur))
    _paint_bone(near, tibia, _tibial_cartilage(grid, tibia))
    _paint_patella(near, build)
    part, _where = near.part(*bones.FIBULA_CORNERS)
    _paint_bone(part, bones.fibula(part.grid), None)
    marks = {}
    for side in ("medial", "lateral"):
        part, at = near.part(*corners_of(side))
        cartilages = (femur[at] - CARTILAGE_MM, tibia[at] - CARTILAGE_MM)
        torn = paint_meniscus(part, side, *cartilages, tears)
        if torn is not None:
            marks["meniscus"] = Marks(torn, within(where, at))
    _paint_pcl(near)
    part, at = near.part(*ACL_CORNERS)
    torn = _paint_acl(part, femur[at], tibia[at], tears)
    if torn is not None:
        marks["acl"] = Marks(torn, within(where, at))
        _paint_bruises(near, femur, tibia, tears.acl_signal)
    return marks


def _paint_room(layer: Layer, femur: Field, tibia: Field, effusion: float) -> None:
    """The capsule's inside: folds of synovium, and fluid close to the bones, more of it with an effusion."""
    grid, texture = layer.grid, layer.texture
    room = ellipsoid(grid, (0, 4, 7), (43, 33, 27))
    layer.paint(room, palette.SYNOVIUM * (1.0 + 0.25 * texture.coarse), 2.0)
    deep = 2.5 + (0.4 + 1.7 * effusion) * np.clip(0.7 + texture.coarse, 0.0, 2.5)
    pocket = ellipsoid(grid, (0, -2, 14), (38, 36, 32))
    film = common(pocket, np.minimum(femur, tibia) - deep, 1.0)
    layer.paint(film, palette.FLUID * (0.5 + 0.45 * effusion), 1.6)


def _paint_front(layer: Layer, build: Build, effusion: float) -> None:
    """Fat pad, patellar tendon and the pouch above the patella."""
    grid, texture = layer.grid, layer.texture
    z = build.patella
    pad = ellipsoid(grid, (0, -36, z - 29), (25, 13, 18))
    strands = np.exp(-np.square(texture.coarse / 0.12))
    layer.paint(pad, palette.FAT + 0.02 * texture.fine + 0.14 * strands, 2.0)
    pouch = ellipsoid(grid, (0, -29.5 - 2 * effusion, z + 25), (20, 1.2 + 4.5 * effusion, 21))
    layer.paint(pouch + 0.8 * texture.coarse, palette.FLUID * (0.75 + 0.2 * effusion), 1.4)
    tendon = rod(grid, (0, -51, z - 14), (-3, -28, -38), 2.3, flat=(0.17, 1, 1))
    layer.paint(tendon, palette.FIBROUS)


def _paint_bone(layer: Layer, bone: Field, cartilage: Field | None) -> None:
    """Cartilage, a dark plate, and marrow whose fat is suppressed."""
    texture = layer.texture
    if cartilage is not None:
        layer.paint(cartilage, palette.CARTILAGE * (1.0 + 0.05 * texture.fine))
    layer.paint(bone - 0.2, palette.CORTEX)
    marrow = palette.MARROW * (1.0 + 0.09 * texture.fine + 0.12 * texture.coarse)
    shaft = np.clip((np.abs(layer.grid.z) - 42.0) / 40.0, 0.0, 1.0)
    layer.paint(bone + 0.9 + 3.0 * shaft, marrow)


def _paint_patella(layer: Layer, build: Build) -> None:
    part, _where = layer.part(*bones.PATELLA_CORNERS)
    if part.image.size:
        bone = bones.patella(part.grid, build)
        _paint_bone(part, bone, np.maximum(bone - 3.0, -41.0 - part.grid.y))


def _spread(layer: Layer, corners: tuple[Point, Point], body: Callable[[Grid], Field]) -> Field:
    """A body that lies between two corners, as a field over the whole layer: far away elsewhere."""
    grid, where = layer.grid.around(*corners)
    field = np.full(layer.image.shape, FAR_MM, dtype=np.float32)
    field[where] = body(grid)
    return field


def _femoral_cartilage(grid: Grid, femur: Field) -> Field:
    """Over the condyles and the groove; none in the notch and none above."""
    notch = np.minimum(8.5 - np.abs(grid.x), grid.y + 12.0)
    above = grid.z - 42.0 + 0.35 * np.maximum(grid.y, 0.0)
    sides = np.abs(grid.x) - 33.0
    return np.asarray(np.maximum(np.maximum(femur - CARTILAGE_MM, notch), np.maximum(above, sides)))


def _tibial_cartilage(grid: Grid, tibia: Field) -> Field:
    middle = np.minimum(8.5 - np.abs(grid.x), 20.0 - np.abs(grid.y))
    rim = np.maximum(bones.plateau(grid) + 1.5, -5.5 - grid.z)
    return np.asarray(np.maximum(np.maximum(tibia - CARTILAGE_MM, middle), rim))


def _paint_pcl(layer: Layer) -> None:
    """A dark bow from the back of the tibia to the medial condyle."""
    part, _where = layer.part((-8, -6, -20), (14, 36, 28))
    if not part.image.size:
        return
    bow = None
    for start, end in pairwise(PCL):
        piece = rod(part.grid, start, end, 3.9, flat=(0.85, 1, 1))
        bow = piece if bow is None else joined(bow, piece, 2.0)
    if bow is not None:
        part.paint(bow, palette.FIBROUS)


def _paint_acl(layer: Layer, femur: Field, tibia: Field, tears: KneeTears) -> Field | None:
    """A striped band; torn: two stumps and a swollen, bright middle. Answers where that middle is."""
    grid, texture = layer.grid, layer.texture
    start, end = np.array(ACL[0]), np.array(ACL[1])
    stripes = np.clip(palette.FIBROUS + 0.09 + 0.09 * texture.fibres, 0.04, 0.4)
    free = -np.minimum(femur, tibia) - 0.3
    if not tears.acl:
        band = rod(grid, ACL[0], ACL[1], 4.6, end_radius=3.6, flat=(0.8, 1, 1))
        layer.paint(np.maximum(band, free), stripes)
        return None
    near, far = (
        _point(start + 0.3 * (end - start) + (0, 4, -4)),
        _point(start + 0.74 * (end - start)),
    )
    layer.paint(np.maximum(rod(grid, ACL[0], near, 3.6, end_radius=4.2), free), stripes + 0.06)
    layer.paint(np.maximum(rod(grid, far, ACL[1], 4.0, end_radius=3.4), free), stripes + 0.06)
    middle = _point((np.array(near) + far) / 2)
    swollen = np.maximum(ellipsoid(grid, middle, (7.0, 9.5, 9.0)), free)
    value = tears.acl_signal * (1.0 + 0.25 * texture.coarse + 0.12 * texture.fine)
    share = inside(swollen + 1.5 * texture.coarse, 2.5)
    layer.blend(share, value)
    return share


def _paint_bruises(layer: Layer, femur: Field, tibia: Field, strength: float) -> None:
    """Where the lateral condyle struck the back of the plateau when the ligament gave way."""
    for bone, (x, y, z) in ((femur, (-23, -4, 12)), (tibia, (-24, 19, -11))):
        part, at = layer.part((x - 24, y - 24, z - 24), (x + 24, y + 24, z + 24))
        grid, texture = part.grid, part.texture
        apart = ((grid.x - x) / 11) ** 2 + ((grid.y - y) / 10) ** 2 + ((grid.z - z) / 9) ** 2
        glow = np.exp(-apart + 0.25 * texture.coarse)
        part.blend(np.clip(glow * inside(bone[at] + 1.5, 1.5), 0.0, 1.0), 0.25 + 0.5 * strength)


def _point(values: object) -> Point:
    x, y, z = np.asarray(values, dtype=float)
    return float(x), float(y), float(z)
