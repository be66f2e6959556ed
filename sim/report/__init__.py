"""What readers see: ``plots`` draws the figures that stored tables allow, ``scorecard`` grades a policy."""
