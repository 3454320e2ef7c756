"""What `docs/adding.md` says, done in a copy of the project: it is all there is to do, and each part that is left out is an
error that says what to write where."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.newcomer.guide import steps, take

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "adding.md"
OUTSIDE = "A collector from a package of its own"
LEFT_BEHIND = {"__pycache__", "var", "build", "dist", "node_modules"}
LOADED = "import dashapp, collectors.registry, dashapp.settings, layouts.pages"

PAGES_OF_REFERENCE = "from dashapp.reference import stale; stale()"
"""What `make lint` and `make docs` do."""


class Copy:
    """The project once more, with what a newcomer has written, and the packages they installed."""

    def __init__(self, folder: Path) -> None:
        self.root, self.site, self.package = folder / "project", folder / "site", folder / "package"
        shutil.copytree(ROOT, self.root, ignore=_left_behind)
        for step in steps(GUIDE):
            take(step, self.package if step.section == OUTSIDE else self.root)
        self.python("-m", "pip", "install", "-q", "--no-index", "--no-deps", "--no-build-isolation", "--no-compile",
                    "--disable-pip-version-check", "--target", str(self.site), str(self.package))  # fmt: skip

    def python(self, *arguments: str, folder: Path | None = None) -> str:
        """What a program of the copy wrote; it must end well."""
        done = self.run(*arguments, folder=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(self, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("DASHAPP_")}
        environ |= {"PYTHONPATH": os.pathsep.join([str(self.root), str(self.site)])}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=folder or self.root,
            env=environ,
            capture_output=True,
            text=True,
            timeout=850,
        )

    def error(self, code: str = LOADED) -> str:
        """The last line of what loading it ends with."""
        done = self.run("-c", code)
        assert done.returncode != 0, "nobody noticed"
        return done.stderr.strip().splitlines()[-1]


def _left_behind(_folder: str, names: list[str]) -> set[str]:
    """What isn't the project's, or what other tests may be writing to just now."""
    hidden = {name for name in names if name.startswith(".") and name != ".mypy_cache"}
    return hidden | {name for name in names if name in LEFT_BEHIND or name.endswith(".egg-info")}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("newcomer"))


def touched() -> list[str]:
    """Python files of the project that a newcomer writes or adds to."""
    return sorted({step.path for step in steps(GUIDE) if step.section != OUTSIDE and step.path.endswith(".py")})


@pytest.mark.timeout(900)  # without mypy's cache it types all rooms anew, which takes a busy machine minutes
def test_what_the_guide_says_is_all_there_is_to_do(copy: Copy, tmp_path: Path) -> None:
    files = touched()
    copy.python("-m", "ruff", "format", "-q", *files)
    copy.python("-m", "ruff", "check", "-q", "--no-cache", *files)
    copy.python("-m", "tests.collectors.test_file_readmes")
    assert "| `episode` | string |" in (copy.root / "collectors/podcast/README.md").read_text()
    copy.python("-m", "tests.newcomer.works", str(tmp_path / "own"))
    copy.python("-m", "dashapp.reference", "--check")
    copy.python("-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))")
    copy.python("-m", "mypy")  # most of what it found at the last `make lint` came along in its cache


@pytest.fixture
def without(copy: Copy) -> Iterator[Copy]:
    """The copy, put back afterwards."""
    kept = {path: path.read_text() for path in map(copy.root.joinpath, touched())}
    yield copy
    for path, text in kept.items():
        path.write_text(text)


HERE = "metricstore/catalogue/collectors.py"
OMISSIONS = {
    "the metric": ("METRICS", '"podcast_plays"', ("podcast_plays", "layouts/pages/podcast.py", "metricstore/metrics/")),
    "the chart's metric": (
        "METRICS",
        '"long_posts"',
        ("long_posts", "layouts/pages/content.py", "metricstore/metrics/"),
    ),
    "the measurement": (
        "MEASUREMENTS",
        '"podcast_play"',
        ("podcast_play", "Measurement", "metricstore/catalogue/"),
    ),
    "the setting": ("Settings", "podcast_file", ("podcast_file", "field", "Settings", "dashapp/settings/model.py")),
    "the entry": ("COLLECTORS", '"podcast"', ("podcast_play", "`feeds`", HERE)),
}


@pytest.mark.parametrize("part", OMISSIONS)
def test_an_entry_that_is_left_out_is_an_error_that_says_what_to_write_where(without: Copy, part: str) -> None:
    place, text, expected = OMISSIONS[part]
    (left_out,) = (step for step in steps(GUIDE) if step.name == place and text in step.text)
    (without.root / left_out.path).write_text((ROOT / left_out.path).read_text())
    for step in steps(GUIDE):
        if step.path == left_out.path and step != left_out:
            take(step, without.root)
    found = without.error()
    for words in expected:
        assert words in found


CHANGES = {
    "the entry of a collector of a known measurement": (
        HERE,
        lambda text: text.replace('Registration("podcast",', 'Registration("demo_podcast",'),
        ("collectors/podcast/collector.py", "Registration", HERE),
    ),
    "the setting in the entry": (
        HERE,
        lambda text: text.replace(', settings=("podcast_file",)', ""),
        ("podcast_file", 'settings=("podcast_file",)', HERE),
    ),
    "the page": (
        "layouts/pages/podcast.py",
        lambda text: text.replace("PAGE = ", "OTHER = "),
        ("PAGE = Page(", "layouts/pages/podcast.py"),
    ),
    "the chart's page": (
        "layouts/pages/podcast.py",
        lambda text: text.replace('by player", "podcast"', 'by player", "content"'),
        ("layouts/pages/podcast.py", "podcast_plays_by_app", '"content"', 'write "podcast"'),
    ),
    "the menu's column": (
        "layouts/pages/podcast.py",
        lambda text: text.replace('Menu("podcast_play", "episode")', 'Menu("podcast_play", "series")'),
        ("layouts/pages/podcast.py", "series", "podcast_play", "episode"),
    ),
    "the collector's name": (
        "collectors/podcast/collector.py",
        lambda text: text.replace('    name = "podcast"\n', ""),
        ("collectors/podcast/collector.py", 'name = "podcast"'),
    ),
}
READ = f"{LOADED}; from pathlib import Path; from collectors.source import Source; collectors.registry.collectors_for(Source(Path('x'), 'UTC'))"


@pytest.mark.parametrize("part", CHANGES)
def test_a_part_that_is_left_out_is_an_error_that_says_what_to_write_where(without: Copy, part: str) -> None:
    name, change, expected = CHANGES[part]
    path = without.root / name
    text = change(path.read_text())
    assert text != path.read_text()
    path.write_text(text)
    found = without.error(READ)
    for words in expected:
        assert words in found


@pytest.mark.parametrize(
    ("file", "noticed_by"), [("README.md", PAGES_OF_REFERENCE), ("__init__.py", LOADED), ("collector.py", LOADED)]
)
def test_a_file_of_a_collector_that_is_left_out_is_an_error_that_names_it(
    copy: Copy, file: str, noticed_by: str
) -> None:
    path = copy.root / "collectors" / "podcast" / file
    kept = path.read_text()
    path.unlink()
    try:
        assert f"collectors/podcast/{file}" in copy.error(noticed_by)
    finally:
        path.write_text(kept)


def test_a_package_that_lacks_its_measurement_is_an_error_that_names_package_and_part(copy: Copy) -> None:
    path = copy.site / "newsletter_opens" / "__init__.py"
    kept = path.read_text()
    path.write_text(kept.replace("measurements=(", "measurements=() and ("))
    try:
        found = copy.error("import dashapp")
        for words in ("newsletter-opens", "newsletter_open", "Measurement", "pip uninstall"):
            assert words in found
    finally:
        path.write_text(kept)
