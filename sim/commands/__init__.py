"""Commands of the command line, one module for each kind; ``sim.cli`` gathers them."""
