"""no_grad, enable_grad, set_grad_enabled, inference_mode: as context managers and as decorators."""

import asyncio
import threading

import pytest

import plugrad

MODES = [plugrad.no_grad, plugrad.inference_mode, lambda: plugrad.set_grad_enabled(False)]


@pytest.fixture
def x(backend):
    return plugrad.tensor(1.0, requires_grad=True)


def test_context_managers_nest(x):
    with plugrad.no_grad():
        assert not plugrad.is_grad_enabled()
        with plugrad.enable_grad():
            assert (x * x).requires_grad
            with plugrad.set_grad_enabled(False):
                assert not (x * x).requires_grad
            assert plugrad.is_grad_enabled()
        assert not (x * x).requires_grad
    assert plugrad.is_grad_enabled()


def test_one_manager_used_twice_and_inside_itself(x):
    paused = plugrad.no_grad()
    with paused:
        with paused:
            pass
        assert not plugrad.is_grad_enabled()
    assert plugrad.is_grad_enabled()


def test_decorators(x):
    @plugrad.no_grad()
    def with_brackets():
        """Its docstring."""
        return x * x

    @plugrad.no_grad
    def without():
        return x * x

    @plugrad.set_grad_enabled(False)
    def switched():
        return x * x

    assert plugrad.is_grad_enabled(), "a decorator switches for its function alone"
    assert with_brackets.__doc__ == "Its docstring."
    assert not any(f().requires_grad for f in (with_brackets, without, switched))
    assert (x * x).requires_grad


def test_set_grad_enabled_acts_at_once(x):
    try:
        plugrad.set_grad_enabled(False)
        assert not (x * x).requires_grad
    finally:
        plugrad.set_grad_enabled(True)
    assert (x * x).requires_grad


def test_an_exception_restores_the_mode(x):
    with pytest.raises(ZeroDivisionError), plugrad.no_grad():
        1 / 0
    assert plugrad.is_grad_enabled()


def test_leaves_made_under_no_grad_may_require_grad(x):
    with plugrad.no_grad():
        y = plugrad.tensor(2.0, requires_grad=True)
    assert y.requires_grad
    (y * x).backward()
    assert y.grad.item() == 1


def test_a_set_grad_enabled_may_be_entered_again_and_inside_of_itself():
    paused = plugrad.set_grad_enabled(False)
    seen = [plugrad.is_grad_enabled()]
    with paused:
        with paused:
            seen.append(plugrad.is_grad_enabled())
        seen.append(plugrad.is_grad_enabled())
    assert seen == [False] * 3
    assert plugrad.is_grad_enabled()
    with paused:
        assert not plugrad.is_grad_enabled()
    assert plugrad.is_grad_enabled()


def test_set_grad_enabled_takes_a_bool_alone():
    with pytest.raises(TypeError, match="must be a bool, not function"):
        plugrad.set_grad_enabled(lambda: None)
    assert plugrad.is_grad_enabled()


def test_where_they_are():
    assert plugrad.autograd.grad_mode.no_grad is plugrad.autograd.no_grad is plugrad.no_grad
    assert plugrad.autograd.inference_mode is plugrad.inference_mode


# -- inference_mode ---------------------------------------------------------------------------------------------------


def test_inference_mode_is_no_grad(x):
    with plugrad.inference_mode():
        assert not plugrad.is_grad_enabled()
        assert plugrad.is_inference_mode_enabled()
        y = x * x
        with plugrad.enable_grad():
            assert (x * x).requires_grad
            assert plugrad.is_inference_mode_enabled()
        with plugrad.inference_mode(False):
            assert plugrad.is_grad_enabled()
            assert not plugrad.is_inference_mode_enabled()
        assert plugrad.is_inference_mode_enabled()
    assert not y.requires_grad
    assert not plugrad.is_inference_mode_enabled()
    (x * y).backward()
    assert x.grad.item() == 1
    with plugrad.no_grad(), plugrad.inference_mode(mode=False):
        assert plugrad.is_grad_enabled()


def test_inference_mode_decorates_with_and_without_brackets(x):
    def seen():
        return plugrad.is_grad_enabled(), plugrad.is_inference_mode_enabled()

    assert plugrad.inference_mode(seen)() == (False, True)
    assert plugrad.inference_mode()(seen)() == (False, True)
    assert plugrad.inference_mode(mode=False)(seen)() == (True, False)
    assert seen() == (True, False)


# -- decorated generators ---------------------------------------------------------------------------------------------


def talk(seen):
    """Notes whether ops are recorded whenever it runs, and answers to what it is sent and thrown."""
    told = None
    try:
        while told != "enough":
            try:
                seen.append(plugrad.is_grad_enabled())
                told = yield f"heard {told}"
            except ValueError as error:
                told = f"error {error}"
    finally:
        seen.append(plugrad.is_grad_enabled())
    return "the end"


@pytest.mark.parametrize("mode", MODES)
def test_a_generator_is_switched_only_while_it_runs(mode):
    seen = []
    talking = mode()(talk)(seen)
    heard = [next(talking), talking.send("hello"), talking.throw(ValueError("oh"))]
    assert plugrad.is_grad_enabled()
    with pytest.raises(StopIteration) as end:
        talking.send("enough")
    assert heard == ["heard None", "heard hello", "heard error oh"]
    assert end.value.value == "the end"
    assert seen == [False] * 4
    assert plugrad.is_grad_enabled()


