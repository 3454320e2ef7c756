"""The HTTP client of all collectors that ask services."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collectors.base import ASKED, Batch, Checkpoint, Refused, TemporaryFailure
from collectors.http.answer import Answer
from collectors.http.breaker import Breaker
from collectors.http.budget import Budget, Quota, Window
from collectors.http.waiting import asked_wait, duration
from collectors.services import Service
from metricstore.point import Point

if TYPE_CHECKING:
    from collectors.http.wire import Wire

log = logging.getLogger(__name__)

QuotaReader = Callable[[Mapping[str, str]], list[Quota]]
"""From the headers of an answer to what they say of quotas."""
ErrorReader = Callable[[Answer], Exception | None]
"""What a service means by an error answer; None: what everybody means by its status."""

TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_WAIT_429 = 60.0
_USER_AGENT = "content-metrics-dashboard"


class Client:
    """One service during one run of a collector. Not for several threads at once.

    `setting` is what people change to get in. `windows` is the smallest plan's budget; what the service says by
    `quota` counts where it says it. `exact` gives numbers with a fraction as Decimal. Nothing is tried again here:
    that is the runner's work, one place for all collectors.
    """

    def __init__(
        self, name: str, service: Service, checkpoint: Checkpoint, *, setting: str,
        headers: Mapping[str, str] | None = None, windows: tuple[Window, ...] = (), quota: QuotaReader | None = None,
        error: ErrorReader | None = None, exact: bool = False, timeout_seconds: float = 30.0,
        limit_bytes: int = 32 * 1024 * 1024, now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        kept = checkpoint.get(ASKED)
        memory: Mapping[str, Any] = kept if isinstance(kept, dict) else {}
        self.name, self.service = name, service
        self.quotas: dict[str, tuple[Quota, float]] = {}
        self.requests = 0
        """Asked in this run."""
        self._answers = 0
        self._denied = ""
        """What the service said when it denied a question last."""
        self._quota, self._error, self._exact, self._now = quota, error, exact, now
        self._timeout_seconds, self._limit_bytes, self._setting = timeout_seconds, limit_bytes, setting
        self.budget = Budget(windows, memory.get("budget") or {})
        self._breaker = Breaker(name, service, setting, memory.get("breaker") or {})
        own = {"Authorization": f"Bearer {service.key.strip()}"} if headers is None else dict(headers)
        self._headers = {"Accept": "application/json", "User-Agent": _USER_AGENT, **own}
        self._wire: Wire | None = None

    # -- asking -------------------------------------------------------------------------------------------------

    def get_json(self, path: str, params: Mapping[str, Any] | list[tuple[str, Any]] | None = None) -> Any:
        """JSON of `path` below the service's address. Raises TemporaryFailure or Refused."""
        return self.ask("GET", path, params=params).json()

    def post_json(self, path: str, body: Any) -> Any:
        """The same for a question that is sent as JSON."""
        return self.ask("POST", path, json=body).json()

    def ask(self, method: str, path: str, **content: Any) -> Answer:
        """A good answer (2xx), whole. Raises TemporaryFailure or Refused, and remembers what they mean for later."""
        now = self._now()
        self._breaker.check(now)
        short = self.budget.empty(now)
        if short is not None:
            wait = short.wait(now)
            raise TemporaryFailure(
                f"{self.name}: the {short.limit or 'allowed'} requests of {short.window.name} are spent; "
                f"retrying in {duration(wait)}", wait,
            )  # fmt: skip
        answer = self._send(method, path, content)
        self._learn(answer)
        if 200 <= answer.status < 300:
            self._breaker.succeeded()
            self._answers += 1
            return answer
        raise self._meaning(answer)

    def refuse(self, reason: str) -> Refused:
        """For a refusal of the credential that does not come as 401 or 403: nothing is asked until it changes."""
        return self._breaker.refuse(self._clean(reason), self._now())

    def deny(self, said: str, hint: str = "", *, answered: bool = False) -> Refused:
        """For a refusal of one question: others may be allowed. Where nothing is, see `remembering`.

        `answered`: it came as a good answer (2xx).
        """
        self._answers -= answered
        self._denied = said
        reason = self._clean(f"{self.name} doesn't let this credential read it ({said})")
        return Refused(reason, hint or f"Check what the credential in {self._setting} may read.", 3600.0)

    def turned_away(self, answer: Answer, hint: str = "") -> Refused | None:
        """What a 401 (the credential, for good) or a 403 (one question) means; None for another status."""
        said = f"{answer.status}: {answer.says}" if answer.says else str(answer.status)
        if answer.status == 403:
            return self.deny(said, hint)
        if answer.status != 401:
            return None
        refusal = self.refuse(f"{self.name} refused the credential ({said})")
        return Refused(str(refusal), hint or refusal.hint, refusal.retry_after)

    def pause(self, reason: str, seconds: float) -> TemporaryFailure:
        """For a quota that is said to be spent in the body: nothing is asked for so long, even after a restart."""
        reason = self._clean(reason)
        self._breaker.pause(reason, seconds, self._now())
        return TemporaryFailure(f"{reason}; retrying in {duration(seconds)}", seconds)

    def failed(self, reason: str) -> TemporaryFailure:
        """For a failure of the service that does not come as 5xx."""
        reason = self._clean(reason)
        return TemporaryFailure(reason, self._breaker.failed(reason, self._now()))

    # -- remembering --------------------------------------------------------------------------------------------

    def memory(self, ahead: int = 0) -> dict[str, Any]:
        """What a checkpoint keeps under ASKED; `ahead` counts requests that may follow before the next checkpoint."""
        return {"budget": self.budget.memory(ahead, self._now()), "breaker": self._breaker.memory()}

    def remembering(
        self, checkpoint: Checkpoint, batches: Iterator[Batch], closing: Callable[[], list[Point]] = list
    ) -> Iterator[Batch]:
        """`batches` with this client's memory in their checkpoints, and a last one with it even when they end in failure.

        `closing` gives points for that last one (quotas, say).

        Yields before anything is asked, one request counted ahead: however often a process is killed while it asks,
        its count is never too low, as long as a batch follows each request. A credential with which all that was asked
        was denied is not used again until it changes.
        """
        latest: Checkpoint = {**checkpoint, ASKED: self.memory(ahead=1)}
        yield Batch(latest, bookkeeping=True)
        try:
            for batch in batches:
                latest = {**batch.checkpoint, ASKED: self.memory(ahead=1)}
                yield replace(batch, checkpoint=latest)
        except (TemporaryFailure, Refused) as failure:
            refusal = self._nothing_allowed(failure)
            yield Batch({**latest, ASKED: self.memory()}, closing(), bookkeeping=True)
            raise refusal from None
        finally:
            self.close()
        yield Batch({**latest, ASKED: self.memory()}, closing(), bookkeeping=True)

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _nothing_allowed(self, failure: TemporaryFailure | Refused) -> TemporaryFailure | Refused:
        if not self._denied or self._answers or not isinstance(failure, Refused):
            return failure
        refusal = self.refuse(f"{self.name} refused the credential ({self._denied})")
        return Refused(str(refusal), failure.hint, refusal.retry_after)

    # -- inside -------------------------------------------------------------------------------------------------

    def _send(self, method: str, path: str, content: dict[str, Any]) -> Answer:
        from collectors.http.wire import Trouble, Wire  # httpx only where something is asked: it is slow to load

        if self._wire is None:
            self._wire = Wire(self.name, self._headers, self._timeout_seconds, self._limit_bytes)
        try:
            status, headers, body = self._wire.send(method, self._address(path), content)
        except Trouble as trouble:
            if trouble.asked:
                self._count()
            if trouble.lasting:
                hint = trouble.hint or f"Check {self._setting} and the address beside it."
                raise Refused(self._clean(trouble.reason), hint, 3600.0) from None
            raise self.failed(trouble.reason) from None
        self._count()
        log.debug("%s: %s %s: %d, %d bytes", self.name, method, path, status, len(body))
        return Answer(self.name, status, headers, body, self._exact)

    def _count(self) -> None:
        self.requests += 1
        self.budget.add(self._now())

    def _learn(self, answer: Answer) -> None:
        for quota in self._quota(answer.headers) if self._quota else []:
            self.quotas[quota.window.name] = (quota, self._now())
            self.budget.told(quota, self._now())

    def _meaning(self, answer: Answer) -> Exception:
        special = self._error(answer) if self._error else None
        special = special or self.turned_away(answer)
        if special is not None:
            return special
        said = f": {answer.says}" if answer.says else ""
        reason = self._clean(f"{self.name} answered {answer.status}{said}")
        if answer.status in TEMPORARY:
            wait = asked_wait(answer.headers, self._now())
            if wait is None and answer.status != 429:
                return self.failed(reason)
            return self.pause(reason, _WAIT_429 if wait is None else max(wait, 1.0))
        if 300 <= answer.status < 400:
            target = urlsplit(answer.headers.get("location", "")).netloc or "another address"
            return Refused(f"{self.name} points to {target}, which is not followed", "Correct its address.", 3600.0)
        return Refused(reason, f"Check the address and account beside {self._setting}.", 3600.0)

    def _clean(self, text: str) -> str:
        key = self.service.key.strip()
        return text.replace(key, "***") if key else text

    def _address(self, path: str) -> str:
        return f"{self.service.url}/{path.lstrip('/')}" if path else self.service.url
