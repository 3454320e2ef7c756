"""`make sources-demo`: every stand-in on loopback with believable data, and the dashboard against them.

    python -m tests.standins [--data-dir FOLDER] [--port 8050]

Ctrl-C ends all of it. Nothing leaves this machine.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.standins import anthropic, buffer, linkedin, litellm, openai, x
from tests.standins.server import StandIn


def started(stack: ExitStack, now: float) -> dict[str, str]:
    """All stand-ins, running; the settings that lead to them."""

    def run(server: StandIn) -> str:
        stack.enter_context(server)
        return server.url

    account = buffer.lively(buffer.Account(), now)
    for post in account.posts.values():
        if post["status"] == "sent" and post["channelService"] == "linkedin":
            post["externalLink"] = "https://www.linkedin.com/feed/update/urn:li:share:7000000000000000001"
            break
    return {
        "DASHAPP_BUFFER_URL": run(buffer.BufferStandIn(account=account)), "DASHAPP_BUFFER_API_KEY": buffer.KEY,
        "DASHAPP_BUFFER_CLASSIC_URL": run(buffer.ClassicStandIn(account=account)),
        "DASHAPP_BUFFER_CLASSIC_TOKEN": buffer.KEY,
        "DASHAPP_OPENAI_URL": run(openai.lively(openai.OpenAiStandIn(), now)), "DASHAPP_OPENAI_ADMIN_KEY": openai.KEY,
        "DASHAPP_ANTHROPIC_URL": run(anthropic.lively(anthropic.AnthropicStandIn(), now)),
        "DASHAPP_ANTHROPIC_ADMIN_KEY": anthropic.KEY,
        "DASHAPP_LITELLM_URL": run(litellm.lively(litellm.LiteLlmStandIn(), now)), "DASHAPP_LITELLM_KEY": litellm.KEY,
        "DASHAPP_X_URL": run(x.lively(x.XStandIn(), now)), "DASHAPP_X_TOKEN": x.TOKEN,
        "DASHAPP_LINKEDIN_URL": run(linkedin.lively(linkedin.LinkedInStandIn(), now)),
        "DASHAPP_LINKEDIN_TOKEN": linkedin.TOKEN, "DASHAPP_LINKEDIN_ORGANIZATION": linkedin.PAGE,
    }  # fmt: skip


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.standins", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument(
        "--data-dir", type=Path, help="where the dashboard keeps its data; default: thrown away at the end"
    )
    parser.add_argument("--port", default="8050", help="port of the dashboard; 0: any free one")
    parser.add_argument("command", nargs="*", default=["run"], help="of dashapp; default: run")
    chosen = parser.parse_args(words)
    with ExitStack() as stack:
        settings = started(stack, time.time())
        folder = chosen.data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sources-demo-")))
        for name, value in settings.items():
            if name.endswith("_URL"):
                print(f"{name}={value}", file=sys.stderr)
        env = os.environ | settings | {"DASHAPP_DATA_DIR": str(folder), "DASHAPP_PORT": chosen.port}
        dashapp = Path(sys.executable).with_name("dashapp")
        process = subprocess.Popen([str(dashapp), *chosen.command], env=env)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())  # who ends this means the dashboard, too
        try:
            return process.wait()
        except KeyboardInterrupt:
            return process.wait()


if __name__ == "__main__":
    sys.exit(main())
