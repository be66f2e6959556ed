"""A kind of managers and a kind of levers from outside the package: copy this file, and change it.

``offhours run docs/examples/evening_pledge.toml --with docs/examples/considerate.py`` uses both. The text of this file
is part of the identity of the worlds that it makes: an edited rule never meets results of the old one.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from sim.core.columns import R
from sim.engine.agents import Manager, add_manager
from sim.levers.kinds import add_lever
from sim.levers.lever import Hour, Lever, Row, Share, Writes, clock, exactly, minutes

MORNING = 7.0


class Considerate(Manager):
    """Writes outside hours only while the team is rested."""

    def initiative_today(self) -> float:
        """Decide how readily to write to people outside hours today: not at all to a tired team.

        Returns
        -------
        float
            Chance per half-hourly moment outside hours, 0..1.
        """
        tired = sum(member.fatigue for member in self.team_members) / max(len(self.team_members), 1)
        return 0.0 if tired > 0.0 else super().initiative_today()


@add_lever
class EveningPledge(Lever):
    """Teams pledge not to write what can wait in the evening and at night; some of the pledges are kept."""

    kind: Literal["evening_pledge"]
    from_hour: Annotated[Hour, Writes(R.quiet_from, exactly, minutes)] = 20.0
    kept: Annotated[Share, Writes(R.nudge, scaled=True)] = 0.8

    def write(self, row: Row, strength: float) -> None:
        """Leave a share of the messages unwritten until the morning."""
        super().write(row, strength)
        exactly(row, R.quiet_to, minutes(MORNING))

    def settles(self) -> Mapping[str, str]:
        """Say which window it is, so that another one for the same people is refused."""
        return {"the quiet window": f"{clock(self.from_hour)} to {clock(MORNING)} on all days"}


add_manager("considerate", Considerate)
