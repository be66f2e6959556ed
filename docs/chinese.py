"""Write the numbers of the Chinese pages from those of the English ones, so that they cannot differ."""

import re
from pathlib import Path

from sim.figures.words import speaking, window_words, words
from sim.outcomes import BY_NAME, HEADLINES
from sim.report.numbers import full_name, unit_name

HERE = Path(__file__).resolve().parent
PAGE = "zh/reading-results.md"
HEADS = {
    "outcome": "结果", "status quo": "现状", "pilot ban": "试点禁令", "relative": "相对变化", "difference": "差异",
    "95 % interval": "95% 区间", "lower": "降低",
}  # fmt: skip
SHOWN = (*HEADLINES, "output_per_contract_hour")  # outcomes of the worked example
SENTENCES = ("minutes", "by_channel", "nothing_displaced", "displaced", "no_channels")
PEOPLE = re.compile(r"\*([\d,]+) people in ([\d,]+) firms in scope, (.+)\.\*")


def worked_example(english: str, before: str, after: str) -> str:
    """Write the Chinese page with the worked example of the English one.

    Parameters
    ----------
    english : str
        The block of the English page: table, people, sentences.
    before : str
        The Chinese page up to its block.
    after : str
        The rest of it.

    Returns
    -------
    str
        The page.
    """
    lines = (_line(line) for line in english.strip().splitlines())
    return "\n\n".join((before, "\n".join(lines), after))


def _line(line: str) -> str:
    """Translate a row of the table, the line on people, or a sentence."""
    if line.startswith("| ---") or not line:
        return line
    if line.startswith("|"):
        return f"| {' | '.join(map(_cell, line.strip('| ').split(' | ')))} |"
    if found := PEOPLE.fullmatch(line):
        with speaking("zh"):
            return f"*规则所及的 {found[2]} 家企业，共 {found[1]} 人，{window_words(found[3])}。*"
    return f"- {_sentence(line.removeprefix('- '))}"


def _cell(text: str) -> str:
    """Translate a heading, the name of an outcome, or numbers."""
    return HEADS.get(text) or _outcomes().get(text) or _numbers(text)


def _outcomes() -> dict[str, str]:
    """Return the outcomes of the table by their English names with units."""
    names = {}
    for name in SHOWN:
        unit = BY_NAME[name].unit
        english = full_name(name) + ("" if unit == "share" else f", {unit}")
        with speaking("zh"):
            names[english] = full_name(name) + ("" if unit == "share" else f"（{unit_name(unit)}）")
    return names


def _numbers(text: str) -> str:
    """Translate what stands between and after numbers."""
    text = re.sub(r" \((?:95 % interval )?([^()]+) to ([^()]+)\)", r"（\1 至 \2）", text)
    for english, chinese in ((" pp", " 百分点"), (" %", "%"), (" to ", " 至 "), ("; ", "；")):
        text = text.replace(english, chinese)
    return text


def _sentence(text: str) -> str:
    """Translate a sentence by the row of words that it was written from."""
    for key in SENTENCES:
        row = words()["run"][key]
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(row["en"]))
        if found := re.fullmatch(pattern, text):
            values = {name: _channels(_numbers(value)) for name, value in found.groupdict().items()}
            return row["zh"].format(**values)
    raise ValueError(f"no row of words gives: {text}")


def _channels(text: str) -> str:
    """Translate the names of channels."""
    for row in words()["by_channel"].values():
        text = text.replace(row["en"], row["zh"])
    return text
