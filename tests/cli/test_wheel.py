"""The package as it is installed elsewhere, without the checkout."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Shell, shell

__all__ = ["shell"]
ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


def test_the_wheel_runs_the_demo_with_nothing_of_the_checkout(shell: Shell, tmp_path: Path) -> None:
    source, built, installed = tmp_path / "source", tmp_path / "built", tmp_path / "installed"
    left_out = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__", "tests", "var")
    shutil.copytree(ROOT, source, ignore=left_out)  # building writes beside what is built
    subprocess.run(
        [*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(built), str(source)], check=True
    )
    (wheel,) = built.glob("content_metrics_dashboard-*.whl")
    subprocess.run([*PIP, "install", "--no-deps", "--target", str(installed), str(wheel)], check=True)
    assert not (installed / "tests").exists()
    shell.env["PYTHONPATH"] = str(installed)
    where = subprocess.run(
        [sys.executable, "-c", "import assets, dashapp; print(assets.__file__, dashapp.__file__)"],
        env=shell.env, cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert all(Path(path).is_relative_to(installed) for path in where)
    running = shell.start("run", "--demo")
    try:
        running.waits_for(lambda: "http://" in running.out, seconds=150)
        assert running.get("/healthz")[0] == 200
        assert "Log in" in running.get("/login")[1]
        assert running.get("/assets/icon.svg")[0] == 200
        assert running.end(signal.SIGTERM) == 0
    finally:
        running.process.kill()
