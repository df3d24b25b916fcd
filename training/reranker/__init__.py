"""The reranker of our own: data, model, training, export."""
