"""What every encoder is to the engine, whatever its layers."""

from torch import Tensor, nn

STRIDES = (4, 8, 16, 32)  # image pixels between two places of a map


class Backbone(nn.Module):
    """Images (N, 3, H, W), scaled by `mean` and `spread`, to a map of features and to pooled embeddings.

    `mean` and `spread` are of each colour, in grey levels of 0 to 255: what the published weights were trained with.
    """

    mean: tuple[float, ...]
    spread: tuple[float, ...]
    dims: int = 2  # of what it reads: pictures; volumes have 3
    beyond: float = (
        0.0  # pixels right of and below its middle at which a place of the last map looks
    )
    widths: tuple[
        int, int, int, int
    ]  # channels of the maps at STRIDES; the last is an embedding's length

    @property
    def width(self) -> int:
        """Channels of the last map, and so the length of an embedding."""
        return self.widths[-1]

    def feature_maps(self, x: Tensor) -> list[Tensor]:
        """Finest first, at each of STRIDES: (N, widths[k], H / STRIDES[k], W / STRIDES[k]), rounded up."""
        raise NotImplementedError

    def feature_map(self, x: Tensor) -> Tensor:
        """The last of them."""
        return self.feature_maps(x)[-1]

    def forward(self, x: Tensor) -> Tensor:
        """Embeddings (N, width)."""
        pooled: Tensor = self.feature_map(x).mean(dim=(2, 3))
        return pooled
