"""A real Chromium for the tests, and a page of another host that holds a frame."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.conftest import skip_or_fail

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-prefers-reduced-motion",
)
#: Third-party cookies are blocked in every browser of these tests.
_PREFERENCES = {"profile.cookie_controls_mode": 1, "profile.block_third_party_cookies": True}

MakeBrowser = Callable[..., Chrome]


@pytest.fixture(scope="session")
def make_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeBrowser]:
    """Start a Chromium with a profile of its own; keyword arguments are profile preferences."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        skip_or_fail("no chromium and chromedriver on the path: run `make browser`")
    started: list[Chrome] = []

    def make(**preferences: object) -> Chrome:
        options = ChromeOptions()
        options.binary_location = str(binary)
        profile = tmp_path_factory.mktemp("chromium")
        for flag in (*_FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.add_experimental_option("prefs", {**_PREFERENCES, **preferences})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        browser = Chrome(options=options, service=Service(str(driver)))
        started.append(browser)
        return browser

    yield make
    for browser in started:
        browser.quit()


@pytest.fixture(scope="session")
def session_browser(make_browser: MakeBrowser) -> Chrome:
    return make_browser()


@pytest.fixture
def browser(session_browser: Chrome) -> Iterator[Chrome]:
    """The session's Chromium, blank before and after."""
    session_browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    session_browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    session_browser.get("about:blank")
    console(session_browser)
    yield session_browser
    session_browser.get("about:blank")


@pytest.fixture(scope="session")
def plain_browser(make_browser: MakeBrowser) -> Chrome:
    """A Chromium that runs no script of any page."""
    return make_browser(**{"profile.default_content_setting_values.javascript": 2})


def console(browser: Chrome) -> list[dict[str, object]]:
    """What the browser's console said since the last call."""
    lines: list[dict[str, object]] = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return lines


def resize(browser: Chrome, *, width: int, height: int) -> None:
    """Set the size of the page's own area, phones included."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def screenshot(browser: Chrome, *, name: str) -> None:
    """Keep a picture of the page in $QUORUM_SCREENSHOTS, if that is set."""
    folder = os.environ.get("QUORUM_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        browser.save_screenshot(str(Path(folder) / f"{name}.png"))


@dataclass
class FrameHost:
    """A site of its own that shows one address in a frame and takes what is submitted."""

    url: str
    framed: str = ""
    sandbox: str = "allow-scripts allow-forms allow-same-origin"
    submitted: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def frame_host() -> Iterator[FrameHost]:
    """Serves on http://localhost:<port>, so that 127.0.0.1 is another site to the browser."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            frame = f'<iframe src="{escape(host.framed)}" sandbox="{host.sandbox}"></iframe>'
            style = "body{margin:0}iframe{border:0;display:block;width:100%;height:100vh}"
            self._send(f"<!doctype html><title>Frame</title><style>{style}</style>{frame}")

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            fields = dict(parse_qsl(self.rfile.read(length).decode()))
            host.submitted.append({**fields, "path": urlsplit(self.path).path})
            self._send("<!doctype html><h1 id=taken>Taken</h1>")

        def _send(self, text: str) -> None:
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = FrameHost(url=f"http://localhost:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield host
    server.shutdown()
    thread.join()
    server.server_close()
