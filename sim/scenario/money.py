"""Names of amounts of money: those of levers, of addresses in sweeps and of stored columns end with their currency."""

from sim.scenario.countries import YUAN


def in_currency(name: str, currency: str, before: str = YUAN) -> str:
    """Return the name of an amount in another currency, as in ``wage_euro``; other names are returned unchanged."""
    return "_".join(currency if part == before else part for part in name.split("_"))
