"""Wikis that are read with an embed in them, one of each for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import serve
from tests.browser.visit import Site
from tests.conftest import fail_in_ci_else_skip
from tests.wikis.servers import Wiki, WikiUnavailable, dokuwiki, mediawiki


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from serve(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session", params=[dokuwiki, mediawiki])
def wiki(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiki]:
    try:
        with request.param(tmp_path_factory.mktemp("wiki")) as found:
            yield found
    except WikiUnavailable as error:
        fail_in_ci_else_skip(f"no wiki for the tests: {error}")
