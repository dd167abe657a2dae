"""Examples of the API description, made wrong: no error of the server's own, no hang, and nothing of the inside.

`make soak` sends many more: CRM_TEST_SOAK_MUTATIONS is how many.
"""

import os
import re
import time

from tests.support.client import ApiClient
from tests.support.databases import clean
from tests.support.factories import create_token, create_user
from tests.support.mutations import Mutator, Wrong, operations
from tests.support.places import keys_of

REQUESTS = int(os.environ.get("CRM_TEST_SOAK_MUTATIONS", "400"))
SEED = 17
ANEW_EVERY = 200
"""So often all is made anew, also what has been deleted meanwhile."""
SECONDS = 5
"""How long an answer may take at most."""
INSIDE = re.compile(
    rb"traceback|sqlalchemy|psycopg|sqlite|marshmallow|werkzeug|gunicorn|site-packages|\.py\b|"
    rb"\b(select|insert into|update|delete from) \w+ |password_hash|secret_hash|0x[0-9a-f]{8}|<[a-z_.]+ object",
    re.IGNORECASE,
)


def test_no_mutated_request_breaks_anything(app):
    statuses = set()
    for turn in range(0, REQUESTS, ANEW_EVERY):
        clean(app)
        api = ApiClient(app, create_user(app))
        mutator = Mutator(SEED + turn, keys_of(api))
        for _ in range(min(ANEW_EVERY, REQUESTS - turn)):
            statuses.add(send(api, mutator.request()))
    assert {200, 201, 204, 400, 401, 404, 405, 415, 422} <= statuses  # it is not all refused at one door


def send(api, wrong: Wrong) -> int:
    """Send a request, check its answer, and return the status."""
    begun = time.monotonic()
    answer = api.request(wrong.method, wrong.path, headers=wrong.headers, data=wrong.data)
    assert time.monotonic() - begun < SECONDS, wrong
    assert answer.status_code < 500, (wrong, answer.text)
    if answer.status_code >= 400:
        assert not INSIDE.search(answer.data), (wrong, answer.text)
    if answer.status_code == 401 and "Authorization" not in wrong.headers:  # it has ended its token
        api.headers["Authorization"] = f"Bearer {create_token(api.app, api.user_id)}"
    return answer.status_code


def test_every_operation_has_its_examples():
    found = operations()
    assert len(found) > 200
    assert all(operation.bodies for operation in found if operation.method in ("PUT", "PATCH"))


def test_a_seed_gives_the_same_requests_each_time():
    keys = {"leads": "1", "messages": "2"}
    once, again, other = (Mutator(seed, keys) for seed in (1, 1, 2))
    sent = [once.request() for _ in range(50)]
    assert sent == [again.request() for _ in range(50)]
    assert sent != [other.request() for _ in range(50)]
