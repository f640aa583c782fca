"""Networks by the name that a template and a model's metadata carry."""

from collections.abc import Callable

from training.networks.backbone import Backbone
from training.networks.densenet import DenseNet121
from training.networks.efficientnet_lite import EfficientNetLite0
from training.networks.resnet import resnet18, resnet34, resnet50
from training.networks.volume import VOLUMES

__all__ = ["NETWORKS", "VOLUMES", "Backbone"]

NETWORKS: dict[str, Callable[[], Backbone]] = {
    "efficientnet_lite0": EfficientNetLite0,
    "resnet18": resnet18,
    "resnet34": resnet34,
    "resnet50": resnet50,
    "densenet121": DenseNet121,
}
