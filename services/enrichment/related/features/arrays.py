"""The array types of linking, and how arrays grow."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Int8Array = NDArray[np.int8]
Int32Array = NDArray[np.int32]
IndexArray = NDArray[np.intp]
Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

Item = TypeVar("Item", bound=np.generic)


def double_length(array: NDArray[Item]) -> NDArray[Item]:
    """A copy of *array*, followed by as many zeros, or rows of zeros, as it has entries or rows.

    The zeros take no memory until something is written there.
    """
    longer = np.zeros((2 * len(array), *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    return longer
