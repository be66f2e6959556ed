"""Questions to a finished sweep in SQL, and merging of folders from machines that share no file system."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from sim.core.errors import InputError, ResultsError
from sim.files.storage import write_table
from sim.sweeps.compaction import compact
from sim.sweeps.effects import effects, responses
from sim.sweeps.folder import Sweep, create, listing, locked, open_sweep, scan, scanned
from sim.sweeps.ledger import batches
from sim.sweeps.work import shard_of

FAILURES = """
SELECT error, reason, COUNT(*) AS runs, MIN(condition) AS first_condition, MIN(replicate) AS first_replicate
FROM runs WHERE error IS NOT NULL GROUP BY error, reason ORDER BY runs DESC
"""


def query(sweep: Sweep, sql: str) -> pl.DataFrame:
    """Answer a SQL query of the tables ``runs``, ``effects``, ``responses`` and ``conditions``.

    The tables of effects are computed only if the query mentions them. Raises ``InputError`` for a query that polars
    rejects.
    """
    tables = {"runs": rows(sweep), "conditions": sweep.plan.conditions.lazy()}
    if "effects" in sql:
        tables["effects"] = effects(sweep).lazy()
    if "responses" in sql:
        tables["responses"] = responses(sweep).lazy()
    try:
        return pl.SQLContext(tables).execute(sql).collect()
    except pl.exceptions.PolarsError as error:
        raise InputError(f"the query cannot be answered: {str(error).splitlines()[0]}") from None


def rows(sweep: Sweep) -> pl.LazyFrame:
    """Return all rows lazily, each run once."""
    found = listing(sweep.folder)
    if found.parts and not found.shards:
        return scanned([sweep.folder / part for part in found.parts])
    return scan(sweep).lazy()  # unfinished: a run that was tried again must replace its first try


def merge(sources: Sequence[Path], into: Path) -> Sweep:
    """Merge the rows of several folders of one sweep into a new folder, or into one of the same sweep.

    The sources stay as they are. Raises ``ResultsError`` if designs or code versions differ, or the target cannot be
    written.
    """
    sweeps = [open_sweep(source) for source in sources]
    first = sweeps[0]
    for other in sweeps[1:]:
        if other.plan.identity != first.plan.identity:
            raise ResultsError(
                f"{other.folder} is of another design or version of the code than {first.folder}; rows are not mixed"
            )
    most = max(sweep.replicates for sweep in sweeps)
    there = create(into, first.plan, most, first.limits)
    with locked(into):
        try:
            for sweep in sweeps:
                for part in batches(sweep, list(sweep.schema)):
                    write_table(into / shard_of(part.select("condition", "replicate", "round").rows()), part)
            compact(there)
        except OSError as error:
            raise ResultsError(f"cannot write {into}: {error.strerror or error}") from error
    return open_sweep(into)
