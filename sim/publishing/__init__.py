"""Publishing of stored results: a page for those who decide, and files for other programs.

``page`` writes one HTML file from ``template.html``, in English or Chinese. ``answers`` makes its answer for each kind
of results, ``sections`` the tables of comparisons. ``export`` writes CSV, Excel, tables for papers in LaTeX, and PDF.
"""
