"""Pages that hand things out: files of what is on screen with the same as a command, and embeds with their snippets."""

from __future__ import annotations

from flask import Flask

from dashapp.sharing import embeds, files


def init_sharing(app: Flask) -> None:
    """Routes below /share and /embeds."""
    for module in (files, embeds):
        app.register_blueprint(module.bp)
