"""Fuzzers: files of a user and stored folders, damaged in thousands of ways by fixed seeds.

``mutations`` damages bytes and structures, ``kinds`` says for each kind of file how cases are made and read, ``guard``
what a reader may do, and ``python -m tests.fuzz`` runs more cases than the suite: ``make fuzz CASES=20000``.
"""
