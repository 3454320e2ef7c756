"""A real DokuWiki and a real MediaWiki of Debian, run from their folders by PHP's own server; all they write is in a folder of the test."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.programs import serving
from tests.stores import free_port

DOKUWIKI, MEDIAWIKI = Path("/usr/share/dokuwiki"), Path("/usr/share/mediawiki")
_DATA = ("attic", "cache", "index", "locks", "log", "media", "media_attic", "media_meta", "meta", "pages", "tmp")


class WikiUnavailable(Exception):
    """A wiki or PHP is not installed, or does not start."""


@dataclass(frozen=True)
class Wiki:
    """Where it is read, and how a page is written."""

    name: str
    url: str
    folder: Path
    skins: tuple[str, ...] = ("",)
    """What pages can look like; "" is the one that it comes with."""

    def address(self, page: str, skin: str = "") -> str:
        if self.name == "DokuWiki":
            return f"{self.url}/doku.php?id={page}"
        return f"{self.url}/index.php/{page.capitalize()}" + (f"?useskin={skin}" if skin else "")

    def write(self, page: str, text: str) -> None:
        if self.name == "DokuWiki":
            (self.folder / "data" / "pages" / f"{page}.txt").write_text(text, encoding="utf-8")
        else:
            _maintained(self.folder, "edit", page.capitalize(), text=text)


@contextlib.contextmanager
def dokuwiki(folder: Path) -> Iterator[Wiki]:
    """With HTML allowed, for frames."""
    _require(DOKUWIKI)
    shutil.copytree("/etc/dokuwiki", folder / "conf", symlinks=True)
    for name in _DATA:
        (folder / "data" / name).mkdir(parents=True)
    (folder / "conf" / "local.php").write_text(
        f"<?php\n$conf['savedir'] = '{folder}/data';\n$conf['useacl'] = 0;\n$conf['htmlok'] = 1;\n$conf['license'] = '';\n"
    )
    (folder / "before.php").write_text(f"<?php\ndefine('DOKU_CONF', '{folder}/conf/');\n")
    with _served(folder, DOKUWIKI, "/doku.php") as url:
        yield Wiki("DokuWiki", url, folder)


@contextlib.contextmanager
def mediawiki(folder: Path) -> Iterator[Wiki]:
    """On SQLite, with raw HTML for frames and external images for pictures."""
    _require(MEDIAWIKI)
    port = free_port()
    _php(folder, MEDIAWIKI / "maintenance" / "install.php", "--dbtype", "sqlite", "--dbpath", str(folder), "--confpath", str(folder),
         "--scriptpath", "", "--server", f"http://127.0.0.1:{port}", "--pass", "correct horse battery", "Wiki", "admin")  # fmt: skip
    with (folder / "LocalSettings.php").open("a") as settings:
        settings.write(
            "\n$wgRawHtml = true;\n$wgAllowExternalImages = true;\nwfLoadSkin( 'Timeless' );\nwfLoadSkin( 'Vector' );\n"
            "$wgDefaultSkin = 'timeless';\n"
        )
    (folder / "before.php").write_text(f"<?php\ndefine('MW_CONFIG_FILE', '{folder}/LocalSettings.php');\n")
    with _served(folder, MEDIAWIKI, "/index.php/Main_Page", port) as url:
        yield Wiki("MediaWiki", url, folder, ("timeless", "vector-2022", "vector"))


def _require(program: Path) -> None:
    if shutil.which("php") is None or not program.is_dir():
        raise WikiUnavailable(f"Debian's packages php-cli and {program.name} are missing")


@contextlib.contextmanager
def _served(folder: Path, program: Path, ready: str, port: int = 0) -> Iterator[str]:
    url = f"http://127.0.0.1:{port or free_port()}"
    command = [
        "php",
        "-d",
        f"auto_prepend_file={folder}/before.php",
        "-d",
        "display_errors=0",
        "-S",
        url.removeprefix("http://"),
        "-t",
        str(program),
    ]
    with serving(command, folder, lambda: urllib.request.urlopen(url + ready, timeout=30), WikiUnavailable):
        yield url


def _maintained(folder: Path, script: str, *words: str, text: str = "") -> None:
    _php(
        folder, MEDIAWIKI / "maintenance" / f"{script}.php", "--conf", f"{folder}/LocalSettings.php", *words, text=text
    )


def _php(folder: Path, script: Path, *words: str, text: str = "") -> None:
    done = subprocess.run(
        ["php", str(script), *words],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "MW_CONFIG_FILE": f"{folder}/LocalSettings.php"},
    )
    if done.returncode:
        raise WikiUnavailable(f"{script.name} failed:\n{(done.stdout + done.stderr)[-1500:]}")
