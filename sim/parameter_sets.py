"""Names of the sets of parameters, and the one that is meant where nobody names one; it loads nothing else."""

POINT, POSTERIOR = "point", "posterior"
READINGS = ("report", "audited")  # of the evidence; the first one is meant by "posterior"
DEFAULT = READINGS[0]  # for the command line, sweeps and Python alike
