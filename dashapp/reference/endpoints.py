"""The page on the REST API."""

from __future__ import annotations

from pydantic.fields import FieldInfo

from dashapp.api import ENDPOINTS, Endpoint
from dashapp.reference.markdown import code, table

_INTRO = """# REST API

JSON under `/api/v1`, for a login session or a token; what it changes is said where it does:

```
curl -H "Authorization: Bearer $(dashapp token create --user NAME --name LABEL)" \\
  "http://127.0.0.1:8050/api/v1/metrics/generations?start=-7d&every=1d&by=platform"
```

**Filters.** Where an endpoint takes filters, every column of the measurement is a parameter: `platform=linkedin,twitter` is any
of them, `outcome=!ok` none of them, `topic=~launch` text that contains it, `duration_seconds=>=5` and `<=9` number ranges
(inclusive), and a comma of the value itself is written `\\,`. Different columns must all hold.

**Times** are ISO 8601 with the offset `tz` has at that moment. Windows follow the calendar of `tz`: days of 23 and 25 hours are
one window, weeks start on Monday. `start` is included, `stop` is not. Relative moments count from now, rounded up to five
seconds; only a relative `start` before an absolute `stop` in the past counts from that stop. Calendar items (`posts` and
its kin, `queue_items`) are timed by publish date, which can lie ahead: ask them with `stop=+30d`.

**Values.** A window without anything is `0` for counts and rates and `null` for all else; a ratio without a divisor is `null`.
`unit` is that of the aggregate asked for. `provenance` says `measured`, `imported` or `modelled`; `formula` is given where
a number is derived.

**Unchanged answers.** Every answer over stored data has an `ETag`; sent back as `If-None-Match` it is answered `304`
until something of the measurement was written, or until a relative range has moved on.

**Errors** are problem documents (RFC 9457, `application/problem+json`): `type`, `title`, `status`, `detail`, `instance`, and
`parameter` where one is to blame. Unknown parameters are errors, never ignored. 400 bad value, 401 no login (with
`WWW-Authenticate`), 403 not allowed, 404 unknown name, 405 not a reading request, 503 the store does not answer (with
`Retry-After`), 500 anything else, with an `id` that is in the server's log. An account limited to some platforms gets
answers about those alone; records that name no platform are closed to it.
"""


def page() -> str:
    return "\n".join([_INTRO, *(_endpoint(declared) for declared in ENDPOINTS)])


def _default(found: FieldInfo) -> str:
    return "" if found.is_required() else code(found.get_default(call_default_factory=True, validated_data={}) or "")


def _endpoint(declared: Endpoint) -> str:
    parts = [f"## {declared.method} {declared.path}\n", f"{declared.title}. Answer: {declared.answer}.\n"]
    rows = [(code(found.name), found.meaning, found.default) for found in declared.parameters]
    if declared.filters:
        rows.append(("*any column*", "a filter, as above", ""))
    if rows:
        parts.append(table(("parameter", "meaning", "default"), rows))
    if declared.body is not None:
        fields = [(code(name), found.description or "", _default(found))
                  for name, found in declared.body.model_fields.items()]  # fmt: skip
        parts.append("Body, as JSON:\n")
        parts.append(table(("field", "meaning", "default"), fields))
    needs = [f"scope `{declared.scope}`" if declared.scope != "read" else "",
             f"role `{declared.role}`" if declared.role != "viewer" else ""]  # fmt: skip
    if any(needs):
        parts.append(f"Needs {' and '.join(filter(None, needs))}.\n")
    if declared.example:
        parts.append(f"Example: `{declared.method} {declared.example}`\n")
    return "\n".join(parts)
