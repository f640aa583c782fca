"""Images per second: from stored DICOM to predictions, against the bare network on the same images in the same run."""

import json
import tempfile
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.test.utils import override_settings

from annotation.models import Case
from inference.predict import answers
from training import loading
from training.models import ModelVersion
from training.pictures import images, pictures

CASES, ROUNDS = 256, 3


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure(task: int) -> None:
    """Prints {"end_to_end": images/s, "bare": images/s, "embedding_seconds": for all cases} as JSON."""
    version = ModelVersion.objects.filter(task=task).order_by("number").last()
    assert version is not None
    model = loading.load(version)
    cases = list(Case.objects.filter(task=task).order_by("pk").values_list("pk", flat=True))
    training: dict[str, Any] = {"size": model.size, "mirror": "L"}
    chosen = pictures(cases[:CASES], training)
    wanted = [picture for bag in chosen.values() for picture in bag]
    squares = images(wanted, lambda *_: None, {}).rows([one.key for one in wanted])
    assert model.encoder is not None
    model.encoder.embed(squares[:32])  # folded and warm
    end_to_end, bare = [], []
    for _ in range(ROUNDS):  # in turn, so that the machine's moods meet both
        with (
            tempfile.TemporaryDirectory(dir=settings.DATA) as empty,
            override_settings(CACHE_FOLDER=empty),
        ):
            end_to_end.append(seconds(lambda: answers(version, chosen, lambda *_: None)))
        bare.append(seconds(lambda: model.encoder and model.encoder.embed(squares)))
    every = [picture for bag in pictures(cases, training).values() for picture in bag]
    cache = images(every, lambda *_: None, {})
    all_squares = cache.rows([one.key for one in every])
    print(
        json.dumps(
            {
                "end_to_end": CASES / sorted(end_to_end)[ROUNDS // 2],
                "bare": CASES / sorted(bare)[ROUNDS // 2],
                "embedding_seconds": seconds(
                    lambda: model.encoder and model.encoder.embed(all_squares)
                ),
            }
        )
    )
