"""How well scans are read: known text is drawn, damaged as scanners do, recognised and compared."""
