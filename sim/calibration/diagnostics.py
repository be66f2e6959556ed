"""Posterior diagnostics: fit to the targets, identification, sensitivity to the discrepancy, coverage, agreement."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from scipy import stats
from scipy.special import ndtri

from sim.calibration.emulator import Z_90, one_thread
from sim.calibration.history_matching import Fit
from sim.calibration.priors import Priors
from sim.calibration.problem import Problem, outputs_of, problem_of
from sim.calibration.sampling import likelihood_of, log_density, sample_posterior, weights
from sim.core.parameters import ROWS
from sim.evidence.agreement import within
from sim.evidence.observables import UNITS
from sim.evidence.targets import TargetSet
from sim.outcomes import Reals

BAND = {"low": 0.05, "high": 0.95}
THREE = {"low": 0.05, "middle": 0.5, "high": 0.95}
PRIOR_ROWS = 400
IDENTIFIED, PARTLY = 0.5, 0.2  # contraction above which the targets identify a parameter, fully or partly
LEAST_EFFECTIVE = 40.0  # effective draws; a synthetic world with fewer is skipped
LEAST_LOADING = 0.25  # smaller components of a direction are not named


def parameter_table(fit: Fit, priors: Priors) -> pl.DataFrame:
    """Summarise prior and posterior of each parameter, and whether the targets identify it.

    ``contraction`` is one minus the posterior's variance over the prior's, both in prior quantiles; ``identified``
    classifies it. ``seed_gap`` is the distance of the means from two seeds in posterior sd. Intervals have 90 %.
    """
    grid = (np.arange(2000) + 0.5) / 2000
    unit, again, values = fit.sample.unit, fit.other_seed.unit, priors.values(fit.sample.unit)
    rows = []
    for k, prior in enumerate(priors.fitted):
        contraction = _contraction(unit[:, k])
        identified = "yes" if contraction >= IDENTIFIED else "partly" if contraction >= PARTLY else "no"
        gap = abs(unit[:, k].mean() - again[:, k].mean()) / max(unit[:, k].std(), 1e-9)
        found = {"role": "fitted", "contraction": contraction, "identified": identified, "seed_gap": float(gap)}
        rows.append(_parameter(prior.parameter, prior.quantile(grid), values[:, k]) | found)
    nothing = {"role": "prior_only", "contraction": 0.0, "identified": "no", "seed_gap": 0.0}
    for prior in priors.unfitted:
        rows.append(_parameter(prior.parameter, *[prior.quantile(grid)] * 2) | nothing)
    return pl.DataFrame(rows)


def _contraction(unit: Reals) -> float:
    """Return one minus the posterior's variance over the prior's, both in prior quantiles."""
    return 1.0 - 12.0 * float(unit.var())


def _parameter(name: str, before: Reals, after: Reals) -> dict[str, Any]:
    """Describe a parameter before and after the fit."""
    row = ROWS[name]
    facts: dict[str, Any] = {"parameter": name, "unit": row.unit, "meaning": row.meaning}
    for when, values in (("prior", before), ("posterior", after)):
        facts |= {f"{when}_{key}": value for key, value in _summary(values).items()}
    return facts | {"point": row.value}


def _summary(values: Reals, shares: Mapping[str, float] = BAND) -> dict[str, float]:
    """Return mean, sd and quantiles, by default the ends of the 90 % interval."""
    quantiles = {key: float(np.quantile(values, share)) for key, share in shares.items()}
    return {"mean": float(values.mean()), "sd": float(values.std()), **quantiles}


def directions(fit: Fit, priors: Priors) -> pl.DataFrame:
    """List the combinations of parameters, from the best identified to the least, in words.

    ``kept`` is the posterior's variance over the prior's along a direction, in standard deviations of the priors.
    """
    sizes, vectors = _principal_axes(fit)
    rows = []
    for number, vector in enumerate(vectors):
        order = np.argsort(-np.abs(vector))
        named = [k for k in order if abs(vector[k]) >= LEAST_LOADING] or [order[0]]
        words = " ".join(f"{'+' if vector[k] > 0 else '−'}{abs(vector[k]):.2f} {priors.names[k]}" for k in named)
        rows.append({"direction": number + 1, "kept": float(sizes[number]), "combination": words.removeprefix("+")})
    return pl.DataFrame(rows)


def loadings(fit: Fit, priors: Priors) -> pl.DataFrame:
    """Return each parameter's component in each unit vector of ``directions``, one row for each pair."""
    _, vectors = _principal_axes(fit)
    count = len(vectors)
    return pl.DataFrame(
        {
            "direction": np.repeat(np.arange(1, count + 1), count),
            "parameter": list(priors.names) * count,
            "loading": vectors.ravel(),
        }
    )


