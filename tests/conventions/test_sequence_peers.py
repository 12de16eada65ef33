"""The standard error of sequences against regressions of statsmodels on a constant (``nox -s peers``)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from celoss_cli import compare, evaluate

RNG = np.random.default_rng(17)
K = 60
LENGTHS = RNG.integers(1, 40, K)
CODES = np.repeat(np.arange(K), LENGTHS)
LOSS = RNG.exponential(2.0, LENGTHS.sum()) * (0.5 + RNG.random(K))[CODES]
OTHER = LOSS * (0.8 + 0.3 * RNG.random(K))[CODES]
TEXTS = ["é" * int(n) + " a" for n in LENGTHS + RNG.integers(0, 30, K)]
DOCUMENTS = np.arange(K) // 4
WEIGHTS = RNG.integers(1, 5, K).astype(float)


def ragged(values: np.ndarray) -> list[list[float]]:
    return [one.tolist() for one in np.split(values, np.cumsum(LENGTHS)[:-1])]


def table(values: np.ndarray) -> pa.Table:
    lists = [[-x for x in one] for one in ragged(values)]
    return pa.table({"logprobs": lists, "text": TEXTS, "doc": DOCUMENTS, "w": WEIGHTS})


def clustered(values: np.ndarray, groups: np.ndarray, weights: np.ndarray | None = None) -> tuple[float, float]:
    """The mean of values (m,) and its cluster-robust standard error."""
    api = pytest.importorskip("statsmodels.api")
    ones = np.ones(values.shape[0])
    model = api.OLS(values, ones) if weights is None else api.WLS(values, ones, weights=weights)
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups})
    return float(fit.params[0]), float(fit.bse[0])


def of(loss: Any) -> Any:
    return pytest.approx((loss.mean, loss.standard_error), rel=1e-12)


def test_statsmodels_tokens_in_clusters() -> None:
    assert clustered(LOSS, CODES) == of(evaluate(table(LOSS), truth="logprobs").loss)
    assert clustered(LOSS, DOCUMENTS[CODES]) == of(evaluate(table(LOSS), truth="logprobs", cluster="doc").loss)
    weighed = evaluate(table(LOSS), truth="logprobs", sample_weight="w").loss
    assert clustered(LOSS, CODES, WEIGHTS[CODES]) == of(weighed)


def test_statsmodels_a_row_a_token_in_clusters() -> None:
    flat = pa.table({"lp": -LOSS, "seq": CODES})
    found = evaluate(flat, truth="lp", per="token", input="logprobs", cluster="seq").loss
    assert clustered(LOSS, CODES) == of(found)


def test_statsmodels_sequences_weighed_by_their_units() -> None:
    api = pytest.importorskip("statsmodels.api")
    sums = np.array([sum(one) for one in ragged(LOSS)])
    for per, units in (("token", LENGTHS), ("byte", np.array([len(text.encode()) for text in TEXTS])), ("sequence", 1)):
        units = np.broadcast_to(units, K).astype(float)
        fit = api.WLS(sums / units, np.ones(K), weights=units).fit(cov_type="HC1")
        found = evaluate(table(LOSS), truth="logprobs", per=per, text="text").loss
        assert (float(fit.params[0]), float(fit.bse[0])) == of(found), per


def test_statsmodels_difference_of_two_models() -> None:
    found = compare(table(LOSS), table(OTHER), truth="logprobs").difference
    mean, error = clustered(OTHER - LOSS, CODES)
    assert (found.mean, found.standard_error) == pytest.approx((mean, error), rel=1e-10)
