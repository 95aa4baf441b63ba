"""`make docs`: the pictures of the docs, taken from the demo that was run last."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from demo.run import demo_var
from demo.site import ROOT, free_port, served

Picture = tuple[str, str, tuple[int, int]]
FOLDER = ROOT / "docs" / "images"
NAME = "photographer"
WIDE, PHONE = (1280, 860), (390, 780)
#: File, address, size of the page.
PICTURES = (
    ("report", "/studies/toy/", WIDE),
    ("gallery", "/studies/toy/gallery/", WIDE),
    ("raters", "/studies/toy/raters/", WIDE),
    ("monitor", "/studies/toy/live/", WIDE),
    ("plan", "/studies/toy/analyses/", WIDE),
    ("design", "/studies/toy/design/", WIDE),
    ("studies", "/studies/", WIDE),
    ("study-live", "/admin/studyapp/study/?q=try-it", WIDE),
    ("rater-wide", "/studies/toy/preview/", WIDE),
    ("rater-phone", "/studies/toy/preview/", PHONE),
)
#: Only of a demo with every preset.
PICTURES_OF_ALL = (
    ("bias", "/studies/bias/#gallery-1", WIDE),
    ("robustness", "/robustness/#strip-1", WIDE),
    ("wrong-reasons", "/studies/wrong-reasons/#gallery-1", WIDE),
)


def main() -> None:
    var = demo_var()
    if not (var / "quorum.sqlite3").is_file():
        sys.exit(f"There is no demo in {var}: run `make demo DEMO_SERVE=0` first.")
    port, password = free_port(8000), secrets.token_urlsafe(12)
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "studyapp.settings",
            "QUORUM_VAR": str(var),
            "QUORUM_URL": f"http://127.0.0.1:{port}",
            "MARKETPLACE_URL": f"http://localhost:{port}",
        }
    )
    _manage("shell", "-v0", "-c", _FORGET)
    _manage("createsuperuser", "--noinput", "--username", NAME, "--email", "", password=password)
    try:
        with served(port):
            more = PICTURES_OF_ALL if (var / "wrong-reasons.yaml").is_file() else ()
            _take(f"http://127.0.0.1:{port}", password=password, pictures=PICTURES + more)
    finally:
        _manage("shell", "-v0", "-c", _FORGET)


_FORGET = (
    f"from django.contrib.auth.models import User;User.objects.filter(username={NAME!r}).delete()"
)


def _manage(*arguments: str, password: str = "") -> None:
    environment = os.environ | {"DJANGO_SUPERUSER_PASSWORD": password}
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _take(home: str, *, password: str, pictures: tuple[Picture, ...]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        browser = _browser(profile)
        try:
            browser.get(f"{home}/admin/")
            browser.find_element(By.ID, "id_username").send_keys(NAME)
            browser.find_element(By.ID, "id_password").send_keys(password + "\n")
            for name, path, (width, height) in pictures:
                metrics = {"width": width, "height": height, "deviceScaleFactor": 1}
                metrics["mobile"] = False
                browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
                browser.get(home + _address(browser, home=home, path=path))
                _wait_for_pictures(browser)
                browser.save_screenshot(str(FOLDER / f"{name}.png"))
                sys.stdout.write(f"docs/images/{name}.png\n")
        finally:
            browser.quit()


def _address(browser: Chrome, *, home: str, path: str) -> str:
    """The page itself, or the one study a list in the admin finds."""
    if "?" not in path:
        return path
    browser.get(home + path)
    link = browser.find_element(By.CSS_SELECTOR, "#result_list tbody th a").get_attribute("href")
    return str(link).removeprefix(home)


def _browser(profile: str) -> Chrome:
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        sys.exit("There is no chromium with its chromedriver: run `make browser`.")
    options = ChromeOptions()
    options.binary_location = binary
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--hide-scrollbars",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(flag)
    return Chrome(options=options, service=Service(driver))


def _wait_for_pictures(browser: Chrome) -> None:
    # Pictures further down load when somebody scrolls to them.
    loaded = (
        "return [...document.images].every((i) => i.complete && i.naturalWidth"
        " || i.getBoundingClientRect().top > innerHeight || !i.offsetParent)"
    )
    WebDriverWait(browser, 30).until(lambda b: b.execute_script(loaded))


if __name__ == "__main__":
    main()
