"""One number everywhere: sums of decimal fractions come out the same whoever adds them up, and in whichever order.

Stores add floats in the order they happen to read them, so their last digits differ. Answers keep
SIGNIFICANT_DIGITS of them, which is far more than anything was measured with and less than what orders disturb.
Whole numbers up to 2**53 are exact and stay as they are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SIGNIFICANT_DIGITS = 12
_EXACT = 22
"""Powers of ten up to this one are exact as floats."""


def settled(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """`values` (float64) rounded to SIGNIFICANT_DIGITS; whole numbers, zeros and not-a-number unchanged."""
    found = np.array(values, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        broken = np.isfinite(found) & (found != np.rint(found))
    if not broken.any():
        return found
    part = found[broken]
    decimals = SIGNIFICANT_DIGITS - 1 - np.floor(np.log10(np.abs(part))).astype(np.int64)
    up = np.power(10.0, np.clip(decimals, 0, _EXACT))
    far = decimals > _EXACT  # tinier than 1e-11: a second power brings it up
    part = np.where(far, part * np.power(10.0, np.maximum(decimals - _EXACT, 0)), part)
    rounded = np.rint(part * up) / up
    found[broken] = np.where(far, rounded / np.power(10.0, np.maximum(decimals - _EXACT, 0)), rounded)
    return found
