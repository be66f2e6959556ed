"""Countries: one file each, of one's own too; China is what it was, and money is in the currency of the country."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sim.core.errors import InputError
from sim.figures.forest_rows import group_rows
from sim.figures.words import label, speaking, translate
from sim.learning.analysis import questionnaire
from sim.learning.measurements import FILE, load_measurements
from sim.model import Workplace
from sim.publishing.answers import answer_for
from sim.report.console import as_text
from sim.report.evaluation import print_evaluation
from sim.report.intervals import parameters_drawn
from sim.report.learning import print_learning
from sim.report.regions import print_regions
from sim.report.robustness import print_readings
from sim.report.search import print_search
from sim.report.sensitivity import print_sensitivity
from sim.runs import results as store
from sim.runs.identity import content
from sim.scenario.countries import COUNTRIES, home, names
from sim.scenario.loading import load, on_economy, under
from sim.scenario.schema import Scenario
from sim.sweeps import parameter_paths as addresses
from sim.sweeps.sliders import _label_in_all
from sim.sweeps.sliders import page_content as paged
from tests.sweeps.test_sliders import DESIGN, pretend
from tests.test_figures import MADE

ARCADIA = """
title = "Arcadia"
title_zh = "阿卡迪亚"
currency = "obol"

[words]
obol = { en = "obol", zh = "奥波勒斯" }
tegea = { en = "Tegea", zh = "泰格亚" }

[population]
cities = { tegea = 1, mantinea = 1 }
industries = { herding = 1, poetry = 2 }
firm_size_median = 12

[population.hours.herding]
break_minutes = 90

[roles]
herding = { sales_service = 0.75, clerical = 0.25 }
poetry = { knowledge = 1 }

[calendar]
holidays = [2026-01-08]

[parameters]
day_hours = 7.5
wage_service = 12
"""
SCENARIO = """
base = "status_quo"
title = "Songs at night"
country = "arcadia.toml"

[run]
people = 300
settling_weeks = 0
warmup_days = 0

