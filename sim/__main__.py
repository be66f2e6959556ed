"""Entry point of ``python -m sim``."""

from sim.cli.main import main

if __name__ == "__main__":  # not in worker processes, which import this file again
    main()
