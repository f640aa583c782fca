"""Networks by the name that a model's metadata carries."""

from training.networks.efficientnet_lite import EfficientNetLite0

NETWORKS = {
    "efficientnet_lite0": EfficientNetLite0,
}
