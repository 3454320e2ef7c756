"""Evaluation and sending in threads of this process. Any number of processes may do it: one evaluates, all may send."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from dashapp.accounts.applied_file import AppliedFile
from dashapp.accounts.database import Database
from dashapp.accounts.directory import disabled
from dashapp.accounts.goals import GoalBook
from dashapp.accounts.user import AccountError, AccountsDamaged
from dashapp.alerts.action_links import ActionLinks
from dashapp.alerts.delivering import Delivery
from dashapp.alerts.evaluating import Evaluator
from dashapp.alerts.history import History
from dashapp.alerts.leases import Lease
from dashapp.alerts.muting import Mutes
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.picturing import Pictures
from dashapp.alerts.renewing import Renewal
from dashapp.alerts.round import Round
from dashapp.alerts.rulebook import RuleBook
from dashapp.alerts.silences import Silences
from dashapp.alerts.sources import Sources
from dashapp.alerts.states import Superseded
from dashapp.alerts.undelivered import Undelivered
from dashapp.alerts.watchdog import Watchdog
from dashapp.alerts.wording import Links
from dashapp.settings import Settings, secret_key
from metricstore.errors import StoreDamaged, StoreError
from metricstore.store import Store

log = logging.getLogger(__name__)

LEASE = "alerts"
ROUND_SECONDS = 10.0
SEND_SECONDS = 2.0
_TIDY_ROUNDS = 360
_PATIENCE_SECONDS = 120.0


class Watch:
    """`start` begins; `stop` ends after the step that is under way, and lets another process take over at once."""

    def __init__(self, store: Store, database: Database, settings: Settings) -> None:
        self._database = database
        self._rulebook = RuleBook(database)
        base = (settings.public_url or "").rstrip("/")
        self._evaluator = Evaluator(store, database, Links(base))
        self._lease = Lease(database, LEASE)
        self._silences = Silences(database)
        self._sources = Sources(store)
        self._outbox = Outbox(database)
        self._history = History(database, store)
        self._undelivered = Undelivered(database)
        sign = ActionLinks(base, secret_key(settings)).signed
        self._delivery = Delivery(
            self._outbox, pictures=Pictures(store), sign=sign, page=f"{base}/alerts" if base else ""
        )
        self._renewal = Renewal(database)
        self._watchdog = Watchdog(settings.watchdog_url, self._outbox)
        self._files = (
            AppliedFile(settings.alerts_file, self._rulebook.apply, "alert rules"),
            AppliedFile(settings.goals_file, GoalBook(database).apply, "goals"),
        )
        self._rounds = 0
        self._unwritten: type[StoreError] | None = None
        self._failing: frozenset[str] = frozenset()
        self._end = threading.Event()
        self._stepped: dict[str, float] = {}
        self._threads = [
            threading.Thread(target=self._repeat, args=(self.evaluate, ROUND_SECONDS), name="alerts", daemon=True),
            threading.Thread(target=self._repeat, args=(self.deliver, SEND_SECONDS), name="alert-sender", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    @property
    def well(self) -> bool:
        """Whether both threads have come to the end of a step lately."""
        moment = time.monotonic()
        return all(moment - self._stepped.get(thread.name, 0.0) < _PATIENCE_SECONDS for thread in self._threads)

    def stop(self, timeout_seconds: float = 15.0) -> None:
        """A round that takes longer is cut off with the process; whoever holds the lease next does it again."""
        self._end.set()
        deadline = time.monotonic() + timeout_seconds
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))
        self._lease.release()

    def evaluate(self) -> Round | None:
        """A round, if this process holds the lease."""
        now = datetime.now(UTC)
        token = self._lease.hold(now)
        if token is None:
            return None
        for file in self._files:
            file.apply()
        self._rounds += 1
        if self._rounds % _TIDY_ROUNDS == 1:
            self._outbox.tidy(now)
            self._silences.tidy(now)
            self._history.tidy(now)
        book = self._rulebook.read()
        mutes = Mutes(self._silences.current(now), self._late(now) if book.rules else None, book.maintenance)
        found = self._evaluator.round(Round(book, mutes, now, token, disabled(self._database)))
        self._remark(found)
        self._undelivered.note(book, now)
        self._keep(now)
        self._watchdog.after(found)
        self._renewal.step(book, now)
        return found

    def deliver(self) -> None:
        """Everything that is due."""
        book = self._rulebook.read()
        while not self._end.is_set() and self._delivery.step(book, datetime.now(UTC)):
            pass

    def _late(self, now: datetime) -> dict[str, str] | None:
        """None when the store can't say: rules of kind `late` then wait, as all others do."""
        try:
            return self._sources.late(now)
        except StoreError:
            return None

    def _keep(self, now: datetime) -> None:
        """Events that the store does not take wait for it in the accounts database."""
        try:
            self._history.write(now)
            self._unwritten = None
        except StoreError as error:
            if type(error) is not self._unwritten:  # its words may differ each time
                log.warning("events of alerts wait, the store does not take them: %s", error)
            self._unwritten = type(error)

    def _remark(self, found: Round) -> None:
        failing = frozenset(found.failed)
        for rule in failing - self._failing:
            log.warning("alert rule %s can't be judged: %s", rule, found.failed[rule])
        self._failing = failing

    def _repeat(self, step: Callable[[], object], seconds: float) -> None:
        while not self._end.is_set():
            try:
                step()
            except Superseded:
                log.info("another process evaluates alerts now")
            except (AccountError, AccountsDamaged, StoreDamaged) as error:
                log.warning("alerts: %s", error)
            except Exception:
                log.exception("alerts: a step failed; it is tried again")
            self._stepped[threading.current_thread().name] = time.monotonic()
            self._end.wait(seconds)
