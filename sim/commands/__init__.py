"""Commands of the command line, one room for each kind; ``sim.cli`` gathers them."""
