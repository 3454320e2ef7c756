"""Value: what content may be worth. Every number here rests on assumptions, which are shown and can be changed."""

from layouts.charts.figures import percentile_lines, ranked_bars, stacked_bars
from layouts.charts.model import Chart
from layouts.page import Page
from metricstore.assumptions import ASSUMPTIONS

TILES = ("time_saved", "labour_saved", "content_cost", "modelled_revenue", "return_on_content", "revenue_goal_progress",
         "projected_views", "generation_speedup")  # fmt: skip

CHARTS = (
    Chart("time_saved_trend", "Time saved", "value", "time_saved", stacked_bars, by=("platform",), width=6,
          note="Posts without failure, times writing by hand less checking."),
    Chart("labour_saved_trend", "Labour saved", "value", "labour_saved", stacked_bars, by=("platform",), width=6,
          note="The hours saved, at what an hour costs."),
    Chart("revenue_cases", "Revenue that views may bring", "value", "modelled_revenue", percentile_lines,
          also=("modelled_revenue_low", "modelled_revenue_high"), width=8,
          note="Views to leads, demos and deals, between a cautious and a hopeful case."),
    Chart("leads_per_platform", "Leads, by platform", "value", "modelled_leads", ranked_bars, by=("platform",),
          every="none", width=4),
    Chart("projected_views_trend", "Views that planned posts may get", "value", "projected_views", stacked_bars,
          by=("platform",), width=6, note="On the day each item is meant for."),
    Chart("content_score_per_platform", "Content score, by platform", "value", "content_score", ranked_bars, by=("platform",),
          every="none", width=6, note="Weighted reactions for 100 impressions, from imported figures."),
)  # fmt: skip

PAGE = Page(
    "value",
    "/value",
    "Value",
    "What the content may be worth: modelled, not measured.",
    order=80,
    tiles=TILES,
    charts=CHARTS,
    assumes=tuple(name for name in ASSUMPTIONS if not name.startswith("ai_")),
)
