"""What health and metrics are told: for how long something has been due, and how many deliveries there are."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from crm.extensions import db
from crm.models import Change, WebhookDelivery
from crm.models.types import now
from crm.webhooks.lag import by_status, lag_seconds
from crm.webhooks.schedule import Schedule
from tests.support.client import ApiClient
from tests.support.receiver import Receiver, deliver_once, deliveries, status, subscribe

SLOW = Schedule(pauses=(3600,), spread=0)


def told(api: ApiClient) -> tuple[float, dict[str, int]]:
    with api.app.app_context():
        return lag_seconds(), by_status()


def alter(api: ApiClient, model: Any, **values: Any) -> None:
    with api.app.app_context(), db.engine.begin() as connection:
        connection.execute(update(model).values(**values))


def test_nothing_is_due_without_webhooks_or_changes_that_they_want(api: ApiClient, receiver: Receiver) -> None:
    api.create("leads")
    assert told(api) == (0, {"pending": 0, "succeeded": 0, "failed": 0})
    subscribe(api, receiver.url, "deal.*")
    api.create("leads")
    alter(api, Change, occurred_at=now() - timedelta(seconds=90))
    assert told(api)[0] == 0


def test_a_change_that_nobody_delivers_is_due(api: ApiClient, receiver: Receiver) -> None:
    subscribe(api, receiver.url, "lead.*")
    api.create("leads")
    alter(api, Change, occurred_at=now() - timedelta(seconds=90))
    assert 89 < told(api)[0] < 100
    deliver_once(api.app)
    assert told(api) == (0, {"pending": 0, "succeeded": 1, "failed": 0})


def test_a_try_is_due_when_its_time_has_come(api: ApiClient, receiver: Receiver) -> None:
    subscribe(api, receiver.url, "lead.*")
    receiver.answer = status(500)
    api.create("leads")
    deliver_once(api.app, SLOW)
    assert told(api) == (0, {"pending": 1, "succeeded": 0, "failed": 0})
    alter(api, WebhookDelivery, due=WebhookDelivery.due - 2 * 3600 * 1000)
    assert 3590 < told(api)[0] < 3610
    alter(api, WebhookDelivery, due=0, created_at=now() - timedelta(seconds=120))
    assert 119 < told(api)[0] < 130


def test_a_try_that_was_asked_for_is_due_since_then(api: ApiClient, receiver: Receiver) -> None:
    webhook = subscribe(api, receiver.url, "lead.*")
    api.create("leads")
    deliver_once(api.app)
    alter(api, WebhookDelivery, created_at=now() - timedelta(days=20))
    (delivery,) = deliveries(api, webhook)
    api.post(f"/webhooks/{webhook['id']}/deliveries/{delivery['id']}/redeliver")
    assert told(api)[0] < 5