[[levers]]
kind = "enforcement"
inspections_per_year = 1
fine_obol = 30
scope = { cities = ["tegea"], industries = ["poetry"] }
"""


def write(folder: Path, country: str = ARCADIA, scenario: str = SCENARIO) -> Path:
    (folder / "arcadia.toml").write_text(country, encoding="utf-8")
    path = folder / "mine.toml"
    path.write_text(scenario, encoding="utf-8")
    return path


def complaints(path: Path) -> list[str]:
    """Give the lines of the one error that a file causes, without its folder."""
    with pytest.raises(InputError) as caught:
        load(path)
    return [line.removeprefix(f"{path.parent}/") for line in str(caught.value).splitlines()]


def test_a_country_of_ones_own_is_one_file_and_no_code(tmp_path: Path) -> None:
    """Its names are those of firms and scopes, its roles those of people, and its numbers those of the scenario."""
    scenario = load(write(tmp_path))
    assert scenario.parameters == {"day_hours": 7.5, "wage_service": 12.0}
    assert (scenario.calendar.start, scenario.calendar.holidays) == (date(2026, 1, 5), (date(2026, 1, 8),))
    assert scenario.levers[0].model_dump()["fine_yuan"] == 30.0
    model = Workplace(scenario, parameters=None)
    firms = model.firms()
    assert set(firms["city"]) == {"tegea", "mantinea"}
    assert set(firms["industry"]) == {"herding", "poetry"}
    reached = (pl.col("city") == "tegea") & (pl.col("industry") == "poetry")
    assert firms.filter(reached)["in_scope"].all()
    assert not firms.filter(~reached)["in_scope"].any()
    people = model.people().join(firms.select("firm", "industry"), on="firm").filter(~pl.col("is_manager"))
    assert set(people.filter(industry="poetry")["role"]) == {"knowledge"}
    assert set(people.filter(industry="herding")["role"]) == {"sales_service", "clerical"}
    herding = model.world.firm.industry == scenario.country.trades.index("herding")
    assert set(model.world.firm.break_seconds[herding]) == {5400}


def test_the_example_of_the_page_can_be_loaded(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "countries.md").read_text(encoding="utf-8")
    france, arcadia, songs = (part.split("```")[0] for part in page.split("```toml\n")[1:])
    scenario = load(write(tmp_path, arcadia, songs))
    assert (scenario.country.currency, scenario.levers[0].model_dump()["fine_yuan"]) == ("obol", 30.0)
    assert date(2026, 3, 25) in scenario.calendar.days_off
    assert load(write(tmp_path, scenario=france)).country.name == "france"


def test_china_is_the_country_of_whoever_names_none() -> None:
    assert load("status_quo").country == home() == Scenario(name="x", title="x").country
    assert home().currency == "yuan"
    assert home().parameters == {}
    assert {"china", "france"} <= set(names())


def test_a_shipped_country_says_where_its_numbers_are_from() -> None:
    for name in names():
        text = (COUNTRIES / f"{name}.toml").read_text(encoding="utf-8")
        assert "Assumptions" in text.split("title =")[0]


def test_france_has_its_own_hours_holidays_and_prices() -> None:
    france = load("france")
    values = france.parameters
    assert 5 * (values["day_hours"] - values["break_minutes"] / 60) == 35.0
    assert values["paid_hours"] == 35 * 52
    assert date(2026, 7, 14) in france.calendar.days_off
    assert date(2026, 5, 1) in france.calendar.statutory_days
    assert france.country.title_zh == "法国"
    assert content(france) != content(load("status_quo"))


def test_rules_take_the_country_of_the_economy_that_they_are_tried_on() -> None:
    france, quiet = load("france"), load("quiet_hours")
    there = on_economy(quiet, france)
    assert (there.country, there.parameters, there.levers) == (france.country, france.parameters, quiet.levers)
    assert on_economy(there, load("status_quo")).parameters == {}
    assert under(france, load("status_quo")).country.name == "france"
    with pytest.raises(InputError, match=r"^pilot_ban on .* of france: .*cost_yuan is in yuan, and .* in euro"):
        on_economy(load("pilot_ban"), france)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            ("fine_obol", "fine_yuan"),
            "14: levers[0].fine_yuan: 30: amounts of Arcadia are in obol: fine_obol",
        ),
        (
            ('"tegea"', '"tegae"'),
            "15: levers[0].scope.cities[0]: \"tegae\": unknown name; did you mean 'tegea'?",
        ),
        (
            ("fine_obol", "fyne_firm_obl"),
            "14: levers[0].fyne_firm_obl: unknown key; did you mean 'fine_firm_obol'?",
        ),
        (("fine_obol = 30", "fine_obol = -1"), "14: levers[0].fine_obol: -1: must be at least 0"),
        (
            ('"arcadia.toml"', '"frence"'),
            "4: country: \"frence\": unknown country; did you mean 'france'?; one",
        ),
        (('"arcadia.toml"', "7"), "4: country: 7: must be the name of a country or of its file"),
        (('"arcadia.toml"', '"mine.toml"'), " is a scenario and no country"),
    ],
)
def test_a_mistake_in_a_scenario_of_a_country_is_one_line(
    tmp_path: Path, change: tuple[str, str], expected: str
) -> None:
    (line,) = complaints(write(tmp_path, scenario=SCENARIO.replace(*change)))
    assert line.startswith(f"mine.toml:{expected}")


def test_a_country_and_its_currency_have_their_chinese_names_in_errors(tmp_path: Path) -> None:
    (line,) = complaints(write(tmp_path, scenario=SCENARIO.replace("fine_obol", "fine_yuan")))
    with speaking("zh"):
        assert translate(line).endswith("阿卡迪亚的金额以奥波勒斯计：fine_obol")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('currency = "obol"\n', ""), "currency: is missing"),
        (("cities = { tegea = 1, mantinea = 1 }\n", ""), "population.cities: is missing"),
        (
            ("poetry = { knowledge = 1 }\n", ""),
            "roles.poetry: is missing: the shares of roles in the industry",
        ),
        (("poetry = 2", "poets = 2"), "roles.poetry: unknown industry; did you mean 'poets'?"),
        (("knowledge = 1", "knowlege = 1"), "roles.poetry.knowlege: unknown name; did you mean 'knowledge'?"),
        (("0.75", "0.5"), "roles.herding: shares of roles add up to 0.75 and not to 1"),
        (("day_hours", "day_ours"), "parameters.day_ours: 7.5: unknown parameter; did you mean 'day_hours'?"),
        (("firm_size_median = 12", "firm_size_median = 1"), "population.firm_size_median: 1: must be at least 2"),
        (("tegea = { en", "tegeo = { en"), "words.tegeo: no such name; did you mean 'tegea'?"),
        (("[population.hours.herding]", "[population.hours.hering]"), "population.hours.hering: unknown name; did you"),
    ],
)
def test_a_mistake_in_a_country_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    assert change[0] in ARCADIA
    lines = complaints(write(tmp_path, country=ARCADIA.replace(*change)))
    assert any(re.match(rf"arcadia\.toml:\d+: {re.escape(expected)}", line) for line in lines), lines


def test_money_and_places_have_the_words_of_the_country(tmp_path: Path) -> None:
    there = load(write(tmp_path)).country.model_dump(mode="json")
    for language, year, hour, city in (
        ("en", "obol/year", "obol per hour", "Tegea"),
        ("zh", "奥波勒斯/年", "奥波勒斯/小时", "泰格亚"),
    ):
        with speaking(language, there):
            assert label("unit", "yuan/year") == label("unit", "obol/year") == year
            assert label("unit", "yuan per hour") == hour
            assert label("group", "tegea") == city
            assert [row.text for row in group_rows(["all", "tegea", "poetry"]) if row.key][-1] == city
    assert label("unit", "yuan/year") == "yuan/year"
    with speaking("zh"):
        assert label("unit", "yuan/year") == "元/年"


def test_stored_units_are_those_of_the_country_and_reports_say_what_is_borrowed(tmp_path: Path) -> None:
    scenario = load(write(tmp_path))
    facts = {"kind": "run", "resolved": scenario.model_dump(mode="json"), "uncertainty": {}, "replicates": 1}
    table = pl.DataFrame({"outcome": ["fines", "sent"], "unit": ["yuan/year", "per day"], "x_yuan": [1, 2]})
    with store.replacing(tmp_path / "out") as draft:
        store.write(draft, {"effects": table}, facts)
    kept = store.read(tmp_path / "out")
    assert kept.tables["effects"]["unit"].to_list() == ["obol/year", "per day"]
    assert kept.manifest["tables"]["effects"]["columns"]["x_obol"]["unit"] == "obol"
    assert kept.tables["effects"]["x_obol"].to_list() == [1, 2]
    assert "fitted to data of China. Firms, roles and days off are those of Arcadia" in parameters_drawn(kept.manifest)
    told = "day_hours, wage_service, break_minutes (herding)."
    assert told in parameters_drawn(kept.manifest)
    several = {"resolved": {"country": store.country_of(kept.manifest)}, "uncertainty": {}}  # as of several sets
    assert told in parameters_drawn(several)
    china = facts | {"resolved": load("status_quo").model_dump(mode="json")}
    assert "fitted to data of" not in parameters_drawn(china)


def test_person_weeks_and_firms_are_stored_with_the_currency_in_the_names_of_amounts(tmp_path: Path) -> None:
    """The world that is kept has amounts without a currency, and one scenario's results have those of its country."""
    weeks = pl.DataFrame({"person": [1, 2], "wage_yuan": [900.0, 800.0], "fines_yuan": [0.0, 3.0]})
    with store.replacing(tmp_path / "world") as draft:
        piece = store.write_piece(draft, "person_week", 0, weeks)
        store.write(draft, {}, {"kind": "world"}, {"person_week": [piece]})
    kept = [(tmp_path / "world" / piece["file"], piece)]
    for country, currency in (("france", "euro"), ("status_quo", "yuan")):
        scenario = load(country)
        facts = {"kind": "run", "resolved": scenario.model_dump(mode="json")}
        with store.replacing(tmp_path / country) as draft:
            linked = store.link_table(draft, "person_week", country, kept, scenario.country.currency)
            store.write(draft, {"firms": weeks.drop("wage_yuan")}, facts, {"person_week": linked})
        found = store.read(tmp_path / country, whole=True)
        wages = found.scan("person_week").select(f"wage_{currency}").collect().to_series()
        assert wages.to_list() == weeks["wage_yuan"].to_list()
        assert found.manifest["tables"]["person_week"]["columns"][f"fines_{currency}"]["unit"] == currency
        assert found.tables["firms"].columns == ["person", f"fines_{currency}"]


