"""array-api-strict as a backend: what any namespace of the standard gets from the base class alone."""

import array_api_strict

from plugrad.extend import NamespaceBackend, hookimpl

plugrad_api = 1


class Strict(NamespaceBackend):
    name = "strict"
    array_types = ("array_api_strict._array_object.Array",)


@hookimpl
def plugrad_backends(register):
    register(Strict(array_api_strict))
