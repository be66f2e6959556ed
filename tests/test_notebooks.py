"""The notebooks of the documentation run, and progress in a notebook takes one place."""

from pathlib import Path
from typing import Any

import pytest

from docs.notebooks import NOTEBOOKS, run


def answers(cell: Any) -> list[str]:
    """Return what a cell answers; lines of progress are not among it."""
    return [each.data["text/plain"] for each in cell.outputs if each.output_type == "execute_result"]


def test_notebooks_run_and_show_what_they_are_kept_with(tmp_path: Path) -> None:
    import nbformat

    for path, made in zip(NOTEBOOKS, run(NOTEBOOKS, tmp_path), strict=True):
        kept = nbformat.read(path, as_version=4)
        for old, new in zip(kept.cells, made.cells, strict=True):
            if old.cell_type == "code":
                assert [each.output_type for each in new.outputs] == [each.output_type for each in old.outputs], path
                assert answers(new) == answers(old), f"{path.name} is of another version: `python -m docs.notebooks`"
        assert path.stat().st_size < 100_000
        shown = str(made)
        assert "results" not in {each.get("name") for cell in made.cells for each in cell.get("outputs", ())}
        assert "95 % interval" in shown or "over people" in shown


def test_there_are_two() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["comparison", "own_log"]


def test_progress_in_a_notebook_is_written_over_and_summaries_are_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a notebook rich shows what it prints whatever file it is given; a summary must not go there."""
    import IPython.display
    from rich import console as rich

    from sim.report.console import as_text, line
    from sim.report.progress import steps

    monkeypatch.setattr(rich, "_is_jupyter", lambda: True)
    shown: list[str] = []

    class Place:
        def update(self, data: dict[str, str], raw: bool) -> None:
            shown[-1] = data["text/plain"]

    def display(data: dict[str, str], raw: bool, display_id: bool) -> Place:
        shown.append("")
        return Place()

    monkeypatch.setattr(IPython.display, "display", display)
    report = steps(rich.Console(), {"today": "today: weeks"})
    report("today", 1, 2)
    report("today", 2, 2)
    assert shown == ["  today: weeks 2 of 2"]
    assert as_text(lambda console: line(console, "an answer")) == "an answer\n"
