"""What a full run may be told besides: both ways round, patches erased, half precision."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.engine_cases import KL, images_of
from tests.training.test_engine_full import EXAMPLES, SETTINGS, start, train
from training.engine import stepping
from training.engine.augment import PATCH, erase
from training.engine.batches import Images
from training.engine.device import half
from training.engine.encoder import Encoder
from training.engine.full import train_full
from training.engine.labels import collect
from training.engine.model import Model
from training.engine.network import GatedAttention, Network, make_optimizer
from training.engine.stepping import Stepper


def test_both_ways_round_a_picture_and_its_mirror_image_are_one(tmp_path: Path) -> None:
    both = Encoder(start().network, both_ways=True)
    images = images_of(EXAMPLES[:3])

    found = both.embed(images)

    assert found == pytest.approx(both.embed(images[:, :, ::-1].copy()), abs=1e-5)
    alone = [start().embed(one) for one in (images, images[:, :, ::-1].copy())]
    assert found == pytest.approx(np.mean(alone, axis=0), abs=1e-5)
    # They must never be taken for each other in a cache.
    assert both.sha256 != start().sha256


def test_a_model_that_answers_both_ways_does_so_after_it_was_stored(tmp_path: Path) -> None:
    model = train(tmp_path / "run", settings=replace(SETTINGS, epochs=2, both_ways=True))
    path, sha256 = model.save(tmp_path)
    loaded = Model.load(path, sha256)
    images = images_of(EXAMPLES[:4])

    assert loaded.encoder is not None
    assert loaded.encoder.both_ways
    assert loaded.predict(images) == model.predict(images)
    turned = loaded.predict(images[:, :, ::-1].copy())
    for one, other in zip(loaded.predict(images), turned, strict=True):
        assert one["kl"]["probabilities"] == pytest.approx(other["kl"]["probabilities"], abs=1e-5)


def test_where_an_answer_has_a_side_pictures_are_looked_at_as_they_are(tmp_path: Path) -> None:
    sided = {**KL, "sites": ["medial", "lateral"]}
    examples = [
        replace(one, answers={f"kl@{site}": one.answers["kl"] for site in sided["sites"]})
        for one in EXAMPLES
    ]
    model = train_full(
        [sided],
        examples,
        Images.single(images_of(EXAMPLES), np.arange(len(EXAMPLES))),
        replace(SETTINGS, epochs=1, both_ways=True),
        folder=tmp_path,
        report=lambda _: None,
        encoder=start(),
    )

    assert model.encoder is not None
    assert not model.encoder.both_ways


def test_a_patch_of_some_pictures_is_erased_and_nothing_else() -> None:
    pictures = torch.rand(400, 40, 40) * 255
    erased = erase(pictures.clone(), 0.4, torch.Generator().manual_seed(0))

    touched = (erased != pictures).flatten(1).any(1)
    assert 0.3 < touched.float().mean() < 0.5
    low, high = (int(side * 40) for side in PATCH)
    for before, after in zip(pictures[touched], erased[touched], strict=True):
        rows, columns = torch.nonzero(before != after, as_tuple=True)
        height, width = int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1
        assert low <= height <= high
        assert low <= width <= high
        assert after[before != after].unique().numel() == 1


def test_a_card_that_only_imitates_half_precision_calculates_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def supported(including_emulation: bool = True) -> bool:
        return including_emulation

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)

    assert isinstance(half(torch.device("cuda")), nullcontext)


def test_half_precision_gives_the_same_step_but_for_rounding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    labels = collect([KL], EXAMPLES, {"train"})
    network = Network(start().network, labels, dropout=0.0)
    make_optimizer(network, SETTINGS)
    x, chosen = torch.rand(16, 3, 32, 32), np.arange(16)
    casts: list[AbstractContextManager[None]] = [
        nullcontext(),
        torch.autocast("cpu", dtype=torch.bfloat16),
    ]
    found = []
    for cast in casts:
        monkeypatch.setattr(stepping, "half", lambda _, cast=cast: cast)
        loss = Stepper(network, labels, lambda *_: None).loss(
            x, torch.ones(16, dtype=torch.int64), chosen, [16], lambda _: None
        )
        gradient = network.heads.weight.grad
        assert gradient is not None
        found.append((loss, gradient.flatten().clone()))

    (whole, exact), (rough, rounded) = found
    assert rough == pytest.approx(whole, rel=0.02)
    assert rough != whole
    assert torch.cosine_similarity(exact, rounded, dim=0) > 0.8


def test_what_is_pooled_in_half_precision_is_weighed_as_a_card_weighs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a card a softmax gives float32 where embeddings are bfloat16; on a processor it does not."""
    weigh = GatedAttention.forward
    monkeypatch.setattr(GatedAttention, "forward", lambda *of: weigh(*of).float())
    network = Network(start().network, collect([KL], EXAMPLES, {"train"}), 0.0, several=True)
    rows, counts = torch.rand(6, network.encoder.width), torch.tensor([4, 2])
    exact = network.answers(rows, counts)

    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = network.answers(rows.bfloat16(), counts)

    assert found.float().detach().numpy() == pytest.approx(exact.detach().numpy(), abs=0.05)
