"""A person marks answers in a browser, with the keyboard alone, is interrupted, and exports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.grader.answers.conftest import Answers, answers, make_class, released
from tests.needs import BROWSER, browser

__all__ = ["answers", "released"]
pytestmark = BROWSER.mark

TEXTS = [
    "The penalty grows with the number of ratings of a user.",
    "With the number of ratings of a user the penalty grows.",
    "The penalty grows with the number of ratings, of a user.",
    "Nobody knows <img src=x onerror='document.title=1'>",
    "",
]


@contextmanager
def opened(profile: Path, path: Path, width: int = 1300) -> Iterator[Page]:
    """A page in a browser that keeps what it knows in a folder."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=browser(),
            args=["--no-sandbox"],
            viewport={"width": width, "height": 800},
            accept_downloads=True,
        )
        try:
            page = context.pages[0]
            said: list[str] = []
            page.on("pageerror", lambda error: said.append(str(error)))
            page.on("request", lambda request: said.append(request.url))
            page.goto(path.as_uri())
            yield page
            # Nothing was asked for but the page, and what is exported.
            assert [each for each in said if each != path.as_uri() and not each.startswith("blob:")] == []
        finally:
            context.close()


def type_and_leave(page: Page, *keys: str) -> None:
    for key in keys:
        if len(key) > 1 and key[0] == "<":
            page.keyboard.press(key[1:-1])
        else:
            page.keyboard.type(key)


def test_a_group_is_marked_with_the_keyboard_and_exported(answers: Answers, tmp_path: Path) -> None:
    make_class(answers.root, TEXTS)
    answers.page()
    path, profile = answers.root / "answers-01-tiny-why.html", tmp_path / "profile"
    with opened(profile, path) as page:
        assert page.inner_text("#progress") == "0 of 5 have points"
        # The first group's points and comment, then on to the next group.
        type_and_leave(page, "n", "1,5", "<Tab>", "Good, but why?", "<Control+Enter>", "3")
        assert page.inner_text("#progress") == "3 of 5 have points"
        assert "must be a number from 0 to 2" in page.inner_text(".group:nth-of-type(2) .state")

    # The browser is closed in the middle; the answers are graded again, and the page is written anew.
    answers.graded("student-005", "The penalty grows with the ratings of a user.")
    answers.page()
    with opened(profile, path, width=390) as page:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.inner_text("#progress") == "3 of 6 have points"
        fields = page.locator(".group").first.locator(".give input, .give textarea")
        assert [fields.nth(0).input_value(), fields.nth(1).input_value()] == ["1,5", "Good, but why?"]
        page.get_by_role("button", name="Give them the group's").press("Enter")
        assert page.inner_text("#progress") == "4 of 6 have points"
        # One of the group has other points.
        own = page.locator(".group").first.locator("details.own").first
        own.locator("summary").press("Enter")
        own.locator(".points").press("2")
        page.get_by_role("button", name="Give 0").press("Enter")
        type_and_leave(page, "<Escape>")
        with page.expect_download() as download:
            page.get_by_role("button", name="Export").press("Enter")
        assert "1 students are left out" in page.inner_text("#message")
        exported = answers.root / download.value.suggested_filename
        download.value.save_as(exported)
        assert page.title() != "1"

    assert exported.name == "marks-01-tiny-why.json"
    assert sorted(each["points"] for each in json.loads(exported.read_text())["marks"]) == [
        0,
        1.5,
        1.5,
        1.5,
        2,
    ]
    (entered,) = answers.mark(exported)
    assert (len(entered.marked), entered.problem) == (5, "")
    assert answers.given("student-004", "student-003") == [(0, None, False), (None, None, True)]
    assert (1.5, "Good, but why?", False) in answers.given("student-000", "student-001", "student-002")
