"""Weights as data: specs, fetching and checking, the dense encoder and the lexical terms."""
