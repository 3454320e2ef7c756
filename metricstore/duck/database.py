"""The file: who holds it, a cursor for every question, one writer at a time."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from metricstore.duck import damage, failures, schema
from metricstore.duck.files import FileState, born_whole
from metricstore.errors import (
    SchemaVersionError,
    StoreBusy,
    StoreDamaged,
    StoreDenied,
    StoreError,
    StoreUnreachable,
)

log = logging.getLogger(__name__)

MEMORY_LIMIT = "160MB"
"""Of DuckDB's own buffers; what does not fit goes to a temporary file beside the database."""
RESTING_LIMIT = "1MB"
"""The same for a moment, when nobody looks."""
THREADS = 2
JOURNAL_BYTES = 4_000_000
"""What was written since stays in memory until the journal has grown to this; then it goes into the file proper."""
ENOUGH_QUESTIONS = 5_000
"""After so many the file is closed and opened again: DuckDB keeps some 500 bytes of each question that groups until then."""
_END_SECONDS = 2.0
"""For answers that are under way when the store is closed."""
_WAIT_SECONDS = 0.5
"""So long new questions wait for others to end, where there never is a moment without one."""
_AGAIN_SECONDS = 60.0
"""After that failed, for want of room say."""

_open_here: set[Path] = set()
_open_lock = threading.Lock()


