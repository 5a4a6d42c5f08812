"""Kernels for NumPy, where they take less time than the composites, one file a family."""
