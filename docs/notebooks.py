"""Runs the notebooks of docs/examples anew, in place: ``python -m docs.notebooks``."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = sorted(Path(__file__).with_name("examples").glob("*.ipynb"))


def run(paths: Sequence[Path], folder: Path) -> list[nbformat.NotebookNode]:
    """Run notebooks in a folder, in one kernel that forgets all names in between; an error in a cell is raised."""
    books = [nbformat.read(path, as_version=4) for path in paths]
    cells = [cell for book in books for cell in (*book.cells, nbformat.v4.new_code_cell("%reset -f"))]
    together = nbformat.NotebookNode({**books[0], "cells": cells})
    NotebookClient(together, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    for book in books:
        for number, cell in enumerate((each for each in book.cells if each.cell_type == "code"), start=1):
            cell.execution_count = number
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = number
        for cell in book.cells:
            cell.metadata.clear()  # times
    return books


def main() -> None:
    """Run all notebooks and write them."""
    with tempfile.TemporaryDirectory() as folder:
        for path, book in zip(NOTEBOOKS, run(NOTEBOOKS, Path(folder)), strict=True):
            nbformat.write(book, path)


if __name__ == "__main__":
    main()
