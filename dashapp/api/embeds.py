"""`/embeds`: links for wikis, made and revoked by programs."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, cast

from flask import Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from dashapp.accounts import AccountError, current_accounts
from dashapp.accounts.database import now
from dashapp.accounts.rights import why_not
from dashapp.addresses import public_base, root
from dashapp.api.asking import defaults, store
from dashapp.api.auth import viewer
from dashapp.api.closed_sets import EMBED_KIND, EMBED_THEME
from dashapp.api.conditional import plain
from dashapp.api.endpoints import START, STOP, Endpoint, endpoint
from dashapp.api.schemas import NUMBER, TEXT, TEXTS, TRUTH, WHEN, WHOLE, ZONE, data_of, maybe, one_of, record
from dashapp.embeds import keeping, links
from dashapp.embeds.listing import document
from dashapp.embeds.model import RANGE, Embed, Wanted, target
from dashapp.problem import Problem
from dashapp.settings.values import ORIGIN
from layouts.pages import CHARTS, TILES
from metricstore import vocabulary
from metricstore.catalogue import MEASUREMENTS

_ROW = record(
    "Embed", id=TEXT, url=TEXT, kind=EMBED_KIND, name=TEXT, title=TEXT, where={"type": "object"}, narrow=TEXTS, theme=EMBED_THEME,
    refresh_seconds=WHOLE, height=WHOLE, ancestors=TEXTS, download=TRUTH, owner=maybe(TEXT), state=TEXT, created=WHEN,
    expires=maybe(WHEN), last_used=maybe(WHEN), uses=NUMBER, used_on=maybe(TEXT),
)  # fmt: skip


_DIMENSIONS = sorted({name for source in MEASUREMENTS.values() for name in source.dimensions})


def _words_of(name: str) -> dict[str, Any]:
    """What a filter may say: of a closed set its values, or with `!` all others."""
    declared = vocabulary.closed_sets().get(name)
    if declared is None:
        return {"type": "string", "minLength": 1}
    either = "|".join(map(re.escape, declared))
    return {"type": "string", "pattern": rf"^!?({either})(,({either}))*$"}


_WORDS: dict[str, Any] = {
    "properties": {**{name: _words_of(name) for name in _DIMENSIONS},
                   **{word.name: dict(word.schema) for word in (START, STOP)},
                   "tz": dict(ZONE)},
    "additionalProperties": False,
}  # fmt: skip


def _whole(value: Any) -> Any:
    """JSON knows no integers: 60.0 is 60."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Nought = Annotated[int, Field(ge=0, le=0), BeforeValidator(_whole)]


def _one_of(name: str, values: tuple[str, ...]) -> Any:
    """The type of a closed set, under a name of its own."""
    return Annotated[Literal[values], WithJsonSchema(dict(one_of(name, values)))]


_Target: Any = _one_of("EmbedTarget", (*CHARTS, *TILES))
_Narrowed: Any = _one_of("NarrowedBy", (RANGE, *_DIMENSIONS))


class NewEmbed(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"what": "posts_by_status", "where": {"platform": "linkedin"}}]}
    )

    what: _Target = Field(description="id of a chart or page")
    where: dict[str, Annotated[str, Field(min_length=1)]] = Field(
        default_factory=dict,
        description="the locked selection, in the words of a page's address",
        json_schema_extra=_WORDS,
    )
    title: str = Field(default="", max_length=100, description="in place of its own", pattern=r"^[^\x00-\x1f]*$")
    narrow: list[_Narrowed] = Field(default_factory=list, description="columns readers may narrow, and `range`")
    theme: Literal["light", "dark", "follow"] = Field(default="follow", description="of the frame")
    refresh_seconds: _Nought | Annotated[int, Field(ge=60, le=86_400), BeforeValidator(_whole)] = Field(
        default=0, description="0: never"
    )
    height: _Nought | Annotated[int, Field(ge=120, le=4_000), BeforeValidator(_whole)] = Field(
        default=0, description="of the frame in pixels; 0: as needed"
    )
    ancestors: list[Annotated[str, Field(pattern=rf"^({ORIGIN.pattern})$")]] = Field(
        default_factory=list, max_length=20, description="origins that may frame it"
    )
    download: bool = Field(default=False, description="whether readers may download the numbers")
    expires_days: Annotated[int, Field(ge=1, le=3_650), BeforeValidator(_whole)] | None = Field(
        default=None, description="until it is over; without: until revoked"
    )


@endpoint(Endpoint(
    "/embeds", "Embeds: one's own, for administrators all", "`{data: [{id, url, kind, name, title, where, state, …}]}`",
    scope="embed", role="analyst", example="/api/v1/embeds", schema=data_of(_ROW),
))  # fmt: skip
def embeds() -> Response:
    user = viewer()
    owner = None if why_not(user) is None else user.name
    return plain({"data": [_told(embed) for embed in keeping.listed(current_accounts(), owner)]})


@endpoint(Endpoint(
    "/embeds", "Make an embed", "the embed, with its signed `url`", method="POST", status=201, scope="embed", role="analyst",
    body=NewEmbed, schema=_ROW, errors=((400, "something that can't be embedded"),),
))  # fmt: skip
def create(body: NewEmbed) -> Response:
    kind, name = target(body.what)
    expires: datetime | None = now() + timedelta(days=body.expires_days) if body.expires_days else None
    wanted = Wanted(kind, name, body.where, body.title, tuple(body.narrow), body.theme, body.refresh_seconds, body.height,
                    tuple(body.ancestors), body.download, expires)  # fmt: skip
    try:
        vocabulary.asked(wanted.words, store, defaults())
        made = keeping.create(current_accounts(), wanted, viewer(), defaults(), actor=viewer().name)
    except AccountError as error:
        raise Problem(400, str(error)) from None
    answer = plain(_told(made))
    answer.status_code = 201
    answer.headers["Location"] = f"{root()}/api/v1/embeds/{made.id}"
    return answer


@endpoint(Endpoint(
    "/embeds/<id>", "One embed", "the embed", scope="embed", role="analyst", schema=_ROW,
    errors=((404, "no such embed of one's own"),),
))  # fmt: skip
def one(id: str) -> Response:
    embed = _mine(id)
    if embed.revoked:
        raise Problem(404, f"the embed {id!r} was revoked", parameter="id")
    return plain(_told(embed))


@endpoint(Endpoint(
    "/embeds/<id>", "Revoke an embed", "nothing", method="DELETE", status=204, scope="embed", role="analyst",
    errors=((404, "no such embed of one's own"),),
))  # fmt: skip
def revoke(id: str) -> Response:
    keeping.revoke(current_accounts(), _mine(id).id, actor=viewer().name)
    return Response(status=204)


def _mine(id: str) -> Embed:
    embed = keeping.get(current_accounts(), id)
    if embed is None or (embed.owner != viewer().name and why_not(viewer()) is not None):
        raise Problem(404, f"there is no embed {id!r}", parameter="id")
    return embed


def _told(embed: Embed) -> dict[str, object]:
    return cast(dict[str, object], document(embed, now(), links.url(embed, public_base())))