def test_a_generator_that_is_closed_or_broken_cleans_up_under_the_mode():
    for finish in ("close", "throw", "drop"):
        seen = []
        talking = plugrad.no_grad(talk)(seen)
        next(talking)
        if finish == "close":
            talking.close()
        elif finish == "throw":
            with pytest.raises(KeyError):
                talking.throw(KeyError("k"))
        else:
            del talking
        assert seen == [False, False]
        assert plugrad.is_grad_enabled()


def test_a_generator_under_enable_grad_within_no_grad():
    with plugrad.no_grad():
        for inside in plugrad.enable_grad()(lambda: (yield plugrad.is_grad_enabled()))():
            assert inside
            assert not plugrad.is_grad_enabled()


# -- decorated coroutines and asynchronous generators -----------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_a_coroutine_is_switched_only_while_it_runs(mode):
    seen = []

    @mode()
    async def paused(turn):
        seen.append(("paused", plugrad.is_grad_enabled()))
        await turn()
        seen.append(("paused", plugrad.is_grad_enabled()))
        return "the end"

    async def outer():
        return await asyncio.gather(paused(lambda: asyncio.sleep(0)), recording())

    async def recording():
        seen.append(("recording", plugrad.is_grad_enabled()))
        await asyncio.sleep(0)
        seen.append(("recording", plugrad.is_grad_enabled()))

    assert asyncio.iscoroutinefunction(paused)
    assert asyncio.run(outer())[0] == "the end"
    assert seen == [("paused", False), ("recording", True)] * 2


def test_two_coroutines_that_one_hand_drives_do_not_mix():
    class Turn:
        def __await__(self):
            return (yield "suspended")

    seen = []

    async def work():
        seen.append(plugrad.is_grad_enabled())
        await Turn()
        seen.append(plugrad.is_grad_enabled())

    paused, plain = plugrad.no_grad(work)(), work()
    assert [c.send(None) for c in (paused, plain)] == ["suspended"] * 2
    assert plugrad.is_grad_enabled()
    for coroutine in (plain, paused):
        with pytest.raises(StopIteration):
            coroutine.send(None)
    assert seen == [False, True, True, False]


def test_an_exception_thrown_into_a_coroutine():
    seen = []

    @plugrad.no_grad()
    async def cancelled():
        try:
            await asyncio.sleep(10)
        finally:
            seen.append(plugrad.is_grad_enabled())

    async def main():
        task = asyncio.ensure_future(cancelled())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return plugrad.is_grad_enabled()

    assert asyncio.run(main())
    assert seen == [False]


def test_an_asynchronous_generator_is_switched_only_while_it_runs():
    seen = []

    @plugrad.no_grad()
    async def talk():
        told = None
        try:
            while told != "enough":
                try:
                    await asyncio.sleep(0)
                    seen.append(plugrad.is_grad_enabled())
                    told = yield f"heard {told}"
                except ValueError as error:
                    told = f"error {error}"
        finally:
            seen.append(plugrad.is_grad_enabled())

    async def main():
        talking = talk()
        heard = [await anext(talking), await talking.asend("hello"), await talking.athrow(ValueError("oh"))]
        assert plugrad.is_grad_enabled()
        with pytest.raises(StopAsyncIteration):
            await talking.asend("enough")
        closed = talk()
        await anext(closed)
        await closed.aclose()
        assert plugrad.is_grad_enabled()
        return heard

    assert asyncio.run(main()) == ["heard None", "heard hello", "heard error oh"]
    assert seen == [False] * 6


# -- what else may be decorated ---------------------------------------------------------------------------------------


def test_methods():
    class Model:
        @plugrad.no_grad()
        def method(self):
            return plugrad.is_grad_enabled()

        @classmethod
        @plugrad.no_grad
        def of_the_class(cls):
            return cls, plugrad.is_grad_enabled()

        @staticmethod
        @plugrad.inference_mode()
        def static():
            return plugrad.is_grad_enabled()

    assert Model().method() is False
    assert Model.of_the_class() == (Model, False)
    assert Model.static() is False


@pytest.mark.parametrize("decorate", [plugrad.no_grad(), plugrad.enable_grad(), plugrad.inference_mode()])
def test_decorating_a_class_warns_and_switches_for_its_constructor(decorate):
    class Model:
        def __init__(self):
            self.recorded = plugrad.is_grad_enabled()

        def method(self):
            return plugrad.is_grad_enabled()

    with pytest.warns(FutureWarning, match="Decorating classes is deprecated.*`__init__`.*class Model") as caught:
        made = decorate(Model)
    assert caught[0].filename == __file__
    with plugrad.no_grad():
        assert made().recorded is isinstance(decorate, plugrad.enable_grad)
    assert made().method() is True


def test_what_cannot_be_decorated():
    with pytest.raises(TypeError, match="decorates functions and methods, not 1"):
        plugrad.no_grad(1)


def test_a_mode_is_its_threads_own():
    seen = []
    with plugrad.no_grad():
        thread = threading.Thread(target=lambda: seen.append(plugrad.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_one_manager_in_two_threads():
    paused = plugrad.no_grad()
    entered, left = threading.Event(), threading.Event()
    seen = []

    def other():
        with paused:
            entered.set()
            left.wait(10)
            seen.append(plugrad.is_grad_enabled())
        seen.append(plugrad.is_grad_enabled())

    thread = threading.Thread(target=other)
    with paused:
        thread.start()
        entered.wait(10)
    assert plugrad.is_grad_enabled()
    left.set()
    thread.join()
    assert seen == [False, True]