def _principal_axes(fit: Fit) -> tuple[Reals, Reals]:
    """Diagonalise the posterior covariance in prior sd: variances kept, ascending, and one unit vector per row."""
    points = ndtri(np.clip(fit.sample.unit, 1e-6, 1.0 - 1e-6))
    sizes, vectors = np.linalg.eigh(np.cov(points, rowvar=False).reshape(points.shape[1], -1))
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0)[None], axis=0)
    return sizes, (vectors * np.sign(largest)).T


def prior_table(priors: Priors) -> pl.DataFrame:
    """Tabulate the priors as equally likely values in ascending order, one column per parameter."""
    grid = (np.arange(PRIOR_ROWS) + 0.5) / PRIOR_ROWS
    return pl.DataFrame({prior.parameter: prior.quantile(grid) for prior in (*priors.fitted, *priors.unfitted)})


@one_thread
def with_discrepancies(
    fit: Fit, priors: Priors, targets: TargetSet, factors: Sequence[float], seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Repeat the inference with the model's discrepancy multiplied by each factor, on the same simulations.

    Only the discrepancy changes. Emulators and noise are kept and nothing is simulated, so the figures of each
    posterior are predictions. The first table has a row per factor and parameter; ``gap`` is the distance of the mean
    from that at factor 1, in sd of the latter. The second has a row per factor and target, as in ``card``.
    """
    usual, rows, cells = priors.values(fit.sample.unit), [], []
    for factor in factors:
        problem = problem_of(targets, factor)
        likelihood = likelihood_of(fit.emulators, problem, fit.noise)
        unit = fit.sample.unit
        if factor != 1.0:
            unit = sample_posterior(likelihood, len(priors.fitted), seed, len(fit.sample.unit)).unit
        for k, prior in enumerate(priors.fitted):
            found = _summary(prior.quantile(unit[:, k]))
            gap = (found["mean"] - usual[:, k].mean()) / max(float(usual[:, k].std()), 1e-12)
            about = {"contraction": _contraction(unit[:, k]), "gap": float(gap)}
            rows.append({"factor": factor, "parameter": prior.parameter, **found, **about})
        cells += _predicted(fit, unit, problem, targets, factor)
    return pl.DataFrame(rows), pl.DataFrame(cells)


def _predicted(fit: Fit, unit: Reals, problem: Problem, targets: TargetSet, factor: float) -> list[dict[str, Any]]:
    """Compare predictions over a posterior, chance between economies included, with the targets."""
    means, variances = fit.emulators.predict(unit)
    rng = np.random.default_rng(3)
    sd = np.sqrt(np.diag(fit.noise) + variances)
    shown = problem.inverse(means + sd * rng.standard_normal(means.shape))
    tension = (_closest(means, problem) - problem.aim) / problem.spread
    bands = {each.observable: (each.low, each.high) for each in targets.target if each.role == "calibrated"}
    rows = []
    for k, name in enumerate(problem.names):
        seen = _summary(shown[:, k])
        rows.append(
            {
                "factor": factor, "observable": name, "unit": UNITS[name], "reported": float(problem.value[k]),
                "model": seen["mean"], "model_low": seen["low"], "model_high": seen["high"],
                "within": within(seen["mean"], *bands[name]), "tension": float(tension[k]),
            }
        )  # fmt: skip
    return rows


def _closest(means: Reals, problem: Problem) -> Reals:
    """Return the figures of the draw that is closest to all targets, in errors."""
    return means[(((means - problem.aim) / problem.spread) ** 2).sum(axis=1).argmin()]


@one_thread
def card(fit: Fit, problem: Problem, targets: TargetSet) -> pl.DataFrame:
    """Compare the posterior with every target that some simulation of today's world shows, fitted or not.

    ``observed`` is the mean over direct simulations of posterior draws, with their 90 % interval. ``chance`` is the
    two-sided posterior predictive p value, errors included. ``tension`` is the distance in errors that remains at the
    draw closest to all targets, and ``open`` the same in the target's unit. These three are null for targets not
    fitted.
    """
    means, _ = fit.emulators.predict(fit.sample.unit)
    best = _closest(means, problem)
    rng = np.random.default_rng(1)
    rows = []
    for target in targets.target:
        if target.observable not in fit.predictive[0]:
            continue
        given = outputs_of(fit.predictive, [target.observable])[:, 0]
        given = given[np.isfinite(given)]
        if not len(given):  # for example, no teachers in a small economy
            continue
        seen = _summary(given)
        banded = target.role in ("calibrated", "checked")
        facts = {key: getattr(target, key) for key in ("observable", "role", "low", "high", "error", "discrepancy")}
        facts |= {
            "unit": UNITS[target.observable],
            "claims": ", ".join(target.claims),
            "reported": target.value,
            "observed": seen["mean"],
            "observed_low": seen["low"],
            "observed_high": seen["high"],
            "within": within(seen["mean"], target.low, target.high) if banded else None,
        }
        if target.role == "calibrated":
            k = problem.names.index(target.observable)
            scale, aim, spread = problem.scales[k], problem.aim[k], problem.spread[k]
            again = scale.transform(given) + spread * rng.standard_normal(len(given))
            above = float((again >= aim).mean())
            facts["chance"] = min(1.0, 2.0 * min(above, 1.0 - above) + 1.0 / len(given))
            facts["tension"] = float((best[k] - aim) / spread)
            facts["open"] = float(scale.inverse(best[k]) - problem.value[k])
        rows.append(facts)
    return pl.DataFrame(rows, schema=_CARD, orient="row")


_CARD = {
    **dict.fromkeys(("observable", "unit", "role", "claims"), pl.String),
    **dict.fromkeys(("reported", "low", "high", "error", "discrepancy"), pl.Float64),
    **dict.fromkeys(("observed", "observed_low", "observed_high"), pl.Float64),
    "within": pl.Boolean,
    **dict.fromkeys(("chance", "tension", "open"), pl.Float64),
}


class CoverageCheck(NamedTuple):
    """Checks of the emulators and of the coverage of the posterior's intervals."""

    emulator_bias: tuple[float, ...]  # mean standardised error in direct simulations, by target
    emulator_beyond: float  # share of standardised errors outside 90 %
    coverage: pl.DataFrame  # one row per parameter
    ranks: pl.DataFrame  # by synthetic world and parameter: the posterior's share below the truth
    coverage_all: float  # coverage of 90 % intervals over parameters and synthetic worlds
    coverage_error: float  # its standard error, over worlds
    worlds: int  # number of synthetic worlds that count
    joint_chance: float  # p value of a world as far from all targets together as the report


@one_thread
def check_coverage(fit: Fit, priors: Priors, problem: Problem) -> CoverageCheck:
    """Check coverage on synthetic data whose parameters are known: the direct simulations of posterior draws.

    Each simulation plus errors of the targets' size is treated as a second report beside the first. Its likelihood
    reweights the posterior draws. Nine of ten 90 % intervals given both reports should cover the truth (posterior
    simulation-based calibration, Säilynoja et al. 2025). Worlds with an effective sample below ``LEAST_EFFECTIVE``
    draws are skipped. ``joint_chance`` is from Hotelling's test of the reported figures against these simulations.
    """
    rng = np.random.default_rng(2)
    given = problem.transform(outputs_of(fit.predictive, problem.names))
    usable = np.isfinite(given).all(axis=1)
    given, truth = given[usable], fit.predictive_unit[usable]
    means, variances = fit.emulators.predict(truth)
    standard = (given - means) / np.sqrt(np.diag(fit.noise) + variances)
    again = given + rng.standard_normal(given.shape) * problem.spread
    counted, ranks = _ranks(fit, problem, again, truth)
    held = ((ranks >= BAND["low"]) & (ranks <= BAND["high"])).astype(np.float64)
    per_world = held.mean(axis=1) if len(held) else np.array([np.nan])
    names = list(priors.names)
    rows = {"world": np.repeat(counted, len(names)), "parameter": names * len(counted), "rank": ranks.ravel()}
    return CoverageCheck(
        tuple(float(x) for x in standard.mean(axis=0)),
        float((np.abs(standard) > Z_90).mean()),
        pl.DataFrame({"parameter": names, "coverage": held.mean(axis=0) if len(held) else np.nan}),
        pl.DataFrame(rows, schema={"world": pl.Int64, "parameter": pl.String, "rank": pl.Float64}),
        float(per_world.mean()),
        float(per_world.std(ddof=1) / np.sqrt(len(per_world))) if len(per_world) > 1 else np.nan,
        len(counted),
        _joint_chance(again, problem.aim),
    )


def _ranks(fit: Fit, problem: Problem, again: Reals, truth: Reals) -> tuple[list[int], Reals]:
    """Return the synthetic worlds that count, and the posterior's share below the truth, (worlds, parameters)."""
    means, variances = fit.emulators.predict(fit.sample.unit)
    below, counted = [], []
    for k, (seen, at) in enumerate(zip(again, truth, strict=True)):
        others = ~(fit.sample.unit == at).all(axis=1)
        weight = weights(log_density(seen - means[others], problem, fit.noise, variances[others]), 1.0)
        if 1.0 / (weight**2).sum() >= LEAST_EFFECTIVE:
            counted.append(k)
            below.append([weight[fit.sample.unit[others, p] < at[p]].sum() for p in range(truth.shape[1])])
    shares = np.minimum(np.array(below, dtype=np.float64), 1.0)  # weights add up to 1 except for rounding
    return counted, shares.reshape(len(counted), truth.shape[1])


def _joint_chance(again: Reals, aim: Reals) -> float:
    """Return the p value of Hotelling's test of the reported figures; NaN with fewer simulations than figures."""
    count, size = again.shape
    if count <= size:
        return np.nan
    off = aim - again.mean(axis=0)
    far = float(off @ np.linalg.pinv(np.atleast_2d(np.cov(again, rowvar=False))) @ off)
    return float(stats.f.sf(far * count * (count - size) / ((count + 1) * (count - 1) * size), size, count - size))


def posterior_draws(fit: Fit, priors: Priors, seed: int) -> pl.DataFrame:
    """Assemble the draws that a study needs: fitted parameters, unfitted priors, cut-offs and starting values.

    Values are clipped to the table's range and rounded to six significant figures.
    """
    fitted = priors.values(fit.sample.unit)
    others = Priors(priors.unfitted, ())
    kept = others.values(np.random.default_rng([seed, 60]).random((len(fitted), len(priors.unfitted))))
    columns = dict(zip(priors.names, fitted.T, strict=True)) | dict(zip(others.names, kept.T, strict=True))
    if fit.further_emulators.names:
        means, _ = fit.further_emulators.predict(fit.sample.unit)
        columns |= dict(zip(fit.further_emulators.names, means.T, strict=True))
    draws = pl.DataFrame(
        {name: np.clip(values, ROWS[name].low, ROWS[name].high) for name, values in columns.items()}
    ).select(pl.all().round_sig_figs(6))
    return draws[representative_order(draws.to_numpy())]


def representative_order(points: np.ndarray) -> np.ndarray:
    """Order points, (points, parameters), so that the first few always represent all: a study uses the first draws.

    Each next point is the one that most lowers the energy distance to all points (greedy support points, after Mak and
    Joseph 2018).
    """
    spread = points.std(axis=0)
    unit = points[:, spread > 0] / spread[spread > 0]
    square = (unit**2).sum(axis=1)
    apart = np.sqrt(np.maximum(square[:, None] + square[None, :] - 2.0 * unit @ unit.T, 0.0))
    away, chosen, near = apart.mean(axis=1), np.zeros(len(points), np.int64), np.zeros(len(points))
    for place in range(len(points)):
        cost = away - near / (place + 1.0)
        cost[chosen[:place]] = np.inf
        chosen[place] = int(np.argmin(cost))
        near += apart[:, chosen[place]]
    return chosen


def predictive_table(fit: Fit, problem: Problem) -> pl.DataFrame:
    """List the targets in simulations of the first wave (prior) and of posterior draws, one row per simulation."""
    parts = []
    for when, rows in (("prior", fit.outputs[: fit.first]), ("posterior", fit.predictive)):
        values = outputs_of(rows, problem.names)
        facts = {"when": [when] * values.size, "observable": list(problem.names) * len(rows)}
        parts.append(pl.DataFrame(facts | {"value": values.ravel()}))
    return pl.concat(parts)


def agreement(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Compare two posteriors, from two seeds, campaigns or sets of targets, in every parameter that both have.

    Both have one row per draw and one column per parameter. Gaps of means and quantiles are second less first, in
    pooled standard deviations; ``sd_ratio`` is second over first. ``apart`` is the Kolmogorov-Smirnov statistic: two
    samples of 1,000 draws of one distribution have less than 0.06 in 19 of 20 cases.
    """
    rows = []
    for name in first.columns:
        if name not in second.columns:
            continue
        one, other = (frame[name].cast(pl.Float64).to_numpy() for frame in (first, second))
        both = max(float(np.sqrt((one.var() + other.var()) / 2)), 1e-12)
        a, b = _summary(one, THREE), _summary(other, THREE)
        gaps = {f"{key}_gap": (b[key] - a[key]) / both for key in THREE}
        rows.append(
            {"parameter": name}
            | {f"first_{key}": value for key, value in a.items()}
            | {f"second_{key}": value for key, value in b.items()}
            | {"gap": (b["mean"] - a["mean"]) / both, **gaps}
            | {"sd_ratio": b["sd"] / max(a["sd"], 1e-12), "apart": float(stats.ks_2samp(one, other).statistic)}
        )
    return pl.DataFrame(rows)
