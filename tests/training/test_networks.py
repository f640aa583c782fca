"""The networks by themselves: their published shapes and names, and the two tricks that must change nothing."""

import copy

import pytest
import torch
from torch import Tensor, nn

from training.networks import NETWORKS
from training.networks import backbone as interface
from training.networks.backbone import Backbone
from training.networks.folding import folded
from training.networks.same import SameConv2d
from training.networks.sparing import activated, holding

# Parameters of the published networks less those of their layer of 1,000 classes.
PARAMETERS = {
    "efficientnet_lite0": 4_652_008 - 1_281_000,
    "resnet18": 11_689_512 - 513_000,
    "resnet34": 21_797_672 - 513_000,
    "resnet50": 25_557_032 - 2_049_000,
    "densenet121": 7_978_856 - 1_025_000,
}
# Tensors of torchvision's files, one of every sort of place.
TENSORS = {
    "resnet18": {
        "conv1.weight": (64, 3, 7, 7),
        "bn1.running_var": (64,),
        "layer1.1.conv2.weight": (64, 64, 3, 3),
        "layer2.0.downsample.0.weight": (128, 64, 1, 1),
        "layer4.1.bn2.bias": (512,),
    },
    "resnet50": {
        "layer1.0.downsample.1.weight": (256,),
        "layer3.5.conv3.weight": (1024, 256, 1, 1),
        "layer4.0.conv2.weight": (512, 512, 3, 3),
    },
    "densenet121": {
        "features.conv0.weight": (64, 3, 7, 7),
        "features.denseblock1.denselayer6.conv2.weight": (32, 128, 3, 3),
        "features.transition2.conv.weight": (256, 512, 1, 1),
        "features.denseblock4.denselayer16.norm1.running_mean": (992,),
        "features.norm5.weight": (1024,),
    },
}


@pytest.fixture(params=NETWORKS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def network(name: str) -> Backbone:
    torch.manual_seed(0)
    made = NETWORKS[name]()
    for module in made.modules():  # so that folding has something to fold
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.get_buffer("running_mean"), -0.2, 0.2)
            nn.init.uniform_(module.get_buffer("running_var"), 0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1.5)
    return made


def test_it_has_the_published_number_of_parameters(name: str, network: Backbone) -> None:
    assert sum(parameter.numel() for parameter in network.parameters()) == PARAMETERS[name]


@pytest.mark.parametrize("named", TENSORS)
def test_its_tensors_have_the_published_names_and_shapes(named: str) -> None:
    state = NETWORKS[named]().state_dict()
    assert {key: tuple(state[key].shape) for key in TENSORS[named]} == TENSORS[named]


def test_a_map_of_features_is_pooled_to_an_embedding(network: Backbone) -> None:
    images = torch.randn(2, 3, 96, 64)
    with torch.inference_mode():
        found, pooled = network.eval().feature_map(images), network(images)
    assert found.shape == (2, network.width, 3, 2)
    torch.testing.assert_close(pooled, found.mean((2, 3)))


def test_folding_changes_nothing_but_the_number_of_steps(network: Backbone) -> None:
    fewer = folded(network)
    images = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(fewer(images), network.eval()(images), rtol=1e-3, atol=1e-4)
    assert norms(fewer) < norms(network)


def norms(network: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())


def held_by(network: Backbone, images: Tensor) -> tuple[Tensor, int]:
    """What it makes of them, and the bytes that it holds until the backward pass."""
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        found = network(images)
    return found, sum(kept.values())


def test_what_is_computed_again_in_training_changes_nothing_but_what_is_held(
    name: str, network: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    sparing, plain = network.train(), copy.deepcopy(network)
    images = torch.randn(4, 3, 96, 96)
    weights = sum(parameter.nbytes for parameter in network.parameters())

    found, held = held_by(sparing, images)
    found.square().mean().backward()  # type: ignore[no-untyped-call]
    module = f"training.networks.{type(plain).__module__.rpartition('.')[2]}"
    monkeypatch.setattr(f"{module}.activated", holding)
    monkeypatch.setattr(f"{module}.again", lambda part, x: part(x), raising=False)
    found, all_of_it = held_by(plain, images)
    found.square().mean().backward()  # type: ignore[no-untyped-call]

    assert held - weights < 0.9 * (all_of_it - weights)
    for (key, ours), theirs in zip(sparing.named_parameters(), plain.parameters(), strict=True):
        assert ours.grad is not None, key
        assert theirs.grad is not None, key
        torch.testing.assert_close(ours.grad, theirs.grad)
    averages, expected = dict(sparing.named_buffers()), dict(plain.named_buffers())
    for key in (key for key in expected if not key.endswith("num_batches_tracked")):
        assert torch.equal(averages[key], expected[key]), key


@pytest.mark.parametrize("sides", [(7, 8), (8, 7), (1, 9), (16, 16), (5, 5), (6, 2)])
@pytest.mark.parametrize("kernel", [3, 5])
def test_a_convolution_padded_alike_gives_the_same_as_one_with_the_odd_border(
    sides: tuple[int, int], kernel: int
) -> None:
    torch.manual_seed(0)
    conv = SameConv2d(4, 4, kernel, 2, groups=4)
    x = torch.randn(2, 4, *sides)

    trained, served = conv.train()(x), conv.eval()(x)

    assert trained.shape[-2:] == tuple(-(-side // 2) for side in sides)
    torch.testing.assert_close(trained, served)


def test_what_cannot_be_made_again_is_held() -> None:
    """A norm that follows the mean of all batches, and a convolution with a bias, whose gradient is wanted."""
    x, conv = torch.randn(2, 4, 5, 5), nn.Conv2d(4, 3, 1)

    activated(nn.BatchNorm2d(4), conv, x).sum().backward()  # type: ignore[no-untyped-call]
    assert conv.bias is not None
    assert conv.bias.grad is not None
    slow = nn.BatchNorm2d(4, momentum=None)
    activated(slow, nn.Conv2d(4, 3, 1, bias=False), x + 5)
    assert slow.running_mean is not None
    assert slow.running_mean.mean() > 4
    with pytest.raises(ValueError, match="more than 1 value"):
        activated(nn.BatchNorm2d(4), nn.Conv2d(4, 3, 1, bias=False), x[:1, :, :1, :1])


def test_an_interface_alone_is_no_network() -> None:
    with pytest.raises(NotImplementedError):
        interface.Backbone()(torch.zeros(1, 3, 32, 32))


@pytest.mark.parametrize("name", ["efficientnet_lite0", "resnet18", "densenet121"])
def test_a_place_of_the_last_map_looks_where_it_says(name: str) -> None:
    """The middle of what moves one place in the midst of the map, over random weights."""
    torch.manual_seed(3)
    network = NETWORKS[name]().eval()
    rows, place, found = torch.arange(320.0), 5, []
    for _ in range(4):
        x = torch.randn(1, 3, 320, 320, requires_grad=True)
        features = network.feature_map(x)[0, :, place, place]
        [moved] = torch.autograd.grad((features * torch.randn_like(features)).sum(), x)
        share = moved.square().sum((0, 1))
        found += [float((share.sum(along) @ rows) / share.sum()) for along in (0, 1)]
    cell = 32 * place + 15.5
    assert sum(found) / len(found) - cell == pytest.approx(network.beyond, abs=4)
