"""Names of the parameter sets, and the default; kept apart because it imports nothing."""

POINT, POSTERIOR = "point", "posterior"
READINGS = ("report", "audited")  # readings of the evidence; "posterior" means the first
DEFAULT = READINGS[0]  # for the command line, sweeps and Python alike
