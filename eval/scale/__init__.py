"""The index at size: building, memory, recall under access filters, and upkeep while it serves.

Vectors and terms are those of real chunks; beyond their number, perturbed copies of them. All goes
through `EdgeIndexStore`, as in the product; the truth is every vector compared with numpy.
"""
