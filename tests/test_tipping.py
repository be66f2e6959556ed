"""Where norms tip: the formulas are those of the rules, and the states are those that theory says."""

import numpy as np
import pytest

from docs.tipping_theory import MET, MET_LATE, REQUESTS, TYPES, Firm, Request, Rule
from sim.behaviour.answering import act_log_odds, message_log_odds
from sim.behaviour.norms import demand_target, expectation_target
from sim.core.parameters import ROWS
from tests.worlds import by_name

STEEP = {
    "act_expectation": 6.0,
    "act_base": -2.6,
    "norm_steepness": 30.0,
    "norm_peers": 0.4,
}  # two states, inside the ranges of the table

pytestmark = pytest.mark.smallworld


def test_the_formulas_are_those_of_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    p, firm = by_name(), Firm()
    for seen, own, demand in ((0.1, 0.3, 0.2), (0.5, 0.2, 0.9), (0.9, 0.9, 0.5)):
        expected = expectation_target(p, 0.0, demand, seen, own, 0.0)
        assert firm.target(np.array(seen), np.array(own), np.array(demand)) == pytest.approx(expected, rel=1e-12)
        wanted = p.belief_share * demand_target(p, 1.0, seen, 0.0, 0.5, 0.0) + (1.0 - p.belief_share) * demand_target(
            p, 0.0, seen, 0.0, 0.5, 0.0
        )
        assert firm.demand(np.array(seen)) == pytest.approx(wanted, rel=1e-12)
    monkeypatch.setattr("docs.tipping_theory.REQUESTS", (Request(1.0, 1.0, 0.0, 0.5, 1.0),))
    acted = firm.response(np.full(2 * TYPES, 0.4))
    for k in (0, TYPES - 1, TYPES):
        odds = act_log_odds(p, 0.4, firm.apart[k], firm.refuses[k]) + message_log_odds(p, 1.0, 0.0, 0.5, 1.0)
        met = MET - MET_LATE * p.stay_culture * 0.4
        counted = met + p.request_at_work * (1.0 - met)
        assert acted[k] == pytest.approx(met / (1.0 + np.exp(-odds)) / counted, rel=1e-12)


def test_shares_add_up() -> None:
    assert sum(kind.share for kind in REQUESTS) == pytest.approx(1.0)
    for refuse in (0.0, 0.21, 0.5):
        firm = Firm({"refuse_share": refuse})
        assert firm.weight.sum() == pytest.approx(1.0)
        assert firm.weight @ firm.refuses == pytest.approx(refuse)


def test_the_table_has_one_state_and_all_starts_end_in_it() -> None:
    (state,) = Firm().states()
    ends = [Firm().years_after(start, 0.0, Rule()) for start in (0.05, 0.95)]
    assert [end.response for end in ends] == pytest.approx([state.response] * 2, abs=0.005)


def test_there_is_a_region_inside_the_ranges_with_two_states() -> None:
    """Steep norms and acting that follows expectation: low and high starts end apart, each in its own state."""
    assert all(ROWS[name].low <= value <= ROWS[name].high for name, value in STEEP.items())
    firm = Firm(STEEP)
    low, high = firm.states()
    assert high.response - low.response > 0.1
    ends = [firm.years_after(start, 0.0, Rule()) for start in (0.05, 0.95)]
    assert [end.response for end in ends] == pytest.approx([low.response, high.response], abs=0.005)
    assert len(Firm({**STEEP, "norm_steepness": 9.0}).states()) == 1
    assert len(Firm({**STEEP, "norm_peers": 0.1}).states()) == 1


def test_a_committed_minority_and_a_rule_of_some_months_tip_it_for_good() -> None:
    """More people who refuse take the high state away; a right of half a year tips if it is used, and not otherwise."""
    firm = Firm(STEEP)
    share = firm.committed()
    assert share is not None
    assert ROWS["refuse_share"].value < share < 0.5
    assert len(Firm({**STEEP, "refuse_share": share}).states()) == 1
    assert Firm().committed() is None
    low, high = firm.states()
    weak, strong = (firm.years_after(high.expectation, 6.0, Rule(right)) for right in (0.02, 0.8))
    assert weak.response == pytest.approx(high.response, abs=0.01)
    assert strong.response == pytest.approx(low.response, abs=0.01)
    back = Firm().years_after(Firm().states()[0].expectation, 6.0, Rule(0.8))
    assert back.response == pytest.approx(Firm().states()[0].response, abs=0.01)
