"""A real nginx of Debian's package, with a configuration of our own on a free port; never a service of the machine."""

from __future__ import annotations

import contextlib
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from tests.programs import serving
from tests.receivers.certificates import Certificates

_CONFIGURATION = """\
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
{locations}
  }}
}}
"""


class Unavailable(RuntimeError):
    """There is no nginx; the text says what was tried."""


def binary() -> str:
    """On PATH, or where Debian installs it, which is not on everybody's PATH."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Unavailable("not on PATH: install the package 'nginx-light'")
    return found


@contextlib.contextmanager
def running(program: str, folder: Path, port: int, certificates: Certificates, locations: str) -> Iterator[None]:
    """HTTPS at `port` of 127.0.0.1, until the block is left."""
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(
        folder=folder, port=port, certificate=certificates.certificate, key=certificates.key, locations=locations,
    ))  # fmt: skip
    command = [program, "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log")]
    with serving(command, folder, lambda: socket.create_connection(("127.0.0.1", port), timeout=2), Unavailable):
        yield
