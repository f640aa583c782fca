"""What every encoder is to the engine, whatever its layers."""

from torch import Tensor, nn


class Backbone(nn.Module):
    """Images (N, 3, H, W), scaled by `mean` and `spread`, to a map of features and to pooled embeddings.

    `mean` and `spread` are of each colour, in grey levels of 0 to 255: what the published weights were trained with.
    """

    mean: tuple[float, float, float]
    spread: tuple[float, float, float]
    width: int  # channels of the map, and so the length of an embedding
    stride = 32  # image pixels between two places of the map

    def feature_map(self, x: Tensor) -> Tensor:
        """The map (N, width, H / stride, W / stride), rounded up."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Embeddings (N, width)."""
        pooled: Tensor = self.feature_map(x).mean(dim=(2, 3))
        return pooled
