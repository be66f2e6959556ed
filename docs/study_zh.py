"""The Chinese page on the study of all rules: its answer, effects by family and the plan, from the same tables."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from docs.study import (
    COLUMNS,
    FEW,
    INSTEAD,
    PLACE,
    PLAN,
    PLANNED,
    RULES,
    SURE,
    WORLDS,
    Kept,
    Row,
    beside_the_plan,
    chances,
    clear,
    draws_reached,
    earlier,
    helpful,
    kept_order,
    lasting,
    load,
    mean_of,
    plan_of,
    ranked_firms,
    sign,
    table,
    untouched,
    worst_regret,
)  # fmt: skip
from sim.figures.words import label, speaking
from sim.outcomes import BY_NAME, written
from sim.report.numbers import full_name, unit_name
from sim.scenario.loading import GROUPS

UNKNOWN = "# 答案\n\n该研究尚未用本版模型运行：没有表格，此处不作任何陈述。\n"
OPENING = """# 答案：所有规则，一项研究

[English](../study.md)

哪些工作消息规则有用，对谁有用，代价多大，把握有多大？`make study` 把每条规则与现状相比，人员相同。
本页由 `python -m docs.generate` 根据 `docs/study/` 中的表格写成；本页的每个数字都在那些表格里。"""
EARLIER = """**这是 {version} 版的结果。** 该版的参数组现称 `{first}@{version}` 等；此后模型与拟合都有变动
（见更新记录）。"""
NOTES = """## 怎样读

- **影响**：同一批人与现状相比的差异，参数组为“{first}”，只计规则所及的企业与规则完全生效的各周。
- **区间**：括号内为 95% 区间：换一批同类企业、换同一参数组的其他参数，结果大致在此范围。
  见[读懂结果](reading-results.md)。
- **加粗**，即文中的“可以肯定”：在每一种证据解读下，符号成立的概率都至少为 {sure}%。
- **星号**：仅在部分解读下如此。
- **没有标记**：符号未定：各次抽样的符号不同，增加抽样也不会改变。各次抽样的平均影响仍可能是明确的，见 `effects.csv`
  的 `mean`、`mean_low` 与 `mean_high` 三列（平均及其 95% 区间）。
