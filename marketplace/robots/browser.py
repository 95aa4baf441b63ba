"""A small HTTP browser: cookies if wanted, redirects, bounded bodies, polite repetition."""

from __future__ import annotations

import random
import time
from http.client import HTTPException
from http.cookiejar import CookieJar
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, Request, build_opener

from marketplace.errors import RobotError
from marketplace.robots.pages import Form, Page, read_page

LARGEST_BODY = 20_000_000
TIMEOUT_S = 60.0
TRIES = 6
# The server says "not now" with these and has done nothing.
_NOT_NOW = frozenset({429, 503})


class Browser:
    """One robot's view of the web. Without cookies it behaves as a frame of a foreign site."""

    def __init__(self, *, cookies: bool, seed: int = 0) -> None:
        handlers = [HTTPCookieProcessor(CookieJar())] if cookies else []
        # No proxy: robots play on this machine and its neighbours.
        self._opener: OpenerDirector = build_opener(ProxyHandler({}), *handlers)
        self._random = random.Random(seed)

    def get(self, url: str) -> Page:
        """Fetch a page."""
        return self._page(Request(_http(url)))  # noqa: S310 - the scheme is checked

    def get_bytes(self, url: str) -> bytes:
        """Fetch a picture."""
        body, _, status = self._fetch(Request(_http(url)))  # noqa: S310 - the scheme is checked
        if status != 200:
            raise RobotError(f"{url} answered {status} instead of a picture.")
        return body

    def submit(self, form: Form, *, values: dict[str, str], referer: str) -> Page:
        """Send a form with some of its fields set."""
        data = urlencode(form.filled(values))
        if form.method != "post":
            return self.get(f"{form.action.partition('?')[0]}?{data}")
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(referer))
        headers = {"Referer": referer, "Origin": origin}
        return self._page(Request(_http(form.action), data.encode(), headers))  # noqa: S310

    def _page(self, request: Request) -> Page:
        body, url, status = self._fetch(request)
        return read_page(body.decode("utf-8", "replace"), url=url, status=status)

    def _fetch(self, request: Request) -> tuple[bytes, str, int]:
        """Ask, and ask again later when told so or, for a mere look, when the line breaks."""
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            try:
                body, url, status = self._once(request)
            except (URLError, HTTPException, OSError) as error:
                if last or request.data is not None:
                    raise RobotError(
                        f"{request.full_url:.120} cannot be reached: {error}"
                    ) from None
            else:
                if last or status not in _NOT_NOW:
                    return body, url, status
            time.sleep(self._random.uniform(0.5, 1.0) * min(0.2 * 2**attempt, 3.0))
        raise RobotError(f"{request.full_url:.120} was never free.")

    def _once(self, request: Request) -> tuple[bytes, str, int]:
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as response:
                return response.read(LARGEST_BODY), str(response.url), int(response.status)
        except HTTPError as error:
            with error:
                return error.read(LARGEST_BODY), error.url or request.full_url, error.code


def _http(url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise RobotError(f"A robot opens http and https addresses only, not {url:.120}.")
    return url