def test_amounts_in_sweeps_and_costs_of_measurements_are_in_the_currency_of_the_country(tmp_path: Path) -> None:
    data = load(write(tmp_path)).model_dump(mode="json")
    address = "levers.enforcement.fine_obol"
    assert {address, "levers.enforcement.inspections_per_year"} < set(addresses.addresses(data))
    assert "levers.enforcement.fine_yuan" not in addresses.addresses(data)
    assert addresses.value_at(addresses.changed(data, {address: 7.0}), address) == 7.0
    assert (addresses.unit_of(address, "obol"), addresses.unit_of("day_hours", "obol")) == ("obol", "hours")
    with pytest.raises(InputError, match=r"measurements\.toml: has costs in yuan, .* in obol here: .* fixed_obol and"):
        load_measurements(currency="obol")
    own = tmp_path / "measurements.toml"
    own.write_text(FILE.read_text(encoding="utf-8").replace("_yuan", "_obol"), encoding="utf-8")
    listed = load_measurements(own, "obol")
    assert [each.cost(100) for each in listed] == [each.cost(100) for each in load_measurements()]
    assert " obol)" in questionnaire(listed, "obol")


SETS = [{"name": name, "draws": 9, "replicates": 9, "folder": "x"} for name in ("report", "audited")]


@pytest.mark.parametrize("kind", ["evaluation", "design", "sensitivity", "learning", "search", "regions", "readings"])
def test_every_page_of_another_country_says_what_is_not_of_it(kind: str) -> None:
    tables, about = MADE[kind]()
    about = {"readings": SETS, **about} | {"scenario": about["scenarios"][0], "uncertainty": {}}
    for country, told in (("france", True), ("status_quo", False)):
        there = about | {"resolved": load(country).model_dump(mode="json")}
        said = " ".join(answer_for("x", tables, there).sure)
        assert ("fitted to data of China. Firms, roles and days off are those of France" in said) == told, said


