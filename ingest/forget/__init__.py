"""Erasing documents so that nothing of them is left in any file, and proving it.

An erasure is written down first (`stores.receipts`), then the document leaves the catalog and is
seen by nobody, then what is left of it goes: its points by writing the index anew, its original,
the catalog's log. At last the raw bytes of all files are searched for it. Every step can be
repeated, so an erasure that was interrupted is finished by doing it again.
"""
