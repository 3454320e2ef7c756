"""Where reading of a file stopped, as it is remembered between runs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from collectors.tailing.blocks import Place
from collectors.tailing.comparing import File
from collectors.tailing.fingerprints import Fingerprint


@dataclass(frozen=True)
class Position:
    """Where reading of a file stopped, and by what the file is recognised."""

    place: Place
    fingerprint: Fingerprint
    device: int = 0
    inode: int = 0
    size: int = -1
    modified_ns: int = -1
    cut: bool = False
    """It is a compressed file that ended early."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Position | None:
        """Also as earlier versions wrote it: by the digest of the first bytes alone."""
        if not data:
            return None
        if "head" in data:
            known = Fingerprint(0, {int(data["head_bytes"]): data["head"]} if data["head_bytes"] else {})
            offset, line = data.get("offset", data.get("size", 0)), data.get("line", data.get("lines", 0))
            return cls(Place(offset, line), known, inode=data.get("inode", 0))
        place = Place(data["offset"], data["line"], data["encoding"], data["returns"])
        key = (data["device"], data["inode"], data["size"], data["modified_ns"])
        return cls(place, Fingerprint.from_json(data["fingerprint"]), *key, cut=data["cut"])

    def to_json(self) -> dict[str, Any]:
        return {
            "offset": self.place.offset,
            "line": self.place.line,
            "encoding": self.place.encoding,
            "returns": self.place.returns,
            "device": self.device,
            "inode": self.inode,
            "size": self.size,
            "modified_ns": self.modified_ns,
            "cut": self.cut,
            "fingerprint": self.fingerprint.to_json(),
        }

    def finished(self) -> Position:
        """As it is remembered of a file that nothing more is expected of."""
        return replace(self, fingerprint=self.fingerprint.lasting())

    @property
    def key(self) -> tuple[int, int, int, int]:
        """That of the file when reading stopped."""
        return (self.device, self.inode, self.size, self.modified_ns)

    def unchanged(self, file: File) -> bool:
        """Whether it is that file, as it was when reading stopped."""
        return self.key == file.key

    def same_inode(self, file: File) -> bool:
        """Checkpoints of earlier versions know no device."""
        return self.inode == file.inode and self.device in (0, file.device)
