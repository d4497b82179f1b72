"""Arrays of numbers: numpy and scipy, loaded when the first is computed, and the types of arrays for signatures.

Signatures are read when a module is loaded, so they name the types here; only type checkers know more of them.
"""

from typing import TYPE_CHECKING

from app.core.lazily import lazily

__all__ = ["Flags", "Floats", "Integers", "Places", "np", "scipy"]

if TYPE_CHECKING:
    import numpy as np
    import scipy
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Integers = NDArray[np.int_]
    Places = NDArray[np.intp]
else:
    np, scipy = lazily("numpy"), lazily("scipy")
    Flags = Floats = Integers = Places = object
