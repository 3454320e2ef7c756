"""What others write before a program's own lines: Docker, Kubernetes, systemd, syslog, and terminal colours. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONTROL = r"\[[0-?]*[ -/]*[@-~]"
_ESCAPES = re.compile(
    rf"\x1b(?:{_CONTROL}|[\]_P^X][^\x07\x1b]*(?:\x07|\x1b\\)|[()*+][A-Za-z0-9]|[ -/]*[0-Z\\^-~])|\x1b|(?:#033|\^\[){_CONTROL}"
)
_INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"
_DAY = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 0-3]\d \d\d:\d\d:\d\d(?:\.\d{1,9})?"
_DNS = r"[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?"
_TAG = r"[\w.@/+-]{1,100}(?:\[[\w.-]{1,20}\])?:"


@dataclass(frozen=True)
class Prefix:
    """`pattern` may have a group `time`: when the line was received; an instant, but for those in `WITHOUT_A_YEAR`."""

    name: str
    pattern: str
    example: str

    @property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.ASCII)


PREFIXES: tuple[Prefix, ...] = (
    Prefix("compose", r"(?:\d{1,4}\|)?[A-Za-z0-9][\w.-]{0,100} *\|(?: |$)", "automation-1  | "),
    Prefix("process", r"\d\d:\d\d:\d\d [\w.-]{1,100} *\|(?: |$)", "09:00:01 web.1  | "),
    Prefix("pod", r"\[?pod/[\w./-]{1,200}\]? ", "[pod/web-5d4f/automation] "),
    Prefix("stern", rf"(?:{_DNS} )?{_DNS}-(?:[a-z0-9]{{5}}|\d{{1,3}}) (?:› )?{_DNS} (?:(?P<time>{_INSTANT}) )?",
           "automation-5d4f7c9b8d-x2x9z automation "),
    Prefix("cri", rf"(?P<time>{_INSTANT}) (?:stdout|stderr) [FP](?: |$)", "2026-10-14T09:00:01.101101101Z stdout F "),
    Prefix("rfc5424", rf"<\d{{1,3}}>1 (?P<time>{_INSTANT}) \S+ \S+ \S+ \S+ (?:-|(?:\[[^\]]*\])+)(?: \ufeff?|$)",
           "<165>1 2026-10-14T09:00:01.101Z host automation 123 - - "),
    Prefix("syslog", rf"(?:<\d{{1,3}}>)?(?P<time>{_DAY}) (?:[\w.:-]{{1,255}} )?{_TAG}(?: |$)", "Oct 14 09:00:01 host automation[123]: "),
    Prefix("journal", rf"(?P<time>{_INSTANT}) [\w.:-]{{1,255}} {_TAG}(?: |$)",
           "2026-10-14T09:00:01+0200 host automation[123]: "),
    Prefix("weekday", rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z+-][\w+-]{{1,5}} [\w.:-]{{1,255}} {_TAG}(?: |$)",
           "Wed 2026-10-14 09:00:01 CEST host automation[123]: "),
    Prefix("actions", rf"[^\t]{{1,200}}\t[^\t]{{1,200}}\t(?=\ufeff?{_INSTANT})\ufeff?", "build\tRun python main.py\t2026-10-14T09:00:01.1011011Z "),
    Prefix("fluentd", rf"(?P<time>{_INSTANT})\t[\w.*/-]{{1,200}}\t(?=\{{)", '2026-10-14T09:00:01+02:00\tdocker.automation\t{{"log":…}}'),
    Prefix("fly", rf"(?P<time>{_INSTANT}) [\w.-]{{1,100}}\[[\w.-]{{1,100}}\] [a-z]{{3}} \[[a-z]{{1,10}}\] ?", "2026-10-14T09:00:01Z app[148ed] ams [info] "),
    Prefix("app", rf"(?P<time>{_INSTANT}) [\w.-]{{1,100}}\[[\w.-]{{1,100}}\]:(?: |$)", "2026-10-14T09:00:01.101+00:00 app[web.1]: "),
    Prefix("received", rf"(?P<time>{_INSTANT}) ", "2026-10-14T09:00:01.101101101Z "),
    Prefix("stamped", rf"(?P<time>{_DAY}) ", "Oct 14 09:00:01 "),
)  # fmt: skip
"""Tried in this order; a line may have several, one behind the other."""

WITHOUT_A_YEAR = frozenset(("syslog", "stamped"))
BY_NAME = {prefix.name: prefix for prefix in PREFIXES}
REGEXES = tuple((prefix.name, prefix.regex) for prefix in PREFIXES)
DEEPEST = 3
"""So many prefixes may stand one behind the other (compose with Docker's time stamps before syslog's)."""


def without_escapes(text: str) -> str:
    """Without colours and other control sequences of terminals, also those syslog has spelled out (`#033[32m`)."""
    return _ESCAPES.sub("", text)
