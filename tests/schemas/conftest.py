"""A product, and a document of each kind with lines of it."""

import pytest

from tests.support.client import ApiClient
from tests.support.sales import Json, line


@pytest.fixture
def product(api: ApiClient) -> Json:
    return api.create("products", name="Anvil", code="A-1")


@pytest.fixture
def document(api: ApiClient, kind: str, product: Json) -> Json:
    """A document of three lines: one, two and three pieces."""
    return api.create(kind, line_items=[line(product, quantity=quantity) for quantity in (1, 2, 3)])
