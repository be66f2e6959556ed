"""Which parameters move the outcomes, and which move the effect of a rule: screening, then shares of the variance."""
