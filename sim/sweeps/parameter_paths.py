"""Addresses of values in a scenario: parameters by name, values of levers by kind and field.

A scenario is handled as JSON data, because validating hundreds of thousands of scenarios that differ in a few values
would take too long. ``levers.enforcement.fine_yuan`` addresses the fine of every lever of that kind. Kinds and fields
are read from the scenario, so a new lever needs no change here. Amounts are addressed in the currency of the scenario's
country, as in ``levers.enforcement.fine_euro``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.core.parameters import MECHANISMS, ROWS
from sim.scenario.countries import YUAN, in_currency

LEVERS = "levers"
TABLES = ("run", "population")  # values in these are addressed by their path
SEEDS = "run.seed"  # an axis that only distinguishes economies
FIXED = ("run.replicates",)  # set by the design itself
UNITS = {"_days": "days", "_per_year": "per year", "_per_week": "per week", "_minutes": "minutes"}
UNITS["_hour"] = "hour of the day"


def addresses(data: Mapping[str, Any]) -> list[str]:
    """List the addresses of a scenario, sorted, without those set by the design; parameters have bare names."""
    found, currency = set(ROWS), currency_of(data)
    found |= {f"mechanisms.{name}" for name in MECHANISMS}
    for table in TABLES:
        found |= {f"{table}.{path}" for path in _leaves(data[table])}
    for lever in data[LEVERS]:
        found |= {
            f"{LEVERS}.{lever['kind']}.{in_currency(path, currency)}" for path in _leaves(lever) if path != "kind"
        }
    return sorted(found - set(FIXED))


def _leaves(table: Mapping[str, Any]) -> Iterator[str]:
    """List the paths of all values in nested tables."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from (f"{key}.{path}" for path in _leaves(value))
        else:
            yield key


def of_lever(address: str) -> bool:
    """Check whether an address belongs to a lever: such values do not apply to the counterfactual."""
    return address.startswith(f"{LEVERS}.")


def currency_of(data: Mapping[str, Any]) -> str:
    """Return the currency of the amounts of a scenario."""
    return str((data.get("country") or {}).get("currency", YUAN))


def unit_of(address: str, currency: str = YUAN) -> str:
    """Return the unit from the table of parameters, or one guessed from the end of the name, or an empty string."""
    name = address.removeprefix("parameters.")
    if name in ROWS:
        return ROWS[name].unit
    units = {f"_{currency}": currency, **UNITS}
    return next((words for end, words in units.items() if address.endswith(end)), "")


def changed(data: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario with new values at known addresses.

    Tables without changes are shared with the old scenario, which is not modified.
    """
    out = dict(data)
    for address, value in values.items():
        out = _with(out, _keys(address, currency_of(data)), value)
    return out


def _keys(address: str, currency: str) -> list[str]:
    """Split an address into the keys that lead to its value."""
    keys = address.split(".")
    if of_lever(address):
        keys[-1] = in_currency(keys[-1], YUAN, currency)
    return keys if len(keys) > 1 else ["parameters", *keys]


def _with(node: Any, keys: Sequence[str], value: Any) -> Any:
    """Copy nested tables with one value changed; all levers of a kind are changed together."""
    first, *rest = keys
    if isinstance(node, list | tuple):
        return [_with(lever, rest, value) if lever["kind"] == first else lever for lever in node]
    return {**node, first: _with(node[first], rest, value) if rest else value}


def value_at(data: Mapping[str, Any], address: str) -> Any:
    """Return the value at an address, that of the first of several levers of a kind, or None if there is none."""
    node: Any = data
    for key in _keys(address, currency_of(data)):
        if isinstance(node, list | tuple):
            node = next((lever for lever in node if lever["kind"] == key), None)
        else:
            node = node.get(key) if isinstance(node, Mapping) else None
    return node
