"""Gaussian noise from the operating system's randomness by OpenDP: exact on a grid of floats, so that no bits of the value shine through.

Never a seeded generator: whoever knows the seed could take the noise off again. Source: Canonne, Kamath and Steinke 2020 (2004.00010),
discrete Gaussian; Mironov 2012 for what floating point gives away otherwise. What a seed cannot repeat, the journal does.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import MissingExtra


def require() -> None:
    """MissingExtra where there is nothing to draw noise with: known before a run asks or spends anything. Imported, not only looked for: what lies
    there and cannot be loaded would be found out when the budget is charged."""
    try:
        import opendp.prelude  # noqa: F401
    except (ImportError, OSError) as error:
        raise MissingExtra("opendp", "dp", "a differentially private release") from error


def add_noise(values: Sequence[float], sigma: float) -> list[float]:
    """values + N(0, sigma^2), each on its own."""
    require()
    import opendp.prelude as dp

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T=float, nan=False)), dp.l2_distance(T=float)
    return list(dp.m.make_gaussian(*space, scale=float(sigma))([float(v) for v in values]))