class Database:
    """An open file, or memory when `path` is None. Thread safe."""

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        self.path = path.resolve() if path is not None else None
        self.read_only = read_only
        self._writing = threading.RLock()
        self._connecting = threading.Condition(threading.Lock())
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._closed = False
        self._asking = 0
        self._answered = 0
        """Since the file was opened."""
        self._wait_from = ENOUGH_QUESTIONS * 3 // 2
        self._waiting_until: float | None = None
        """While questions wait for others to end."""
        self._left: FileState | None = None
        """As the file was closed, until it is opened again."""
        self.written_by_others = 0
        """How often something else has written to the file while it was closed here."""
        self.damaged = False
        """Whether a question has met damage."""
        self._journal_next = float("-inf")
        self._claim()
        try:
            self._connection = self._connected()
        except BaseException:
            self._release()
            raise

    @contextlib.contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of one's own for one question."""
        with self._connecting:
            if self._asking and self._answered >= self._wait_from and self.path is not None:
                self._wait_for_others()
            if self._closed:
                raise StoreUnreachable("the store is closed")
            if self._connection is None:
                self._connection = self._connected()
            cursor = self._connection.cursor()
            self._asking += 1
        try:
            yield cursor
        except duckdb.Error as error:
            raise self._translated(error) from error
        finally:
            cursor.close()
            with self._connecting:
                self._asking -= 1
                self._answered += 1
                self._connecting.notify_all()
                if not self._asking and self._answered >= ENOUGH_QUESTIONS:
                    self._put_down()

    def _wait_for_others(self) -> None:
        """Let those end that are being answered before the next begins. Not for long: a download may take minutes."""
        self._waiting_until = self._waiting_until or time.monotonic() + _WAIT_SECONDS
        if not self._connecting.wait_for(lambda: not self._asking, self._waiting_until - time.monotonic()):
            self._waiting_until, self._wait_from = None, self._answered + ENOUGH_QUESTIONS // 20

    def _put_down(self) -> None:
        """Close the file and open it again, at once: another process could take it. Nobody else is asking."""
        if self.path is not None and self._connection is not None:
            with contextlib.suppress(duckdb.Error):
                self._connection.close()
            self._connection, self._answered = None, 0
            with contextlib.suppress(StoreError):  # the next question says so
                self._left = FileState.of(self.path)
                self._connection = self._connected()
            self._waiting_until, self._wait_from = None, ENOUGH_QUESTIONS * 3 // 2
        self._connecting.notify_all()

    def rest(self) -> None:
        """Let go of what is kept in memory for later questions, unless one is being answered: it is quickly read again.

        Who asks meanwhile waits for these few milliseconds, so that no question meets the low limit.
        """
        with self._connecting:
            if self._connection is None or self._asking:
                return
            if self.path is not None and self._answered >= ENOUGH_QUESTIONS // 10:
                self._put_down()
                return
            for limit in (RESTING_LIMIT, MEMORY_LIMIT):
                with contextlib.suppress(duckdb.Error):  # not everything can go
                    self._connection.execute(f"SET memory_limit = '{limit}'")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The only writer; what is done is on disk when it ends, and undone altogether when it fails."""
        if self.read_only:
            raise StoreDenied("the store was opened for reading only")
        with self._writing, self._mended(), self.cursor() as cursor:
            cursor.begin()
            try:
                yield cursor
                cursor.commit()
            except BaseException:
                with contextlib.suppress(duckdb.Error):
                    cursor.rollback()
                raise
        self._empty_journal()

    def _empty_journal(self) -> None:
        """Apart from the transaction: it is on disk already, whatever becomes of this."""
        with self._writing:
            if not self._journal_is_long() or time.monotonic() < self._journal_next:
                return
            try:
                with self._mended(), self.cursor() as cursor:
                    cursor.execute("CHECKPOINT")
            except StoreError as error:
                self._journal_next = time.monotonic() + _AGAIN_SECONDS
                log.warning("the journal of %s could not be emptied: %s", self.path, error)

    @property
    def files(self) -> tuple[Path, ...]:
        """The file and, while there is one, its journal; none in memory."""
        names = () if self.path is None else (self.path, self.path.with_name(f"{self.path.name}.wal"))
        return tuple(name for name in names if name.exists())

    def _journal_is_long(self) -> bool:
        try:
            return any(journal.stat().st_size > JOURNAL_BYTES for journal in self.files[1:])
        except OSError:
            return False

    @contextlib.contextmanager
    def _mended(self) -> Iterator[None]:
        """DuckDB gives up a file after such an error (a full disk at commit): the next question opens it again."""
        try:
            yield
        except StoreError as error:
            if not isinstance(error.__cause__, duckdb.FatalException | duckdb.IOException):
                raise
            with self._connecting:
                if self._connection is not None:
                    with contextlib.suppress(duckdb.Error):
                        self._connection.close()
                    self._connection = None
            raise

    def close(self) -> None:
        """Safe to call twice. New questions are refused; those that are being answered have a moment to end, since DuckDB does not close under them."""
        with self._writing, self._connecting:
            first, self._closed = not self._closed, True
            self._connecting.wait_for(lambda: not self._asking, _END_SECONDS)
            if self._connection is not None:
                with contextlib.suppress(duckdb.Error):  # whoever still reads keeps the file open until the end of that
                    self._connection.close()
                self._connection = None
            if first:
                self._release()

    def _claim(self) -> None:
        """DuckDB lets one process open a file twice; two of our writers would not know of each other."""
        if self.path is None:
            return
        with _open_lock:
            if self.path in _open_here:
                raise StoreBusy(f"the store {self.path} is already open in this process")
            _open_here.add(self.path)

    def _release(self) -> None:
        if self.path is not None:
            with _open_lock:
                _open_here.discard(self.path)

    def _connected(self) -> duckdb.DuckDBPyConnection:
        self._look_at_file()
        changed = self.path is not None and self._left is not None and FileState.of(self.path) != self._left
        connection = self._opened()
        try:
            schema.prepare(connection, read_only=self.read_only, new=self.path is None)
        except BaseException as error:
            if isinstance(error, SchemaVersionError):
                # Not ours: closing must not write to it.
                connection.execute("PRAGMA disable_checkpoint_on_shutdown")
            connection.close()
            raise self._translated(error) if isinstance(error, duckdb.Error) else error from error.__cause__
        self.written_by_others += changed
        self._left = None
        return connection

    def _look_at_file(self) -> None:
        if self.path is None:
            return
        try:
            if self._left is not None:
                self._left.require_same_file(self.path)
            if self.path.exists():
                with self.path.open("rb") as file:
                    head = file.read(12)
                if damage.headless(head, self.path.stat().st_size):
                    raise StoreDamaged(self.path)
                if head[8:12] != damage.MAGIC:
                    raise SchemaVersionError(f"{self.path} isn't a DuckDB file: choose another path")
            elif self.read_only:
                raise StoreUnreachable(f"there is no store at {self.path} yet")
            else:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                born_whole(self.path)
        except OSError as error:
            raise StoreDenied(f"{self.path} can't be opened: {error.strerror}") from None
        except duckdb.Error as error:
            raise self._refused(error) from error

    def _opened(self) -> duckdb.DuckDBPyConnection:
        config = {"memory_limit": MEMORY_LIMIT, "threads": str(THREADS), "autoinstall_known_extensions": "false",
                  "autoload_known_extensions": "false", "enable_external_access": "false",
                  # By itself only in need: it would fail the transaction that it ends; see _empty_journal.
                  "checkpoint_threshold": "1GB"}  # fmt: skip
        if self.path is None:
            connection = duckdb.connect(":memory:", config=config)
        else:
            config["temp_directory"] = f"{self.path}.tmp"
            try:
                connection = duckdb.connect(str(self.path), read_only=self.read_only, config=config)
            except duckdb.Error as error:
                raise self._refused(error) from error
        # Text columns of batches are text, whatever their first rows hold.
        connection.execute("SET GLOBAL pandas_analyze_sample = 0")
        # What questions needed goes back to the system also while nobody asks.
        connection.execute("SET GLOBAL allocator_background_threads = true")
        return connection

    def _refused(self, error: duckdb.Error) -> StoreError:
        return self._noted(failures.opening(error, self.path), error)

    def _translated(self, error: duckdb.Error) -> StoreError:
        return self._noted(failures.asking(error, self.path), error)

    def _noted(self, failure: StoreError, error: duckdb.Error) -> StoreError:
        if isinstance(failure, StoreDamaged):
            if not self.damaged:
                log.info("%s is damaged: %s", self.path, error)
            self.damaged = True
        return failure
