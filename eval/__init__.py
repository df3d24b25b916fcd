"""How good is it: measurements through the same wiring as the product."""
