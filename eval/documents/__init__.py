"""How much of the text of foreign files the parsers find: `python -m eval.documents`."""
