"""Tests that a backend fails, with the reason: strict, so one that passes after all must leave this list.

What a backend fails of the conformance kit its own distribution says.
"""

STEPS = "PyTorch has no strides below zero, so x[::-1] is a copy and no view"
MATMUL = "PyTorch's own @, which a formula uses on plain arrays, promotes no two dtypes; the standard's does"

KNOWN_FAILURES = {
    "torch-arrays": {
        "test_a_write_into_the_base_is_seen_in_the_view[torch-arrays-getitem with steps]": STEPS,
        "test_a_write_into_the_view_is_seen_in_the_base[torch-arrays-getitem with steps]": STEPS,
        "test_program[torch-arrays-float32_against_float64_in_matmul]": MATMUL,
    },
}
