"""A proxy before the real marketplace that loses, delays and garbles what a test names.

Signatures cover the host the client sees, and the proxy passes that on, so every call that gets
through is a real call with its real effect.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple
from urllib.parse import urlsplit


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


#: Gets the way on to the marketplace; returns what the client is told, None for a lost answer.
Fault = Callable[[Callable[[], Answer]], Answer | None]

JSON = {"Content-Type": "application/x-amz-json-1.1"}
HTML = {"Content-Type": "text/html"}


def lost_before(_forward: Callable[[], Answer]) -> None:
    """The call never reaches the marketplace, and the connection breaks."""


def lost_after(forward: Callable[[], Answer]) -> None:
    """The marketplace does the work, and its answer is lost."""
    forward()


def truncated(forward: Callable[[], Answer]) -> Answer:
    """The work is done; half of the JSON arrives, as a whole answer."""
    answer = forward()
    return answer._replace(body=answer.body[: len(answer.body) // 2])


def says(status: int, body: bytes, headers: dict[str, str] | None = None) -> Fault:
    """The call never reaches the marketplace; this is answered instead."""
    return lambda _forward: Answer(status, headers or JSON, body)


def after_work_says(status: int, body: bytes, headers: dict[str, str] | None = None) -> Fault:
    """The work is done, and this is answered instead."""

    def fault(forward: Callable[[], Answer]) -> Answer:
        forward()
        return Answer(status, headers or JSON, body)

    return fault


throttled = says(400, b'{"__type": "ThrottlingException", "message": "Rate exceeded"}')
closed_page = says(403, b"<html><body>This service has closed.</body></html>", HTML)
html_page = says(200, b"<html><body>Welcome to the hotel's network</body></html>", HTML)


class FaultyProxy:
    """Listens on a port of its own; `plan` says what happens to the next calls of an operation."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target).netloc
        self._faults: dict[str, list[Fault | None]] = {}
        self._lock = threading.Lock()
        self.calls: list[str] = []
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def plan(self, operation: str, *faults: Fault | None) -> None:
        """Faults for the next calls in turn; None lets one through, then all go through."""
        self._faults.setdefault(operation, []).extend(faults)

    def count(self, operation: str) -> int:
        return self.calls.count(operation)

    def __enter__(self) -> FaultyProxy:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def next_fault(self, operation: str) -> Fault | None:
        with self._lock:
            self.calls.append(operation)
            waiting = self._faults.get(operation)
            return waiting.pop(0) if waiting else None

    def forward(self, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection(self._target, timeout=30)
        try:
            connection.request("POST", path, body=body, headers=headers)
            response = connection.getresponse()
            kept = {"Content-Type": response.getheader("Content-Type", "")}
            return Answer(response.status, kept, response.read())
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client killed in the middle of a call is what some tests are about."""


def _handler(proxy: FaultyProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.close_connection = True
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = dict(self.headers.items())

            def forward() -> Answer:
                return proxy.forward(self.path, body, headers)

            fault = proxy.next_fault(operation)
            answer = forward() if fault is None else fault(forward)
            if answer is None:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet."""

    return Handler
