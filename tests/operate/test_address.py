"""Where the server can be reached, as gunicorn's own settings say."""

import pytest

from crm.operate.address import LISTENS_ON, own_url


@pytest.mark.parametrize(
    ("arguments", "url"),
    [
        ("", f"http://{LISTENS_ON}"),
        ("--bind 127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("--bind=127.0.0.1:8001 --workers 2", "http://127.0.0.1:8001"),
        ("-b :8002", "http://127.0.0.1:8002"),
        ("-b 0.0.0.0:8003", "http://127.0.0.1:8003"),
        ("--bind '[::]:8004'", "http://127.0.0.1:8004"),
        ("--bind [::1]:8005", "http://[::1]:8005"),
        ("--bind crm.example:80 --bind 127.0.0.1:8006", "http://127.0.0.1:8006"),
        ("--workers 3 --log-level debug", f"http://{LISTENS_ON}"),
    ],
)
def test_the_url_follows_what_gunicorn_is_told(arguments, url):
    assert own_url({"GUNICORN_CMD_ARGS": arguments}) == url


def test_without_arguments_it_is_where_the_configuration_listens():
    assert own_url({}) == f"http://{LISTENS_ON}"
