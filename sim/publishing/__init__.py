"""What leaves the program: a page that explains stored results to those who decide.

``page`` writes one HTML file from ``template.html``, in English or Chinese; ``answers`` says what it answers for each
kind of results, ``pictures`` draws its figures, ``sections`` makes its tables and lists, ``downloads`` its CSV, and
``links`` what is inside of addresses.
"""
