"""Signatures as the Standard Webhooks specification has them, and secrets as they are kept."""

import base64
import hashlib
import hmac

import pytest
from flask import Flask
from sqlalchemy import select
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from crm.extensions import db
from crm.models import WebhookSecret
from crm.models.types import now
from crm.webhooks.sealing import seal, unseal
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.factories import create_user
from tests.support.receiver import LOOPBACK, Received, Receiver, deliver_once, deliveries, subscribe


def verified_by_the_specification(received: Received, secret: str) -> bool:
    """Verify a message by what the specification says alone."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join(
        [received.headers["webhook-id"].encode(), received.headers["webhook-timestamp"].encode(), received.body]
    )
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in received.headers["webhook-signature"].split(" ")


def test_messages_are_verified_by_the_public_library_and_by_the_specification(
    api: ApiClient, receiver: Receiver
) -> None:
    webhook = subscribe(api, receiver.url)
    assert len(base64.b64decode(webhook["secret"].removeprefix("whsec_"))) == 32
    api.create("leads", title="Grüße")
    deliver_once(api.app)
    (received,) = receiver.received
    told = Verifier(webhook["secret"]).verify(received.body, received.headers)
    assert told["data"]["record"]["title"] == "Grüße"
    assert verified_by_the_specification(received, webhook["secret"])
    forged = received._replace(body=received.body.replace(b"Gr", b"gr"))
    assert not verified_by_the_specification(forged, webhook["secret"])
    with pytest.raises(WebhookVerificationError):
        Verifier(webhook["secret"]).verify(forged.body, forged.headers)


def test_headers_are_those_of_the_standard(api: ApiClient, receiver: Receiver) -> None:
    subscribe(api, f"{receiver.url}?a=b")
    api.create("leads")
    deliver_once(api.app)
    (received,) = receiver.received
    headers = received.headers
    assert received.path == "/told?a=b"
    assert headers["host"] == f"127.0.0.1:{receiver.server_port}"
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("crm-api-webhooks/2.")
    assert abs(int(headers["webhook-timestamp"]) - now().timestamp()) < 30
    assert headers["webhook-id"].startswith("msg_")


def test_old_secrets_sign_too_for_a_day(api: ApiClient, receiver: Receiver) -> None:
    webhook = subscribe(api, receiver.url)
    first = webhook["secret"]
    answer = api.post(f"/webhooks/{webhook['id']}/rotate-secret")
    second = answer.json["data"]["secret"]
    assert answer.status_code == 200
    assert answer.json["data"] == {**webhook, "secret": second}
    assert second != first
    api.create("leads")
    deliver_once(api.app)
    assert [verified_by_the_specification(receiver.received[0], secret) for secret in (first, second)] == [True, True]
    with api.app.app_context():
        old = db.session.scalars(select(WebhookSecret).where(WebhookSecret.expires_at.is_not(None))).one()
        assert 86_000 < (old.expires_at - now()).total_seconds() <= 86_400
        old.expires_at = now()
        db.session.commit()
    api.create("leads")
    deliver_once(api.app)
    assert [verified_by_the_specification(receiver.received[1], secret) for secret in (first, second)] == [False, True]
    api.post(f"/webhooks/{webhook['id']}/rotate-secret")
    with api.app.app_context():
        assert len(db.session.scalars(select(WebhookSecret)).all()) == 2  # the one that was over is gone


def test_the_newest_ten_secrets_sign_however_often_they_are_replaced(api: ApiClient, receiver: Receiver) -> None:
    webhook, other = subscribe(api, receiver.url, "lead.*"), subscribe(api, receiver.url, "deal.*")
    path = f"/webhooks/{webhook['id']}/rotate-secret"
    secrets = [webhook["secret"], *(api.post(path).json["data"]["secret"] for _ in range(12))]
    api.create("leads")
    deliver_once(api.app)
    (received,) = receiver.received
    assert len(received.headers["webhook-signature"].split(" ")) == 10
    signing = [verified_by_the_specification(received, secret) for secret in secrets]
    assert signing == [False] * 3 + [True] * 10
    api.create("deals")
    deliver_once(api.app)
    assert verified_by_the_specification(receiver.received[1], other["secret"])
    with api.app.app_context():
        assert len(db.session.scalars(select(WebhookSecret)).all()) == 11


def test_secrets_are_kept_encrypted_and_shown_nowhere_else(
    api: ApiClient, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    webhook = subscribe(api, receiver.url)
    secret = webhook["secret"]
    path = f"/webhooks/{webhook['id']}"
    api.post(f"{path}/test")
    deliver_once(api.app)
    shown = [api.get(each).text for each in ("/webhooks", path, f"{path}/deliveries")]
    shown.append(api.put(path, {"description": "x"}).text)
    assert not any("secret" in text or secret in text for text in shown)
    assert secret not in caplog.text
    with api.app.app_context():
        (sealed,) = db.session.scalars(select(WebhookSecret.sealed)).all()
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    assert raw not in bytes(sealed)
    assert unseal(bytes(sealed), [api.app.config["SECRET_KEY"]]) == raw


def test_a_seal_is_opened_by_its_key_alone_and_not_when_it_was_changed() -> None:
    secret = bytes(range(32))
    sealed = seal(secret, "key one")
    assert seal(secret, "key one") != sealed
    assert unseal(sealed, ["other", "key one"]) == secret
    for changed in (sealed[:-1] + bytes([sealed[-1] ^ 1]), bytes([sealed[0] ^ 1]) + sealed[1:], b"", sealed[:40]):
        with pytest.raises(ValueError, match="another secret key"):
            unseal(changed, ["key one"])
    with pytest.raises(ValueError, match="another secret key"):
        unseal(sealed, ["other"])
    with pytest.raises(ValueError, match="length"):
        seal(b"short", "key one")


def test_a_new_secret_key_reads_old_secrets_as_long_as_it_knows_the_old_key(
    make_app: MakeApp, receiver: Receiver
) -> None:
    old, new = ("an old secret key of more than 32 letters", "a new secret key of more than 32 letters")
    first = make_app(**LOOPBACK, SECRET_KEY=old)
    api = ApiClient(first, create_user(first))
    webhook = subscribe(api, receiver.url)
    knowing = make_app(**LOOPBACK, SECRET_KEY=new, SECRET_KEY_FALLBACKS=old)
    api.create("leads")
    deliver_once(knowing)
    assert verified_by_the_specification(receiver.received[0], webhook["secret"])
    unknowing: Flask = make_app(**LOOPBACK, SECRET_KEY=new)
    api.create("leads")
    deliver_once(unknowing)
    assert len(receiver.received) == 1
    assert deliveries(api, webhook)[0]["error"] == "The message could not be signed: rotate the secret."
