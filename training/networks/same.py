"""Convolutions padded as TensorFlow does, whose published weights expect it."""

from torch import Tensor, channels_last, nn
from torch.nn import functional


class SameConv2d(nn.Conv2d):
    """ceil(size / stride) outputs; an odd row and column of padding lie below and right."""

    def __init__(self, inp: int, out: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        padding = (kernel - 1) // 2 if stride == 1 else 0
        super().__init__(inp, out, kernel, stride, padding, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        if self.stride[0] == 1:
            return super().forward(x)
        if self.training and self.groups > 1:
            return self._cut(x)
        (above, below), (left, right) = (self._around(size) for size in x.shape[-2:])
        return super().forward(functional.pad(x, (left, right, above, below)))

    def _cut(self, x: Tensor) -> Tensor:
        padding, (rows, columns) = self.alike(x)
        found = functional.conv2d(x, self.weight, None, self.stride, padding, 1, self.groups)
        return found[:, :, rows:, columns:].contiguous(memory_format=channels_last)

    def alike(self, x: Tensor) -> tuple[tuple[int, int], tuple[int, int]]:
        """A padding that is alike on both sides and gives the same, and how many first rows and columns of that are too
        many. A copy of a wide x with the odd border takes longer than the convolution."""
        if self.stride[0] == 1:
            return (int(self.padding[0]), int(self.padding[1])), (0, 0)
        around = [self._around(size) for size in x.shape[-2:]]
        rows, columns = (int(after != before) for before, after in around)
        (above, _), (left, _) = around
        return (above + rows * self.stride[0], left + columns * self.stride[0]), (rows, columns)

    def _around(self, size: int) -> tuple[int, int]:
        """Before and after one of the two sides of x."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2
