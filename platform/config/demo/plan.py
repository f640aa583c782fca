"""What the demo needs to know of one of its tasks."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from annotation.forms import Answers

Answer = Callable[
    [np.random.Generator], Answers
]  # a demo reader's answers to a case whose truth is known
IMAGE, STUDY = "sop_instance_uid", "series__study__study_instance_uid"


class Plan(NamedTuple):
    """`answers` reads the truth beside the phantoms: an Answer for each image or study, as `key` says, by archived UID."""

    task: str
    template: str
    folder: str  # under the data folder
    truth_file: str
    what: str
    draw: Callable[[Path], object]
    answers: Callable[[Path], dict[str, Answer]]
    key: str
    reads: int
    apart: bool = (
        False  # images that were there before stay out of it, although its rule would take them
    )
