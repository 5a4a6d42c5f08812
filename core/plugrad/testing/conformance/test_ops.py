"""Every check of every op that the options name, on every backend that they name."""

import pytest

from plugrad.testing.conformance.session import Case, kit_of

pytestmark = pytest.mark.filterwarnings("default", "ignore:.*encountered in:RuntimeWarning")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    kit = kit_of(metafunc.config)
    metafunc.parametrize("case", kit.parameters(kit.cases_of_ops()))


def test_op(case: Case) -> None:
    case.test()
