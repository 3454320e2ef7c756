"""Apache Arrow: the IPC stream, and Parquet made of the same batches. Arrow's libraries are loaded when somebody asks."""

# Imports inside functions: start-up time, Arrow is loaded when a file of it is asked for.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dashapp.downloads.pump import Sink, pumped
from dashapp.downloads.table import PROOF, Hashed, Table, Tally, proof, told

ROW_GROUP = 100_000
FACTS = "facts"
_ROOM_A_SUM = 48
_ROOM = 256
_FOOTER_END = 8
"""A Parquet file ends in the length of its footer (4 bytes) and `PAR1`."""


@dataclass(frozen=True)
class Arrow:
    """The stream's own end mark shows that it is complete; the schema's metadata tell the question."""

    name: str = "arrow"
    title: str = "Arrow"
    mimetype: str = "application/vnd.apache.arrow.stream"
    most_rows: int | None = None

    def stream(self, table: Table) -> Iterator[bytes]:
        from arro3.io import write_ipc_stream

        from dashapp.downloads.formats.batches import reader

        told_before = told({**table.facts.document(), "units": table.units}).decode()

        def write(sink: Sink) -> None:
            write_ipc_stream(reader(table, Tally(table.columns), {FACTS: told_before}), sink)  # type: ignore[arg-type]

        return pumped(write)


@dataclass(frozen=True)
class Parquet:
    """The footer's key-value metadata hold the proof under `_proof`.

    The library wants them before it has seen a row, so it gets a placeholder of the right size, whose bytes are
    replaced in what it writes after the last row. The hash covers everything before the footer.
    """

    name: str = "parquet"
    title: str = "Parquet"
    mimetype: str = "application/vnd.apache.parquet"
    most_rows: int | None = None

    def stream(self, table: Table) -> Iterator[bytes]:
        from arro3.io import write_parquet

        from dashapp.downloads.formats.batches import reader

        tally = Tally(table.columns)
        empty = told(proof(table, tally, "0" * 64))
        placeholder = b"~" * (len(empty) + _ROOM_A_SUM * len(tally.sums) + _ROOM)
        ending = _Ending()
        batches = reader(table, tally, {}, ending.begin)

        def write(sink: Sink) -> None:
            ending.sink = sink
            write_parquet(
                batches, ending, compression="zstd(1)", max_row_group_size=ROW_GROUP,  # type: ignore[arg-type]
                key_value_metadata={PROOF: placeholder.decode()},
            )  # fmt: skip
            rest = bytes(ending.rest)
            footer = len(rest) - _FOOTER_END - int.from_bytes(rest[-_FOOTER_END:-4], "little")
            ending.hashed(rest[:footer])
            document = told(proof(table, tally, ending.hashed.hex()))
            sink.write(rest.replace(placeholder, document.ljust(len(placeholder)), 1))

        return pumped(write)


class _Ending:
    """Passes on what is written until the last row was read; the rest is kept for the proof to be put in."""

    def __init__(self) -> None:
        self.sink = Sink()
        self.hashed = Hashed()
        self.rest = bytearray()
        self.begun = False

    def write(self, data: bytes) -> int:
        if self.begun:
            self.rest += data
        else:
            self.sink.write(self.hashed(bytes(data)))
        return len(data)

    def begin(self) -> None:
        """The last row was read."""
        self.begun = True

    def flush(self) -> None:
        """Nothing is held back but the end."""

    def tell(self) -> int:
        return self.sink.tell() + len(self.rest)

    def seek(self, *_: int) -> int:
        return self.tell()

    def close(self) -> None:
        """See `write`."""
