"""One try: the message is sent to its receiver, and what came of it is told in fixed sentences.

These say nothing of the server's network: a name that is none, one whose address may not be called and a port where
nobody listens are the same to users. Of a response only the status and `Retry-After` are used.
"""

import http.client
import logging
import ssl
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple

from crm.operate.start import VERSION
from crm.webhooks.address import receiver_of
from crm.webhooks.guard import Guard
from crm.webhooks.schedule import Tried, milliseconds
from crm.webhooks.signature import headers
from crm.webhooks.wire import Deadline, LateError, UnreachableError, connected

CALL_SECONDS = 15.0
"""How long name, connection, TLS and the head of the answer may take."""
_REST_SECONDS = 1.0
"""How long the rest of an answer is read, so that its sender sees no broken connection."""

UNREACHABLE = "The receiver could not be reached."
LATE = "The receiver has not answered in time."
NO_TLS = "There was no secure connection, or the certificate of the receiver could not be verified."
BROKEN = "The connection broke, or the answer was no HTTP."
REDIRECTED = "The receiver answered with a redirect, which is not followed."
REFUSED = "The receiver answered with a status other than 2xx."
NO_SECRET = "The message could not be signed: rotate the secret."  # noqa: S105 (a sentence)

_logger = logging.getLogger(__name__)


class _Answer(http.client.HTTPResponse):
    """An answer that may come after any number of interim ones (RFC 9110, 15.2), and not after 100 alone."""

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        is_interim = 100 <= status < 200 and status != HTTPStatus.SWITCHING_PROTOCOLS
        return version, HTTPStatus.CONTINUE if is_interim else status, reason


class Message(NamedTuple):
    """What is sent in one try."""

    delivery_id: int
    message_id: str
    was_extra: bool
    body: bytes


class Sender:
    """Sends messages to what a guard permits. One serves any number of threads."""

    def __init__(self, guard: Guard):
        self._guard = guard
        self._trust = ssl.create_default_context()

    def send(self, message: Message, url: str, secrets: Sequence[bytes]) -> Tried:
        """Make one try."""
        started = time.monotonic()
        status, error, retry_after = None, NO_SECRET, 0.0
        if secrets:
            try:
                status, wait = self._post(message, url, secrets)
                error, retry_after = _error_of(status), _seconds(wait)
            except (LateError, TimeoutError):
                error = LATE
            except UnreachableError:
                error = UNREACHABLE
            except ssl.SSLError:
                error = NO_TLS
            except (OSError, http.client.HTTPException, ValueError):
                error = BROKEN
            except Exception:
                _logger.exception("Delivery %s could not be tried.", message.message_id)
                error = BROKEN
        taken = None if status is None else round((time.monotonic() - started) * 1000)
        return Tried(message.delivery_id, message.was_extra, milliseconds(), status, taken, error or None, retry_after)

    def _post(self, message: Message, url: str, secrets: Sequence[bytes]) -> tuple[int, str | None]:
        """Return the status of the answer and its `Retry-After`."""
        receiver, deadline = receiver_of(url), Deadline(CALL_SECONDS)
        signed = headers(message.message_id, int(time.time()), message.body, secrets)
        sent = {
            "Host": receiver.netloc,
            "Content-Type": "application/json",
            "User-Agent": f"crm-api-webhooks/{VERSION}",
            "Connection": "close",
            **signed,
        }
        with connected(receiver, self._guard, deadline, self._trust) as wire:
            client = http.client.HTTPConnection(receiver.host, receiver.port)
            client.sock = wire
            client.response_class = _Answer
            client.request("POST", receiver.target, message.body, sent)
            answer = client.getresponse()
            deadline.shorten(_REST_SECONDS)
            _read_rest(answer)
            return answer.status, answer.headers.get("Retry-After")


def _read_rest(answer: http.client.HTTPResponse) -> None:
    """Read what comes of the body, as far as time and size allow; what it is changes nothing any more."""
    try:
        answer.read()
    except (LateError, OSError, http.client.HTTPException, ValueError):
        return


def _error_of(status: int) -> str:
    """Return the sentence for a status, an empty one for success."""
    if 200 <= status < 300:
        return ""
    return REDIRECTED if 300 <= status < 400 else REFUSED


def _seconds(text: str | None) -> float:
    """Return the seconds that a `Retry-After` asks to wait, 0 for none and for one that cannot be read."""
    if text is None:
        return 0
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:10])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, (aware - datetime.now(UTC)).total_seconds())
