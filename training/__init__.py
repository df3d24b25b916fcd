"""Making it better: what is fitted on data, and the scripts that fit it."""
