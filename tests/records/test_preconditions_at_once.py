"""Of any number of simultaneous writers with the same `If-Match` one succeeds, on every path that writes a record."""

from collections import Counter
from collections.abc import Sequence
from threading import Barrier

import pytest

from tests.support.client import UNKNOWN, ApiClient
from tests.support.factories import NAMES
from tests.support.server import in_parallel
from tests.support.writes import (
    WRITES_OF_RECORDS,
    Json,
    changes_its_record,
    changing_body,
    path_on,
    ready_record,
    resource_of,
)

WRITERS = 20


def write_at_once(api: ApiClient, record: Json, targets: Sequence[tuple[str, str]]) -> Counter[int]:
    """Send these writes at the same moment, all for the record's version, and return how often each was answered."""
    start = Barrier(len(targets))
    tag = f'"{record["version"]}"'

    def write(writer: int) -> int:
        method, path = targets[writer]
        body = changing_body(method, path, f"Writer {writer}")
        start.wait()
        answer = api.request(method, path_on(path, record), json=body, headers={"If-Match": tag})
        if answer.status_code == 412:
            assert answer.json["version"] == record["version"] + 1
        return answer.status_code

    return Counter(in_parallel(len(targets), len(targets), write))


def successes(statuses: Counter[int]) -> int:
    return sum(times for status, times in statuses.items() if status < 300)


def last_version(api: ApiClient, path: str, record: Json) -> int:
    return api.get(f"/{resource_of(path)}/{record['id']}/changes").json["data"][0]["version"]


@pytest.mark.parametrize(("method", "path"), WRITES_OF_RECORDS)
def test_one_of_twenty_writers_with_the_same_if_match_succeeds(api: ApiClient, method: str, path: str) -> None:
    record = ready_record(api, method, path)
    statuses = write_at_once(api, record, [(method, path)] * WRITERS)
    is_changed = changes_its_record(method, path)  # else the record's state is against the second, not its version
    late = 404 if method == "DELETE" else 412 if is_changed else 409  # what is deleted is not there to be compared
    assert successes(statuses) == 1
    assert statuses[late] == WRITERS - 1, statuses
    assert last_version(api, path, record) == record["version"] + is_changed


@pytest.mark.parametrize("resource", NAMES)
def test_one_of_twenty_writers_succeeds_whatever_each_of_them_does(api: ApiClient, resource: str) -> None:
    record = api.create(resource)
    one = f"/{resource}/{UNKNOWN}"
    methods = [method for method, path in WRITES_OF_RECORDS if path == one]
    statuses = write_at_once(api, record, [(methods[n % len(methods)], one) for n in range(WRITERS)])
    assert successes(statuses) == 1
    assert statuses.keys() <= {200, 204, 404, 412}
    assert last_version(api, one, record) == record["version"] + 1
