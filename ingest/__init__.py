"""The way of a document: sources, parse, chunk, encode, stores."""
