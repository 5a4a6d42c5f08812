"""Floor 6: the commands of ``python -m plugrad``."""
