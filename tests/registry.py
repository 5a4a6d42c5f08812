"""Registering plugins by hand in a test, so that they are gone after it."""

from types import ModuleType

import pytest

import plugrad
from plugrad import plugins
from plugrad.extend import hookimpl
from plugrad.registry.claims import BACKENDS, CLAIMS, OWNERS
from plugrad.registry.kernels import CANDIDATES, forget
from plugrad.registry.op import OPS


@pytest.fixture
def registry():
    """What a test registers is gone after it."""
    tables = (plugins._plugins, OPS, BACKENDS, CLAIMS, OWNERS, CANDIDATES)
    saved = [{k: list(v) if isinstance(v, list) else v for k, v in table.items()} for table in tables]
    yield
    for table, was in zip(tables, saved, strict=True):
        table.clear()
        table.update(was)
    forget()
    plugrad.set_default_backend(None)


def a_module(name, ops=(), backends=(), kernels=()):
    """A plugin that implements every hook."""

    @hookimpl
    def plugrad_ops(register):
        for function in ops:
            register(function)

    @hookimpl
    def plugrad_backends(register):
        for backend in backends:
            register(backend)

    @hookimpl
    def plugrad_kernels(register):
        for kernel in kernels:
            register(**kernel)

    made = ModuleType(name)
    vars(made).update(
        plugrad_api=1, plugrad_ops=plugrad_ops, plugrad_backends=plugrad_backends, plugrad_kernels=plugrad_kernels
    )
    return made
