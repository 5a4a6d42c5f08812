"""What the backends that the options name promise beside their ops."""

import pytest

from plugrad.testing.conformance.session import Case, kit_of

pytestmark = pytest.mark.filterwarnings("default")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    kit = kit_of(metafunc.config)
    metafunc.parametrize("case", kit.parameters(kit.cases_of_backends()))


def test_backend(case: Case) -> None:
    case.test()
