"""Which process of a run gets which tests: one after another, and those of a group all to the same one.

A group is what `pytest.mark.xdist_group` says. pytest-xdist itself would hand it on within the names of the tests,
which newer versions of pytest do not let it change: it then groups nothing, and says nothing.
"""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.support.databases import run_folder


def tell_groups(items: Iterable[pytest.Item]) -> None:
    """Say which tests belong together: a process that runs tests to the one that distributes them."""
    groups = {item.nodeid: mark.args[0] for item in items for mark in item.iter_markers("xdist_group")}
    (run_folder() / "groups.json").write_text(json.dumps(groups))


class Distribution(LoadScopeScheduling):
    """Hands out units of tests: each test is one, but for those of a group."""

    _groups: dict[str, str]

    def schedule(self) -> None:
        """Begin, once all processes know the tests and have told the groups."""
        self._groups = json.loads((run_folder() / "groups.json").read_text())
        super().schedule()

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        """Forget units that are done, as all that a process has is looked through after each test."""
        done = [unit for unit, tests in self.assigned_work[node].items() if all(tests.values())]
        for unit in done:
            del self.assigned_work[node][unit]
        super().mark_test_complete(node, item_index, duration)

    def _split_scope(self, nodeid: str) -> str:
        return self._groups.get(nodeid, nodeid)
