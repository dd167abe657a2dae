"""An application whose webhooks may be on the loopback address."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.owner import Owner
from tests.support.receiver import LOOPBACK, Receiver, receiving


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """An application that may call the loopback address."""
    return make_app(**LOOPBACK)


@pytest.fixture
def api(app: Flask, owner: Owner) -> ApiClient:
    """A client with the token of an Owner."""
    return ApiClient(app, owner.put_into(app), Authorization=f"Bearer {owner.sent}")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that answers 200."""
    with receiving() as running:
        yield running
