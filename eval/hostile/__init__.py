"""Files that were made to do harm, read as the pipeline reads them: `python -m eval.hostile`."""
