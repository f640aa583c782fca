"""Cases of several pictures: what becomes of them in each way of pooling."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.training.engine_cases import FRACTURE, answered
from training.engine.batches import Images
from training.engine.encoder import Encoder
from training.engine.evaluate import evaluate
from training.engine.examples import Example
from training.engine.fast import fit_fast
from training.engine.full import Settings, train_full
from training.engine.labels import collect
from training.engine.model import Model
from training.engine.network import GatedAttention, Network
from training.engine.pooling import EVERY, Attention, Bags, Mean, MeanMax, of_name
from training.networks.efficientnet_lite import EfficientNetLite0

WIDTH = 1280
ENCODER = ("efficientnet_lite0", "a" * 64)


def attention(slots: list[str], seed: int = 0) -> Attention:
    generator = np.random.default_rng(seed)
    value, gate = generator.normal(size=(2, 8, WIDTH)).astype(np.float32) / 10
    return Attention(slots, value, gate, generator.normal(size=(len(slots), 8)).astype(np.float32))


def stacks(n: int, seed: int = 0) -> tuple[Bags, list[bool]]:
    """Cases of 3 to 12 pictures of noise; in one picture of every second case some features stand out."""
    generator = np.random.default_rng(seed)
    parts, torn = [], []
    for number in range(n):
        part = generator.normal(size=(int(generator.integers(3, 13)), WIDTH)).astype(np.float32)
        torn.append(number % 2 == 0)
        if torn[-1]:
            part[generator.integers(len(part)), :30] += 6
        parts.append(part)
    return Bags.of(parts), torn


def cases(torn: list[bool], split: str, start: int = 0) -> list[Example]:
    return [
        Example(
            f"case-{n}",
            f"patient-{n}",
            split,
            {"fracture": answered("present" if one else "absent")},
            "",
        )
        for n, one in enumerate(torn, start)
    ]


def test_one_picture_is_its_own_mean() -> None:
    rows = np.random.default_rng(0).normal(size=(4, WIDTH)).astype(np.float32)

    assert (Mean().pooled(Bags.single(rows))[EVERY] == rows).all()


def test_pictures_of_a_case_are_pooled_among_themselves_only() -> None:
    first, second = np.full((2, 3), 1, np.float32), np.array([[0, 5, 2]], np.float32)
    first[1] = [3, 1, -1]

    pooled = MeanMax().pooled(Bags.of([first, second]))[EVERY]

    assert pooled.tolist() == [[2, 1, 0, 3, 1, 1], [0, 5, 2, 0, 5, 2]]


def test_attention_weighs_each_case_to_one_and_is_what_the_network_does() -> None:
    bags, _ = stacks(5)
    pooling = attention(["fracture", "other"])
    layer = GatedAttention(WIDTH, 2)
    layer.value = torch.nn.Linear(WIDTH, 8, bias=False)
    layer.gate = torch.nn.Linear(WIDTH, 8, bias=False)
    layer.score = torch.nn.Linear(8, 2, bias=False)
    with torch.no_grad():
        for name in ("value", "gate", "score"):
            getattr(layer, name).weight.copy_(torch.from_numpy(getattr(pooling, name)))

    weights = pooling.weights(bags)
    expected = layer(torch.from_numpy(bags.rows), torch.from_numpy(np.diff(bags.starts)))

    assert np.add.reduceat(weights, bags.starts[:-1]) == pytest.approx(1, abs=1e-5)
    assert weights == pytest.approx(expected.detach().numpy(), abs=1e-5)
    assert set(pooling.pooled(bags)) == {"fracture", "other", EVERY}


def test_the_fast_run_finds_the_one_slice_that_matters() -> None:
    train, torn = stacks(160)
    test, torn_too = stacks(80, seed=1)

    model = fit_fast(
        [FRACTURE],
        cases(torn, "train"),
        train,
        encoder=ENCODER,
        seed=0,
        report=lambda _: None,
        pooling=MeanMax(),
    )
    found = evaluate([FRACTURE], cases(torn_too, "test", 500), model.predict_embeddings(test))

    assert found["fracture"]["auc"]["value"] > 0.95


def test_a_case_without_a_picture_is_refused() -> None:
    bags, torn = stacks(20)
    empty = Bags(bags.rows, np.concatenate([bags.starts[:-1], bags.starts[-2:-1]]))

    with pytest.raises(ValueError, match="need as many embeddings"):
        fit_fast(
            [FRACTURE], cases(torn, "train"), empty, encoder=ENCODER, seed=0, report=lambda _: None
        )


@pytest.mark.parametrize("pooling", [Mean(), MeanMax(), attention(["fracture"])])
def test_a_saved_model_pools_as_before(tmp_path: Path, pooling: Any) -> None:
    bags, torn = stacks(40)
    model = fit_fast(
        [FRACTURE],
        cases(torn, "train"),
        bags,
        encoder=ENCODER,
        seed=0,
        report=lambda _: None,
        pooling=pooling,
    )

    again = Model.load(*model.save(tmp_path))

    assert again.pooling.name == pooling.name
    assert again.predict_embeddings(bags) == model.predict_embeddings(bags)


def test_an_unknown_pooling_is_refused() -> None:
    with pytest.raises(ValueError, match="no pooling 'median'"):
        of_name("median", [], {})


def pictures(torn: list[bool], size: int = 32) -> Images:
    """Three pictures a case: noise, one of them with a bright bar where `torn`."""
    generator = np.random.default_rng(0)
    array: NDArray[np.uint8] = generator.integers(0, 60, (3 * len(torn), size, size), np.uint8)
    for n, one in enumerate(torn):
        if one:
            array[3 * n + int(generator.integers(3)), : size // 2] += 150
    return Images(array, np.arange(len(array)), np.arange(0, len(array) + 1, 3))


def test_a_full_run_learns_which_picture_to_look_at(tmp_path: Path) -> None:
    torn = [n % 2 == 0 for n in range(72)]
    examples = cases(torn[:48], "train") + cases(torn[48:], "tune", 48)
    settings = Settings(
        size=32, epochs=12, batch=8, lr=2e-3, threads=1, images="all", pictures=3, patience=12
    )
    torch.manual_seed(0)

    model = train_full(
        [FRACTURE],
        examples,
        pictures(torn),
        settings,
        folder=tmp_path,
        report=lambda _: None,
        encoder=Encoder(EfficientNetLite0()),
    )

    images = pictures(torn)
    assert model.encoder is not None
    bags = Bags(model.encoder.embed(np.array(images.array)), images.starts)
    assert isinstance(model.pooling, Attention)
    found = evaluate([FRACTURE], examples, model.predict_embeddings(bags))
    assert found["fracture"]["auc"]["value"] > 0.9


def test_at_the_start_all_pictures_weigh_alike() -> None:
    torn = [n % 2 == 0 for n in range(20)]
    labels = collect([FRACTURE], cases(torn, "train"), {"train"})
    network = Network(EfficientNetLite0(), labels, 0.0, several=True).eval()

    embedded = torch.randn(5, WIDTH)
    assert network.attention is not None
    weights = network.attention(embedded, torch.tensor([2, 3]))

    assert weights[:2, 0].tolist() == pytest.approx([1 / 2] * 2)
    assert weights[2:, 0].tolist() == pytest.approx([1 / 3] * 3)


def test_a_step_sees_at_most_so_many_pictures_of_a_case_and_others_in_the_next() -> None:
    images = Images(np.zeros((12, 4, 4), np.uint8), np.arange(12), np.array([0, 10, 12]))
    images.array[:] = np.arange(12)[:, None, None]  # type: ignore[index]
    generator = torch.Generator().manual_seed(0)

    drawn = [images.draw(np.array([0, 1]), 4, generator) for _ in range(3)]

    assert all(one.counts.tolist() == [4, 2] for one in drawn)
    seen = {tuple(one.images[:4, 0, 0].tolist()) for one in drawn}
    assert len(seen) > 1
    assert all(list(one) == sorted(set(one)) for one in seen)
    assert images.take(np.array([1])).images[:, 0, 0].tolist() == [10, 11]
