"""gunicorn's own lines: in the form of the log, and without what clients have sent."""

import sys
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.errors import ParseException


class ServerLog(Logger):  # type: ignore[misc]
    """What gunicorn logs through. Its settings of files and forms count for nothing: see `crm.operate.log`."""

    def setup(self, cfg: Any) -> None:
        """Leave handlers and levels to the root's."""
        self.cfg = cfg
        self._access_log_enabled = False
        self.error_log.propagate = True

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Write nothing: the application writes a line for each request that reaches it."""

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Write a warning. That of a request which is no HTTP would quote it, query and headers included."""
        error = sys.exc_info()[1]
        if isinstance(error, ParseException):
            msg, args = f"{msg.partition(': ')[0]}: {type(error).__name__}", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Write a traceback. What gunicorn adds to it is the request's URL. Of a client's silence there is none."""
        if isinstance(sys.exc_info()[1], BlockingIOError):
            super().info("A request has not come whole.")
            return
        super().exception(msg.partition(" %s")[0], **kwargs)
