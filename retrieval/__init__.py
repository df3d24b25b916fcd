"""The way of a question, first half: access, terms and vectors, hybrid search, evidence."""
