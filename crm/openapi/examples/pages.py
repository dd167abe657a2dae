"""The example of a list's answer: a page with one record."""

from crm.openapi.forms import Json

HOST = "https://crm.example.com"
_PATH = f"{HOST}/crm/api/v2"


def page_example(resource: str, record: Json | None) -> Json | None:
    """Return the first and only page of a list that holds one record, None without one."""
    if record is None:
        return None
    path = f"{_PATH}/{resource}"
    url = f"{path}?page=1"
    return {
        "data": [record],
        "links": {"first": url, "last": url, "prev": None, "next": None},
        "meta": {
            "current_page": 1,
            "from": 1,
            "last_page": 1,
            "links": [
                {"url": None, "label": "&laquo; Previous", "page": None, "active": False},
                {"url": url, "label": "1", "page": 1, "active": True},
                {"url": None, "label": "Next &raquo;", "page": None, "active": False},
            ],
            "path": path,
            "per_page": 25,
            "to": 1,
            "total": 1,
        },
    }
