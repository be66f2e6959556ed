"""Studies, from simulation to a results folder with tables, figures and a summary.

``study`` simulates worlds and publishes findings; ``comparisons`` runs, compares, explains and compares with
survey figures; ``appraisals`` evaluates roll-outs, sizes pilots and fills in scorecards; ``message_logs`` is about a
message log and its organisation; ``designs`` and ``by_set`` do many comparisons from a design file, and ``by_set``
repeats a study under several sets of parameters.
"""
