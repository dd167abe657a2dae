"""What a webhook hears, how often it is tried, and what is told of that."""

import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from crm.extensions import db
from crm.models import Change, Webhook, WebhookDelivery
from crm.models.types import now
from crm.webhooks.lanes import GONE_REASON, IMPATIENT_REASON
from crm.webhooks.schedule import SCHEDULE, Schedule, State, Tried, settle
from tests.support.client import ApiClient, CommandLine
from tests.support.receiver import Receiver, deliver_once, deliveries, status, subscribe

QUICK = Schedule(pauses=(0.05, 0.05), spread=0)
HOURS = 3600


def retry(api: ApiClient, schedule: Schedule = QUICK) -> None:
    """Deliver what is due once the pauses of QUICK are over."""
    time.sleep(0.1)
    deliver_once(api.app, schedule)


def test_a_message_holds_the_change_and_the_record_as_it_is_when_sent(api: ApiClient, receiver: Receiver) -> None:
    webhook = subscribe(api, receiver.url, "lead.*")
    lead = api.create("leads", title="First")
    api.put(f"/leads/{lead['id']}", {"title": "Second", "amount": 10.5})
    api.create("deals")
    deliver_once(api.app)
    history = api.get(f"/leads/{lead['id']}/changes").json["data"][::-1]
    record = api.get(f"/leads/{lead['id']}").json["data"]
    expected = [
        {"type": change["type"], "timestamp": change["occurred_at"], "data": {**change, "record": record}}
        for change in history
    ]
    assert [each.json for each in receiver.received] == expected
    api.delete(f"/leads/{lead['id']}")
    deliver_once(api.app)
    assert receiver.received[-1].json["data"]["record"] is None
    shown = deliveries(api, webhook)
    assert [each["type"] for each in shown] == ["lead.deleted", "lead.updated", "lead.created"]
    assert [each["id"] for each in shown] == [each.id for each in receiver.received[::-1]]
    assert {(each["status"], each["attempts"], each["response_status"]) for each in shown} == {("succeeded", 1, 200)}


def test_the_record_is_left_out_if_it_is_not_wanted(api: ApiClient, receiver: Receiver) -> None:
    subscribe(api, receiver.url, include_record=False)
    api.create("leads")
    deliver_once(api.app)
    (received,) = receiver.received
    assert received.json["data"] == api.get("/changes").json["data"][0]


def test_a_webhook_hears_what_comes_while_it_is_active(api: ApiClient, receiver: Receiver) -> None:
    api.create("leads", title="Before")
    webhook = subscribe(api, receiver.url)
    path = f"/webhooks/{webhook['id']}"
    api.create("leads", title="Heard")
    deliver_once(api.app)
    api.create("leads", title="Pending when it is set inactive")
    api.put(path, {"active": False})
    deliver_once(api.app)
    api.create("leads", title="While inactive")
    deliver_once(api.app)
    api.put(path, {"active": True})
    deliver_once(api.app)
    assert receiver.sequences == [2]
    api.create("leads", title="Heard again")
    deliver_once(api.app)
    assert receiver.sequences == [2, 5]


def test_what_is_pending_when_it_is_deleted_or_set_inactive_is_not_sent(api: ApiClient, receiver: Receiver) -> None:
    receiver.answer = status(500)
    webhooks = [subscribe(api, receiver.url) for _ in range(2)]
    api.create("leads")
    deliver_once(api.app, QUICK)
    assert len(receiver.received) == 2
    api.put(f"/webhooks/{webhooks[0]['id']}", {"active": False})
    api.delete(f"/webhooks/{webhooks[1]['id']}")
    retry(api)
    assert len(receiver.received) == 2
    (shown,) = deliveries(api, webhooks[0])
    assert (shown["status"], shown["next_attempt_at"]) == ("failed", None)
    assert shown["finished_at"]


def test_types_count_as_they_were_when_the_change_was_made(api: ApiClient, receiver: Receiver) -> None:
    webhook = subscribe(api, receiver.url, "deal.*")
    api.create("leads")
    api.create("deals")
    api.put(f"/webhooks/{webhook['id']}", {"types": ["lead.*"]})
    api.create("leads")
    api.create("deals")
    deliver_once(api.app)
    assert receiver.sequences == [2, 3]


def test_a_rolled_back_write_is_never_delivered(api: ApiClient, receiver: Receiver) -> None:
    subscribe(api, receiver.url)
    lead = api.create("leads")
    assert api.post("/leads", {"title": None}).status_code == 422
    assert api.put(f"/leads/{lead['id']}", {"title": "x"}, headers={"If-Match": '"9"'}).status_code == 412
    deliver_once(api.app)
    assert receiver.sequences == [1]


