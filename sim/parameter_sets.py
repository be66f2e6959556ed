"""Names of the parameter sets, and the default; kept apart because it imports nothing."""

POINT, POSTERIOR = "point", "posterior"
READINGS = ("report", "audited")  # of the evidence; the first one is meant by "posterior"
DEFAULT = READINGS[0]  # for the command line, sweeps and Python alike
