"""Tokens of before get all abilities; going back, those with few end, and removed users give their addresses up."""

from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import text

from crm.access.accounts import create_user
from crm.access.leaving import remove_user
from crm.access.tokens import issue_token
from crm.database.migrations import upgrade
from crm.extensions import db
from tests.support.client import ApiClient
from tests.support.factories import PASSWORD

BEFORE = "0012"
EMAIL = "jane@example.com"


def test_there_and_back(migrated_app: Flask) -> None:
    with migrated_app.app_context():
        for _ in range(2):
            user = create_user(EMAIL, "Jane", PASSWORD, "Owner")
            remove_user(EMAIL)
        user = create_user(EMAIL, "Jane", PASSWORD, "Owner")
        whole, few = issue_token(user.id, "whole"), issue_token(user.id, "few", ["leads:view"])
    with migrated_app.app_context():
        downgrade(revision=BEFORE)
        with db.engine.connect() as connection:
            emails = connection.scalars(text("SELECT email FROM users ORDER BY id")).all()
            tokens = connection.scalars(text("SELECT name FROM tokens")).all()
    assert (emails, tokens) == (["removed 1", "removed 2", EMAIL], ["whole"])
    with migrated_app.app_context():
        upgrade()
    assert ApiClient(migrated_app, Authorization=f"Bearer {whole}").get("/auth/me").json["token"]["abilities"] == ["*"]
    assert ApiClient(migrated_app, Authorization=f"Bearer {few}").get("/auth/me").status_code == 401
