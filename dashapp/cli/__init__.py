"""The `dashapp` command. What a command needs is imported when it runs, so that `--help` answers at once."""

from dashapp.cli.application import app, main

__all__ = ["app", "main"]
