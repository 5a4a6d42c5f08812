"""Floor 0: the exceptions.

Each is also of the built-in type that PyTorch raises at the same place, and of NumPy's where that is another.
"""


class PlugradError(Exception):
    """The base of all of plugrad's own errors."""


class GraphError(PlugradError, RuntimeError):
    """The graph cannot do what was asked: freed, nothing requires grad, a saved value was written."""


class CheckpointError(GraphError):
    """A checkpointed function did something else when it was run again."""


class ShapeError(PlugradError, RuntimeError, ValueError):
    """Shapes that do not fit each other."""


class DTypeError(PlugradError, RuntimeError, TypeError):
    """A dtype that nobody knows, or that an op or a backend cannot hold."""


class BackendError(PlugradError, RuntimeError, TypeError):
    """No backend, an unknown one, or arrays of two in one call."""


class MissingKernel(PlugradError, NotImplementedError):
    """A backend has no kernel for an op, and the op has no composite."""


class MissingDerivative(PlugradError, NotImplementedError):
    """An op has no derivative with respect to an input that requires grad."""


class PluginError(PlugradError, RuntimeError):
    """A plugin is refused: two that claim one name, a wrong API number, a kernel that cannot be imported."""
