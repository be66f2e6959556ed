"""Figures: they appear, repeat to the byte, show the tables' numbers, and survive tables that have little to show."""

import itertools
import math
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import polars as pl
import pytest
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.core.columns import CHANNELS, ROLES, Ledger
from sim.core.errors import InputError, ResultsError
from sim.figures import fonts, numerals, style, timeline, words
from sim.figures.context import Phase, overview, setting
from sim.figures.displacement import RATIO
from sim.figures.effect import Effect, effects_of
from sim.figures.forest import draw_effects, draw_who
from sim.figures.heatmap import counted_weeks, draw_heatmap, rates
from sim.figures.timeline import PAD, PANELS, bars_of
from sim.figures.weekly import Lines, sums_of, weekly_lines
from sim.outcomes import BY_NAME, written
from sim.report import plots
from sim.scenario.countries import home
from tests.drawable import Pictures

NAMES = ("course", "displacement", "effects", "heatmap", "timeline", "who")
WORLDS = ("status_quo", "pilot_ban")
START_WEEK = 26

# outcome: value without the rule, effect in percent of it (in sd for scores), half width of its interval in percent
EFFECTS = {
    "share_burnt_out": (0.448, -3.6, 1.9),
    "share_exhausted": (0.351, -2.4, 2.6),
    "exhaustion": (0.021, -0.05, 0.02),
    "share_anxious": (0.412, -1.1, 2.2),
    "detachment": (0.463, 7.7, 1.6),
    "sleep_minutes": (414.3, 0.8, 0.3),
    "absence": (6.14, -1.0, 3.4),
    "recorded_overtime": (5.42, -14.1, 3.0),
    "latent_overtime": (6.31, -22.4, 4.1),
    "hidden_overtime": (6.13, -24.9, 4.4),
    "total_hours": (51.7, -3.9, 0.6),
    "short_rest_share": (0.231, -18.0, 6.0),
    "output_per_hour": (41.2, 2.6, 1.3),
    "output_per_paid_hour": (46.4, -1.9, 1.1),
    "focus_minutes": (268.0, 9.4, 1.2),
    "message_minutes": (121.7, -31.5, 2.0),
    "waiting": (3.92, 61.0, 18.0),
    "defaults": (8.7, 121.0, 31.0),
    "rework_share": (0.051, 12.0, 14.0),
}


def manifest(
    phases: bool = True, title: str = "Pilot ban in two cities", worlds: tuple[str, ...] = WORLDS
) -> dict[str, Any]:
    """Make a manifest as a run writes it."""
    return {
        "scenario": worlds[-1],
        "counterfactual": worlds[0],
        "resolved": {
            "title": title,
            "calendar": {"start": "2026-01-05"},
            "run": {"people": 1500, "replicates": 2, "seed": 20261125},
        },
        "phases": [
            {"label": "preparation", "start": "2026-06-08", "end": "2028-01-03", "ramp_days": 28},
            {"label": "ban", "start": "2026-07-06", "end": "2028-01-03", "ramp_days": 56},
        ]
        * phases,
    }


def tables(firms: int = 40, weeks: int = 104, replicates: int = 2, size: float = 1.0) -> dict[str, pl.DataFrame]:
    """Make up tables of a run; ``size`` is the effect of the rule, 0 for a placebo."""
    rng = np.random.default_rng(7)  # one seed: with and without an effect the noise is the same
    listed = pl.DataFrame(
        {
            "replicate": np.repeat(np.arange(replicates), firms).astype(np.int16),
            "firm": np.tile(np.arange(firms), replicates).astype(np.int32),
            "city": rng.choice(["beijing", "chengdu"], firms * replicates),
            "industry": rng.choice(home().trades, firms * replicates),
            "size": np.maximum(5, rng.lognormal(3, 0.8, firms * replicates)).astype(np.int32),
            "in_scope": np.arange(firms * replicates) % 5 < 2,
        }
    )
    return {
        "firms": listed,
        "firm_week": _firm_week(listed, weeks, size, rng),
        "hours": _hours(listed, weeks, size),
        "displacement": _displacement(size),
        "effects": _effects(listed, size, rng),
        "drift": pl.DataFrame(
            {
                "scenario": ["pilot_ban"],
                "world": ["status_quo"],
                "window": ["weeks 0–7 to weeks 8–15"],
                "outcome": ["hidden_overtime"],
                "unit": ["h/week"],
                "change": [0.25],
                "low": [-0.25],
                "high": [None],
            }
        ).cast({"high": pl.Float64}),
    }


