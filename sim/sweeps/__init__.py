"""Sweeps: a design in a file becomes many runs, on a laptop or a cluster, and ends as a few tables.

An engine that distributes work only moves chunks of runs; what is done is decided by files in the folder of the sweep.
"""
