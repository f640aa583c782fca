from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.engine_cases import FRACTURE, KL, embeddings_of, graded, grades, images_of
from training.engine.encoder import Encoder
from training.engine.model import Head, Model
from training.networks.efficientnet_lite import HEAD_CHANNELS, EfficientNetLite0

SITES = {**FRACTURE, "sites": ["medial", "lateral"]}


def head(outputs: int, calibration: Mapping[str, Any]) -> Head:
    generator = np.random.default_rng(outputs)
    weight = (generator.normal(size=(outputs, HEAD_CHANNELS)) / 30).astype(np.float32)
    return Head(weight, np.zeros(outputs, dtype=np.float32), calibration)


def heads() -> dict[str, Head]:
    presence = {"temperature": 1.0, "bias": 0.0}
    return {
        "kl": head(4, {"temperature": 1.5, "decision": "expected"}),
        "fracture@medial": head(1, presence),
        "fracture@lateral": head(1, presence),
    }


def test_a_saved_model_predicts_the_same_after_loading(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Model([KL, SITES], heads(), encoder=Encoder(EfficientNetLite0()), size=32)
    images = images_of(graded(grades(5)))

    path, sha256 = model.save(tmp_path)
    again = Model.load(path, sha256)

    assert path.name == f"{sha256}.safetensors"
    assert again.encoder_sha256 == model.encoder_sha256
    assert (again.size, again.preparation) == (32, "v1")
    assert again.predict(images) == model.predict(images)
    assert set(model.predict(images)[0]) == {"kl", "fracture@medial", "fracture@lateral"}
    assert model.save(tmp_path) == (path, sha256)


def test_batches_do_not_change_embeddings() -> None:
    torch.manual_seed(0)
    encoder = Encoder(EfficientNetLite0())
    images = images_of(graded(grades(7)))

    many = encoder.embed(images)
    one = np.concatenate([encoder.embed(images[n : n + 1]) for n in range(7)])

    assert one.shape == (7, HEAD_CHANNELS)
    assert one.dtype == np.float32
    assert np.array_equal(one, many)
    assert encoder.embed(images[:0]).shape == (0, HEAD_CHANNELS)


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    path, sha256 = Model([KL], {"kl": heads()["kl"]}, encoder_sha256="a" * 64).save(tmp_path)
    content = bytearray(path.read_bytes())
    content[-3] ^= 4
    path.write_bytes(content)

    with pytest.raises(ValueError, match="damaged or was exchanged"):
        Model.load(path, sha256)


def test_heads_alone_need_the_encoder_they_were_fitted_to(tmp_path: Path) -> None:
    torch.manual_seed(0)
    encoder, other = Encoder(EfficientNetLite0()), Encoder(EfficientNetLite0())
    path, sha256 = Model([KL], {"kl": heads()["kl"]}, encoder_sha256=encoder.sha256).save(tmp_path)

    assert Model.load(path, sha256, encoder=encoder).encoder is encoder
    with pytest.raises(ValueError, match="another encoder"):
        Model.load(path, sha256, encoder=other)
    with pytest.raises(ValueError, match="holds no encoder"):
        Model.load(path, sha256).predict(images_of(graded([1])))


def test_a_number_that_is_none_is_refused() -> None:
    model = Model([KL], {"kl": heads()["kl"]})
    embeddings = embeddings_of(graded([1, 2]))
    embeddings[1, 3] = np.nan

    with pytest.raises(ValueError, match="not finite"):
        model.predict_embeddings(embeddings)
