"""What a robot reads off an HTML page: its forms, its frame, its pictures and what is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass
class Form:
    """A form: where it goes, what it carries, which buttons it has."""

    action: str
    method: str
    kind: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    #: Its groups of radio buttons and ticks in the order of the page, each with its values.
    parts: dict[str, list[str]] = field(default_factory=dict)

    def filled(self, values: dict[str, str]) -> list[tuple[str, str]]:
        """The form's own fields with some of them set or added."""
        kept = [(name, value) for name, value in self.fields if name not in values]
        return kept + list(values.items())


@dataclass
class Page:
    """A fetched page. Addresses are absolute."""

    url: str
    status: int
    forms: list[Form] = field(default_factory=list)
    frames: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    stimulus_url: str = ""
    class_name: str = ""
    #: Names of several classes asked about at once, in the order of the page.
    listed: list[str] = field(default_factory=list)
    #: Addresses of the pictures within each button, by its value.
    groups: dict[str, list[str]] = field(default_factory=dict)
    #: What a task's page hands to its script, as JSON; empty where it has none.
    data: str = ""

    def form(self, kind: str) -> Form | None:
        """The first form of a kind (its data-quorum or data-marketplace value)."""
        return next((form for form in self.forms if form.kind == kind), None)


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self._form: Form | None = None
        self._in_class: str | None = None
        self._in_listed: str | None = None
        self._in_data = False
        self._button = ""
        self._mark: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        kind = values.get("data-quorum") or values.get("data-marketplace") or ""
        if tag == "form":
            action = urljoin(self.page.url, values.get("action") or self.page.url)
            self._form = Form(action, values.get("method", "get").lower(), kind)
            self.page.forms.append(self._form)
        elif tag in {"input", "button"}:
            self._control(tag, values=values)
        elif tag == "script":
            self._in_data = values.get("id") == "page"
        elif tag == "iframe":
            self.page.frames[kind] = urljoin(self.page.url, values.get("src", ""))
        elif tag == "img" and kind == "stimulus":
            self.page.stimulus_url = urljoin(self.page.url, values.get("src", ""))
        elif tag == "img" and kind == "example":
            address = urljoin(self.page.url, values.get("src", ""))
            self.page.groups.setdefault(self._button, []).append(address)
        elif kind == "class":
            self._in_class = tag
        elif kind == "listed":
            self._in_listed = tag
            self.page.listed.append("")
        elif kind:
            self._mark = (tag, kind)
            self.page.marks[kind] = ""

    def _control(self, tag: str, *, values: dict[str, str]) -> None:
        if self._form is None:
            return
        name, value = values.get("name", ""), values.get("value", "")
        kind = values.get("type", "submit" if tag == "button" else "text").lower()
        if kind == "submit":
            self._form.buttons.append((name, value))
            self._button = value
        elif tag == "input" and name and "disabled" not in values:
            if kind in {"checkbox", "radio"}:
                self._form.parts.setdefault(name, []).append(value)
            if kind in {"checkbox", "radio"} and "checked" not in values:
                return
            self._form.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "script":
            self._in_data = False
        if tag == self._in_class:
            self._in_class = None
        if tag == self._in_listed:
            self._in_listed = None
        if self._mark is not None and tag == self._mark[0]:
            self._mark = None

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.page.data += data
        if self._in_class is not None:
            self.page.class_name += data
        if self._in_listed is not None:
            self.page.listed[-1] += data
        if self._mark is not None:
            self.page.marks[self._mark[1]] += data


def read_page(html: str, *, url: str, status: int) -> Page:
    """Parse a page as far as a robot needs it."""
    page = Page(url=url, status=status)
    reader = _Reader(page)
    reader.feed(html)
    reader.close()
    page.class_name = " ".join(page.class_name.split())
    page.listed = [" ".join(name.split()) for name in page.listed]
    return page
