"""Levers of every kind, as a scenario file writes them: a few variants of each, for tests that go over all kinds."""

from typing import Any

from hypothesis import strategies as st

VARIANTS: dict[str, list[dict[str, Any]]] = {
    "ban": [
        {"channels": ["im", "group"]},
        {"channels": ["mail"], "hours": "off"},
        {"channels": ["im", "tool"], "technical": 1.0},
        {"channels": ["im"], "substitutes": ["project_tool", "scheduled_mail"]},
        {"channels": ["im", "group", "mail", "tool", "call"]},
    ],
    "absent": [{"channels": ["im", "group"]}, {"channels": ["call"]}],
    "quiet_hours": [
        {"mode": "hold"},
        {"mode": "block", "technical": 0.5},
        {"mode": "nudge"},
        {"mode": "hold", "from_hour": 22.0, "to_hour": 7.0},
        {"mode": "block", "from_hour": 0.0, "to_hour": 24.0, "days": "free"},
        {"mode": "nudge", "from_hour": 18.5, "to_hour": 22.0, "days": "working"},
    ],
    "right_to_disconnect": [{}, {"fine_yuan": 100.0}, {"fine_firm_yuan": 450_000.0}],
    "contact_prohibition": [{}],
    "substitute": [
        {"tool": "project_tool", "cost_yuan": 30.0},
        {"tool": "scheduled_mail"},
        {"tool": "internal_messenger", "uptake": 0.6, "cost_yuan": 20.0},
        {"tool": "summaries", "cost_yuan": 5.0},
    ],
    "emergency_line": [{"quota_per_week": 2}, {"quota_per_week": 0, "cost_yuan": 10.0}],
    "overtime_pay": [{"recorded": 1.0}, {"recorded": 0.5, "latent": 0.4, "rate": 2.0}],
    "incentive": [{"yuan_per_year": 500.0}],
    "training": [{"cost_yuan": 200.0}, {}],
    "manager_example": [{}],
    "pressure": [{}],
    "placebo": [{}],
    "weekly_cap": [{"hours": 44.0}, {"hours": 48.0, "on": "total"}, {"hours": 42.0, "opt_out": 0.5}],
    "daily_cap": [{"hours": 9.0}, {"hours": 10.0, "on": "total"}],
    "daily_rest": [{"hours": 11.0}, {"hours": 12.0, "on": "total"}],
    "weekly_rest": [{"hours": 24.0}, {"hours": 36.0, "on": "total"}],
    "batching": [{}, {"rounds": 3}],
    "check_limit": [{"rounds": 1}, {"rounds": 3}],
    "read_receipts": [{}],
    "group_limits": [{"most": 5}],
    "mention_limits": [{"most": 2}],
    "focus_hours": [{"from_hour": 9.5, "to_hour": 11.5}, {"from_hour": 14.0, "to_hour": 16.0}],
    "core_hours": [{"from_hour": 10.0, "to_hour": 12.0}, {"from_hour": 13.0, "to_hour": 16.0}],
    "meeting_free": [{"days": ["wednesday", "friday"]}, {"from_hour": 9.0, "to_hour": 12.0}],
    "meeting_limit": [{"hours": 2.0}],
    "flexible_hours": [{"hours": 1.0}],
    "enforcement": [
        {"inspections_per_year": 12.0, "complaint": 1.0, "anonymous": 1.0, "fine_yuan": 300.0, "cost_yuan": 2_000.0},
        {"inspections_per_year": 0.5, "union": 1.0, "order_first": 1.0, "fine_firm_yuan": 1e5, "publicity": 1.0},
        {"inspections_per_year": 52.0, "grades": [{"size_min": 10, "factor": 0.5}, {"size_min": 20}]},
    ],
    "monitoring": [{"notice": 1.0, "cost_yuan": 75.0}, {}],
    "monitoring_limits": [{"notice": 1.0}, {}],
}  # fmt: skip

ALL = [{"kind": kind, **fields} for kind, variants in VARIANTS.items() for fields in variants]


def any_lever() -> st.SearchStrategy[dict[str, Any]]:
    """Draw a lever of any kind, the kinds alike in chance, without dates and scope."""
    return st.sampled_from(sorted(VARIANTS)).flatmap(
        lambda kind: st.sampled_from([{"kind": kind, **fields} for fields in VARIANTS[kind]])
    )
