"""A way to a server that a test can close: stands for a database or a Redis that goes away and comes back."""

import contextlib
import socket
import threading
from collections.abc import Iterator


class Relay:
    """Passes connections on to `host:port` while it is open."""

    def __init__(self, host: str, port: int):
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[socket.socket] = []
        self._open = True
        self._held = False
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close_way(self) -> None:
        """End every connection, and each new one as it comes."""
        self._open = False
        for end in self._pairs:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._pairs.clear()

    def open_way(self) -> None:
        """Pass new connections on again."""
        self._open = True

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Within the block, take connections and data and pass nothing on."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self.close_way()
            self.open_way()

    def stop(self) -> None:
        self.close_way()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._open:
                    near.close()
                    continue
                far = socket.create_connection(self._target)
                self._pairs += near, far
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not self._held:
                    target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def relay_to(host: str, port: int) -> Iterator[Relay]:
    """Give an open relay, and stop it at the end of the block."""
    relay = Relay(host, port)
    try:
        yield relay
    finally:
        relay.stop()
