"""A small rating page on a server of its own, as a requester would run one; plain forms only."""

from __future__ import annotations

import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

CLASSES = ("cat", "dog", "tea & cup")
#: What a page says that does not want to be taken for one that has not loaded.
HERE = "<script>parent.postMessage('here', '*')</script>"


@dataclass
class Lab:
    """What the lab saw."""

    url: str = ""
    fail_at: int | None = None
    busy: int = 0
    answers: list[tuple[str, int, str]] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    consents: int = 0
    #: What was sent with each answer besides the form's own fields.
    told: list[dict[str, str]] = field(default_factory=list)


def _form(kind: str, *, action: str, hidden: dict[str, str], inside: str) -> str:
    fields = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in hidden.items()
    )
    return (
        f'<form data-quorum="{kind}" method="post" action="{html.escape(action)}">'
        f"{fields}{inside}</form>"
    )


def _trial(state: dict[str, str], n: int) -> str:
    buttons = "".join(
        f'<button name="answer" value="{answer}">{answer}</button>'
        for answer in ("yes", "no", "unsure")
    )
    return (
        f'<img data-quorum="stimulus" src="picture/{n}" alt="">'
        f'<p>Is <strong data-quorum="class">{html.escape(CLASSES[n])}</strong> there?</p>'
        + _form("trial", action=f"answer/{n}", hidden=state, inside=buttons)
    )


def _page(lab: Lab, state: dict[str, str]) -> str:
    done = sum(1 for who, _, _ in lab.answers if who == state["assignmentId"])
    if "consented" not in state:
        return _form("consent", action="./consent", hidden=state, inside="<button>I agree</button>")
    if done < len(CLASSES):
        return _trial(state, done)
    target = state["turkSubmitTo"] + "/mturk/externalSubmit"
    hidden = {"assignmentId": state["assignmentId"], "nonce": "abc"}
    return _form("submit", action=target, hidden=hidden, inside="<button>Send</button>")


class _Handler(BaseHTTPRequestHandler):
    lab: Lab

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Silence."""

    def _send(self, body: bytes, *, status: int = 200, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        # A browser that blocks third-party cookies never sends this back.
        self.send_header("Set-Cookie", "lab=1")
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.lab.cookies += self.headers.get_all("Cookie") or []
        parts = urlsplit(self.path)
        if self.lab.busy:
            self.lab.busy -= 1
            self._send(b"busy", status=503)
        elif parts.path.startswith("/task/picture/"):
            self._send(b"picture-" + parts.path.rpartition("/")[2].encode())
        else:
            state = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._send((HERE + _page(self.lab, state)).encode())

    def do_POST(self) -> None:
        self.lab.cookies += self.headers.get_all("Cookie") or []
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        state = {name: values[0] for name, values in parse_qs(body).items()}
        path, answer = urlsplit(self.path).path, state.pop("answer", "")
        if path == "/task/consent":
            self.lab.consents += 1
            state["consented"] = "1"
        else:
            n = int(path.rpartition("/")[2])
            if n == self.lab.fail_at:
                self._send(b"<p>broken</p>", status=500)
                return
            self.lab.answers.append((state["assignmentId"], n, answer))
            told = {name: value for name, value in state.items() if name in ("via", "active_ms")}
            self.lab.told.append(told)
            if told:
                self._send(b'{"finished": false}')
                return
        self._send(b"", status=303, location=f"/task/?{urlencode(state)}")


@contextmanager
def running_lab() -> Iterator[Lab]:
    """Serve on loopback until the block ends."""
    lab = Lab()
    handler = type("Handler", (_Handler,), {"lab": lab})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    lab.url = f"http://127.0.0.1:{server.server_port}/task/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield lab
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
