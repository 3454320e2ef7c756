"""Metrics that assume something nobody measured: time and money saved, reach to come, what content may bring.

Each is arithmetic over measured or imported figures and the assumptions of `metricstore.assumptions`.
"""

from __future__ import annotations

from metricstore.assumptions import CURRENCY
from metricstore.metrics.content import KEPT, summed
from metricstore.metrics.formula import Formula, Term
from metricstore.metrics.generation import AT_MOST
from metricstore.metrics.model import Measure, any_of, modelled

_GOOD = Term("good", "posts without failure", Measure("generation", where=(any_of("outcome", "ok"),)))
_FINISHED = Term("finished", "posts generated", Measure("generation"))
_TIMED = Term("timed", "posts timed", Measure("generation", "count", "duration_seconds"))
_SECONDS = Term("seconds", "seconds they took", Measure("generation", "sum", "duration_seconds"))
_POSTS = Term("posts", "posts", Measure("post", where=KEPT))
_EXPOSED = Term("views", "views", summed("exposures"))
_REACTIONS = Term("reactions", "reactions", summed("engagements"))

_HOURS = "good * (manual_minutes - review_minutes) / 60"
_REVENUE = "views * lead_rate * demo_rate * deal_rate * deal_value"
_COST = "finished * review_minutes / 60 * hourly_rate + days * monthly_cost / 30"
_VIEWS = "imported impressions (views, then reach, where impressions are not given)"


def _reached(text: str) -> Formula:
    return Formula(text, (_EXPOSED,))


METRICS = (
    modelled("time_saved", "Time saved", "h", "working hours the generator saved: writing by hand less checking",
             Formula(_HOURS, (_GOOD,)), decimals=1, bound=AT_MOST),
    modelled("labour_saved", "Labour saved", CURRENCY, "what the saved hours would have cost",
             Formula(f"{_HOURS} * hourly_rate", (_GOOD,)), bound=AT_MOST),
    modelled("generation_speedup", "Speed-up", "times", "how much faster than one post after the other",
             Formula("timed * one_by_one_seconds / seconds", (_TIMED, _SECONDS)), decimals=1),
    modelled("projected_views", "Projected views", "views", "views the calendar's items may get, deleted ones left out",
             Formula("posts * views_per_post", (_POSTS,))),
    modelled("projected_reactions", "Projected reactions", "reactions", "likes, comments and shares the calendar's items may get",
             Formula("posts * views_per_post * reaction_rate", (_POSTS,))),
    modelled("reaction_worth", "Worth of reactions", CURRENCY, "what imported likes, comments and shares are worth",
             Formula("reactions * reaction_value", (_REACTIONS,))),
    modelled("content_score", "Content score", "points", "weighted reactions for 100 impressions, of what reports all four figures",
             Formula("100 * (likes + comments * comment_weight + clicks * click_weight) / impressions", (
                 Term("impressions", "impressions", summed("impressions")),
                 Term("likes", "likes", summed("likes")),
                 Term("comments", "comments", summed("comments")),
                 Term("clicks", "clicks", summed("clicks")),
             )), decimals=2),
    modelled("modelled_leads", "Leads", "leads", f"leads that {_VIEWS} may have brought", _reached("views * lead_rate"), decimals=1),
    modelled("modelled_demos", "Demos", "demos", f"demos that {_VIEWS} may have brought",
             _reached("views * lead_rate * demo_rate"), decimals=1),
    modelled("modelled_deals", "Deals", "deals", f"deals that {_VIEWS} may have brought",
             _reached("views * lead_rate * demo_rate * deal_rate"), decimals=1),
    modelled("modelled_revenue", "Revenue", CURRENCY, f"revenue that {_VIEWS} may have brought", _reached(_REVENUE)),
    modelled("modelled_revenue_low", "Revenue, cautious case", CURRENCY, "modelled revenue if things go badly",
             _reached(f"{_REVENUE} * low_case")),
    modelled("modelled_revenue_high", "Revenue, hopeful case", CURRENCY, "modelled revenue if things go well",
             _reached(f"{_REVENUE} * high_case")),
    modelled("revenue_goal_progress", "Way to the goal", "%", "modelled revenue of the range as a share of the goal",
             _reached(f"100 * {_REVENUE} / revenue_goal"), decimals=1),
    modelled("content_cost", "Cost of content", CURRENCY, "checking what was generated, and tools for the time shown",
             Formula(_COST, (_FINISHED,)), good="down"),
    modelled("return_on_content", "Return on content", "%", "modelled revenue less cost, as a share of the cost",
             Formula(f"100 * {_REVENUE} / ({_COST}) - 100", (_EXPOSED, _FINISHED))),
)  # fmt: skip
