"""Files that only a passphrase opens: AES-256-GCM over chunks, its key made of the passphrase by scrypt.

Layout: MAGIC, 16 bytes of salt, 7 bytes of nonce, then the chunks: CHUNK bytes (the last may be shorter) and a tag of 16.
A chunk's nonce is the file's, the chunk's number (4 bytes) and 1 for the last, else 0: chunks can't be left out, swapped
or cut off. The header is authenticated with each chunk.
"""

# Imports inside functions: start-up time, and a kind of store is loaded only where it is used.

from __future__ import annotations

import io
import os
from typing import IO

from dashapp.backup.errors import BackupError

MAGIC = b"CMDSEAL\x01"
CHUNK = 64 * 1024
_SALT, _NONCE, _TAG = 16, 7, 16
_HEADER = len(MAGIC) + _SALT + _NONCE
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**15, 8, 1
"""32 MB of memory and about a tenth of a second for each guess."""
_DAMAGED = "the backup is damaged: a part of it isn't as it was written"


class _Cipher:
    def __init__(self, header: bytes, passphrase: str) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        salt = header[len(MAGIC) : len(MAGIC) + _SALT]
        derive = Scrypt(salt=salt, length=32, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P)
        self._aes = AESGCM(derive.derive(passphrase.encode()))
        self._header = header

    def _nonce(self, number: int, last: bool) -> bytes:
        return self._header[-_NONCE:] + number.to_bytes(4, "big") + bytes([last])

    def seal(self, number: int, last: bool, plain: bytes) -> bytes:
        return self._aes.encrypt(self._nonce(number, last), plain, self._header)

    def open(self, number: int, last: bool, sealed: bytes) -> bytes:
        """Raises BackupError."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._aes.decrypt(self._nonce(number, last), sealed, self._header)
        except InvalidTag:
            wrong = "the passphrase is not the one the backup was made with, or its first part is damaged"
            raise BackupError(wrong if number == 0 else _DAMAGED) from None


class SealedWriter(io.RawIOBase):
    """Seals what is written into `file`; whole only after `close`, which leaves `file` open."""

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        header = MAGIC + os.urandom(_SALT + _NONCE)
        self._file = file
        self._cipher = _Cipher(header, passphrase)
        self._waiting = bytearray()
        self._number = 0
        file.write(header)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._waiting += piece
        while len(self._waiting) > CHUNK:  # the last one has to be known as such
            self._put(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(piece)

    def _put(self, plain: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.seal(self._number, last, plain))
        self._number += 1

    def finish(self) -> None:
        """Write the last chunk."""
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()


class SealedReader(io.RawIOBase):
    """What a SealedWriter wrote; reads from any place. BackupError for a wrong passphrase and for damage."""

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        self._file = file
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        header = file.read(_HEADER)
        body = size - _HEADER
        if body < _TAG:
            raise BackupError("the backup is damaged: it was cut off")
        self._chunks = -(-body // (CHUNK + _TAG))
        self._size = body - self._chunks * _TAG
        self._cipher = _Cipher(header, passphrase)
        self._place = 0
        self._kept: tuple[int, bytes] = (-1, b"")
        self._chunk(0)
        self._chunk(self._chunks - 1)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        if self._place >= self._size or not len(view):
            return 0
        number, start = divmod(self._place, CHUNK)
        piece = self._chunk(number)[start : start + len(view)]
        view[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def _chunk(self, number: int) -> bytes:
        if self._kept[0] != number:
            self._file.seek(_HEADER + number * (CHUNK + _TAG))
            sealed = self._file.read(CHUNK + _TAG)
            self._kept = (number, self._cipher.open(number, number == self._chunks - 1, sealed))
        return self._kept[1]
