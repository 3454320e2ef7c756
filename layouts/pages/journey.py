"""Promise tracker: every post from idea to reader, where it is and what holds it up."""

from layouts.charts.figures import ranked_bars, stacked_bars
from layouts.charts.model import Chart
from layouts.charts.ordered import ordered_bars
from layouts.charts.sentences import one_cause
from layouts.charts.steps import funnel_bars, ordered_matrix, step_times
from layouts.page import Page
from layouts.tables import Table, columns_of
from metricstore.catalogue.journey import STEPS
from metricstore.query import Filter

TILES = ("journey_posts", "promises_kept", "posts_stuck", "posts_given_up", "posts_untold", "unmatched_records", "lead_time",
         "reached_engaged")  # fmt: skip

_TIMES = tuple(f"time_{step}" for step in STEPS[:-1])

CHARTS = (
    Chart("promise_funnel", "How far posts got", "journey", "reached_generated", funnel_bars, every="none",
          also=tuple(f"reached_{step}" for step in STEPS[1:]), width=6, height=340,
          note="At least so far, with the share of all. Each post is in exactly one step: the table below has them."),
    Chart("step_per_platform", "Where posts are now", "journey", "journey_posts", ordered_matrix, by=("platform", "step"),
          every="none", width=6, height=340, note="The furthest step each has reached. Click a cell to see those posts."),
    Chart("journeys_by_state", "How it is going", "journey", "journey_posts", stacked_bars, by=("state",), width=8,
          note="By the date each post is meant for. Unknown: no source reports what became of it."),
    Chart("held_up_per_cause", "What holds posts up", "journey", "posts_held_up", ranked_bars, by=("cause",), every="none",
          width=4, says=one_cause, note="The likeliest cause of what is stuck or was given up."),
    Chart("time_in_step", "Time in each step", "journey", _TIMES[0], step_times, every="none", aggregate="p50",
          also=(f"{_TIMES[0]}:p95", *(f"{name}:{part}" for name in _TIMES[1:] for part in ("p50", "p95"))), width=8,
          note="Median and 95th percentile, where both ends are known. Seen and engaged are as exact as figures are frequent."),
    Chart("waiting_in_step", "How long open posts have waited", "journey", "posts_open", ordered_bars, by=("waiting",),
          every="none", width=4),
    Chart("unmatched_per_source", "Records without a calendar item", "journey", "unmatched_records", ordered_matrix,
          by=("anchor", "unmatched"), every="none", width=6, note="By the source that reports them, and why none was found."),
    Chart("service_matches", "How posts at the service were recognised", "journey", "journey_posts", ranked_bars,
          by=("service_match",), every="none", width=6, note="The weakest rule that was needed; not given: none is there."),
)  # fmt: skip

PAGE = Page(
    "journey",
    "/journey",
    "Promise tracker",
    "From idea to reader: where every post is, and what holds up those that are not there yet.",
    order=60,
    tiles=TILES,
    sections={"Steps": "promise_funnel", "What holds posts up": "held_up_per_cause", "Times": "time_in_step", "Stuck posts": "stuck_posts",
              "Posts by step": "journey_posts", "Without a calendar item": "unmatched_posts"},
    charts=CHARTS,
    tables=(
        Table("stuck_posts", "Stuck posts", "post_journey",
              ("time", "platform", "step", "state", "cause", "cause_detail", "waiting", "topic"),
              "And those that were given up, with the likeliest reason. A row opens the post with all its records.",
              where=(Filter("state", "any", ("stuck", "failed")),)),
        Table("journey_posts", "Posts by step", "post_journey", columns_of("post_journey"),
              "Every post in exactly one step. What is planned stands at its date: choose a range that ends ahead."),
        Table("unmatched_posts", "Records without a calendar item", "post_journey",
              ("time", "platform", "anchor", "unmatched", "step", "topic", "sources", "first_told"),
              "Each stands by itself, as a post of its own.", where=(Filter("unmatched", "none", ("",)),)),
    ),
)  # fmt: skip
