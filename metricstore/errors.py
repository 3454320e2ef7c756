"""What can go wrong in a store, each with one plain sentence for people."""


class StoreError(Exception):
    """Base of everything a store raises."""


class CatalogueError(Exception):
    """The catalogue contradicts itself: nobody can use it before it is mended. Says what to write where."""


class StoreUnreachable(StoreError):
    """The store does not answer: not running, wrong address, network down."""


class StoreDenied(StoreError):
    """The store refuses the credentials."""


class StoreBusy(StoreError):
    """Another process holds the embedded store's file."""


class StoreFull(StoreError):
    """The disk under the store is full: nothing of the refused batch was written."""


class SchemaVersionError(StoreError):
    """The database file is newer than this program, or no database of ours."""


class NotAllowed(StoreError):
    """The viewer may not see what was asked for."""


class UnknownName(StoreError, KeyError):
    """A measurement, metric, field or dimension that is not declared.

    `parameter` names what was wrong so that an API answer can point at it.
    """

    def __init__(self, kind: str, name: str, known: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self.name = name
        self.known = known
        super().__init__(f"unknown {kind} {name!r}")

    def __str__(self) -> str:
        hint = f"; known: {', '.join(sorted(self.known))}" if self.known else ""
        return f"unknown {self.kind} {self.name!r}{hint}"


class InvalidQuestion(StoreError, ValueError):
    """A question that cannot be asked. `parameter` names the part that is wrong."""

    def __init__(self, parameter: str, reason: str) -> None:
        self.parameter = parameter
        self.reason = reason
        super().__init__(f"{parameter}: {reason}")