- **抽样**：只及于部分企业的规则，只在有这类企业的抽样中试行；次数少于 {draws} 时注明在人数之后。每次抽样只有
  一家企业时，无法区分偶然与参数，两者都计入，区间因此偏宽。单独运行这样一条规则会在更多企业上试行，如
  [实例](reading-results.md#实例)中的 `pilot_ban`。

各概率只针对单个影响，未按规则与结果的数目校正。

三种解读即三组参数：依据问卷调查（`surveyed`）、依据报告（`report`）、依据对报告的审核（`audited`）。
模型没有包括的东西，任何解读和区间都不会说明（[局限](limits.md)）。

按类别、人群、排名与敏感性的图表见[英文页](../study.md)。"""
SIGNS = {"lower": "降低", "higher": "提高", "zero": "不改变"}


def study_page(place: Path = PLACE) -> str:
    """Write the page, in Markdown, from the tables in a folder, as ``docs.study.study_page`` does in English."""
    kept = load(place)
    if kept is None:
        return UNKNOWN
    with speaking("zh"):
        facts = {"first": label("reading", kept.readings[0]), "sure": f"{100 * SURE:.0f}"}
        notes = NOTES.format(draws=kept.comparison(RULES)["replicates"], **facts)
        version = earlier(kept)
        opening = [OPENING, EARLIER.format(version=version, first=kept.readings[0])] if version else [OPENING]
        return "\n\n".join((*opening, _answer(kept), notes, *_by_family(kept), *_the_plan(kept))) + "\n"


def _answer(kept: Kept) -> str:
    """Write the answer in five sentences."""
    said = (
        _moves(kept, "share_burnt_out", "倦怠"),
        _moves(kept, "latent_overtime", "无记录的加班"),
        _price(kept),
        _choice(kept),
        _against_plan(kept),
    )
    first = label("reading", kept.readings[0])
    numbered = f"括号内是“{first}”下与现状相比的影响及其 95% 区间。\n\n"
    numbered += "\n".join(f"{number}. {text}。" for number, text in enumerate(said, 1))
    if not (found := helpful(kept)):
        return numbered
    return (
        f"{numbered}\n\n“可以肯定”指符号成立的概率至少为 {100 * SURE:.0f}%，"
        f"要求低于 95% 区间：可以肯定降低倦怠的 {len(found)} 条规则中，"
        f"在每种解读下 95% 区间都不含零的有 {len(clear(kept))} 条。"
    )


def _moves(kept: Kept, outcome: str, words: str) -> str:
    """Write which rules lower an outcome under all readings, and which raise it."""
    order = kept.lowest_first(outcome, kept.rules)
    lower, higher = ([name for name in order if kept.agreed_sign(name, outcome) == way] for way in ("lower", "higher"))
    text = f"{len(kept.rules)} 条规则中，有 {len(lower)} 条在每种解读下都可以肯定降低{words}"
    if lower:
        most = "、".join(f"{_rule(name)}（{_change(kept.effect(name, outcome))}）" for name in lower[:FEW])
        text += f"，降幅最大的是{most}"
    more = f"等 {len(higher)} 条规则" * (len(higher) > FEW)
    return text + (f"；{_listed(higher[::-1][:FEW])}{more}会提高它" if higher else "")


def _price(kept: Kept) -> str:
    """Write what the rules that lower burnout do to output and to what employers pay."""
    chosen = helpful(kept)
    number = {
        (outcome, way): sum(kept.agreed_sign(name, outcome) == way for name in chosen or kept.rules)
        for outcome in ("output", "output_per_hour", "employer_cost")
        for way in ("lower", "higher")
    }
    lost, won = (f"{number['output', way]} 条" for way in ("lower", "higher"))
    less, more = (f"{number['output_per_hour', way]} 条" for way in ("lower", "higher"))
    saved, paid = (f"{number['employer_cost', way]} 条" for way in ("lower", "higher"))
    return (
        f"{'降低倦怠的规则里' if chosen else '所有规则里'}，每种解读下都提高总产出的有 {won}，降低的有 {lost}；"
        f"提高每工时产出（低效工时减少时它也会上升）的有 {more}，降低的有 {less}；"
        f"雇主支出可以肯定增加的有 {paid}，减少的有 {saved}；"
        f"其余符号未定{'，或影响恰为零' if untouched(kept, chosen or kept.rules) else ''}"
    )


def _choice(kept: Kept) -> str:
    """Write which rule is the safest choice for burnout over the readings."""
    order = worst_regret(kept, "share_burnt_out")
    if not order:
        return "排名没有给出概率，无法指出最稳妥的选择"
    name, regret, reading = order[0]
    low, high = (round(100 * end(chances(kept, name, "share_burnt_out"))) for end in (min, max))
    amount, close = _value(regret, "share").removeprefix("+"), ""
    if order[1:]:
        close = f"，其次是{_rule(order[1][0])}，{_value(order[1][1], 'share').removeprefix('+')} 个百分点"
    return (
        f"就倦怠而言最稳妥的选择是{_rule(name)}：它在各解读下的最大遗憾小于其他任何选择。遗憾是一条规则平均比最好的规则差多少，"
        f"针对 {ranked_firms(kept)} 家企业，其大小[较不确定](../comparing.md#how-the-ranking-is-computed)；"
        f"{_rule(name)}的最大遗憾为 {amount} 个百分点（{label('reading', reading)}）{close}；"
        f"它就是最好规则的概率为 {f'{low}%' if low == high else f'{low}% 至 {high}%'}"
    )


def _against_plan(kept: Kept) -> str:
    """Write what the plan does over all its years, and which cheaper rules do as much for less."""
    effect = kept.effect(plan_of(kept), "share_burnt_out", PLAN)
    verb = SIGNS.get(sign(effect), "不能肯定改变")
    better, alike, _ = beside_the_plan(kept)
    cheaper = [name for name in (*better, *alike) if sign(kept.effect(name, "employer_cost", INSTEAD)) == "lower"]
    names = kept.comparison(INSTEAD)["scenarios"]
    ending = (
        f"{_listed(cheaper)}可以肯定让雇主少支出，而单次抽样的倦怠不能肯定更高"
        f"（与方案相比的平均及其区间：{'；'.join(_mean(kept, name) for name in cheaper)}）"
        if cheaper
        else "没有一条可以肯定更便宜而不增加倦怠"
    )
    first = label("reading", next(iter(kept.comparison(INSTEAD)["readings"])))
    return (
        f"在“{first}”下，报告的分阶段方案（`{plan_of(kept)}`）在其全部年份内{verb}倦怠（{_change(effect)}）。"
        f"可替代它的 {len(names)} 条规则中，{ending}"
    )


def _mean(kept: Kept, name: str) -> str:
    """Write the mean difference in burnout between a rule and the plan."""
    return f"{_rule(name)}{_change(mean_of(kept.effect(name, 'share_burnt_out', INSTEAD)))}"


def _by_family(kept: Kept) -> Iterator[str]:
    """Write the table of effects of each family of rules."""
    yield "## 各类规则的影响"
    for group, (_, title) in GROUPS.items():
        comparison = WORLDS if group == "reference" and WORLDS in kept.about["comparisons"] else RULES
        about = kept.comparison(comparison)
        names = [name for name in about["scenarios"] if about["groups"][name] == group]
        rows = []
        for name in kept_order(kept, names, comparison):
            cells = (_marked(kept, name, outcome, comparison) for outcome in COLUMNS)
            first = kept.effect(name, COLUMNS[0], comparison)
            draws = draws_reached(about, first)
            some = f"{first['people']:,}" + f"（{draws} 次抽样）" * (0 < draws < about["replicates"])
            rows.append((_rule(name), some, *cells))
        if rows:
            yield f"### {title}"
            yield table(("规则", "所及人数", *map(_head, COLUMNS)), rows)


def _the_plan(kept: Kept) -> Iterator[str]:
    """Write the plan phase by phase, and rules in its place."""
    yield "## 分阶段方案"
    plan = plan_of(kept)
    phases = kept.tables["phases"].filter(scenario=plan)
    rows = []
    for phase in phases["phase"].unique(maintain_order=True):
        mine = {row["outcome"]: row for row in phases.filter(phase=phase).iter_rows(named=True)}
        some = mine[PLANNED[0]]
        rows.append(
            (label("phase", phase), lasting(some), f"{some['people']:,}", *(_starred(mine[name]) for name in PLANNED))
        )
    whole = [kept.effect(plan, name, PLAN) for name in PLANNED]
    rows.append(("全程", "", f"{whole[0]['people']:,}", *map(_starred, whole)))
    first = label("reading", next(iter(kept.comparison(PLAN)["readings"])))
    yield (
        f"参数组为“{first}”，只计各阶段所及的企业与规则完全生效的各周（另有说明者除外）；"
        f"星号表示符号成立的概率至少为 {100 * SURE:.0f}%。"
    )
    yield table(("阶段", "周", "人数", *map(_head, PLANNED)), rows)
    yield "从第一天起改用其他规则，在相同年份内**与该方案相比**："
    rows = [
        (_rule(name), *(_starred(kept.effect(name, outcome, INSTEAD)) for outcome in PLANNED))
        for name in kept.comparison(INSTEAD)["scenarios"]
    ]
    yield table(("规则", *map(_head, PLANNED)), rows)


def _rule(name: str) -> str:
    """Name a rule in Chinese, with what commands call it."""
    return f"{label('scenario', name)}（`{name}`）"


def _listed(names: Sequence[str]) -> str:
    """Join names of rules."""
    return "、".join(map(_rule, names))


def _head(outcome: str) -> str:
    """Write the head of a column."""
    name = full_name(outcome)
    return f"{name.removesuffix('）')}{'，' if '（' in name else '（'}{_unit(BY_NAME[outcome].unit)}）"


def _unit(unit: str) -> str:
    """Name the unit of a difference."""
    return "百分点" if unit == "share" else unit_name(unit)


def _value(value: float, unit: str) -> str:
    """Write a difference without its unit."""
    return written(value, unit, signed=True).removesuffix(" pp")


def _change(row: Row) -> str:
    """Write an effect with its interval and unit."""
    return _span(row, f"{_value(row['difference'], row['unit'])} {_unit(row['unit'])}", "，", "")


def _span(row: Row, value: str, before: str, after: str) -> str:
    """Write the interval of an effect behind it."""
    if row["low"] is None:
        return value
    low, high = (_value(row[end], row["unit"]) for end in ("low", "high"))
    return f"{value}{before}{low} 至 {high}{after}"


def _starred(row: Row) -> str:
    """Write an effect in a table, starred where its sign is sure."""
    return _cell(row, "{}\\*" if sign(row) else "{}")


def _marked(kept: Kept, name: str, outcome: str, comparison: str) -> str:
    """Write an effect in a table: bold where it holds under all readings, starred where under some."""
    some = any(each not in ("", "zero") for each in kept.signs(name, outcome, comparison))
    mark = "**{}**" if kept.agreed_sign(name, outcome, comparison) else "{}\\*" if some else "{}"
    return _cell(kept.effect(name, outcome, comparison), mark)


def _cell(row: Row, mark: str) -> str:
    """Write an effect with a mark and its interval."""
    if row["difference"] is None:
        return "–"
    if sign(row) == "zero":
        return "0"
    return _span(row, mark.format(_value(row["difference"], row["unit"])), "（", "）")
