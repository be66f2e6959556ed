"""What leaves the program: a page that explains stored results to those who decide, and files for other programs.

``page`` writes one HTML file from ``template.html``, in English or Chinese. ``answers`` makes its ``answer`` for each
kind of results, ``sections`` the tables of comparisons, ``pictures`` the figures, ``downloads`` the tables as CSV.
``export`` writes CSV, Excel, PDF and, by ``latex``, tables for papers.
"""
