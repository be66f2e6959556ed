"""The small worlds of the mutation run: one firm each, some days, all kinds of rules at inner strengths."""

from sim.model import Workplace
from tests import twinned
from tests.twinned import LIVELY, World, pair, rule_under

DAYS = 9  # from a Monday, with a Sunday and what follows from it
HAMLET = {"firm_size_median": 7.0, "firm_size_sigma": 0.1, "firm_size_min": 6, "firm_size_max": 8}
LARGER = ("today", "limits_and_rounds", "overseen")  # worlds that keep firms with several teams
PAIRS = ("quiet_hours", "held_until_early")  # worlds that keep a second firm, whose rows do not begin at 0
ANY_RULES = 3  # worlds in which each role is under its own mixture of rules
WORLDS: dict[str, World] = {
    name: world._replace(
        firms=world.firms[: 2 if name in PAIRS else 1], town=world.town if name in LARGER else HAMLET
    )
    for name, world in twinned.WORLDS.items()
}  # fmt: skip
WORLDS |= {f"any_rules_{n}": LIVELY._replace(firms=(n,), seed=n, town=HAMLET) for n in range(ANY_RULES)}


def built(name: str) -> Workplace:
    """Make a world anew."""
    world = WORLDS[name]
    engine, _ = pair(world)
    if name.startswith("any_rules"):
        rule_under(engine, world.seed)
    return engine