def _firm_week(listed: pl.DataFrame, weeks: int, size: float, rng: np.random.Generator) -> pl.DataFrame:
    """Make firm-weeks whose two worlds share their noise."""
    week = np.arange(-8, weeks)
    shape = (listed.height, week.size)
    people = np.broadcast_to(listed["size"].to_numpy()[:, None], shape)
    level = rng.normal(0, 0.12, (listed.height, 1)) + rng.normal(0, 0.05, shape) + 0.03 * np.sin(week / 52 * 6.28)
    own = rng.normal(1, 0.35, (listed.height, 1))
    holidays = rng.random(shape) < 0.02
    scope = listed["in_scope"].to_numpy()[:, None]
    frames = []
    for world in WORLDS:
        ramp = np.clip((week - START_WEEK) / 8, 0, 1) * size * (world == WORLDS[1]) * scope * own
        slow = 1 - np.exp(-np.maximum(week - START_WEEK, 0) / 14)
        columns = {name.replace("_seconds", "_minutes"): np.rint(people * 3 * np.exp(level)) for name in Ledger._fields}
        hour = 60 * people * np.exp(level)
        columns |= {
            "recorded_overtime_minutes": 5.4 * hour * (1 - 0.14 * ramp),
            "latent_overtime_minutes": 6.3 * hour * (1 - 0.22 * ramp + 0.05 * np.sin(week / 3) * ramp),
            "office_task_minutes": 24 * hour / np.exp(level) * (1 + 0.08 * ramp),
            "home_task_minutes": 4 * hour,
            "office_talk_minutes": 0 * hour,
            "office_meeting_minutes": 0 * hour,
            "office_message_minutes": 8.4 * hour * (1 - 0.3 * ramp),
            "home_message_minutes": 1.8 * hour * (1 - 0.3 * ramp),
            "office_idle_minutes": 5 * hour,
            "output_minutes": 34 * hour / np.exp(level) * (1 + 0.03 * ramp - 0.04 * ramp * np.exp(-(week - 26) / 10)),
            "workdays": 5 * people - holidays,
            "burnt_out": np.clip(0.45 + 0.6 * level - 0.03 * ramp * slow, 0, 1),
            "expectation": np.clip(0.62 + 0.5 * level - 0.08 * ramp * slow, 0, 1),
            "exhaustion": level,
        }
        frames.append(
            pl.DataFrame(
                {
                    "world": [world] * people.size,
                    "replicate": np.repeat(listed["replicate"].to_numpy(), week.size),
                    "firm": np.repeat(listed["firm"].to_numpy(), week.size),
                    "week": np.tile(week.astype(np.int16), listed.height),
                    "n_people": people.ravel(),
                }
                | {name: np.broadcast_to(values, shape).astype(np.float32).ravel() for name, values in columns.items()}
            )
        )
    return pl.concat(frames).with_columns(pl.col("world").cast(pl.Categorical))


def _hours(listed: pl.DataFrame, weeks: int, size: float) -> pl.DataFrame:
    """Make messages by hour of the week, with an evening bump and quiet nights."""
    hour = np.arange(24)
    day = 4.2 * (np.exp(-(((hour - 10.5) / 1.8) ** 2)) + 0.9 * np.exp(-(((hour - 15.5) / 2.2) ** 2)))
    evening = 0.7 * np.exp(-(((hour - 21) / 1.8) ** 2)) + 0.004
    people = listed.group_by("replicate", "in_scope").agg(pl.col("size").sum()).sort("replicate", "in_scope")
    rows = []
    parts = [(False, min(weeks, START_WEEK)), (True, weeks - START_WEEK)]
    for world, (under_rule, length) in itertools.product(WORLDS, [part for part in parts if part[1] > 0]):
        for replicate, in_scope, persons in people.iter_rows():
            ban = size * (world == WORLDS[1]) * in_scope * under_rule
            rate = np.concatenate(
                [(day if d < 5 else 0.05 * day) * (1 - 0.3 * ban) + evening * (1 - 0.5 * ban) for d in range(7)]
            )
            rng = np.random.default_rng(3 + replicate)
            for channel in CHANNELS[:3]:
                counts = rng.poisson(rate * persons * length / 3)
                rows.append(
                    pl.DataFrame(
                        {"hour_of_week": np.arange(168, dtype=np.int16), "messages": counts.astype(np.int64)}
                    ).with_columns(
                        world=pl.lit(world), replicate=pl.lit(replicate), in_scope=pl.lit(in_scope),
                        channel=pl.lit(channel), under_rule=pl.lit(under_rule), weeks=pl.lit(length),
                    )
                )  # fmt: skip
    return pl.concat(rows)


def _displacement(size: float) -> pl.DataFrame:
    """Make minutes outside hours by channel."""
    names = [*CHANNELS, "all"]
    before = np.array([152.0, 118.0, 31.0, 14.0, 22.0, 19.0, 0.0, 356.0])
    change = size * np.array([-139.0, -111.0, 27.0, 33.0, 24.0, 51.0, 0.0, -115.0])
    wide = abs(size) * np.array([9.0, 8.0, 4.0, 5.0, 4.0, 7.0, 0.0, 12.0])
    ratio = {"displaced": 0.54, "displaced_low": 0.41, "displaced_high": 0.66} if size else {}
    blank = dict.fromkeys(("difference", "low", "high", "displaced", "displaced_low", "displaced_high"))
    rows = []
    for world, minutes in zip(WORLDS, (before, before + change), strict=True):
        for n, name in enumerate(names):
            row = {"world": world, "channel": name, "recorded": name != "shadow" if name != "all" else None}
            row |= {"minutes_per_person_week": minutes[n]} | blank
            if world == WORLDS[1]:
                row |= {"difference": change[n], "low": change[n] - wide[n], "high": change[n] + wide[n]}
                row |= ratio if name == "all" else {}
            rows.append(row)
    types = {"recorded": pl.Boolean} | dict.fromkeys(blank, pl.Float64)
    return pl.DataFrame(rows, schema_overrides=types)


def _effects(listed: pl.DataFrame, size: float, rng: np.random.Generator) -> pl.DataFrame:
    """Make effects on everybody and on groups."""
    firms = listed.filter("in_scope").height
    people = int(listed.filter("in_scope")["size"].sum())
    groups = {"all": 1.0, "managers": 0.16, "staff": 0.84} | dict.fromkeys(ROLES, 0.16)
    groups |= dict.fromkeys(("internet", "finance", "education"), 0.33)
    rows = []
    for group, share in groups.items():
        for name, (baseline, percent, half) in EFFECTS.items():
            outcome = BY_NAME[name]
            unit = 1.0 if outcome.unit == "sd" else baseline / 100
            wide = half * unit / math.sqrt(share) * (size != 0)
            value = (percent * unit + (rng.normal(0, wide) if group != "all" else 0.0)) * size
            rows.append(
                {
                    "scenario": WORLDS[1],
                    "counterfactual": WORLDS[0],
                    "group": group,
                    "window": "weeks 34–103: rules fully in force",
                    "outcome": name,
                    "family": outcome.family,
                    "unit": outcome.unit,
                    "better": outcome.better,
                    "baseline": baseline,
                    "scenario_value": baseline + value,
                    "difference": value,
                    "low": value - wide,
                    "high": value + wide,
                    "relative": value / baseline,
                    "correlation": 0.9,
                    "variance_ratio": 0.1,
                    "firms": firms,
                    "people": round(people * share),
                    "spill": 0.0,
                }
            )
    return pl.DataFrame(rows)