@pytest.mark.parametrize(
    ("printed", "kind"),
    [
        (print_evaluation, "evaluation"),
        (print_sensitivity, "sensitivity"),
        (print_learning, "learning"),
        (print_search, "search"),
        (print_regions, "regions"),
        (print_readings, "readings"),
    ],
)
def test_every_summary_of_another_country_says_what_is_not_of_it(printed: Any, kind: str) -> None:
    tables, about = MADE[kind]()
    more = {"scenario": about["scenarios"][0], "resolved": load("france").model_dump(mode="json"), "people": 9}
    drawn = {"uncertainty": {"name": "surveyed", "draws": 9}, "draws": 9, "readings": SETS}
    about = {"runs": 9, "failed": 0, "years": 1, "weeks": 52, "method": "lhs", "engine": "x", **drawn, **about, **more}
    about |= {"people_reached": 9, "replicates": 1}
    tables = {"effects": pl.DataFrame(), **tables}
    if kind == "sensitivity":
        known = {"above_zero": pl.lit(1.0), "runs": pl.lit(9)}
        tables["outcomes"] = tables["outcomes"].with_columns(**known)
        tables["parameters"] = tables["screening"].select("parameter").unique()
    told = " ".join(as_text(printed, tables, about, Path("x")).split())
    assert "fitted to data of China. Firms, roles and days off are those of France" in told
    assert told.count("Except for what a scenario sets itself,") == 1


def test_the_page_to_play_with_has_the_money_and_the_words_of_the_country(tmp_path: Path) -> None:
    write(tmp_path)
    rule = 'scenarios = ["mine.toml"]', "levers.enforcement.fine_obol"
    text = DESIGN.replace('scenarios = ["pilot_ban"]', rule[0]).replace("levers.enforcement.fine_yuan", rule[1])
    sweep = pretend(tmp_path, text.replace('label = "fine"\nlabel_zh = "罚款"\n', ""))
    assert "fitted to data of China. Firms, roles and days off are those of Arcadia" in sweep.parameters[-1]
    page = paged(sweep, ("hidden_overtime",), None)
    axis = page["axes"][0]
    assert axis["label"] == {"en": "fine, obol", "zh": "罚款（奥波勒斯）"}
    told = page["sentences"]["trusting"][-1]["en"]
    assert "fitted to data of China. Firms, roles and days off are those of Arcadia" in told
    with speaking("en", load(tmp_path / "mine.toml").country.model_dump(mode="json")):
        assert _label_in_all("unit", "yuan/year") == {"en": "obol/year", "zh": "奥波勒斯/年"}


def test_currencies_units_and_kinds_of_files_are_in_chinese_in_errors(tmp_path: Path) -> None:
    mine = load(write(tmp_path))
    found = []
    for case in (
        lambda: on_economy(mine, load("france")),
        lambda: on_economy(load("pilot_ban"), mine),
        lambda: load_measurements(currency="obol"),
        lambda: load(write(tmp_path, ARCADIA.replace("wage_service = 12", "wage_service = 1"))),
        lambda: load(write(tmp_path, ARCADIA.replace("day_hours = 7.5", "day_hours = 30"))),
        lambda: load(write(tmp_path, scenario=SCENARIO.replace('"arcadia.toml"', '"mine.toml"'))),
    ):
        with pytest.raises(InputError) as caught:
            case()
        with speaking("zh"):
            found.append(translate(str(caught.value)))
    told = ("以奥波勒斯计，而该经济体以欧元计", "以元计，而该经济体以奥波勒斯计", "费用以元计，而此处金额以奥波勒斯计")
    for said, part in zip(found, (*told, "（奥波勒斯/小时）", "（小时）", "是情景而不是国家文件；情景由"), strict=True):
        assert part in said


def test_a_scenario_may_be_called_country() -> None:
    france = load("france").model_dump(mode="json")
    resolved = {"country": france, "quiet_hours": france}
    assert store.country_of({"resolved": resolved})["currency"] == "euro"
