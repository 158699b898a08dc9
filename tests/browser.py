"""A real Chromium: started once, and joined by each test that wants it in the test's own event loop."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser

ROOT = Path(__file__).parent.parent
UNPACKED = ROOT / "tests" / "node" / "node_modules" / ".chromium"
GIVEN = "PLANGATE_TEST_CHROMIUM"
"""Names another Chromium, for machines that ours does not run on."""

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--no-zygote",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--remote-debugging-port=0",
)
LISTENING = re.compile(r"DevTools listening on (ws://\S+)")


def installed() -> Path:
    """Fill the folder of npm packages where it is not filled, and name what it holds."""
    subprocess.run([sys.executable, str(ROOT / ".ci" / "npm.py")], check=True)
    return UNPACKED.parent


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The npm packages of `tests/node`."""
    return installed()


@pytest.fixture(scope="session")
def chromium_address() -> Iterator[str]:
    """A running Chromium's address; it ends with the run."""
    given = os.environ.get(GIVEN)
    if given is None:
        installed()
    libraries = os.pathsep.join(filter(None, (str(UNPACKED / "lib"), os.environ.get("LD_LIBRARY_PATH"))))
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries, "FONTCONFIG_PATH": str(UNPACKED)}
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        words = [given or str(UNPACKED / "chromium"), *FLAGS, f"--user-data-dir={folder}", "about:blank"]
        with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True) as running:
            try:
                yield _address(running)
            finally:
                running.terminate()
                running.communicate(timeout=10)


@pytest.fixture
async def chromium(chromium_address: str) -> AsyncIterator[Browser]:
    """The browser, in this test's loop; what the test opened in it is closed afterwards."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(chromium_address)
        yield browser
        for context in browser.contexts[1:]:
            await context.close()
        await browser.close()


def _address(running: subprocess.Popen[str]) -> str:
    said: list[str] = []
    assert running.stderr is not None
    for line in running.stderr:
        said.append(line)
        if found := LISTENING.search(line):
            return found[1]
    raise AssertionError(f"Chromium did not start: {''.join(said)[-2_000:]}")
