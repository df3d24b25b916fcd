"""Whether a sentence of an answer says what the passages that it cites say."""
