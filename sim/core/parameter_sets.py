"""Names of the parameter sets, and the default; a separate module because it imports nothing."""

POINT, POSTERIOR = "point", "posterior"
SETS = ("surveyed", "report", "audited")  # named by the evidence to which they are fitted; "posterior" means the first
FIRST = "first"  # parameters with which the second model reproduces the first one, which was fitted to `report`
DEFAULT = SETS[0]  # for the command line, sweeps and Python alike
OVER = "_over_"  # in the name of a set, between the name of a log and that of the set that supplies the rest
