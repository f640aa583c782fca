"""A slice of a phantom knee as MR Image Storage, PS3.3 section A.4."""

from pydicom.dataset import Dataset
from pydicom.uid import MRImageStorage

from phantoms.dicom import Person, Visit, finish, new_dataset, phantom_uid, store_pixels
from phantoms.mr.knee import KneeMRPhantom, StackPhantom
from phantoms.mr.signal import TOP

BITS_STORED = 12


def slice_dicom(
    phantom: KneeMRPhantom, stack: int, number: int, person: Person, visit: Visit
) -> Dataset:
    """Slice `number` (from 0) of a stack (0 sagittal, 1 coronal, 2 axial), ready to be saved.

    The stacks share a frame of reference, so that a point in one is found in the others.
    """
    drawn = phantom.stacks[stack]
    plane = drawn.stack.plane.name
    dataset = new_dataset(person, visit)
    dataset.SOPClassUID = MRImageStorage
    dataset.SOPInstanceUID = phantom_uid(visit.study_instance_uid, plane, number, "instance")
    dataset.SeriesInstanceUID = phantom_uid(visit.study_instance_uid, plane, "series")
    dataset.FrameOfReferenceUID = phantom_uid(visit.study_instance_uid, "frame of reference")
    dataset.PositionReferenceIndicator = ""
    dataset.SeriesNumber, dataset.InstanceNumber = stack + 2, number + 1
    dataset.SeriesDescription = f"{plane.capitalize()} PD FS"
    dataset.ProtocolName = f"Knee {plane} PD FS"
    dataset.ManufacturerModelName = "Knee MR"
    dataset.Modality = "MR"
    dataset.BodyPartExamined = "KNEE"
    dataset.Laterality = phantom.laterality
    dataset.PatientPosition = "FFS"
    _describe_sequence(dataset)
    _describe_place(dataset, drawn, number)
    store_pixels(dataset, drawn.pixels[number], BITS_STORED)
    dataset.WindowCenter, dataset.WindowWidth = str(round(0.42 * TOP)), str(round(0.84 * TOP))
    return finish(dataset)


def _describe_sequence(dataset: Dataset) -> None:
    dataset.ScanningSequence, dataset.SequenceVariant = "SE", "SK"
    dataset.ScanOptions, dataset.MRAcquisitionType = "FS", "2D"
    dataset.RepetitionTime, dataset.EchoTime = "3200", "34"
    dataset.EchoTrainLength = "7"
    dataset.MagneticFieldStrength = "1.5"


def _describe_place(dataset: Dataset, drawn: StackPhantom, number: int) -> None:
    stack = drawn.stack
    position = stack.position(number)
    dataset.ImageOrientationPatient = [f"{part:g}" for part in stack.orientation()]
    dataset.ImagePositionPatient = [f"{part:.4f}" for part in position]
    dataset.PixelSpacing = [f"{stack.spacing_mm:.6g}"] * 2
    dataset.SliceThickness = f"{stack.plane.thickness_mm:g}"
    dataset.SpacingBetweenSlices = f"{stack.plane.gap_mm:g}"
    dataset.SliceLocation = f"{position[stack.plane.axes[0]]:.4f}"
