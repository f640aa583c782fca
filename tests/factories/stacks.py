"""MR stacks made here: slices whose place in the patient is known."""

from pathlib import Path

import numpy as np
from pydicom.uid import MRImageStorage, generate_uid

from tests.factories.dicom import make_file

# along a row and down a column, in the patient (LPS): PS3.3 C.7.6.2.1.1
COSINES = {
    "sagittal": [0, 1, 0, 0, 0, -1],
    "coronal": [1, 0, 0, 0, 0, -1],
    "axial": [1, 0, 0, 0, 1, 0],
}
SIDE_MM = 160.0  # of the cube that every stack covers, its middle in the origin


def write_stack(
    folder: Path,
    plane: str,
    slices: int,
    side: int,
    study: str,
    frame_of_reference: str,
    description: str = "",
) -> str:
    """So many square slices through the cube; returns the SeriesInstanceUID that they were written with."""
    row, column = np.array(COSINES[plane][:3]), np.array(COSINES[plane][3:])
    normal, series = np.cross(row, column), generate_uid()
    rng = np.random.default_rng(slices)
    noise = rng.integers(0, 40, (side, side))
    y, x = np.mgrid[:side, :side] / side
    for number in range(slices):
        depth = number / max(1, slices - 1) - 0.5
        ball = (x - 0.5) ** 2 + (y - 0.5) ** 2 + depth**2 < 0.16
        pixels = (noise + 200 * ball + 300 * ball * x).astype(np.uint16)
        corner = -SIDE_MM / 2 * (row + column) + depth * SIDE_MM * normal
        (folder / f"{plane}-{number:04d}.dcm").write_bytes(
            make_file(
                pixels,
                SOPClassUID=MRImageStorage,
                Modality="MR",
                ViewPosition=None,
                PatientID="stack",
                PatientName="Stack",
                StudyInstanceUID=study,
                SeriesInstanceUID=series,
                SOPInstanceUID=generate_uid(),
                FrameOfReferenceUID=frame_of_reference,
                SeriesDescription=description or f"{plane} PD",
                InstanceNumber=number + 1,
                ImagePositionPatient=[float(round(value, 4)) for value in corner],
                ImageOrientationPatient=[float(value) for value in COSINES[plane]],
                PixelSpacing=[SIDE_MM / side] * 2,
                WindowCenter=250,
                WindowWidth=500,
            )
        )
    return str(series)
