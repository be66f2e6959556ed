"""Names of the parameter sets, and the default; kept apart because it imports nothing."""

POINT, POSTERIOR = "point", "posterior"
SETS = ("report", "audited", "surveyed")  # by the evidence that they are fitted to; "posterior" means the first
DEFAULT = SETS[0]  # for the command line, sweeps and Python alike
