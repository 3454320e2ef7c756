"""Nothing secret that the observed system prints is stored."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.redaction import MASK, redact

SECRET = st.text(string.ascii_letters + string.digits + "_-.", min_size=8, max_size=40).filter(
    lambda text: any(c.isdigit() for c in text) and text[-1] not in ".-"
)
AROUND = st.text(string.ascii_letters + " .,:", max_size=30)
CARRIERS = (
    "401 Client Error: Unauthorized for url: https://api.bufferapp.com/1/profiles.json?access_token={}",
    "GET /1/user.json?a=1&access_token={}&b=2",
    "Authorization: Bearer {}",
    "{{'Authorization': 'Bearer {}'}}",
    "authorization: {}",
    "sent with Bearer {} yesterday",
    "OPENAI_API_KEY=sk-{}",
    "BUFFER_ACCESS_TOKEN={}",
    "export ZAI_API_KEY='{}'",
    "DEBUG: login of admin with password: {}",
    'DEBUG: {{"username": "admin", "password": "{}"}}',
    "passwd={}",
    "token={}",
    "client_secret: {}",
    "postgresql://dash:{}@db/metrics",
    "postgresql+psycopg://dash:a@b:{}@db:5432/metrics",
    "postgresql://db/metrics?user=dash&password={}",
    "redis://:{}@cache:6379/0",
    "can't connect to proxy http://me:{}@proxy:3128, it says 407",
    "http://me:with/{}@host is no address",
    "Set-Cookie: session={}; Path=/",
)


@given(st.sampled_from(CARRIERS), SECRET, AROUND, AROUND)
def test_a_secret_never_gets_through(carrier: str, secret: str, before: str, after: str) -> None:
    text = redact(f"{before} {carrier.format(secret)} {after}")
    assert secret not in text
    assert MASK in text


@given(st.sampled_from(CARRIERS), SECRET)
def test_redacting_twice_is_redacting_once(carrier: str, secret: str) -> None:
    once = redact(carrier.format(secret))
    assert redact(once) == once


@given(st.text())
def test_any_text_can_be_redacted(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "Generated post 3/8 for topic: The secret: consistency beats talent",
        "Retrying request to /chat/completions in 0.973576 seconds",
        'HTTP Request: POST https://api.z.ai/api/paas/v4/chat/completions "HTTP/1.1 200 OK"',
        "Five tokens of appreciation, and the key to success",
        "Write to me@example.org about token economics",
        "Generated 5 Twitter threads.",
        "http://host:8080/x@y and http://host:80?to=me@example.org",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_the_rest_of_the_address_stays_readable() -> None:
    text = redact("for url: https://api.bufferapp.com/1/profiles.json?access_token=tok-d01")
    assert text == "for url: https://api.bufferapp.com/1/profiles.json?access_token=***"
