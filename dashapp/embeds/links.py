"""Addresses of embeds, and how each kind of page takes one in."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from dashapp.embeds.model import Embed
from dashapp.embeds.signing import signature
from dashapp.settings import Settings


@dataclass(frozen=True)
class Snippet:
    name: str
    text: str
    note: str
    look: str
    """`frame` or `picture`: what its reader will see."""


def base(settings: Settings) -> str:
    """Where people reach the dashboard, without a slash at the end."""
    return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")


def url(embed: Embed, base: str, settings: Settings | None = None, kind: str = "") -> str:
    """`kind`: "", .svg, .png, .csv or .zip."""
    return f"{base}/embed/{embed.id}{kind}?sig={quote(signature(embed.id, settings), safe='-_')}"


def snippets(embed: Embed, base: str, tall: int) -> list[Snippet]:
    """Ready to be pasted, for the wikis people use. `tall`: the frame's height in pixels."""
    link, png, svg = url(embed, base), url(embed, base, kind=".png"), url(embed, base, kind=".svg")
    plain = f"{png}&scale=1"  # wikis that can't size a picture show each of its pixels
    title = escape(embed.title, quote=True)
    sandbox = "allow-scripts allow-downloads" if embed.wanted.download else "allow-scripts"
    frame = (f'<iframe src="{escape(link)}" title="{title}" width="100%" height="{tall}" style="border:0" '
             f'sandbox="{sandbox}" loading="lazy" referrerpolicy="strict-origin-when-cross-origin"></iframe>')  # fmt: skip
    adapting = f'{frame}\n<script>\naddEventListener("message", function (event) {{\n' \
               f'  document.querySelectorAll(\'iframe[src*="/embed/{embed.id}?"]\').forEach(function (frame) {{\n' \
               '    if (event.source === frame.contentWindow && event.data && event.data.type === "dashapp:height")\n' \
               '      frame.style.height = event.data.height + "px";\n  });\n});\n</script>'  # fmt: skip
    wiki = embed.title.replace("|", "-").replace("]", ")").replace("[", "(").replace("\n", " ")
    return [
        Snippet("HTML", frame, "Any page that takes HTML.", "frame"),
        Snippet("HTML, height adapts", adapting, "Grows and shrinks with what is shown; the page must allow scripts.", "frame"),
        Snippet("MediaWiki", f'<html>\n{frame}\n</html>', "With $wgRawHtml; with the extension Widgets "
                f'{{{{#widget:Iframe|url={link}|width=100%|height={tall}}}}} instead; else take the picture.', "frame"),
        Snippet("MediaWiki, picture", f'<div style="overflow-x:auto">{plain}&.png</div>', "With $wgAllowExternalImages or this address in $wgAllowExternalImagesFrom.",
                "picture"),
        Snippet("Confluence", f'<ac:structured-macro ac:name="iframe"><ac:parameter ac:name="src"><ri:url ri:value="{escape(link)}"/>'
                f'</ac:parameter><ac:parameter ac:name="width">100%</ac:parameter><ac:parameter ac:name="height">{tall}</ac:parameter>'
                "</ac:structured-macro>", "Storage format; in the editor type /iframe and paste the link alone.", "frame"),
        Snippet("DokuWiki", f"<html>\n{frame}\n</html>",
                "With the plugin htmlok (a setting until 2022); without it take the picture.", "frame"),
        # What follows the last question mark DokuWiki keeps for itself: the signature must not.
        Snippet("DokuWiki, picture", f"{{{{{plain}&.png?nolink|{wiki}}}}}", "Needs nothing but external images.", "picture"),
        Snippet("Notion", link, "Type /embed and paste the link.", "frame"),
        Snippet("Markdown", f"[![{wiki}]({plain})]({link})", "A picture that leads to the live one. GitHub, GitLab, Notion, BookStack.", "picture"),
        Snippet("Picture", f'<a href="{escape(link)}"><img src="{escape(svg)}" alt="{title}" width="760" style="max-width:100%"></a>',
                "For pages that forbid frames.", "picture"),
    ]  # fmt: skip