def weekly(frames: dict[str, pl.DataFrame]) -> Lines:
    return weekly_lines(sums_of(frames, setting(manifest()), [BY_NAME[name] for name in PANELS]))


@pytest.fixture(autouse=True)
def _no_boxes() -> Iterator[None]:
    """Any warning of the plotting library, of a missing glyph before all, is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module")
def usual() -> dict[str, pl.DataFrame]:
    return tables()


@pytest.fixture(scope="module")
def drawn(usual: dict[str, pl.DataFrame]) -> Pictures:
    return Pictures(usual, manifest())


def named(figure: Figure, gid: str) -> Any:
    """Find what was drawn under a name."""
    found: list[Artist] = figure.findobj(lambda artist: artist.get_gid() == gid)
    assert len(found) == 1, gid
    return found[0]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text)]


COARSE = 50  # dots per inch, where nobody looks at pixels


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Write the figures of small tables once; the plotting library is left as it was."""
    before = dict(matplotlib.rcParams)
    paths = plots.draw_all(tmp_path_factory.mktemp("written"), tables(6, 12, 1), manifest(), dots=COARSE)
    assert dict(matplotlib.rcParams) == before
    return paths


def test_files_appear_and_nothing_else(files: list[Path]) -> None:
    folder = files[0].parent
    assert files == [folder / f"{name}.{kind}" for name in NAMES for kind in ("png", "svg")]
    assert folder.name == "figures"
    assert sorted(folder.iterdir()) == files
    assert list(folder.parent.iterdir()) == [folder]
    for path in files:
        start = path.read_bytes()[:8]
        assert start == b"\x89PNG\r\n\x1a\n" if path.suffix == ".png" else start.startswith(b"<?xml")


