"""gradcheck and gradgradcheck: what passes, what each kind of wrong derivative is told, and the options."""

import pytest

import plugrad
from plugrad.autograd import Function, gradcheck, gradgradcheck
from plugrad.testing import GradcheckError

MODES = pytest.mark.parametrize("fast_mode", [False, True])


@pytest.fixture
def x(backend):
    return plugrad.tensor([[1.0, 2.0, -3.0], [0.5, -1.5, 2.5]], requires_grad=True)


@pytest.fixture
def z(backend):
    if backend.name == "tuples":
        pytest.skip("has no complex dtype")
    return plugrad.tensor([1 + 2j, 0.5 - 1j], requires_grad=True)


def wrong(backward, forward=lambda x: x * x):
    """A function whose backward is this one."""

    class Wrong(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, g):
            return backward(g, *ctx.saved_tensors)

    return Wrong.apply


@MODES
def test_right_derivatives_pass(x, fast_mode):
    y = plugrad.tensor([1.0, -2.0, 0.5], requires_grad=True)
    fixed = plugrad.tensor([2.0, 3.0, 4.0])

    def function(x, y, fixed, power):
        return plugrad.exp(x) * y, (x**power + fixed).sum(axis=0), plugrad.argmax(x), x > 0

    assert gradcheck(function, (x, y, fixed, 3), fast_mode=fast_mode) is True
    assert gradgradcheck(function, (x, y, fixed, 3), fast_mode=fast_mode) is True
    assert x.grad is None


@MODES
def test_complex_derivatives_pass(z, fast_mode):
    y = plugrad.tensor([2.0, -0.5], requires_grad=True)
    for function in (
        lambda z, y: z * z * y,
        lambda z, y: plugrad.abs(z) * y,
        lambda z, y: plugrad.conj(z) / z + y,
        lambda z, y: (plugrad.real(z) * y, y * y),
    ):
        assert gradcheck(function, [z, y], fast_mode=fast_mode)
        assert gradgradcheck(function, [z, y], fast_mode=fast_mode)


@MODES
def test_a_mismatch_names_the_element_and_both_values(x, fast_mode):
    y = plugrad.tensor([3.0], requires_grad=True)

    def function(y, x):
        product = x * 2.0
        return y, product + wrong(lambda g, x: plugrad.where(x > 2, 0 * g, 2 * g * x))(x)

    with pytest.raises(GradcheckError) as caught:
        gradcheck(function, (y, x), fast_mode=fast_mode)
    message = str(caught.value)
    assert message.startswith(
        f"Jacobian mismatch for output 1 (float64 (2, 3) of {x._spec.backend.name}) with respect to input 1"
    )
    assert "element (1, 2) of the output by element (1, 2) of the input" in message
    assert "numerical:7.0" in message or "numerical:6.99999" in message
    assert "analytical:2.0" in message
    assert "1 of 36 elements differ" in message
    assert isinstance(caught.value, RuntimeError)


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        (lambda x: x.detach() * 2 + 0 * x, "does not reach this input in the graph"),
        (wrong(lambda g, x: None), "does not reach this input in the graph"),
        (wrong(lambda g, x: g * x), r"Each numerical value is 2 times the analytical one"),
        (lambda x: plugrad.clip(x, 2.0, None), r"has a kink there: its slope is [-0-9.e]* below and 1\.0|0\.9999"),
        (wrong(lambda g, x: g * x, lambda x: 0 * x), "does not change with this input: does it use the one"),
        (lambda x: x.detach(), "expected to be zero, for no output requires grad; but output 0 changes with input 0"),
    ],
)
@MODES
def test_what_is_wrong_is_told(x, function, hint, fast_mode):
    with pytest.raises(GradcheckError, match=hint):
        gradcheck(function, x, fast_mode=fast_mode)
    assert gradcheck(function, x, fast_mode=fast_mode, raise_exception=False) is False


def test_a_conjugate_is_told(z):
    square = wrong(lambda g, z: 2 * g * z)
    with pytest.raises(GradcheckError, match="real part of output 0 (.*\n)*.*analytical values are the conjugates"):
        gradcheck(square, z)
    assert gradcheck(wrong(lambda g, z: 2 * g * plugrad.conj(z)), z)


def test_a_wrong_second_derivative_passes_the_first_check_alone(x):
    cube = wrong(lambda g, x: 3 * g * x.detach() * x, lambda x: x * x * x)
    assert gradcheck(cube, x)
    with pytest.raises(GradcheckError, match="with respect to input 0"):
        gradgradcheck(cube, x)
    assert not gradgradcheck(cube, x, raise_exception=False)


def test_cotangents_of_gradgradcheck(x):
    g = plugrad.tensor([[1.0, -1.0, 2.0], [0.5, 3.0, 1.0]])
    for cotangent in (g, g.detach().requires_grad_()):
        assert gradgradcheck(lambda x: x * x * x, x, cotangent)
        assert gradgradcheck(lambda x: (x * x * x, plugrad.exp(x)), (x,), (cotangent, cotangent))
    assert gradgradcheck(lambda x: x * x * x, x, gen_non_contig_grad_outputs=True)


def test_backward_that_is_not_the_same_twice(x):
    calls = []

    def backward(g, x):
        calls.append(1)
        return 2 * g * x + 1e-9 * len(calls)

    function = wrong(backward)
    with pytest.raises(GradcheckError, match=r"Backward is not reentrant.*input 0 by up to 1.*tolerance .* was 0\.0"):
        gradcheck(function, x)
    with pytest.raises(GradcheckError, match="not multiplied by grad_output"):
        gradcheck(function, x, nondet_tol=1e-6)


