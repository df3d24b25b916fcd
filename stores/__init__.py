"""Where things lie: the catalog (SQL), the vector index (Qdrant) and the original files."""
