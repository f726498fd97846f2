"""A reader's way through the site in a real browser, at the width of a desktop and of a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver import Chrome as WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from .conftest import Screen, Served, complaints, open_browser, serve

pytestmark = pytest.mark.browser

DESKTOP = Screen(name="desktop", width=1280, height=900)
PHONE = Screen(name="phone", width=390, height=844)
TITLE = "Chapter 4: Dependency injection"
# While a page loads or a drawer slides in; the wait goes on.
_NOT_YET = (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
PAGE = "chapters/chapter-04-dependency-injection/"


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[Served]:
    with serve(site) as served:
        yield served


@pytest.fixture(scope="module", params=[DESKTOP, PHONE], ids=lambda screen: screen.name)
def screen(request: pytest.FixtureRequest) -> Screen:
    chosen: Screen = request.param
    return chosen


@pytest.fixture(scope="module")
def window(screen: Screen) -> Iterator[WebDriver]:
    with open_browser(screen) as window:
        yield window


def click(window: WebDriver, by: str, what: str) -> None:
    """Wait until the first visible element of that kind stands still and can be clicked, then click it."""

    def visible(_: WebDriver) -> WebElement | None:
        return next((one for one in window.find_elements(by, what) if one.is_displayed()), None)

    def clicked(driver: WebDriver) -> bool:
        element = visible(driver)
        if element is None:
            return False
        element.click()
        return True

    WebDriverWait(window, 15, poll_frequency=0.2, ignored_exceptions=_NOT_YET).until(
        clicked, f"nothing to click: {what}"
    )


def title(window: WebDriver) -> str:
    return window.find_element(By.CSS_SELECTOR, "article h1").text.rstrip("¶").strip()


def arrive(window: WebDriver, served: Served, page: str) -> None:
    WebDriverWait(window, 15).until(
        lambda _: window.current_url.split("#")[0].split("?")[0] == served.url + page,
        f"did not arrive at {page}",
    )
    WebDriverWait(window, 15, ignored_exceptions=_NOT_YET).until(lambda _: title(window) != "")


def open_home(window: WebDriver, served: Served) -> None:
    window.get(served.url)
    arrive(window, served, "")


def fits(window: WebDriver) -> bool:
    return bool(window.execute_script("return document.documentElement.scrollWidth <= window.innerWidth"))


def test_navigation_leads_from_home_to_chapter_4(window: WebDriver, served: Served, screen: Screen) -> None:
    open_home(window, served)
    if screen.is_phone:
        click(window, By.CSS_SELECTOR, "label.md-header__button[for='__drawer']")
        click(window, By.XPATH, "//nav[contains(@class,'md-nav--primary')]//a[normalize-space()='Chapters']")
    else:
        click(window, By.XPATH, "//nav[contains(@class,'md-tabs')]//a[normalize-space()='Chapters']")
    arrive(window, served, "chapters/")
    assert fits(window)
    if screen.is_phone:
        click(window, By.CSS_SELECTOR, "label.md-header__button[for='__drawer']")
    click(
        window,
        By.XPATH,
        "//nav[contains(@class,'md-nav--primary')]//a[normalize-space()='4 Dependency injection']",
    )
    arrive(window, served, PAGE)
    assert title(window) == TITLE
    assert fits(window)
    assert complaints(window, served) == []


def test_search_leads_from_home_to_chapter_4(window: WebDriver, served: Served, screen: Screen) -> None:
    open_home(window, served)
    if screen.is_phone:
        click(window, By.CSS_SELECTOR, "label.md-header__button[for='__search']")
    else:
        click(window, By.CSS_SELECTOR, "input.md-search__input")
    window.find_element(By.CSS_SELECTOR, "input.md-search__input").send_keys("dependency injection")
    click(window, By.CSS_SELECTOR, f".md-search-result__item a.md-search-result__link[href*='{PAGE}']")
    arrive(window, served, PAGE)
    assert title(window) == TITLE
    assert complaints(window, served) == []


def test_the_lesson_leads_to_its_tasks_and_back(window: WebDriver, served: Served) -> None:
    window.get(served.url + PAGE)
    arrive(window, served, PAGE)
    click(window, By.CSS_SELECTOR, "article p.facts a[href='tasks/']")
    arrive(window, served, f"{PAGE}tasks/")
    assert fits(window)
    click(window, By.CSS_SELECTOR, "article a[href='../']")
    arrive(window, served, PAGE)
    assert complaints(window, served) == []


def test_every_page_loads_without_a_complaint(
    window: WebDriver, served: Served, site: Path, screen: Screen
) -> None:
    pages = sorted(page.relative_to(site).parent.as_posix() for page in site.rglob("index.html"))
    assert f"{PAGE}".rstrip("/") in pages
    for page in pages:
        window.get(served.url + ("" if page == "." else f"{page}/"))
        assert fits(window), f"{page} is wider than a {screen.name}"
    assert complaints(window, served) == []


def test_the_walk_notices_what_must_not_be(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        "<!doctype html><link rel=icon href='data:,'>"
        "<script>console.error('a mistake')</script><script src=gone.js></script>"
        "<img src='http://fonts.example.com/x.png'>",
        encoding="utf-8",
    )
    with serve(tmp_path) as served, open_browser(DESKTOP) as window:
        window.get(served.url)
        found = "\n".join(complaints(window, served))
    assert "left the site: http://fonts.example.com/x.png" in found
    assert "answered 404" in found
    assert "a mistake" in found


def test_a_machine_without_chromium_is_told_so_and_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with (
        pytest.raises(pytest.fail.Exception, match="Chromium is not on this machine") as caught,
        open_browser(PHONE),
    ):
        pass
    assert "pytest -m 'not browser'" in str(caught.value)