def test_first_tries_go_out_in_their_order_and_a_failing_one_holds_up_none(api: ApiClient, receiver: Receiver) -> None:
    def refuse_thirds(handler: Any, received: Any) -> None:
        status(500 if received.json["data"]["sequence"] % 3 == 0 else 200)(handler, received)

    receiver.answer = refuse_thirds
    webhook = subscribe(api, receiver.url)
    for _ in range(3):
        api.post("/leads/batch/create", {"items": [{"title": f"{n}"} for n in range(30)]})
    deliver_once(api.app, Schedule(pauses=(60,)))
    assert receiver.sequences == [*range(1, 91)]
    assert len(deliveries(api, webhook, "&status=pending")) == 30


def test_a_failed_delivery_is_tried_again_until_its_schedule_is_over(api: ApiClient, receiver: Receiver) -> None:
    receiver.answer = status(503)
    webhook = subscribe(api, receiver.url)
    api.create("leads")
    for attempts in (1, 2):
        retry(api)
        (shown,) = deliveries(api, webhook)
        assert (shown["status"], shown["attempts"], shown["response_status"]) == ("pending", attempts, 503)
        assert shown["error"] == "The receiver answered with a status other than 2xx."
        assert shown["next_attempt_at"]
    retry(api)
    retry(api)
    (shown,) = deliveries(api, webhook)
    assert (shown["status"], shown["attempts"], shown["next_attempt_at"]) == ("failed", 3, None)
    assert shown["finished_at"]
    assert len({each.id for each in receiver.received}) == 1
    assert len(receiver.received) == 3


def tried(**fields: Any) -> Tried:
    return Tried(**{"delivery_id": 1, "was_extra": False, "ended": 1_000_000, "error": "No.", **fields})


FIRST = State("pending", 0, 0, 0, None)


def test_the_schedule_is_that_of_the_specification() -> None:
    state, pauses = FIRST, []
    while state.status == "pending":
        state = settle(state, tried(), Schedule(spread=0))
        if state.due:
            pauses.append((state.due - 1_000_000) / 1000)
    assert pauses == [5, 300, 1800, 2 * HOURS, 5 * HOURS, 10 * HOURS, 14 * HOURS, 20 * HOURS, 24 * HOURS]
    assert state == State("failed", 10, 0, None, None)
    spread = {settle(FIRST, tried(), SCHEDULE).due - 1_000_000 for _ in range(500)}
    assert 4500 <= min(spread) < 4700
    assert 5300 < max(spread) <= 5500


@pytest.mark.parametrize(("asked", "waited"), [(0, 5), (3, 5), (600, 600), (86_400, 86_400), (10**9, 86_400)])
def test_retry_after_counts_if_it_is_later_up_to_a_day(asked: float, waited: float) -> None:
    state = settle(FIRST, tried(retry_after=asked), Schedule(spread=0))
    assert state.due == 1_000_000 + waited * 1000


@pytest.mark.parametrize("text", ["120", "Sun, 06 Nov 2044 08:49:37 GMT"])
def test_retry_after_is_read_in_both_forms(api: ApiClient, receiver: Receiver, text: str) -> None:
    receiver.answer = status(429, Retry_After=text)
    webhook = subscribe(api, receiver.url)
    api.create("leads")
    deliver_once(api.app)
    with api.app.app_context():
        due = db.session.scalars(select(WebhookDelivery.due)).one()
    seconds = due / 1000 - time.time()
    assert 110 < seconds < 121 if text == "120" else 86_300 < seconds < 86_401
    assert deliveries(api, webhook)[0]["status"] == "pending"


@pytest.mark.parametrize("state", ["pending", "succeeded", "failed"])
def test_a_delivery_is_sent_once_more_on_request_and_its_schedule_goes_on(
    api: ApiClient, receiver: Receiver, state: str
) -> None:
    if state != "succeeded":
        receiver.answer = status(500)
    webhook = subscribe(api, receiver.url)
    api.create("leads")
    later = Schedule(pauses=(HOURS,) if state == "pending" else (), spread=0)
    deliver_once(api.app, later)
    (before,) = deliveries(api, webhook)
    assert before["status"] == state
    receiver.answer = status(500)
    answer = api.post(f"/webhooks/{webhook['id']}/deliveries/{before['id']}/redeliver")
    assert (answer.status_code, answer.json["data"]["status"]) == (202, "pending")
    deliver_once(api.app, later)
    (after,) = deliveries(api, webhook)
    assert [each.id for each in receiver.received] == [before["id"]] * 2
    assert after["attempts"] == 2
    assert (after["status"], after["next_attempt_at"]) == (
        ("pending", before["next_attempt_at"]) if state == "pending" else ("failed", None)
    )
    receiver.answer = status(200)
    api.post(f"/webhooks/{webhook['id']}/deliveries/{before['id']}/redeliver")
    deliver_once(api.app, later)
    assert deliveries(api, webhook)[0]["status"] == "succeeded"


