"""no_grad, enable_grad, set_grad_enabled and inference_mode: the two libraries switch at the same places."""

import pytest

from against_torch.both import both, raised, warned

MODES = ["no_grad", "enable_grad", "inference_mode"]


@both
def test_blocks(lib):
    seen = []
    note = lambda: seen.append(lib.is_grad_enabled())
    with lib.no_grad():
        note()
        with lib.enable_grad():
            note()
            with lib.set_grad_enabled(False):
                note()
            note()
            with lib.inference_mode():
                note()
                with lib.inference_mode(False):
                    note()
                with lib.enable_grad():
                    note()
                    seen.append(lib.is_inference_mode_enabled())
                note()
            with lib.inference_mode(mode=False):
                note()
        with lib.inference_mode(False):
            note()
        note()
    note()
    return seen


@both
def test_set_grad_enabled(lib):
    seen = []
    try:
        switch = lib.set_grad_enabled(False)
        seen.append(lib.is_grad_enabled())
        for _ in range(2):
            with switch:
                seen.append(lib.is_grad_enabled())
            seen.append(lib.is_grad_enabled())
        decorated = lib.set_grad_enabled(False)(lib.is_grad_enabled)
        seen += [lib.is_grad_enabled(), decorated(), lib.is_grad_enabled()]
        lib.set_grad_enabled(mode=False)
        seen.append(lib.is_grad_enabled())
    finally:
        lib.set_grad_enabled(True)
    return seen, raised(lib.set_grad_enabled, "yes"), raised(lib.set_grad_enabled, 1), lib.is_grad_enabled()


def talk(lib, seen):
    told = None
    try:
        while told != "enough":
            try:
                seen.append(lib.is_grad_enabled())
                told = yield f"heard {told}"
            except ValueError as error:
                told = f"error {error}"
    finally:
        seen.append(lib.is_grad_enabled())
    return "the end"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("finish", ["send", "close", "throw"])
def test_generators(backend, mode, finish):
    @both
    def program(lib):
        seen = []

        @getattr(lib, mode)()
        def talking():
            return (yield from talk(lib, seen))

        conversation = talking()
        heard = [next(conversation), conversation.send("hello"), conversation.throw(ValueError("oh"))]
        seen.append(lib.is_grad_enabled())
        if finish == "close":
            heard.append(conversation.close())
        else:
            argument = "enough" if finish == "send" else KeyError("k")
            end = raised(getattr(conversation, finish), argument)
            heard.append([end, getattr(end.error, "value", None)])
        return heard, seen, lib.is_grad_enabled()

    program(backend)


@pytest.mark.parametrize("mode", MODES)
def test_decorators(backend, mode):
    @both
    def program(lib):
        switch = getattr(lib, mode)

        class Model:
            @switch()
            def method(self):
                """Documented."""
                return lib.is_grad_enabled()

            @classmethod
            @switch
            def of_the_class(cls):
                return cls.__name__, lib.is_grad_enabled()

        with lib.no_grad():
            paused = Model().method(), Model.of_the_class()
        return Model().method(), Model.of_the_class(), paused, Model.method.__doc__, Model.method.__name__

    program(backend)


@both
def test_a_decorated_class(lib):
    class Model:
        def __init__(self):
            self.recorded = lib.is_grad_enabled()

        def method(self):
            return lib.is_grad_enabled()

    warns, made = warned(lib.no_grad(), Model)
    bare, _ = warned(lib.no_grad, Model)
    return warns, bare, isinstance(made, type), made().recorded, made().method()


@both
def test_what_is_made_where_nothing_is_recorded(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    with lib.no_grad():
        y = x * x
        z = lib.tensor(3.0, requires_grad=True)
        with lib.enable_grad():
            w = x * z
        v = w * 2
    (y * w).sum().backward()
    return y.requires_grad, y.is_leaf, z.requires_grad, w.requires_grad, v.requires_grad, x.grad, z.grad
