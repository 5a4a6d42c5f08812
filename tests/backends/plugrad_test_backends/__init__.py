"""Backends for tests and for teaching: nested tuples, array-api-strict, and a double of CuPy."""
