"""What onnxruntime makes of pictures is what torch makes of them."""

import logging
import subprocess
import sys
from collections.abc import Generator

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tests.training.dense_cases import BOXES
from tests.training.engine_cases import KL
from training.engine.dense.heads import DenseHead
from training.engine.dense.seeing import Dense
from training.engine.encoder import Encoder, embedded
from training.engine.examples import dense_slots
from training.engine.model import Head, Model
from training.networks import NETWORKS
from training.networks.backbone import Backbone
from training.networks.pyramid import Pyramid

SIZE = 224
Pictures = NDArray[np.uint8]


def encoder_of(name: str) -> Encoder:
    """Random weights whose embeddings are as large as those of trained ones."""
    torch.manual_seed(0)
    network = NETWORKS[name]()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.get_buffer("running_mean"), -0.2, 0.2)
            nn.init.uniform_(module.get_buffer("running_var"), 0.8, 1.2)
    return Encoder(network, name)


def pictures(count: int, size: int = SIZE) -> Pictures:
    return np.random.default_rng(count).integers(0, 256, (count, size, size), dtype=np.uint8)


def by_torch(encoder: Encoder, images: Pictures) -> NDArray[np.float32]:
    with torch.inference_mode():
        found = embedded(encoder.fast(), torch.from_numpy(images), encoder.both_ways)
    return found.numpy()


@pytest.fixture
def exported_alone(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Nothing falls back to torch, which would say the same as itself."""
    yield
    assert [one.getMessage() for one in caplog.get_records("call")] == []


@pytest.mark.usefixtures("exported_alone")
@pytest.mark.parametrize("name", ["efficientnet_lite0", "resnet18", "densenet121"])
def test_both_say_the_same_of_pictures_of_real_size(name: str) -> None:
    encoder, images = encoder_of(name), pictures(2)
    expected = by_torch(encoder, images)
    assert np.abs(expected).max() > 0.1  # there is something to compare

    assert encoder.embed(images) == pytest.approx(expected, abs=1e-4, rel=1e-4)


@pytest.mark.usefixtures("exported_alone")
@pytest.mark.parametrize(("halves", "both_ways"), [(True, False), (False, True), (True, True)])
def test_both_say_the_same_of_halves_and_of_mirror_images(halves: bool, both_ways: bool) -> None:
    plain, images = encoder_of("efficientnet_lite0"), pictures(2, 128)
    network = (plain.in_halves() if halves else plain).network
    encoder = Encoder(network, plain.name, both_ways=both_ways)

    expected = by_torch(encoder, images)
    assert encoder.embed(images) == pytest.approx(expected, abs=1e-4, rel=1e-4)


@pytest.mark.usefixtures("exported_alone")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_picture_is_told_alike_alone_and_in_any_company(threads: int) -> None:
    encoder, images = encoder_of("efficientnet_lite0"), pictures(5, 96)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        together = encoder.embed(images)
        alone = np.concatenate([encoder.embed(images[n : n + 1]) for n in range(len(images))])
    finally:
        torch.set_num_threads(before)

    assert np.array_equal(together, alone)
    assert np.array_equal(together[2:5], encoder.embed(images[2:5]))


@pytest.mark.usefixtures("exported_alone")
def test_predictions_are_those_of_torch_in_every_digit_that_is_shown() -> None:
    encoder, images = encoder_of("efficientnet_lite0"), pictures(6)
    rng = np.random.default_rng(0)
    weight = rng.normal(0, 0.02, (4, encoder.width)).astype(np.float32)
    rows = by_torch(encoder, images)
    head = Head(weight, -(rows @ weight.T).mean(0), {"temperature": 1.5, "decision": "expected"})
    model = Model([KL], {"kl": head}, encoder=encoder)

    for said, expected in zip(model.predict(images), model.predict_embeddings(rows), strict=True):
        assert said["kl"]["value"] == expected["kl"]["value"]
        assert said["kl"]["probabilities"] == pytest.approx(
            expected["kl"]["probabilities"], abs=1e-4
        )


@pytest.mark.usefixtures("exported_alone")
@pytest.mark.parametrize("pyramid", [True, False])
def test_places_are_found_where_torch_finds_them(pyramid: bool) -> None:
    encoder, images = encoder_of("efficientnet_lite0"), pictures(3, 96)
    torch.manual_seed(1)
    made = Pyramid(encoder.network.widths) if pyramid else None
    features = Dense({}, made).shape(encoder, 96)[0]
    weight = np.random.default_rng(1).normal(0, 0.1, (5, features)).astype(np.float32)
    dense = Dense({"where": DenseHead(weight, np.zeros(5, np.float32), {})}, made)
    slots = dense_slots([BOXES])
    with torch.inference_mode():
        maps = dense.features(encoder.fast(), torch.from_numpy(images)).numpy()

    assert dense.maps(encoder, images) == pytest.approx(maps, rel=2e-3, abs=2e-3)  # half precision
    ours, theirs = (
        see["where"]
        for see in (
            dense.find(encoder, slots, images),
            dense.look(encoder.fast(), slots, torch.from_numpy(images)),
        )
    )
    for one, other in zip(ours, theirs, strict=True):
        assert one[:5] == pytest.approx(other[:5], rel=1e-4, abs=1e-4)
    [alone] = dense.find(encoder, slots, images[1:2])["where"]
    assert np.array_equal(alone, ours[1])


class Strange(Backbone):
    """Two features of a picture, by something that no exporter knows."""

    mean, spread = (0.0, 0.0, 0.0), (255.0, 255.0, 255.0)
    widths = (2, 2, 2, 2)

    def feature_map(self, x: Tensor) -> Tensor:
        found: Tensor = torch.special.bessel_j0(x[:, :2, ::32, ::32])
        return found


class Tempting(Strange):
    """One of which the example that it is exported by shows only half."""

    def feature_map(self, x: Tensor) -> Tensor:
        return x[:, :2] if float(x.max()) == 0 else 1 - x[:, :2]


@pytest.mark.parametrize(
    ("network", "why"), [(Strange, "bessel_j0"), (Tempting, "it gives other numbers")]
)
def test_what_cannot_be_exported_stays_on_torch_and_the_log_says_why(
    network: type[Backbone], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    encoder, images = Encoder(network(), "strange"), pictures(3, 64)

    with caplog.at_level(logging.WARNING):
        found = encoder.embed(images)
        again = encoder.embed(images[:1])

    expected = by_torch(encoder, np.concatenate([images, np.zeros((13, 64, 64), np.uint8)]))
    assert np.array_equal(found, expected[:3])
    assert np.array_equal(again, found[:1])
    [said] = caplog.records
    assert "runs on torch" in said.getMessage()
    assert why in said.getMessage()


def test_encoders_of_the_same_weights_share_one_session() -> None:
    first, second = encoder_of("resnet18"), encoder_of("resnet18")
    first.embed(pictures(1, 64))
    second.embed(pictures(1, 64))

    [ours], [theirs] = first._exported.values(), second._exported.values()
    assert ours is not None
    assert ours is theirs


def test_a_process_that_embeds_nothing_does_not_load_onnxruntime() -> None:
    program = "import sys, training.engine.model; print('onnxruntime' in sys.modules, 'django' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["False", "False"]
