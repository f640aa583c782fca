"""Two halves of a picture and one network: what it says of each, of a mirrored picture, and after it was stored."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from tests.training.engine_cases import KL, answered, images_of
from tests.training.test_engine_full import EXAMPLES, SETTINGS
from training.engine.batches import Images
from training.engine.encoder import Encoder
from training.engine.examples import Example, Field
from training.engine.full import Settings, train_full
from training.engine.model import Model
from training.networks import NETWORKS
from training.networks.halves import NO_PLACES, Halves, half_of

HALVED = replace(SETTINGS, size=128, epochs=1, small_share=0.0, halves=True)


def near(one: Any, other: Any) -> bool:
    """But for rounding."""
    a, b = (np.asarray(of.detach() if isinstance(of, Tensor) else of) for of in (one, other))
    return a.shape == b.shape and bool(np.abs(a - b).max() <= 1e-4 * np.abs(b).max() > 0)


def network(name: str = "resnet18") -> Halves:
    torch.manual_seed(0)
    return Halves(NETWORKS[name]()).eval()


def pictures(n: int = 2, size: int = 128) -> torch.Tensor:
    return torch.randn(n, 3, size, size, generator=torch.Generator().manual_seed(1))


def squares(n: int = 3) -> NDArray[np.uint8]:
    return np.random.default_rng(2).integers(0, 255, (n, 128, 128), dtype=np.uint8)


def train(folder: Path, settings: Settings = HALVED) -> Model:
    images = Images.single(images_of(EXAMPLES, 128), np.arange(len(EXAMPLES)))
    start = Encoder(network().inner, "resnet18")
    return train_full(
        [KL], EXAMPLES, images, settings, folder=folder, report=lambda _: None, encoder=start
    )


@pytest.mark.parametrize(("side", "half"), [(224, 128), (160, 96), (128, 96), (384, 224)])
def test_halves_are_a_little_more_than_half_and_whole_places_of_the_map(
    side: int, half: int
) -> None:
    assert half_of(side) == half


@pytest.mark.parametrize("name", ["resnet18", "densenet121"])
def test_an_embedding_is_the_same_networks_of_both_halves(name: str) -> None:
    halves, x = network(name), pictures()

    with torch.inference_mode():
        found = halves(x)
        left = halves.inner(x[..., :96])
        right = halves.inner(x[..., 32:].flip(-1))

    assert found.shape == (2, 2 * halves.inner.width) == (2, halves.width)
    assert near(found, torch.cat([left, right], 1))


def test_a_mirrored_picture_has_its_halves_exchanged() -> None:
    halves, x = network(), pictures()

    with torch.inference_mode():
        left, right = halves(x).chunk(2, dim=1)
        mirrored = halves(x.flip(-1))

    assert near(mirrored, torch.cat([right, left], 1))
    assert not near(left, right)


def test_each_half_is_mapped_to_where_it_lies() -> None:
    halves, x = network("resnet18"), pictures(1)
    changed = x.clone()
    changed[..., 100:] += 1.0  # beyond the left half

    with torch.inference_mode():
        before, after = halves.feature_map(x)[0], halves.feature_map(changed)[0]
        embedded = halves(x)[0]

    assert before.shape == (halves.width, 4, 4)
    assert near(before.mean((1, 2)), embedded)
    of_left, of_right = before.chunk(2)
    assert of_left[..., 3].abs().max() == of_right[..., 0].abs().max() == 0
    moved = (after - before).abs()
    assert moved[: halves.inner.width].max() == pytest.approx(0, abs=1e-5)
    # the last column is the outermost place of the right half, as its first is of the mirrored one
    alone = halves.inner.feature_map(x[..., 32:].flip(-1))[0, :, :, 0] * (4 / 3)
    assert near(of_right[..., 3], alone.detach())


def test_both_ways_round_both_sides_count_alike() -> None:
    both = Encoder(network(), "resnet18", both_ways=True)
    images = squares()

    found = both.embed(images)

    assert near(found, both.embed(images[:, :, ::-1].copy()))
    left, right = found[:, :512], found[:, 512:]
    assert near(left, right)
    features = both.feature_map(images[0])
    assert near(features.mean((1, 2)), found[0])


def test_they_are_never_taken_for_whole_pictures_in_a_cache() -> None:
    plain = Encoder(network().inner, "resnet18")
    halved = plain.in_halves()

    hashes = {
        plain.sha256,
        halved.sha256,
        Encoder(halved.network, "resnet18", both_ways=True).sha256,
    }
    assert len(hashes) == 3
    assert halved.width == 2 * plain.width
    assert halved.in_halves() is halved


def test_places_are_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="finds no places"):
        network().feature_maps(pictures())
    assert "halves" in NO_PLACES


def test_what_is_stored_answers_the_same_bits(tmp_path: Path) -> None:
    model = train(tmp_path / "run")
    path, sha256 = model.save(tmp_path)
    loaded = Model.load(path, sha256)
    images = images_of(EXAMPLES[:4], 128)

    assert loaded.encoder is not None
    assert loaded.encoder.halves
    assert loaded.encoder.sha256 == model.encoder_sha256
    assert np.array_equal(loaded.embed(images), model.embed(images))
    assert loaded.predict(images) == model.predict(images)
    assert loaded.heads["kl"].weight.shape == (4, 2 * 512)


WORSE: Field = {"key": "worse", "kind": "presence", "label": "Left is worse", "sites": []}


def sided() -> tuple[list[Example], NDArray[np.uint8]]:
    """Pictures with a bright block on one side or the other; present: it is on the left."""
    rng = np.random.default_rng(4)
    splits = ["train"] * 32 + ["tune"] * 8 + ["test"] * 12
    examples, images = [], rng.integers(0, 60, (len(splits), 128, 128))
    for n, split in enumerate(splits):
        left = n % 2 == 0
        top, at = rng.integers(10, 70), rng.integers(4, 16)
        columns = slice(at, at + 24) if left else slice(104 - at, 128 - at)
        images[n, top : top + 40, columns] += 150
        said = {"worse": answered("present" if left else "absent")}
        examples.append(Example(f"c{n}", f"p{n}", split, said, "R"))
    return examples, images.astype(np.uint8)


def test_which_side_is_worse_is_learned(tmp_path: Path) -> None:
    """Pictures that were mirrored while it learns would teach that the sides are alike."""
    examples, images = sided()
    settings = replace(HALVED, epochs=2)
    rows = Images.single(images, np.arange(len(examples)))
    model = train_full(
        [WORSE],
        examples,
        rows,
        settings,
        folder=tmp_path,
        report=lambda _: None,
        encoder=Encoder(network().inner, "resnet18"),
    )

    said = model.predict(images[40:])
    right = [
        one["worse"]["value"] == example.answers["worse"]["value"]
        for one, example in zip(said, examples[40:], strict=True)
    ]
    assert np.mean(right) > 0.9
