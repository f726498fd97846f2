"""The site, built once as CI builds it, served on loopback, and looked at with a browser that reaches nothing else."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver import Chrome as WebDriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).resolve().parents[2]
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true", "NO_COLOR": "1"}


def build_site(project: Path, into: Path) -> subprocess.CompletedProcess[str]:
    """`mkdocs build --strict` in a folder of the project's layout."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(into)],
        cwd=project,
        env=os.environ | _QUIET,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=400,
        check=False,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site."""
    folder = tmp_path_factory.mktemp("site") / "built"
    built = build_site(ROOT, folder)
    if built.returncode != 0:
        pytest.fail(
            f"mkdocs build --strict ended with {built.returncode}:\n{built.stderr[-4000:]}", pytrace=False
        )
    return folder


@dataclass(slots=True)
class Served:
    """A folder served on loopback, and the requests that it could not answer."""

    url: str
    refused: list[str] = field(default_factory=list)


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[Served]:
    """Serve `folder` on a free port of 127.0.0.1."""
    served = Served(url="")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the test's output."""

        def log_error(self, format: str, *args: Any) -> None:
            served.refused.append(f"{self.path}: {format % args}")

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A size to look at the site in."""

    name: str
    width: int
    height: int

    @property
    def is_phone(self) -> bool:
        return self.width < 600


def _programs() -> tuple[str, str]:
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        missing = "Chromium" if browser is None else "Chromium's driver"
        pytest.fail(
            f"{missing} is not on this machine, so the site cannot be walked. On Debian and Ubuntu: `apt install "
            "chromium chromium-driver`. Elsewhere leave these tests out: `pytest -m 'not browser'`.",
            pytrace=False,
        )
    return browser, driver


@contextlib.contextmanager
def open_browser(screen: Screen) -> Iterator[WebDriver]:
    """A headless Chromium of that size which can reach loopback and nothing else."""
    browser, driver = _programs()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in (
        "--headless=new",
        # The container that CI runs in has no user namespaces; the pages are our own.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    window = webdriver.Chrome(options=options, service=Service(driver))
    try:
        window.set_page_load_timeout(60)
        metrics = {"width": screen.width, "height": screen.height, "deviceScaleFactor": 1}
        window.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics | {"mobile": screen.is_phone})
        yield window
    finally:
        window.quit()


def _log(window: WebDriver, kind: str) -> list[dict[str, Any]]:
    read: Callable[[str], list[dict[str, Any]]] = window.get_log  # selenium leaves it untyped
    return read(kind)


def complaints(window: WebDriver, served: Served) -> list[str]:
    """What went wrong since the last call: requests that left the site, that failed, and console errors."""
    found = [f"could not be served: {refused}" for refused in served.refused]
    served.refused.clear()
    urls: dict[str, str] = {}
    for entry in _log(window, "performance"):
        message = json.loads(entry["message"])["message"]
        method, values = message["method"], message["params"]
        if method == "Network.requestWillBeSent":
            url = values["request"]["url"]
            urls[values["requestId"]] = url
            if not url.startswith((served.url, "data:", "blob:", "about:", "chrome:")):
                found.append(f"left the site: {url}")
        elif method == "Network.responseReceived" and values["response"]["status"] >= 400:
            found.append(f"answered {values['response']['status']}: {values['response']['url']}")
        elif method == "Network.loadingFailed" and not values.get("canceled"):
            found.append(f"failed: {urls.get(values['requestId'], 'a request')} ({values['errorText']})")
    found += [
        f"console: {entry['message']}" for entry in _log(window, "browser") if entry["level"] == "SEVERE"
    ]
    return found
