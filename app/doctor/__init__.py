"""`zhiku doctor`: whether catalog, index, files and models fit together, and mending what is safe.

Every check is a function that yields one line for each thing that it finds, and perhaps one that
mends them. Nothing is mended that could lose what only one place has: documents, their text and
what people said stay as they are.
"""
