"""Addresses and credentials of the services that are asked over HTTP. Whatever has no credential is not asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Service:
    """Where a service is and how to get in. `key` never appears in a representation."""

    url: str
    key: str = ""
    account: str = ""
    """Organisation, user or workspace to ask about, where one must be named."""

    def __repr__(self) -> str:
        return f"Service(url={self.url!r}, key={'set' if self.key else 'unset'}, account={self.account!r})"

    @property
    def given(self) -> bool:
        return bool(self.key)


@dataclass(frozen=True)
class Services:
    """All services that can be collected from, at their usual addresses."""

    buffer: Service = Service("https://api.buffer.com")
    buffer_classic: Service = Service("https://api.bufferapp.com/1")
    openai: Service = Service("https://api.openai.com/v1")
    anthropic: Service = Service("https://api.anthropic.com")
    litellm: Service = Service("")
    x: Service = Service("https://api.x.com")
    linkedin: Service = Service("https://api.linkedin.com")
    linkedin_version: str = "202608"
    """Month of the interface that is asked for: LinkedIn has no default and ends each after about a year."""

    @property
    def any_given(self) -> bool:
        return any(service.given for service in vars(self).values() if isinstance(service, Service))
