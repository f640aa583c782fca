"""Whether answers may be saved, the images of their case at hand where the answers name some."""

from collections.abc import Collection

from annotation import forms, hung
from annotation.kinds.regions import CaseImage, Images
from annotation.models import Annotation


def problems(annotation: Annotation, answers: object, complete: bool) -> dict[str, str]:
    """As forms.validate; one query more where regions were marked, none otherwise."""
    content = annotation.form.content
    named = forms.images_named(content, answers) if isinstance(answers, dict) else set()
    images = images_of(annotation.case_id, named) if named else {}
    return forms.validate(content, answers, complete, images)


def images_of(case_id: int, named: Collection[str]) -> Images:
    """Those of the named images that belong to the case: of the view and in the place that the page shows."""
    images = hung.images_of([case_id]).get(case_id, [])
    return {
        image["sop_instance_uid"]: CaseImage(
            image["number_of_frames"],
            image["rows"],
            image["columns"],
            image["view_position"],
            image["series_instance_uid"],
            place,
        )
        for place, image in enumerate(images)
        if image["sop_instance_uid"] in named
    }