def test_another_process_draws_the_same_file_and_tells_of_no_home_that_it_cannot_write(
    files: list[Path], tmp_path: Path
) -> None:
    """Hash seeds, dates and the order of sets must not show."""
    code = "import sim.cli.main, sys; sys.path.insert(0, 'tests'); import test_plots as t; from pathlib import Path; "
    code += "t.plots.draw_all(Path(sys.argv[1]), t.tables(6, 12, 1), t.manifest(), dots=t.COARSE)"
    folders = ("MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    away = {name: value for name, value in os.environ.items() if name not in folders} | {"HOME": os.devnull}
    away |= {"PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1", "PYTHONPATH": "."}
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, env=away, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    for path in files:
        assert path.read_bytes() == (tmp_path / "figures" / path.name).read_bytes(), path.name


def test_letters_of_an_svg_are_outlines_and_it_names_no_date_and_loads_nothing(files: list[Path]) -> None:
    texts = [path.read_text(encoding="utf-8") for path in files if path.suffix == ".svg"]
    assert len(texts) == len(NAMES)
    for text in texts:
        assert "<text" not in text
        assert "<dc:date>" not in text
        assert "<image" not in text


def test_effects_are_those_of_the_table(usual: dict[str, pl.DataFrame], drawn: Pictures) -> None:
    rows = usual["effects"].filter(pl.col("group") == "all")
    assert rows.height == len(EFFECTS)
    for row in rows.iter_rows(named=True):
        name = f"{row['outcome']} all"
        unit = 1.0 if row["unit"] == "sd" else row["baseline"]
        mark = named(drawn["effects"], f"effect {name}")
        assert mark.get_xdata()[0] == pytest.approx(100 * row["difference"] / unit, rel=1e-12)
        interval = named(drawn["effects"], f"interval {name}")
        assert interval.get_xdata() == pytest.approx([100 * row["low"] / unit, 100 * row["high"] / unit], rel=1e-12)


def test_effects_print_absolute_numbers_with_units(drawn: Pictures) -> None:
    words = texts(drawn["effects"])
    assert "−1.61  [−2.46, −0.76]" in words  # 3.6 % of 44.8 %, in points
    assert "44.80 %" in words
    assert "+2.39  [+1.69, +3.10]" in words
    assert {"pp", "h/week", "min/h", "h/answer", "sd"} <= set(words)


@pytest.mark.parametrize(
    ("better", "low", "high", "verdict"),
    [
        ("lower", -2.0, -1.0, "better"),
        ("lower", 1.0, 2.0, "worse"),
        ("higher", 1.0, 2.0, "better"),
        ("higher", -2.0, -1.0, "worse"),
        ("lower", -2.0, 1.0, "unclear"),
        ("lower", -2.0, 0.0, "unclear"),
        ("", -2.0, -1.0, "neutral"),
        ("", -2.0, 1.0, "unclear"),
        ("lower", 0.0, 0.0, "zero"),
        ("lower", None, None, "unknown"),
    ],
)
def test_verdicts(usual: dict[str, pl.DataFrame], better: str, low: float, high: float, verdict: str) -> None:
    middle = -1.5 if low is None else (low + high) / 2
    row = (
        usual["effects"]
        .head(1)
        .with_columns(
            better=pl.lit(better), low=pl.lit(low, pl.Float64), high=pl.lit(high, pl.Float64), difference=pl.lit(middle)
        )
    )
    (effect,) = effects_of({"effects": row})
    assert effect.verdict == verdict
    mark = named(draw_effects(usual | {"effects": row}, setting(manifest())), "effect share_burnt_out all")
    assert mark.get_markerfacecolor() == style.MARKS[verdict].fill
    assert mark.get_marker() == style.MARKS[verdict].marker


def test_an_effect_beyond_the_axis_ends_in_an_arrow(usual: dict[str, pl.DataFrame]) -> None:
    huge = usual["effects"].with_columns(pl.col("difference", "low", "high", "relative") * 40)
    figure = draw_effects(usual | {"effects": huge}, setting(manifest()))
    assert figure.axes[0].get_xlim() == (-500.0, 500.0)
    arrows = figure.findobj(lambda artist: getattr(artist, "get_marker", lambda: "")() in ("<", ">"))
    assert {arrow.get_marker() for arrow in arrows} == {"<", ">"}


def test_a_group_of_few_firms_does_not_flatten_the_others(usual: dict[str, pl.DataFrame]) -> None:
    few = pl.col("group") == "finance"
    effects = usual["effects"].with_columns(
        low=pl.when(few).then(-20.0).otherwise("low"), high=pl.when(few).then(20.0).otherwise("high")
    )
    figure = draw_who(usual | {"effects": effects}, setting(manifest()))
    hours = figure.axes[1]
    assert -10 < hours.get_xlim()[0] < -2
    assert 1 < hours.get_xlim()[1] < 10
    assert list(named(figure, "interval latent_overtime finance").get_xdata()) == list(hours.get_xlim())
    arrows = figure.findobj(lambda artist: getattr(artist, "get_marker", lambda: "")() in ("<", ">"))
    assert [arrow.get_marker() for arrow in arrows] == ["<", ">"] * 2


def test_numbers_of_a_group_are_beside_its_panel(usual: dict[str, pl.DataFrame]) -> None:
    near = usual["effects"].with_columns(difference=pl.lit(-12.41), low=pl.lit(-21.944), high=pl.lit(-0.002))
    figure = draw_who(usual | {"effects": near}, setting(manifest()))
    figure.canvas.draw()
    panels, written = figure.axes[:2], [text for text in figure.findobj(Text) if "−0.002" in text.get_text()]
    assert written
    assert all(text.get_window_extent().x0 > text.axes.bbox.x1 for text in written)
    assert panels[0].bbox.x1 < panels[1].bbox.x0


def test_an_outcome_that_is_zero_without_the_rule_has_no_percentage(usual: dict[str, pl.DataFrame]) -> None:
    nothing = pl.col("outcome") == "defaults"
    effects = usual["effects"].with_columns(
        baseline=pl.when(nothing).then(0.0).otherwise("baseline"),
        relative=pl.when(nothing).then(None).otherwise("relative"),
    )
    figure = draw_effects(usual | {"effects": effects}, setting(manifest()))
    assert not figure.findobj(lambda artist: artist.get_gid() == "effect defaults all")
    assert "nothing without the rule to compare with" in texts(figure)


def test_percentages_of_an_outcome_below_zero_have_the_sign_of_its_change() -> None:
    """Subsidies may exceed what people cost; a cost that rises from −2,000 by 500 rises by 25 %."""
    rising = Effect("employer_cost", "money", "yuan/year", "lower", 9, -2_000.0, 500.0, 300.0, 700.0)
    assert rising.percent == (25.0, 15.0, 35.0)
    assert rising._replace(difference=-500.0, low=-700.0, high=-300.0).percent == (-25.0, -35.0, -15.0)


def test_groups_are_those_of_the_table(usual: dict[str, pl.DataFrame], drawn: Pictures) -> None:
    rows = usual["effects"].filter(pl.col("outcome").is_in(["share_burnt_out", "latent_overtime"]))
    rows = rows.filter(pl.col("group") != "manager")  # the same people as "managers", and not shown twice
    assert rows.height == 22
    for row in rows.iter_rows(named=True):
        factor = 100 if row["unit"] == "share" else 1
        mark = named(drawn["who"], f"effect {row['outcome']} {row['group']}")
        assert mark.get_xdata()[0] == pytest.approx(factor * row["difference"], rel=1e-12)
    assert not drawn["who"].findobj(lambda artist: "manager" in str(artist.get_gid()).split())


def naive_week(frame: pl.DataFrame, name: str) -> float:
    """Compute an outcome from firm-weeks the long way, in the units of the figure."""
    above, people = 0.0, 0.0
    for row in frame.iter_rows(named=True):
        worked = sum(
            row[f"{place}_{what}_minutes"]
            for place in ("office", "home")
            for what in ("task", "message", "search", "resume")
        )
        worked += row["office_idle_minutes"]
        messages = row["office_message_minutes"] + row["home_message_minutes"]
        share, weight = {
            "share_burnt_out": (100 * row["burnt_out"] * row["n_people"], row["n_people"]),
            "recorded_overtime": (row["recorded_overtime_minutes"] / 60, row["n_people"]),
            "latent_overtime": (row["latent_overtime_minutes"] / 60, row["n_people"]),
            "output_per_hour": (row["output_minutes"], worked / 60),
            "expectation": (row["expectation"] * row["n_people"], row["n_people"]),
            "message_minutes": (messages, row["workdays"]),
        }[name]
        above, people = above + share, people + weight
    return above / people


@pytest.mark.parametrize("name", PANELS)
def test_time_lines_are_the_ratios_of_the_table(usual: dict[str, pl.DataFrame], drawn: Pictures, name: str) -> None:
    joined = usual["firm_week"].join(usual["firms"], on=["replicate", "firm"])
    for line, world, in_scope in (("rule", 1, True), ("without", 0, True), ("others", 1, False)):
        curve = named(drawn["timeline"], f"{line} {name}")
        assert len(curve.get_xdata()) == 104
        for week in (0, 30, 103):
            frame = joined.filter(
                pl.col("world").cast(pl.String) == WORLDS[world],
                pl.col("in_scope") == in_scope,
                pl.col("week") == week,
            )
            assert curve.get_ydata()[week] == pytest.approx(naive_week(frame, name), rel=1e-5)  # float32 in the table
    assert named(drawn["timeline"], f"rule {name}").get_xdata()[0] == 739621 + 3.5  # Thursday noon, 8 Jan 2026


def test_the_time_line_says_how_far_today_moves(drawn: Pictures) -> None:
    words = " ".join(" ".join(texts(drawn["timeline"])).split())
    assert "By itself, without the rule, weeks 0–7 to weeks 8–15: hidden overtime +0.25 h/week." in words


def test_the_band_is_the_interval_of_the_paired_difference(usual: dict[str, pl.DataFrame]) -> None:
    found = weekly(usual)
    assert (found.half[:START_WEEK] == 0).all()
    assert (found.rule[:START_WEEK] == found.without[:START_WEEK]).all()
    assert (found.half[START_WEEK + 8 :] > 0).all()
    # Firms differ by a third in how the rule works on them: 14 % of 5.4 h by 0.35, over about 20 effective firms.
    half = found.half[START_WEEK + 8 :, PANELS.index("recorded_overtime")]
    assert 0.05 < half.mean() < 0.30


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_over_few_firms_no_interval_is_drawn_or_spoken_of(drawn: Pictures, language: str) -> None:
    """Before the rule starts nothing differs, and the band still has no width."""
    frames = unknown_intervals(tables(6, 40, 1))
    found = weekly(frames)
    assert (found.half[:START_WEEK] == 0).all()
    assert np.isnan(found.half[START_WEEK + 8 :]).all()
    few, text = Pictures(frames, manifest(), language), words.words()["text"]
    said = "".join("".join(texts(figure)) for figure in few.values())
    for key in ("over_firms", "weekly_band", "weekly_interval"):
        assert "".join(text[key][language].split()) not in "".join(said.split()), key
    for name in ("effects", "who"):
        assert text["difference"][language] in texts(few[name])
        assert not any("95" in each or each.endswith("–") for each in texts(few[name]))
    assert texts(few["course"]).count(text["exactly_0"][language]) == texts(drawn["course"]).count("exactly 0")


def test_weeks_of_the_warm_up_are_not_shown(usual: dict[str, pl.DataFrame]) -> None:
    short = usual["firm_week"].filter(pl.col("week") >= 0)
    whole, cut = weekly(usual), weekly(usual | {"firm_week": short})
    assert all(np.array_equal(one, other) for one, other in zip(whole, cut, strict=True))


def test_time_lines_do_not_depend_on_the_order_of_rows(usual: dict[str, pl.DataFrame]) -> None:
    mixed = {name: frame.sample(fraction=1, shuffle=True, seed=3) for name, frame in usual.items()}
    whole, other = weekly(usual), weekly(mixed)
    assert all(np.array_equal(one, two) for one, two in zip(whole, other, strict=True))


def test_heat_maps_are_those_of_the_table(usual: dict[str, pl.DataFrame], drawn: Pictures) -> None:
    firms = usual["firms"].filter("in_scope")
    person_weeks = firms["size"].sum() * (104 - START_WEEK)  # weeks before the rule would dilute what it does
    grids = []
    for world in WORLDS:
        grid = np.zeros((7, 24))
        for row in usual["hours"].filter("in_scope", "under_rule", pl.col("world") == world).iter_rows(named=True):
            grid[row["hour_of_week"] // 24, row["hour_of_week"] % 24] += row["messages"] / person_weeks
        grids.append(grid)
        assert rates(usual, world) == pytest.approx(grid, rel=1e-9)
    maps = drawn["heatmap"].findobj(lambda artist: artist.get_gid() == "map")
    shown = [np.asarray(mesh.get_array()).reshape(7, 24) for mesh in maps]
    assert shown[0] == pytest.approx(grids[0], rel=1e-9)
    assert shown[1] == pytest.approx(grids[1], rel=1e-9)
    assert shown[2] == pytest.approx(grids[1] - grids[0], rel=1e-9, abs=1e-12)
    assert maps[2].norm.vmin == -maps[2].norm.vmax
    assert "Only weeks under the rule (78 weeks)" in " ".join(texts(drawn["heatmap"])).replace("\n", " ")


def test_a_heat_map_has_both_of_two_worlds_whose_names_are_cut_to_the_same(usual: dict[str, pl.DataFrame]) -> None:
    names = [f"a_plan_for_the_whole_of_the_country_{which}_with_a_long_name_for_it" for which in ("one", "two")]
    called = dict(zip(WORLDS, names, strict=True))
    renamed = usual["hours"].with_columns(pl.col("world").cast(pl.String).replace(called))
    run = setting(manifest())._replace(counterfactual=names[0], scenario=names[1])
    assert len({run.name(name) for name in names}) == 1
    figure = draw_heatmap(usual | {"hours": renamed}, run)
    assert len(figure.findobj(lambda artist: artist.get_gid() == "map")) == 3


@pytest.mark.parametrize(
    ("own", "opens", "closes"),
    [({}, 9, 18), ({"opening_clock": 7.0, "day_hours": 7.5}, 7, 15), ({"opening_choices": 1.0}, 8, 18)],
)
def test_a_heat_map_outlines_the_hours_of_its_firms(
    usual: dict[str, pl.DataFrame], own: dict[str, float], opens: int, closes: int
) -> None:
    about = manifest()
    about["resolved"] |= {"parameters": own}
    figure = draw_heatmap(usual, setting(about))
    assert f"Monday to Friday, {opens} to {closes} h" in figure.notes  # type: ignore[attr-defined]
    boxes = [patch for axes in figure.axes for patch in axes.patches]
    assert {(box.get_x(), box.get_x() + box.get_width()) for box in boxes} == {(opens, closes)}
    counts = rates(usual, WORLDS[1])
    share = 100 * (1 - counts[:5, opens:closes].sum() / counts.sum())
    assert f"{share:.1f} % outside" in " ".join(texts(figure))


@pytest.mark.parametrize(("industry", "opens", "closes"), [("internet", 10, 21), ("education", 9, 18)])
def test_a_heat_map_outlines_the_hours_of_the_industry_of_most_of_its_firms(
    usual: dict[str, pl.DataFrame], industry: str, opens: int, closes: int
) -> None:
    about = manifest()
    own = {"opening_clock": 10.0, "day_hours": 10.0, "break_minutes": None}
    about["resolved"] |= {"parameters": {}, "population": {"hours": {"internet": own}}}
    firms = usual["firms"].with_columns(industry=pl.lit(industry))
    assert setting(about).hours == {"": (9, 18), "internet": (10, 21)}
    figure = draw_heatmap(usual | {"firms": firms}, setting(about))
    assert f"Monday to Friday, {opens} to {closes} h" in figure.notes  # type: ignore[attr-defined]


def test_a_heat_map_without_weeks_under_the_rule_says_so(usual: dict[str, pl.DataFrame]) -> None:
    before = usual | {"hours": usual["hours"].filter(~pl.col("under_rule"))}
    assert counted_weeks(before) == (START_WEEK, False)
    lines = sorted(draw_heatmap(before, setting(manifest())).texts, key=lambda text: -text.get_position()[1])
    assert "no whole block of them lies under the rule" in " ".join(text.get_text() for text in lines)


def test_displaced_minutes_are_those_of_the_table(usual: dict[str, pl.DataFrame], drawn: Pictures) -> None:
    figure = drawn["displacement"]
    sides = {"status_quo": ("without", "from"), "pilot_ban": ("rule", "to")}
    for row in usual["displacement"].filter(pl.col("channel") != "all").iter_rows(named=True):
        bar, mark = sides[row["world"]]
        rectangle = named(figure, f"{bar} {row['channel']}")
        assert rectangle.get_width() == pytest.approx(row["minutes_per_person_week"])
        assert bool(rectangle.get_hatch()) is not row["recorded"]
        place = named(figure, f"{mark} {row['channel']}").get_xdata()[0]
        assert place == pytest.approx(row["minutes_per_person_week"])
    words = [" ".join(text.split()) for text in texts(figure)]
    assert {"−139.0 [−148.0, −130.0]", "+51.0 [+44.0, +58.0]", "−166", "+51.0"} <= set(words)
    assert {"356 min", "19 off record", "241 min", "70 off record"} <= set(words)
    assert any("Displacement ratio 0.54 [0.41, 0.66]" in text for text in words)


@pytest.mark.parametrize("few", [False, True])
def test_few_firms_do_not_say_that_no_channel_lost_minutes(usual: dict[str, pl.DataFrame], few: bool) -> None:
    blank = [*RATIO, *(("low", "high") if few else ())]
    frame = usual["displacement"].with_columns(pl.lit(None, pl.Float64).alias(name) for name in blank)
    same = (
        pl.when(pl.col("channel") != "tool").then(pl.col("low", "high")).otherwise(0.0)
    )  # which is known of any firms
    figure = Pictures(usual | {"displacement": frame.with_columns(same)}, manifest())["displacement"]
    said = " ".join(text.get_text() for text in figure.findobj(Text)).replace("\n", " ")
    assert ("unknown, for fewer than 6 firms" in said) == few
    assert ("none, for no channel's loss" in said) == (not few)
    assert ("difference [95 %]" in said, "Intervals: 95 %" in said) == (not few, not few)


def test_an_arrow_that_would_point_backwards_between_its_marks_is_left_out(usual: dict[str, pl.DataFrame]) -> None:
    shifted = pl.col("minutes_per_person_week") + 0.01 * (pl.col("world") == "pilot_ban")
    before = usual["displacement"].with_columns(pl.col("minutes_per_person_week").first().over("channel"))
    near = usual | {"displacement": before.with_columns(minutes_per_person_week=shifted)}
    for frames, there in ((usual, True), (near, False)):
        axes = Pictures(frames, manifest())["displacement"].axes
        assert any(getattr(each, "arrow_patch", None) for one in axes for each in one.texts) == there


def test_a_placebo_is_shown_as_exactly_zero() -> None:
    drawn = Pictures(tables(firms=10, weeks=40, size=0.0), manifest())
    assert sorted(drawn) == list(NAMES)
    for figure in drawn.values():
        figure.draw_without_rendering()
    assert texts(drawn["effects"]).count("exactly 0") == len(EFFECTS)
    assert texts(drawn["who"]).count("exactly 0") == 22
    assert texts(drawn["displacement"]).count("exactly 0") == len(CHANNELS) + 2
    assert "difference  ·  exactly 0 in every hour" in texts(drawn["heatmap"])
    assert any(
        "no channel's loss of minutes is clear enough" in " ".join(text.split())
        for text in texts(drawn["displacement"])
    )


def unknown_intervals(frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    unknown = [pl.lit(None, pl.Float64).alias(end) for end in ("low", "high")]
    return frames | {name: frames[name].with_columns(unknown) for name in ("effects", "displacement")}


def scope(frames: dict[str, pl.DataFrame], value: bool) -> dict[str, pl.DataFrame]:
    return frames | {name: frames[name].with_columns(in_scope=pl.lit(value)) for name in ("firms", "hours")}


def silent(frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Nobody works, nobody writes, and nothing differs."""
    keys = {
        "firm_week": ("world", "replicate", "firm", "week", "n_people"),
        "hours": ("world", "in_scope", "under_rule", "weeks", "hour_of_week"),
    }
    quiet = {
        name: frames[name].select(*kept, pl.exclude(*kept, "channel", "replicate") * 0) for name, kept in keys.items()
    }
    minutes = pl.col("minutes_per_person_week", "difference", "low", "high") * 0
    quiet["displacement"] = frames["displacement"].with_columns(minutes)
    numbers = ("baseline", "scenario_value", "difference", "low", "high")
    effects = frames["effects"].with_columns(*(pl.lit(0.0).alias(name) for name in numbers), relative=None)
    return frames | quiet | {"effects": effects}


ODD = {
    "one firm": lambda: (unknown_intervals(tables(1, 40, 1)), manifest()),
    "one week": lambda: (tables(5, 1), manifest()),
    "five weeks": lambda: (tables(5, 5), manifest()),
    "ten years": lambda: (tables(2, 520, 1), manifest()),
    "no phases": lambda: (tables(5, 30), manifest(phases=False)),
    "nobody reached": lambda: (scope(tables(5, 30), False), manifest()),
    "everybody reached": lambda: (scope(tables(5, 30), True), manifest()),
    "nothing happens": lambda: (silent(tables(5, 30)), manifest()),
    "no effects": lambda: (tables(5, 30) | {"effects": tables(5, 30)["effects"].clear()}, manifest()),
    "long title with a formula": lambda: (
        tables(5, 30),
        manifest(
            title="A fine of $300 \\frac or $500_a_week\nand more " + "and another forty letters of a long title " * 3
        ),
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_tables_are_drawn(case: str) -> None:
    frames, about = ODD[case]()
    drawn = Pictures(frames, about)
    assert sorted(drawn) == list(NAMES)
    for figure in drawn.values():
        figure.draw_without_rendering()  # warns of every sign without a glyph


def test_a_single_world_has_nothing_to_compare(tmp_path: Path) -> None:
    frames = {
        name: frame.filter(pl.col("world").cast(pl.String) == "status_quo") if "world" in frame.columns else frame
        for name, frame in tables(5, 30).items()
    }
    del frames["effects"], frames["displacement"]
    about = manifest(phases=False, worlds=("status_quo",))
    assert [path.name for path in plots.draw_all(tmp_path, frames, about, dots=COARSE)] == [
        f"{name}.{kind}" for name in ("heatmap", "timeline") for kind in ("png", "svg")
    ]
    words = " ".join(" ".join(texts(Pictures(frames, about)["timeline"])).split())
    assert "By itself, weeks 0–7 to weeks 8–15: hidden overtime +0.25 h/week." in words  # of rules nothing is said


def test_a_run_is_found_by_its_scenario() -> None:
    frames = tables(3, 5)
    assert len(plots.planned(frames, manifest(), chosen=["pilot_ban"])) == len(NAMES)
    with pytest.raises(InputError, match=r"hold no such scenario; did you mean 'pilot_ban'\?"):
        plots.planned(frames, manifest(), chosen=["pilot_bam"])


@pytest.mark.parametrize(
    ("name", "figure"),
    [("effects", "effects"), ("firm_week", "course"), ("hours", "heatmap"), ("displacement",) * 2, ("firms", "course")],
)
def test_a_missing_table_is_named(name: str, figure: str) -> None:
    frames = tables(3, 5)
    del frames[name]
    with pytest.raises(ResultsError, match=name):
        Pictures(frames, manifest())[figure]


def test_a_missing_column_is_named() -> None:
    frames = tables(3, 5)
    with pytest.raises(ResultsError, match="'effects' lacks the column 'unit'"):
        Pictures(frames | {"effects": frames["effects"].drop("unit")}, manifest())["effects"]
    with pytest.raises(ResultsError, match="output_minutes"):
        Pictures(frames | {"firm_week": frames["firm_week"].drop("output_minutes")}, manifest())["timeline"]


def test_a_run_without_a_week_after_the_warm_up_has_nothing_to_draw() -> None:
    frames = tables(3, 5)
    warm_up = frames["firm_week"].filter(pl.col("week") < 0)
    with pytest.raises(ResultsError, match="no week after the warm-up"):
        Pictures(frames | {"firm_week": warm_up}, manifest())["timeline"]


@pytest.mark.parametrize("key", ["scenario", "counterfactual", "resolved", "phases"])
def test_a_manifest_must_say_what_figures_need(key: str) -> None:
    about = manifest()
    del about[key]
    with pytest.raises(ResultsError, match=key):
        setting(about)


def test_a_date_that_is_none_is_refused() -> None:
    about = manifest()
    about["phases"][0]["start"] = "yesterday"
    with pytest.raises(ResultsError, match="yesterday"):
        setting(about)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "figures").write_text("in the way", encoding="utf-8")
    with pytest.raises(ResultsError, match="cannot write figures"):
        plots.draw_all(tmp_path, tables(3, 5), manifest())


def test_an_interrupted_drawing_leaves_earlier_figures(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(files[0].parent, tmp_path / "figures")
    before = {path: path.read_bytes() for path in (tmp_path / "figures").iterdir()}
    assert len(before) == len(files)

    def fail(figure: Figure, file: BytesIO, **_: object) -> None:
        file.write(b"half a fig")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(ResultsError, match="No space left"):
        plots.draw_all(tmp_path, tables(3, 5), manifest(title="Another"))
    assert {path: path.read_bytes() for path in (tmp_path / "figures").iterdir()} == before


def test_signs_that_no_font_has_are_never_boxes() -> None:
    about = manifest(title="第一阶段:龘")
    about["phases"][1]["label"] = "龘"
    run = setting(about)
    assert run.title == "pilot ban"
    assert [phase.label for phase in run.phases] == ["preparation", "phase 2"]
    assert style.readable("Größe, 1–2 €, β", "no") == "Größe, 1–2 €, β"
    assert style.readable("", "no") == "no"


def test_the_library_is_left_as_it_was(tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    frames = tables(3, 5)
    del frames["hours"]  # the second figure fails, the first is written
    with pytest.raises(ResultsError, match="hours"):
        plots.draw_all(tmp_path, frames, manifest(), dots=COARSE)
    assert dict(matplotlib.rcParams) == before


def test_a_picture_can_never_start_a_run() -> None:
    """Neither the model nor anything that runs it is there to be called, nor is a window."""
    code = "import sys, sim.report.plots; print(*sorted(sys.modules))"
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "sim.report.plots" in output
    assert not {"sim.model", "sim.runs.simulation", "sim.engine.simulate", "mesa", "numba", "matplotlib.pyplot"} & set(
        output
    )


def test_bars_and_names_of_phases_have_room() -> None:
    day = setting(manifest()).start
    spans = [(0, 40), (10, 60), (40, 200), (41, 45), (60, 400), (390, 500), (700, 728), (720, 728), (900, 950)]
    phases = [
        Phase(
            f"a phase with the number {n}",
            day.fromordinal(day.toordinal() + a),
            day.fromordinal(day.toordinal() + b),
            7,
        )
        for n, (a, b) in enumerate(spans)
    ]
    span = (day.toordinal(), day.toordinal() + 728.0)
    bars = bars_of(phases, span, 3.0)
    assert len(bars) == len(spans) - 1  # the last one lies outside
    width = {bar.label: (fonts.width(bar.label, style.TINY) + 2 * PAD) * 728 / 3.0 for bar in bars}
    for bar in bars:
        assert span[0] <= bar.start <= bar.full <= bar.end <= span[1]
        assert span[0] <= bar.name <= span[1] - width[bar.label] + 1e-6
        for other in bars:
            if other is not bar and other.lane == bar.lane:
                low, high = (min(bar.start, bar.name), max(bar.end, bar.name + width[bar.label]))
                assert other.start >= high or other.end <= low


def test_a_phase_that_ends_before_its_ramp_is_drawn_as_strong_as_it_gets() -> None:
    day = setting(manifest()).start
    ends = (10, 40, 80)
    phases = [Phase(f"{end}", day, day + timedelta(days=end), 40) for end in ends]
    span = (day.toordinal(), day.toordinal() + 60.0)
    assert [(bar.full - span[0], bar.strength) for bar in bars_of(phases, span, 3.0)] == [(10, 0.25), (40, 1), (40, 1)]
    (late,) = bars_of(phases[:1], (span[0] + 5, span[1]), 3.0)
    assert (late.first, late.strength) == (0.125, 0.25)


def test_a_ramp_that_began_with_the_warm_up_is_drawn_from_the_strength_that_it_has() -> None:
    about = manifest()
    run = setting(about)
    lever = {"phase": "ban", "start": None, "ramp_days": 112}
    resolved = about["resolved"] | {"levers": [lever], "run": about["resolved"]["run"] | {"warmup_days": 56}}
    listed = [{"label": "ban", "start": run.day0.isoformat(), "end": "2026-12-28", "ramp_days": 56}]
    span = (run.day0.toordinal(), run.day0.toordinal() + 100.0)
    compared = {"scenarios": ["pilot_ban"], "resolved": {"pilot_ban": resolved}, "phases": {"pilot_ban": listed}}
    for phases in (
        setting(about | {"resolved": resolved, "phases": listed}).phases,
        overview(compared).stages["pilot_ban"],
    ):
        (bar,) = bars_of(phases, span, 3.0)
        assert (bar.start, bar.first, bar.full, bar.strength) == (span[0], 0.5, span[0] + 56, 1)
        days, strength = timeline._profile(phases, span)
        assert np.interp(span[0], days, strength) == pytest.approx(0.5)
    for begun, first in ((20, 56), (70, 70)):  # another lever of the phase begins within the warm-up, or before it
        early = [listed[0] | {"start": (run.day0 - timedelta(days=begun)).isoformat(), "ramp_days": 56 + begun}]
        (phase,) = setting(about | {"resolved": resolved, "phases": early}).phases
        assert (phase.start, phase.ramp_days) == (run.day0 - timedelta(days=first), 56 + first)


@pytest.mark.parametrize(
    ("value", "decimals", "sign", "text"),
    [
        (-1.25, 1, True, "−1.2"),
        (0.5, 2, True, "+0.50"),
        (1234567.0, 0, False, "1,234,567"),
        (math.nan, 1, True, "–"),
        (-0.04, 1, True, "0.0"),  # what is written as zero has no sign
        (-0.0, 1, False, "0.0"),
        (0.04, 1, True, "0.0"),
    ],
)
def test_numbers(value: float, decimals: int, sign: bool, text: str) -> None:
    assert numerals.number(value, decimals, sign) == text


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        ((-0.81, -1.59, -0.003), "−0.810  [−1.590, −0.003]"),
        ((0.81, 0.003, 1.59), "+0.810  [+0.003, +1.590]"),
        ((-0.81, -1.59, 0.003), "−0.81  [−1.59, 0.00]"),
    ],
)
def test_an_interval_that_excludes_zero_has_no_end_that_is_written_as_zero(bounds: numerals.Bounds, text: str) -> None:
    assert numerals.interval(bounds, 2) == text


def test_an_interval_that_is_not_known_is_said_in_words() -> None:
    assert numerals.interval((1.0, math.nan, math.nan), 1) == "+1.0  –"


@pytest.mark.parametrize(("value", "text"), [(-1e-9, "0"), (-0.0, "0"), (-1e-4, "−0.00010"), (0.25, "+0.250")])
def test_a_change_that_is_written_as_zero_has_no_sign(value: float, text: str) -> None:
    assert written(value, "h/week", signed=True) == text


@pytest.mark.parametrize(
    ("values", "decimals"), [((0.034,), 3), ((0.34, 0.1), 2), ((3.4,), 1), ((34.0,), 1), ((340.0,), 0), ((0.0,), 1)]
)
def test_digits(values: tuple[float, ...], decimals: int) -> None:
    assert numerals.digits(*values) == decimals


def test_roles_and_industries_have_marks_in_the_figure_of_groups(drawn: Pictures) -> None:
    shown = set(texts(drawn["who"]))
    assert {words.label("group", role) for role in ROLES if role != "manager"} <= shown
    assert {"managers", "staff", "internet", "finance", "education"} <= shown
    assert not (set(home().trades) - {"internet", "finance", "education"}) & shown
