"""Readers of exported message logs, which end in one common table.

``messages`` is that table, written in parts with names as keyed hashes; ``slack``, ``teams``, ``outlook`` and ``mbox``
read an export each, ``trees`` opens folders and archives and reads JSON, ``texts`` reads tables in other encodings, and
``formats`` tells which is which. Nothing in a log is run, opened or followed; texts of messages are never kept.
"""
