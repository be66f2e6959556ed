"""Names of the parameter sets, and the default; kept apart because it imports nothing."""

POINT, POSTERIOR = "point", "posterior"
SETS = ("surveyed", "report", "audited")  # by the evidence that they are fitted to; "posterior" means the first
FIRST = "first"  # the first model: parameters by which the second one gives its results, fitted to `report` in its day
DEFAULT = SETS[0]  # for the command line, sweeps and Python alike
OVER = "_over_"  # in the name of a set, between that of a log and of the set that lends the rest
