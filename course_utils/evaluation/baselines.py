"""The baseline that every factorization has to beat: a mean and two biases, with no taste in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, hstack
from scipy.sparse.linalg import lsqr

from course_utils.data.interactions import known_cells


@dataclass(frozen=True)
class Biases:
    """A mean and how far every user and every item departs from it.

    Parameters
    ----------
    mu : float
        Mean of the known ratings, in their unit (stars).
    user : (m,) array
        b_u, in the same unit.
    item : (n,) array
        b_i, in the same unit.
    """

    mu: float
    user: np.ndarray
    item: np.ndarray

    def predict(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        """Predict μ + b_u + b_i for each pair of a user and an item.

        Parameters
        ----------
        users, items : (batch,) integer arrays
            Codes (rows and columns of the rating matrix).

        Returns
        -------
        (batch,) array
        """
        return self.mu + self.user[users] + self.item[items]


def fit_biases(R: csr_array, reg: float) -> Biases:
    """Fit the biases of all users and all items at once.

    Minimises

        Σ_{(u,i) ∈ Ω} (r_ui − μ − b_u − b_i)² + λ (Σ_u b_u² + Σ_i b_i²)

    with μ fixed at the mean of the known ratings: one ridge regression on the indicators of user
    and item.

    Parameters
    ----------
    R : (m, n) csr_array
        Ratings.
    reg : float
        λ ≥ 0, paid once per bias.

    Returns
    -------
    Biases
        The bias of a user or an item without ratings is 0.

    Raises
    ------
    ValueError
        If R has no known cell or `reg` is negative.

    References
    ----------
    Koren, "Factorization meets the neighborhood", KDD 2008, section 2.1.
    Paige, Saunders, "LSQR: an algorithm for sparse linear equations and sparse least squares", 1982.
    """
    users, items, values = known_cells(R)
    if len(values) == 0:
        raise ValueError("R has no known cell: there is nothing to fit biases to.")
    if reg < 0:
        raise ValueError(f"reg is {reg}; expected 0 or more.")
    mu = float(values.mean())
    rows, ones = np.arange(len(values)), np.ones(len(values))
    is_user = csr_array((ones, (rows, users)), shape=(len(values), R.shape[0]))
    is_item = csr_array((ones, (rows, items)), shape=(len(values), R.shape[1]))
    # lsqr adds damp²‖b‖² to the squared error; the tolerances make its answer exact for our purposes.
    biases = lsqr(
        hstack([is_user, is_item], format="csr"), values - mu, damp=np.sqrt(reg), atol=1e-12, btol=1e-12
    )[0]
    return Biases(mu=mu, user=biases[: R.shape[0]], item=biases[R.shape[0] :])
