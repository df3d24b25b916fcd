"""One writer per format of the sample documents."""
