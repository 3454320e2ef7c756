"""Services that take messages, on loopback: they check what their documentation says and answer as it says."""

from __future__ import annotations

import email
import email.header
import re
from collections.abc import Iterator
from email.policy import HTTP
from html.parser import HTMLParser
from typing import Any

from tests.standins.server import Call, Reply, StandIn

TEXT = {"Content-Type": "text/plain"}


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def form(call: Call) -> dict[str, Any]:
    """Fields of a form with a file: texts, and bytes of files."""
    head = f"Content-Type: {call.headers['content-type']}\r\n\r\n".encode()
    parts = email.message_from_bytes(head + call.body, policy=HTTP).iter_parts()  # type: ignore[attr-defined]
    found = {}
    for part in parts:
        content = part.get_payload(decode=True)
        found[part.get_param("name", header="content-disposition")] = (
            content if part.get_filename() else content.decode()
        )
    return found


class Slack(StandIn):
    path = "/services/T000/B000/slack-secret-path"

    def answer(self, call: Call) -> Reply:
        wrong = next(self._wrong(call.json()), None) if call.path == self.path else "no_service"
        return Reply(400, wrong.encode(), TEXT) if wrong else Reply(200, b"ok", TEXT)

    def _wrong(self, body: dict[str, Any]) -> Iterator[str]:
        blocks = [*body.get("blocks", []), *(block for each in body["attachments"] for block in each["blocks"])]
        if not body.get("text") or not blocks or len(blocks) > 50:
            yield "invalid_payload"
        for block in blocks:
            text = block.get("text", {"text": "x"})["text"]
            fields = [each["text"] for each in block.get("fields", [])]
            if not 1 <= units(text) <= (150 if block["type"] == "header" else 3000):
                yield "invalid_blocks"
            if len(fields) > 10 or any(not 1 <= units(each) <= 2000 for each in fields):
                yield "invalid_blocks"
            if block["type"] == "image" and not (block["alt_text"] and len(block["image_url"]) <= 3000):
                yield "invalid_blocks"


class Teams(StandIn):
    path = "/workflows/teams-secret-path/triggers/manual/paths/invoke"

    def answer(self, call: Call) -> Reply:
        if len(call.body) > 28 * 1024:
            return Reply(413, {"error": {"code": "RequestEntityTooLarge", "message": "The message is too large."}})
        body = call.json()
        (attachment,) = body["attachments"]
        card = attachment["content"]
        if body["type"] != "message" or attachment["contentType"] != "application/vnd.microsoft.card.adaptive":
            return self._invalid("no card")
        if card["version"] > "1.4" or any(each["type"] not in self.known for each in self._elements(card["body"])):
            return self._invalid("this card can't be shown")
        return Reply(202, b"")

    known = frozenset({"RichTextBlock", "TextRun", "ColumnSet", "Column", "Image"})

    def _invalid(self, text: str) -> Reply:
        return Reply(400, {"error": {"code": "TriggerInputSchemaMismatch", "message": text}})

    def _elements(self, found: Any) -> Iterator[dict[str, Any]]:
        for each in found:
            yield each
            for inner in ("inlines", "columns", "items"):
                yield from self._elements(each.get(inner, []))


class Discord(StandIn):
    path = "/api/webhooks/1/discord-secret-path"

    def answer(self, call: Call) -> Reply:
        fields = form(call) if call.headers["content-type"].startswith("multipart/") else {}
        body = Call("POST", "", {}, {}, fields["payload_json"].encode()).json() if fields else call.json()
        (embed,) = body["embeds"]
        sizes = [(embed["title"], 256), (embed["description"], 4096)]
        sizes += [(each[word], most) for each in embed["fields"] for word, most in (("name", 256), ("value", 1024))]
        if any(not 1 <= units(text) <= most for text, most in sizes) or sum(units(text) for text, _ in sizes) > 6000:
            return self._invalid("BASE_TYPE_BAD_LENGTH")
        if len(embed["fields"]) > 25 or body["allowed_mentions"] != {"parse": []}:
            return self._invalid("fields or mentions")
        if embed.get("image", {}).get("url", "").startswith("attachment://") != bool(fields):
            return self._invalid("the picture is not there")
        return Reply(204, b"")

    def _invalid(self, text: str) -> Reply:
        return Reply(400, {"message": "Invalid Form Body", "code": 50035, "errors": {"embeds": text}})


