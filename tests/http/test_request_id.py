"""Every answer carries the id of its request, the client's own if it is fit to be written anywhere."""

from uuid import UUID

import pytest

from tests.support.client import UNKNOWN

OURS = ["a", "0", "req-1.2_3", "A" * 64, "2f1c8f0e-5d0e-4c58-9d4e-0b7f7f1d4b11"]
REPLACED = ["", " ", "a" * 65, "a b", "a/b", "ä", "a\tb", "a,b", '"a"', "a;b"]


def is_new(request_id):
    return str(UUID(request_id)) == request_id and UUID(request_id).version == 4


@pytest.mark.parametrize("sent", OURS)
def test_the_clients_own_id_comes_back(api, sent):
    assert api.get("/leads", headers={"X-Request-Id": sent}).headers["X-Request-Id"] == sent


@pytest.mark.parametrize("sent", REPLACED)
def test_an_unfit_id_is_replaced(api, sent):
    answer = api.get("/leads", headers={"X-Request-Id": sent})
    assert answer.status_code == 200
    assert is_new(answer.headers["X-Request-Id"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/leads", 200),
        ("HEAD", "/leads", 200),
        ("OPTIONS", "/leads", 200),
        ("DELETE", "/auth/token", 204),
        ("GET", "/no-such-path", 404),
        ("GET", f"/leads/{UNKNOWN}", 404),
        ("PUT", "/leads", 405),
        ("POST", "/leads", 415),
        ("GET", "/openapi.json", 200),
    ],
)
def test_every_answer_has_an_id_of_its_own(api, method, path, status):
    answers = [api.request(method, path) for _ in range(2)] if status != 204 else [api.request(method, path)]
    assert {answer.status_code for answer in answers} == {status}
    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert all(map(is_new, ids))
    assert len(set(ids)) == len(ids)


def test_a_refused_stranger_has_one_too(stranger):
    answer = stranger.get("/leads", headers={"X-Request-Id": "mine"})
    assert (answer.status_code, answer.headers["X-Request-Id"]) == (401, "mine")
    assert "request_id" not in answer.json
