"""A command line, and a user to work on with it."""

import pytest

from tests.support.client import CommandLine
from tests.support.factories import create_user

EMAIL = "jane@example.com"


@pytest.fixture
def shell(app):
    return CommandLine(app)


@pytest.fixture
def jane(app):
    return create_user(app, "Employee", email=EMAIL)
