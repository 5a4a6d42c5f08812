# plugrad_foo.py; in its pyproject.toml: [project.entry-points.plugrad] foo = "plugrad_foo"
from plugrad.extend import hookimpl, op
from plugrad.ops import exp

plugrad_api = 1
sigmoid = op("foo.sigmoid(x, /)", composite=lambda x: 1 / (1 + exp(-x)),            # every backend has it at once
             elementwise=True, vjp={"x": lambda g, out: g * out * (1 - out)})

@hookimpl
def plugrad_ops(register):
    register(sigmoid)

@hookimpl
def plugrad_kernels(register):
    register("foo.sigmoid", backend="numpy", kernel="scipy.special:expit")        # a name is imported when first needed

@hookimpl
def plugrad_samples(register):                                                    # only the conformance kit asks
    from plugrad.testing import Sample, normal
    register("foo.sigmoid", *[Sample([normal(shape, 1)], dtypes=["float64"]) for shape in ((3,), (2, 2), ())])
