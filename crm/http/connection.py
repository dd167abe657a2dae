"""What the server, gunicorn, has to be told or asked of a connection, beyond what WSGI has words for.

A body that was not read before its answer, as with a 401, stands in the way of the next request on its connection.
gunicorn reads some 64 KiB of it and otherwise closes the connection, which the answer has just called keep-alive: the
client's next request would fail. So the rest is read first, or the answer says that the connection ends.
"""

import socket
import struct
import time

from flask import Flask, Response, current_app, request
from gunicorn.http.errors import ParseException

UNREADABLE = (OSError, ParseException)
"""What reading a body raises: the connection broke, or the client's chunks are malformed, which only shows then."""
SECONDS = 5  # for the rest of a body, as gunicorn itself would wait
SILENCE = 10
"""For so many seconds a client may send nothing in the midst of a request."""
_STEPS = (1024, 65_536)  # bytes read at once, from and to: small ones keep to the time, large ones are quick


def init_app(app: Flask) -> None:
    """Leave no connection behind that cannot carry the next request."""
    app.after_request(finish_body)


def bound_silence(listener: socket.socket) -> None:
    """Have a thread not wait for ever for the rest of a head or a body: reading then raises BlockingIOError.

    gunicorn gives its connections no time limit, and sets them to block. So it is an option of the listening socket,
    which on Linux each connection inherits; the socket's timeout of Python would not be.
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENCE, 0))


def finish_body(response: Response) -> Response:
    """After a request: read and drop what is left of its body, or end the connection with this answer."""
    has_body = request.content_length or "Transfer-Encoding" in request.headers
    if has_body and "gunicorn.socket" in request.environ and (response.status_code == 413 or not _read_rest()):
        _end_connection()
    return response


def _end_connection() -> None:
    """Have the answer say that the connection ends, where gunicorn.conf.py gives the means."""
    if end := getattr(request.environ["wsgi.input"], "end_connection", None):
        end()


def _read_rest() -> bool:
    """Read what is left of the body, up to the limit of bodies and for so many seconds; tell whether that was all."""
    body, sock = request.environ["wsgi.input"], request.environ["gunicorn.socket"]
    left: int = current_app.config["MAX_CONTENT_LENGTH"]
    step, largest = _STEPS
    end = time.monotonic() + SECONDS
    if body.failed or (request.content_length or 0) > left:
        return False
    try:
        while left >= 0 and (seconds := end - time.monotonic()) > 0:
            sock.settimeout(seconds)
            if not (piece := body.read(step)):
                return True
            left -= len(piece)
            step = min(2 * step, largest)
    except UNREADABLE:
        return False
    finally:
        sock.settimeout(None)
    return False
