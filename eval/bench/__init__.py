"""Speed: every figure is measured beside its bare parts in the same run, several times."""
