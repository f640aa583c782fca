"""MR volumes made here whose every voxel is known: acquired in any plane, in any order, with voxels that are no cubes."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.uid import MRImageStorage, generate_uid

from tests.factories.dicom import make_file
from tests.factories.stacks import COSINES

SIZE = (24, 20, 16)  # voxels along the patient's x (to the left), y (to the back), z (to the head)
MILLIMETRES = (0.8, 1.2, 3.0)
Voxels = npt.NDArray[np.uint16]


def known_voxels() -> Voxels:
    """Neighbours differ in every direction; values 0 to 255, as a screen has greys."""
    x, y, z = np.indices(SIZE)
    return np.asarray((3 * x + 29 * y + 71 * z + x * y * z) % 256, np.uint16)


def write_volume(
    folder: Path, series: int, plane: str, backwards: bool = False, without: Collection[int] = ()
) -> None:
    """Slices through the voxels, `without` some; `backwards`: numbered against the place along the normal."""
    row, column = np.array(COSINES[plane][:3]), np.array(COSINES[plane][3:])
    normal = np.cross(row, column)
    # the voxels as the scanner sees them: slice, row, column, each growing along its direction
    axes = [int(np.argmax(np.abs(way))) for way in (normal, column, row)]
    seen = known_voxels().transpose(axes)
    against = tuple(n for n, way in enumerate((normal, column, row)) if way.sum() < 0)
    seen = np.flip(seen, against)
    first = sum(
        (
            way * (0 if way.sum() > 0 else -(SIZE[axis] - 1)) * MILLIMETRES[axis]
            for way, axis in zip((normal, column, row), axes, strict=True)
        ),
        np.zeros(3),
    )
    study, series_uid, space = generate_uid(), generate_uid(), generate_uid()
    for number in range(len(seen)):
        if number in without:
            continue
        at = first + normal * number * MILLIMETRES[axes[0]]
        (folder / f"{number:03d}.dcm").write_bytes(
            make_file(
                np.ascontiguousarray(seen[number]),
                SOPClassUID=MRImageStorage,
                Modality="MR",
                ViewPosition=None,
                PatientID=folder.name,
                PatientName=folder.name,
                StudyInstanceUID=study,
                SeriesInstanceUID=series_uid,
                SeriesNumber=series,
                SOPInstanceUID=generate_uid(),
                FrameOfReferenceUID=space,
                InstanceNumber=len(seen) - number if backwards else number + 1,
                ImagePositionPatient=[float(value) for value in at],
                ImageOrientationPatient=[float(value) for value in COSINES[plane]],
                PixelSpacing=[MILLIMETRES[axes[1]], MILLIMETRES[axes[2]]],
                WindowCenter=127.5,
                WindowWidth=255,
                VOILUTFunction="LINEAR_EXACT",
            )
        )
