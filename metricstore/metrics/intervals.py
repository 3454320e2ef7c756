"""How far a rate may be off by chance, from sums that a store can make: posts differ, so posts are what was sampled.

The rate is a ratio of two sums over posts (interactions / exposures). Its variance is that of the linearised ratio:
n / (n - 1) * sum of (interactions - rate * exposures)² / (sum of exposures)², which needs only sums of squares and
products. The interval is rate ± t * square root of the variance, with Student's t for n - 1 degrees of freedom.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
_Z = 1.959963984540054
_FEW = np.array([12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004])
"""For 1 to 8 degrees of freedom."""


def student(freedom: Values) -> Values:
    """The 97.5 % point of Student's t; NaN below one degree of freedom.

    Beyond the table by the usual series around the normal's, good to five digits.
    """
    nu = np.maximum(freedom, len(_FEW) + 1.0)
    z = _Z
    series = z + (z**3 + z) / (4 * nu) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * nu**2)
    series += (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * nu**3)
    series += (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * nu**4)
    known = _FEW[np.clip(np.nan_to_num(freedom).astype(int), 1, len(_FEW)) - 1]
    return np.where(freedom > len(_FEW), series, np.where(freedom >= 1, known, np.nan))


def _bounds(n: Values, y: Values, x: Values, yy: Values, xy: Values, xx: Values, side: int) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = y / x
        residue = np.maximum(0.0, yy - 2 * rate * xy + rate * rate * xx)
        off = student(n - 1) * np.sqrt(n / (n - 1) * residue) / x
        found: Values = rate + side * off
    return np.where((n >= 2) & (x > 0), found, np.nan)


def ratio_low(n: Values, y: Values, x: Values, yy: Values, xy: Values, xx: Values) -> Values:
    """Lower end of the 95 % interval of sum(y) / sum(x), not below 0; NaN with fewer than two posts.

    `n` is how many posts, the others are sums over them of y, x, y², x·y and x².
    """
    return np.maximum(0.0, _bounds(n, y, x, yy, xy, xx, -1))


def ratio_high(n: Values, y: Values, x: Values, yy: Values, xy: Values, xx: Values) -> Values:
    """Upper end, as `ratio_low`."""
    return _bounds(n, y, x, yy, xy, xx, 1)
