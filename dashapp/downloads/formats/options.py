"""How a file is written, by the words of its address: `proof`, `guard`, `decimal`, `excel`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from dashapp.api.parameters import FALSE, TRUE
from dashapp.downloads.formats.csv import Csv
from dashapp.downloads.formats.json import Ndjson
from dashapp.downloads.formats.model import Format, Proof
from metricstore.errors import InvalidQuestion

PROOFS: Final[dict[str, Proof]] = {"0": "none", "1": "inside", "file": "beside"}
"""`proof=`: none, in the file itself, or the proof alone, to lie beside the file."""
DECIMALS: Final = {"point": ".", "comma": ","}
WORDS = ("proof", "guard", "decimal", "excel")


@dataclass(frozen=True)
class Options:
    """Formats that know nothing of an option ignore it: an Excel file always holds its proof and typed cells."""

    proof: Proof = "none"
    guard: bool = True
    """Whether texts that a spreadsheet would take for a formula get a `'` in front, in CSV."""
    decimal: str = "."
    excel: bool = False
    """Whether a CSV is marked as UTF-8 and has times that spreadsheets take for times."""

    @classmethod
    def read(cls, words: Mapping[str, str], *, guard: bool = True) -> Options:
        """From an address; `guard` where it does not say. InvalidQuestion names a bad word."""
        return cls(
            proof=PROOFS[_one_of("proof", words.get("proof", "0"), tuple(PROOFS))],
            guard=_truth("guard", words.get("guard"), usual=guard),
            decimal=DECIMALS[_one_of("decimal", words.get("decimal", "point"), tuple(DECIMALS))],
            excel=_truth("excel", words.get("excel"), usual=False),
        )

    def applied(self, form: Format) -> Format:
        """The format under these options."""
        if isinstance(form, Csv):
            return Csv(self.decimal, self.excel, self.guard, self.proof)
        return Ndjson(self.proof) if isinstance(form, Ndjson) else form

    def in_zip(self, form: Format) -> Format:
        """The same for a page's zip, whose manifest holds the proofs of the files in it."""
        return (self if self.proof != "none" else replace(self, proof="beside")).applied(form)


def _one_of(name: str, text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise InvalidQuestion(name, f"{text!r} is not known; say {', '.join(known[:-1])} or {known[-1]}")
    return text


def _truth(name: str, text: str | None, *, usual: bool) -> bool:
    if text is None:
        return usual
    return _one_of(name, text.lower(), TRUE + FALSE) in TRUE
