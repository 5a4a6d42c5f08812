"""Floor 1: what an op is, what a backend is, and the tables that join them."""