class Ntfy(StandIn):
    path = "/content"
    attachments = True

    def answer(self, call: Call) -> Reply:
        headers = {name: self._decoded(text) for name, text in call.headers.items()}
        uploaded = headers.get("content-type") == "image/png"
        if uploaded and not self.attachments:
            return Reply(400, {"code": 40014, "http": 400, "error": "invalid request: attachments not allowed"})
        body = {name[2:]: text for name, text in headers.items() if name.startswith("x-")} if uploaded else call.json()
        topic = call.path if uploaded else f"/{body['topic']}"
        if (
            topic != self.path
            or len(body["message"].encode()) > 4096
            or len(body.get("actions", "")) > (3000 if uploaded else 3)
        ):
            return Reply(400, {"code": 40024, "http": 400, "error": "invalid request: message is too large"})
        return Reply(200, {"id": "abc", "event": "message", "topic": topic[1:], "message": "x"})

    @staticmethod
    def _decoded(text: str) -> str:
        return str(email.header.make_header(email.header.decode_header(text)))


class _Tags(HTMLParser):
    """Telegram's few tags, each closed, and no < that begins none."""

    known = frozenset({"b", "i", "pre", "a"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text, self.right = "", not re.search(r"<(?!/?(?:b|i|pre|a)\b)", text)
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.right &= tag in self.known
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.right &= bool(self.open) and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


class Telegram(StandIn):
    token = "123:telegram-secret-token"

    def answer(self, call: Call) -> Reply:
        if not call.path.startswith(f"/bot{self.token}/"):
            return self._refused(404, "Not Found")
        method = call.path.rpartition("/")[2]
        body = form(call) if method == "sendPhoto" else call.json()
        if body["chat_id"] != "-1001":
            return self._refused(400, "Bad Request: chat not found")
        text = body["caption"] if method == "sendPhoto" else body["text"]
        tags = _Tags(text)
        if not tags.right or tags.open:
            return self._refused(400, "Bad Request: can't parse entities")
        if not 1 <= units(tags.text) <= (1024 if method == "sendPhoto" else 4096):
            return self._refused(400, "Bad Request: message is too long")
        return Reply(200, {"ok": True, "result": {"message_id": 7}})

    def _refused(self, code: int, text: str) -> Reply:
        return Reply(code, {"ok": False, "error_code": code, "description": text})


class PagerDuty(StandIn):
    key = "pagerduty-secret-key-of-32-signs"

    def __init__(self) -> None:
        super().__init__()
        self.open: dict[str, list[str]] = {}
        """Incidents: what was said about each, the last word being its end."""

    def answer(self, call: Call) -> Reply:
        body = call.json()
        wrong = [] if body["routing_key"] == self.key else ["Invalid routing key"]
        wrong += [] if len(body["dedup_key"]) <= 255 else ["'dedup_key' is too long"]
        if body["event_action"] == "trigger":
            payload = body["payload"]
            wrong += [f"'{word}' is missing" for word in ("summary", "source", "severity") if not payload.get(word)]
            wrong += [] if len(payload["summary"]) <= 1024 and len(call.body) < 512_000 else ["too large"]
            wrong += (
                [] if payload["severity"] in ("critical", "error", "warning", "info") else ["'severity' is invalid"]
            )
        if wrong or call.path != "/v2/enqueue":
            return Reply(400, {"status": "invalid event", "message": "Event object is invalid", "errors": wrong})
        self.open.setdefault(body["dedup_key"], []).append(body["event_action"])
        return Reply(202, {"status": "success", "message": "Event processed", "dedup_key": body["dedup_key"]})
