"""Zhiku beside the stack that a user would otherwise take, on the same chunks and vectors.

The stock stack is LlamaIndex: reciprocal rank fusion of its BM25 retriever and of Qdrant's local
mode. Both stacks get the vectors of one encoder from one file, so that nothing is measured of
encoding passages; questions are encoded as they are asked.
"""
