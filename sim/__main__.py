"""Entry point of ``python -m sim``."""

from sim.cli import main

if __name__ == "__main__":  # not in the processes of a pool, which read this file again
    main()
