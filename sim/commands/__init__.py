"""Commands of the command line, one module per subject; ``sim.cli`` collects them."""
