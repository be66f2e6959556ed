"""Builds these pages with Sphinx. They stay plain Markdown: order and formulas are settled here."""

import sys
from pathlib import Path

from docutils.nodes import SkipNode
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from docutils.writers import html5_polyglot
from sphinx.util import logging

project = "offhours"
author = "the offhours developers"
project_copyright = "2026, the offhours developers"

extensions = ["myst_parser"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
nitpicky = True

html_theme = "furo"
html_title = "offhours"
html_math_renderer = "mathml"
html_static_path = [str(Path(html5_polyglot.__file__).with_name("math.css"))]
html_css_files = ["math.css"]
html_copy_source = False
html_show_sourcelink = False

# Pages in reading order; a page that is not named here follows in alphabetical order.
ORDER = [
    "odd", "scenarios", "countries", "laws", "parameters", "tables", "reading-results", "comparing", "sweeps",
    "evaluation", "tipping", "observing", "python", "calibration", "experiments", "figures", "reporting", "evidence",
    "claims", "tested", "limits", "extending", "design", "libraries", "zh/study", "zh/reading-results", "zh/limits",
]  # fmt: skip


def add_contents(app, docname, source):
    """Append the list of pages to the first page, which the theme turns into the side bar."""
    if docname == app.config.root_doc:
        found = app.env.found_docs - {docname}
        pages = [page for page in ORDER if page in found] + sorted(found - set(ORDER))
        source[0] += "\n".join(["\n\n```{toctree}", ":hidden:", "", *pages, "```", ""])


def mathml(node, as_block):
    """Turn a formula into MathML, which browsers draw without a script; warn where TeX is beyond it."""
    try:
        return tex2mathml(node.astext(), as_block=as_block)
    except MathError as error:
        logging.getLogger(__name__).warning("formula: %s", error, location=node)
        return f"<code>{node.astext()}</code>"


def visit_inline_formula(self, node):
    """Write a formula within a line."""
    self.body.append(mathml(node, as_block=False))
    raise SkipNode


def visit_displayed_formula(self, node):
    """Write a formula on a line of its own, with its number if it has a label."""
    number = f'<span class="eqno">({node["number"]})</span>' if node["number"] else ""
    self.body.append(f"<div>{number}{mathml(node, as_block=True)}</div>\n")
    raise SkipNode


def add_page(app, error):
    """Write the page to play with beside the built pages."""
    if error is None and app.builder.format == "html":
        sys.path.insert(0, str(Path(__file__).parent.parent))
        from docs.page import build  # noqa: PLC0415  (of this folder, which sphinx-build does not look in)

        build(Path(app.outdir))


def setup(app):
    """Register the steps above with Sphinx."""
    app.connect("build-finished", add_page)
    app.connect("source-read", add_contents)
    app.add_html_math_renderer("mathml", (visit_inline_formula, None), (visit_displayed_formula, None))
