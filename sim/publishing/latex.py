"""Tables of an answer for a paper: LaTeX with booktabs, and what a reader has to know below each."""

from collections.abc import Sequence

from sim.figures.words import phrase, spoken
from sim.publishing.answer import Grid

SIGNS = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "−": "$-$", "–": "--", "—": "---", "±": r"$\pm$", "×": r"$\times$", "≤": r"$\leq$",
    "≥": r"$\geq$", "†": r"\dag{}", "→": r"$\rightarrow$", "←": r"$\leftarrow$", "“": "``", "”": "''", "’": "'",
    "…": r"\dots{}", "\u00a0": "~",
}  # fmt: skip


def escaped(text: str) -> str:
    """Write a text so that LaTeX shows it as it is; white space becomes single blanks."""
    return "".join(SIGNS.get(sign, sign) for sign in " ".join(text.split()))


def as_latex(grid: Grid, notes: Sequence[str], name: str) -> str:
    """Write a table with its caption, label ``tab:NAME-...`` and notes, in the language in force."""
    cells = [f"\\textit{{{escaped(head)}}}" if head else "" for head in grid.heads]
    rows = [" & ".join(map(_protected, row)) + r" \\" for row in grid.rows]
    packages = r"\usepackage{booktabs}" + (r" and \usepackage{ctex}, by XeLaTeX" if spoken() == "zh" else "")
    said = f"{phrase('page', 'notes')} {escaped(' '.join(notes))}"
    return "\n".join([
        f"% needs {packages}",
        r"\begin{table}[tb]",
        r"\centering",
        f"\\caption{{{escaped(grid.caption)}}}",
        f"\\label{{tab:{name}-{grid.name}}}".replace("_", "-"),
        r"\small",
        rf"\begin{{tabular}}{{@{{}}l{'r' * (len(grid.heads) - 1)}@{{}}}}",
        r"\toprule",
        " & ".join(cells) + r" \\",
        r"\midrule",
        *rows,
        r"\bottomrule",
        r"\end{tabular}",
        rf"\par\smallskip\begin{{minipage}}{{\linewidth}}\footnotesize {said}",
        r"\end{minipage}",
        r"\end{table}",
        "",
    ])  # fmt: skip


def _protected(cell: str) -> str:
    """Escape a cell; a bracket at its start would be taken for an argument of the line before."""
    text = escaped(cell)
    return f"{{}}{text}" if text.startswith("[") else text