def test_tries_asked_for_meanwhile_are_not_lost() -> None:
    state = settle(State("pending", 2, 2, 0, 77), tried(was_extra=True), SCHEDULE)
    assert state == State("pending", 2, 1, 0, 77)
    assert settle(state, tried(was_extra=True), SCHEDULE) == State("pending", 2, 0, 77, None)
    assert settle(state, tried(was_extra=True, error=None), SCHEDULE) == State("succeeded", 2, 0, None, None)
    assert settle(State("failed", 1, 0, None, None), tried(), SCHEDULE) == State("failed", 1, 0, None, None)


def test_a_test_is_sent_whatever_a_webhook_wants(api: ApiClient, receiver: Receiver) -> None:
    webhook = subscribe(api, receiver.url, "deal.won", active=False)
    answer = api.post(f"/webhooks/{webhook['id']}/test")
    delivery = answer.json["data"]
    assert (answer.status_code, delivery["type"], delivery["sequence"]) == (202, "webhook.test", None)
    deliver_once(api.app)
    (received,) = receiver.received
    assert received.json == {
        "type": "webhook.test",
        "timestamp": delivery["created_at"],
        "data": {"webhook_id": webhook["id"]},
    }
    assert deliveries(api, webhook, "&status=succeeded")[0]["id"] == delivery["id"] == received.id


def test_deliveries_are_pages_and_can_be_picked_by_status(api: ApiClient, receiver: Receiver) -> None:
    webhook = subscribe(api, receiver.url)
    for n in range(3):
        api.create("leads", title=f"{n}")
    deliver_once(api.app)
    api.post(f"/webhooks/{webhook['id']}/test")
    page = api.get(f"/webhooks/{webhook['id']}/deliveries?per_page=2&page=2").json
    assert [each["sequence"] for each in page["data"]] == [2, 1]
    assert page["meta"]["total"] == 4
    assert [each["type"] for each in deliveries(api, webhook, "&status=pending")] == ["webhook.test"]
    assert deliveries(api, webhook, "&status=failed") == []
    for text in ("done", "", "Pending"):
        answer = api.get(f"/webhooks/{webhook['id']}/deliveries?status={text}")
        assert api.errors(answer) == {"status": ["The selected status is invalid."]}


def test_a_receiver_that_is_gone_is_told_nothing_more(api: ApiClient, receiver: Receiver) -> None:
    receiver.answer = status(410)
    webhook = subscribe(api, receiver.url)
    path = f"/webhooks/{webhook['id']}"
    api.create("leads")
    deliver_once(api.app)
    shown = api.get(path).json["data"]
    assert (shown["active"], shown["disabled_reason"]) == (False, GONE_REASON)
    assert deliveries(api, webhook)[0]["status"] == "failed"
    api.create("leads")
    deliver_once(api.app)
    assert len(receiver.received) == 1
    assert api.put(path, {"active": True}).json["data"]["disabled_reason"] is None


def test_after_five_days_of_failures_it_is_set_inactive(api: ApiClient, receiver: Receiver) -> None:
    webhook = subscribe(api, receiver.url)

    def fail_since(days: float) -> dict[str, Any]:
        with api.app.app_context():
            db.session.execute(update(Webhook).values(failing_since=round(1000 * (time.time() - days * 86_400))))
            db.session.commit()
        api.create("leads")
        deliver_once(api.app)
        shown: dict[str, Any] = api.get(f"/webhooks/{webhook['id']}").json["data"]
        return shown

    assert fail_since(6)["active"]  # the try has succeeded
    receiver.answer = status(500)
    assert fail_since(4.9)["active"]
    shown = fail_since(5.1)
    assert (shown["active"], shown["disabled_reason"]) == (False, IMPATIENT_REASON)
    assert {each["status"] for each in deliveries(api, webhook)} == {"succeeded", "failed"}


def test_old_deliveries_go_but_pending_ones_and_changes_that_are_still_to_be_sent_stay(
    make_app: Any, api: ApiClient, receiver: Receiver
) -> None:
    from tests.support.receiver import LOOPBACK

    app = make_app(**LOOPBACK, CHANGES_DAYS="1")
    webhook = subscribe(api, receiver.url, "deal.*")
    api.create("leads")
    deal = api.create("deals")
    api.put(f"/deals/{deal['id']}", {"title": "Changed"})
    with app.app_context():
        db.session.execute(update(Change).values(occurred_at=now() - timedelta(days=2)))
        db.session.commit()
    assert CommandLine(app).done("prune").startswith("Removed 1 change older")  # the lead's
    deliver_once(app)
    assert receiver.sequences == [2, 3]
    assert CommandLine(app).done("prune", "--dry-run").startswith("Would remove 2 changes older")
    assert CommandLine(app).done("prune").startswith("Removed 2 changes older")
    api.post(f"/webhooks/{webhook['id']}/test")
    with app.app_context():
        db.session.execute(update(WebhookDelivery).values(created_at=now() - timedelta(days=31)))
        db.session.commit()
    assert "Removed 2 webhook messages older than 30 days.\n" in CommandLine(app).done("prune")
    assert [each["type"] for each in deliveries(api, webhook)] == ["webhook.test"]
