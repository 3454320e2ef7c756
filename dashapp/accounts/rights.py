"""Who may administer, and who may make tokens."""

from __future__ import annotations

from dashapp.accounts.user import User


def why_not(user: User) -> str | None:
    """Why the user may not administer accounts; None when it may.

    Whose view is limited may not: it could lift its own limit, or make a user without one. A token with a segment
    of its own counts as limited.
    """
    if not user.has_role("admin"):
        return "administration is for administrators"
    if user.segments:
        words = " and ".join(segment.sentence() for segment in user.segments)
        return (
            f"your own view is limited ({words}), so accounts are closed to you; another administrator, or "
            f"`dashapp user set-segment {user.name}` and `dashapp user platforms {user.name}`, can lift that"
        )
    return None


def why_limited(user: User) -> str | None:
    """Why the user may not see what is about all data; None when it may."""
    if not user.segments:
        return None
    words = " and ".join(segment.sentence() for segment in user.segments)
    return f"your own view is limited ({words}), and this is about all data"
