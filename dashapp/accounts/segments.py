"""Named segments: made, changed and removed by administrators; held by users and tokens."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alerting.rule_file import read_rules
from dashapp.accounts.alert_rows import AlertFileRow
from dashapp.accounts.database import now, stamp
from dashapp.accounts.directory import COMMAND_LINE, Accounts, record
from dashapp.accounts.models import SegmentRow, TokenRow, UserRow
from dashapp.accounts.segment_rows import NamedSegment, as_segment, required_segment, words_of
from dashapp.accounts.texts import one_line
from dashapp.accounts.user import AccountError, Conflict, User
from metricstore.quantities import quantity
from metricstore.segment import Segment


def create(
    accounts: Accounts, name: str, segment: Segment, description: str = "", actor: str = COMMAND_LINE
) -> NamedSegment:  # fmt: skip
    """A new segment; AccountError when the name is taken or no name."""
    row = SegmentRow(name=_checked_name(name), description=_checked_description(description),
                     words=_checked_words(segment), created=stamp(now()))  # fmt: skip
    try:
        with accounts.database.session() as session:
            session.add(row)
            record(session, actor, "segment created", row.name, segment.sentence())
            session.flush()
            return as_segment(row)
    except IntegrityError:
        raise Conflict(f"there is a segment {name.strip()!r} already") from None


def update(
    accounts: Accounts, name: str, segment: Segment, description: str | None = None, actor: str = COMMAND_LINE
) -> NamedSegment:  # fmt: skip
    """Change what it lets through; its holders see that at their next request."""
    with accounts.database.session() as session:
        row = required_segment(session, name)
        row.words = _checked_words(segment)
        if description is not None:
            row.description = _checked_description(description)
        record(session, actor, "segment changed", row.name, segment.sentence())
        return as_segment(row, *_holders(session, row))


def delete(accounts: Accounts, name: str, actor: str = COMMAND_LINE) -> None:
    """Remove it; AccountError while somebody holds it, since nobody may be widened by accident, or an alert rule sees no more than it."""
    with accounts.database.session() as session:
        row = required_segment(session, name)
        users, tokens = _holders(session, row)
        if users or tokens:
            raise Conflict(
                f"segment {name!r} is held by {quantity(users, 'users')} and {quantity(tokens, 'tokens')}; take it from them first"
            )
        if rules := _rules_within(session, name):
            raise Conflict(
                f"segment {name!r} is what the alert {'rule' if len(rules) == 1 else 'rules'} {', '.join(rules)} may see; "
                "give them another segment or remove them first"
            )
        session.delete(row)
        record(session, actor, "segment deleted", name)


def get(accounts: Accounts, name: str) -> NamedSegment | None:
    with accounts.database.session() as session:
        row = None if "\0" in name else session.scalar(select(SegmentRow).where(SegmentRow.name == name))
        return as_segment(row, *_holders(session, row)) if row else None


def listed(accounts: Accounts) -> list[NamedSegment]:
    """All segments by name, with the number of users and usable tokens that hold them."""
    with accounts.database.session() as session:
        rows = session.scalars(select(SegmentRow).order_by(SegmentRow.name)).all()
        return [as_segment(row, *_holders(session, row)) for row in rows]


def offered(accounts: Accounts, user: User) -> list[NamedSegment]:
    """Those a user may give to tokens: all, or, where the user's own view is limited, those that speak of nothing else.

    Names and filters of other segments would tell a limited user of what lies outside the limit.
    """
    return [found for found in listed(accounts) if all(found.segment.lies_within(limit) for limit in user.segments)]


def holders(accounts: Accounts, name: str) -> tuple[list[str], list[str]]:
    """Names of the users, and `label (user)` of the usable tokens, that hold it."""
    with accounts.database.session() as session:
        row = required_segment(session, name)
        users = select(UserRow.name).where(UserRow.segment_id == row.id).order_by(UserRow.name)
        tokens = select(TokenRow.label, UserRow.name).join(UserRow, UserRow.id == TokenRow.user_id).where(
            TokenRow.segment_id == row.id, ~TokenRow.revoked).order_by(TokenRow.id)  # fmt: skip
        return list(session.scalars(users)), [f"{label} ({user})" for label, user in session.execute(tokens)]


def _holders(session: Session, row: SegmentRow) -> tuple[int, int]:
    """How many users and tokens hold it; revoked tokens never come back and don't count."""
    users = select(func.count()).select_from(UserRow).where(UserRow.segment_id == row.id)
    tokens = select(func.count()).select_from(TokenRow).where(TokenRow.segment_id == row.id, ~TokenRow.revoked)
    return session.scalar(users) or 0, session.scalar(tokens) or 0


def _rules_within(session: Session, name: str) -> list[str]:
    """Ids of the alert rules that see no more than the segment."""
    texts = session.scalars(select(AlertFileRow).order_by(AlertFileRow.name))
    return [rule.id for row in texts for rule in read_rules(row.text, row.name)[0] if rule.segment == name]


def _checked_name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > 64 or not name.replace("-", "").replace("_", "").replace(" ", "").isalnum():
        raise AccountError(f"{text!r} isn't a name for a segment; use letters, digits, blanks, - and _, at most 64")
    return name


def _checked_words(segment: Segment) -> str:
    if segment == Segment(timezone=segment.timezone):
        raise Conflict("a segment without any limit would let everything through; name a filter, range or window")
    return words_of(segment)


def _checked_description(text: str) -> str:
    return one_line(text, "a segment's description", 200)
