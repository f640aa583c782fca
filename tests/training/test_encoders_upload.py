"""Weights that an admin gives: what is taken, and what each wrong file is told."""

import hashlib
import io
import pickle

import pytest
import torch
from safetensors.numpy import save
from safetensors.torch import load

from tests.factories.encoders import TWO, at, file_of, lying, state_of
from training import encoders
from training.encoders_upload import BadUpload, checked, read
from training.engine.encoder import Encoder
from training.networks import NETWORKS
from training.networks.weights import encoder_bytes

LITE = "efficientnet_lite0"
SOUND = file_of()


def test_the_web_knows_the_tensors_of_every_network() -> None:
    with torch.device("meta"):
        found = {
            name: {
                key: list(of.shape)
                for key, of in make().state_dict().items()
                if not key.endswith("num_batches_tracked")
            }
            for name, make in NETWORKS.items()
        }

    assert found == encoders.shapes()


def test_what_is_kept_is_what_the_engine_identifies_an_encoder_by() -> None:
    tensors, left_out = checked(SOUND, LITE)

    content = save(tensors)
    encoder = Encoder.from_state(load(content), LITE)
    assert content == encoder_bytes(state_of(LITE))
    assert encoder.sha256 == hashlib.sha256(content).hexdigest()
    assert all(name.endswith("num_batches_tracked") for name in left_out)


def test_a_head_of_classes_is_left_out_and_said() -> None:
    content = file_of("resnet18", fc__weight=torch.zeros(1000, 512), fc__bias=torch.zeros(1000))

    tensors, left_out = checked(content, "resnet18")

    assert "fc.weight" not in tensors
    assert {"fc.weight", "fc.bias"} <= set(left_out)


def test_old_names_of_densenet_are_understood() -> None:
    state = state_of("densenet121")
    name = "features.denseblock1.denselayer1.norm1.weight"
    old = {name: None, name.replace("norm1", "norm.1"): state[name]}

    tensors, _ = checked(file_of("densenet121", **old), "densenet121")

    assert name in tensors


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_numbers_become_whole_ones(dtype: torch.dtype) -> None:
    half = torch.linspace(-2, 2, 32, dtype=dtype)

    tensors, _ = checked(file_of(stem__norm__weight=half), LITE)

    assert tensors["stem.norm.weight"].tolist() == half.float().tolist()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "too short"),
        (SOUND[:7], "too short"),
        ((2 << 30).to_bytes(8, "little") + b"{}", "2,147,483,648 bytes"),
        (((1 << 20) + 1).to_bytes(8, "little"), "1,048,577 bytes"),
        (pickle.dumps({"a": 1}), "Convert it"),
        (b"PK\x03\x04" + b"\0" * 40, "Convert it"),
    ],
)
def test_a_file_is_judged_by_its_first_bytes(content: bytes, says: str) -> None:
    file = io.BytesIO(content)

    with pytest.raises(BadUpload, match=says):
        read(file)

    assert file.tell() <= 8, "nothing else was read"


@pytest.mark.parametrize(
    "content",
    [
        SOUND[:5000],
        SOUND[:-4],
        SOUND + b"more",
        lying({"a": at(0, 8), "b": at(4, 12)}, TWO + TWO),
        lying({"a": at(0, 8), "b": at(8, 4096)}, TWO + TWO),
        lying({"a": at(0, 8), "b": at(12, 20)}, TWO + TWO + TWO),
        lying({"a": {"dtype": "F32", "shape": [1 << 62, 8], "data_offsets": [0, 8]}}, TWO),
        (6).to_bytes(8, "little") + b"\xff\xfe{}{}",
    ],
    ids=["header cut", "end cut", "too long", "overlap", "past the end", "hole", "huge", "no JSON"],
)
def test_a_file_that_is_not_whole_is_refused(content: bytes) -> None:
    with pytest.raises(BadUpload, match="not whole or no safetensors"):
        checked(content, LITE)


@pytest.mark.parametrize(
    ("content", "network", "says"),
    [
        (file_of(stem__conv__weight=None), LITE, "lacks tensors .*: stem.conv.weight"),
        (file_of(), "resnet18", "lacks tensors of resnet18: bn1.bias, .* and 95 more"),
        (file_of(strange=torch.zeros(1)), LITE, "has not: strange"),
        (
            file_of(stem__norm__bias=torch.zeros(31)),
            LITE,
            r"stem.norm.bias is \[31\], not \[32\]",
        ),
        (file_of(stem__norm__bias=torch.zeros(32).double()), LITE, "F64; only F32, F16 and BF16"),
        (file_of(stem__norm__bias=torch.zeros(32).int()), LITE, "I32; only"),
        (file_of(stem__norm__bias=torch.full((32,), torch.nan)), LITE, "not finite"),
        (file_of(stem__norm__bias=torch.full((32,), torch.inf).bfloat16()), LITE, "not finite"),
    ],
)
def test_tensors_that_are_not_the_networks_are_named(
    content: bytes, network: str, says: str
) -> None:
    with pytest.raises(BadUpload, match=says):
        checked(content, network)
