"""Which addresses nothing is sent to: link-local ones and those where clouds keep their machines' credentials."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from alerting.receivers.outcome import Failure
from alerting.receivers.waiting import in_time

_WEB = ("http", "https")
_MAIL = {"smtps": 465, "smtp": 25, "smtp+starttls": 587}
_METADATA_NAMES = frozenset({"metadata.google.internal", "metadata.goog", "metadata", "instance-data"})
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def web_address(text: str) -> str:
    """`text`, if it is one that may be written to; else a ValueError that repeats no more of it than its host."""
    parts = _split(text, "write http:// or https:// and a host")
    if parts.scheme not in _WEB:
        raise ValueError("only http:// and https:// addresses are written to")
    if parts.fragment:
        raise ValueError("an address to write to has no part after #")
    return text


def mail_server(text: str) -> str:
    """`smtps://`, `smtp+starttls://` or `smtp://`, a host, perhaps a port."""
    parts = _split(
        text, "write smtps://host, smtp+starttls://host or smtp://host, with :port where it is another than usual"
    )
    if parts.scheme not in _MAIL:
        raise ValueError("a mail server begins with smtps://, smtp+starttls:// or smtp://")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("a mail server is a host and a port, nothing else")
    return text


def mail_port(parts: SplitResult) -> int:
    return parts.port or _MAIL[parts.scheme]


def _split(text: str, otherwise: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"this is not an address: {otherwise}") from None
    if not host or not text.isprintable() or " " in text or "\\" in text:
        raise ValueError(f"this is not an address: {otherwise}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("no user and no password in an address: they have their own words")
    refused = refusal(host)
    if refused:
        raise ValueError(refused)
    return parts


def refusal(host: str) -> str:
    """Why nothing is sent to this host, in a sentence; empty where it is allowed as far as its name says."""
    name = host.rstrip(".").lower()
    if name in _METADATA_NAMES or is_refused(name):
        return f"{host} is link-local or where a cloud keeps credentials: nothing is sent there"
    return ""


def is_refused(text: str) -> bool:
    """Whether `text` is an IP address, in any spelling that programs take, to which nothing is sent."""
    try:
        found: Ip = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        try:
            found = ipaddress.IPv4Address(socket.inet_aton(text))  # 0xa9fea9fe, 2852039166, 169.254.43518
        except (OSError, ValueError):
            return False
    found = _inner(found)
    return found in _METADATA or found.is_link_local or found.is_multicast or found.is_unspecified


def _inner(found: Ip) -> Ip:
    """The IPv4 address that an IPv6 address leads to."""
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        return found.ipv4_mapped or found.sixtofour or found
    return found


def resolved(host: str, port: int, seconds: float) -> list[str]:
    """The IP addresses of a host, all of them allowed. Connect to these, not to the name: it may change. Raises Failure."""
    if refusal(host):
        raise Failure(refusal(host), permanent=True)
    try:
        found = in_time(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), seconds)
    except TimeoutError:
        raise Failure(f"the name {host} was not resolved within {seconds:.0f} s") from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a name"
        raise Failure(f"the name {host} can't be resolved: {reason}") from None
    ips = list(dict.fromkeys(str(each[4][0]) for each in found))
    for ip in ips:
        if is_refused(ip):
            raise Failure(
                f"{host} leads to {ip}, which is link-local or where a cloud keeps credentials", permanent=True
            )
    return ips


def is_loopback(ip: str) -> bool:
    return _inner(ipaddress.ip_address(ip.partition("%")[0])).is_loopback
