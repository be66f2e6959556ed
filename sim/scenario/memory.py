"""Memory that a run needs, and that the machine has."""

import os

from sim.core.control_groups import allotted
from sim.core.errors import InputError
from sim.scenario.schema import Scenario

AT_ONCE = 20_000  # people of a slice of firms; a larger world is simulated in several
# From peaks measured with 500 to 10,000 people, and of comparisons with up to 300,000.
BYTES_AT_LEAST = 400_000_000  # Python, libraries, compiled engine
BYTES_IN_A_PIECE = 250_000_000  # a block of person-weeks and its derivatives
BYTES_PER_PERSON = 22_000  # of a slice: records, of which 16 to 18 kB are in use, and agent
SLICES = 2  # in memory: one that lives, and one whose people come to rest
BYTES_PER_PERSON_COMPARED = 3_000  # sums by firm, group and person, all replicates; 2,100 measured up to 300,000 people
BYTES_PER_PERSON_WEEK = 60  # firm-weeks that figures read


def memory_needed(scenario: Scenario, worlds: int = 2, whole: bool = False) -> int:
    """Estimate the peak memory of a run in bytes: the larger of what a simulation and a comparison need.

    A slice of one replicate of one world is simulated at a time and written piece by piece, so memory grows little with
    people, years and replicates, and not with the number of scenarios. ``worlds`` counts those whose firm-weeks share a
    results folder; with ``whole`` economies are simulated as a whole, as where each run is a few figures.
    """
    run = scenario.run
    at_once = run.people if whole else min(run.people, AT_ONCE)
    weeks = run.people * (run.weeks + run.warmup_days // 7) * run.replicates * worlds
    compared = run.people * run.replicates * BYTES_PER_PERSON_COMPARED + weeks * BYTES_PER_PERSON_WEEK
    return BYTES_AT_LEAST + BYTES_IN_A_PIECE + max(SLICES * at_once * BYTES_PER_PERSON, compared)


def memory_at_hand() -> int:
    """Return the memory of this machine in bytes, or the limit of the container or job if that is lower."""
    limits = (limit for (limit,) in allotted("memory.max"))
    return min([os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), *limits])


def check_size(scenario: Scenario, worlds: int = 2, whole: bool = False) -> None:
    """Raise ``InputError`` if a run is estimated to need more memory than there is."""
    needed, there = memory_needed(scenario, worlds, whole), memory_at_hand()
    if needed > there:
        run = scenario.run
        raise InputError(
            f"{scenario.name}: {run.people:,} people for {run.years:g} years in {run.replicates} replicates would need "
            f"about {needed / 1e9:,.1f} GB of memory, and this machine or job has {there / 1e9:,.1f} GB; "
            "use fewer people or replicates"
        )