def test_backward_that_adds_something_to_every_cotangent(x):
    off = wrong(lambda g, x: 2 * g * x + 1e-7)
    with pytest.raises(GradcheckError, match=r"not multiplied by grad_output.*input 0 .* at \(0, 0\) is not zero"):
        gradcheck(off, x)


def test_a_cotangent_that_is_missing_counts_as_zeros(x):
    class Two(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1, x * 2

        @staticmethod
        def backward(ctx, g, h):
            if float(g.sum()) == 0 == float(h.sum()):
                raise RuntimeError("nothing came")
            return g + 2 * h

    with pytest.raises(RuntimeError, match="nothing came"):
        gradcheck(Two.apply, x)


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_low_precision_is_warned_of(backend, dtype):
    if backend.name == "tuples":
        pytest.skip("has one float dtype")
    x = plugrad.tensor([1.0, 2.0], dtype=dtype, requires_grad=True)
    with pytest.warns(UserWarning, match=f"Input #1 requires gradient and is not a double precision.*{dtype}"):
        assert gradcheck(lambda y, x: x * x, (1.0, x), eps=1e-2, atol=1e-2)
    with pytest.warns(UserWarning, match="Input #0"), pytest.raises(GradcheckError, match="use float64"):
        gradcheck(lambda x: x * x, x)


def test_dtypes_of_gradients_are_always_right(backend):
    if backend.name == "tuples":
        pytest.skip("has one float dtype")
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    lower = wrong(lambda g, x: (2 * g * x).astype("float32"))
    assert gradcheck(lower, x, check_grad_dtypes=True, atol=1e-3, eps=1e-3)


def test_arguments_that_contradict_each_other(x):
    with pytest.raises(ValueError, match="expects at least one input tensor to require gradient"):
        gradcheck(lambda x: x, x.detach())
    with pytest.raises(ValueError, match="gradgradcheck expects an output that requires grad"):
        gradgradcheck(lambda x: x.detach(), x)
    with pytest.raises(AssertionError, match="at least one of check_forward_ad or check_backward_ad"):
        gradcheck(lambda x: x, x, check_backward_ad=False)
    with pytest.raises(AssertionError, match="check_backward_ad, for check_batched_grad"):
        gradcheck(lambda x: x, x, check_backward_ad=False, check_forward_ad=True, check_batched_grad=True)
    with pytest.raises(AssertionError, match="check_forward_ad, for check_batched_forward_grad"):
        gradcheck(lambda x: x, x, check_batched_forward_grad=True)
    with pytest.raises(AssertionError, match="at least one of check_fwd_over_rev or check_rev_over_rev"):
        gradgradcheck(lambda x: x, x, check_rev_over_rev=False)


def test_outputs_that_change_their_shape(backend):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(AssertionError, match=r"same shape .* perturbed, but moving input 0 by 1e-06 gives"):
        gradcheck(lambda x: x[: 1 + int(float(x[0]) > 1)], x)


@MODES
def test_empty_and_single_elements(backend, fast_mode):
    assert gradcheck(lambda x: x * x, plugrad.tensor(2.0, requires_grad=True), fast_mode=fast_mode)
    if backend.name != "tuples":
        assert gradcheck(lambda x: x * x, plugrad.zeros((0, 3), requires_grad=True), fast_mode=fast_mode)


def test_batched_gradients(x):
    assert gradcheck(lambda x: (x * x, plugrad.exp(x).sum()), x, check_batched_grad=True)
    assert gradgradcheck(lambda x: x * x * x, x, check_batched_grad=True)
    calls = []

    def backward(g, x):
        calls.append(1)
        return 2 * g * x + 1e-9 * (len(calls) > 14)

    with pytest.raises(GradcheckError, match="For output 0 and input 0: .*batched gradient computation"):
        gradcheck(wrong(backward), x, check_batched_grad=True, nondet_tol=1)


def test_one_tensor_given_twice(x):
    assert gradcheck(lambda a, b: a * a * b, (x, x))


def test_an_error_of_the_function_is_its_own(x):
    with pytest.raises(ZeroDivisionError):
        gradcheck(lambda x: 1 / 0, x, raise_exception=False)


# -- forward mode ---------------------------------------------------------------------------------------------------


@MODES
def test_forward_mode(x, fast_mode):
    y = plugrad.tensor([1.0, -2.0, 0.5], requires_grad=True)
    options = {"check_forward_ad": True, "fast_mode": fast_mode}
    assert gradcheck(lambda x, y: (plugrad.exp(x) * y, x.sum(axis=0)), (x, y), **options)
    assert gradcheck(lambda x, y: x * y, (x, y), check_backward_ad=False, check_batched_forward_grad=True, **options)
    assert gradgradcheck(lambda x, y: x * x * x * y, (x, y), check_fwd_over_rev=True, fast_mode=fast_mode)
    with pytest.raises(GradcheckError) as caught:
        gradcheck(lambda x: x.detach() * x, x, check_backward_ad=False, **options)
    message = str(caught.value)
    assert message.startswith("Jacobian computed with forward mode mismatch for output 0")
    assert "Each numerical value is 2 times the analytical one" in message


@MODES
def test_forward_mode_of_complex_inputs(z, fast_mode):
    options = {"check_forward_ad": True, "check_backward_ad": False, "fast_mode": fast_mode}
    assert gradcheck(lambda z: (z * z, plugrad.exp(z)), z, **options)
    with pytest.raises(GradcheckError, match="with respect to the real part of input 0"):
        gradcheck(lambda z: z.detach() * z, z, **options)
