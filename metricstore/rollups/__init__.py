"""Hourly rollups: what of each hour of UTC and each cell of tags is kept beside the points, and which questions it answers.

Nothing here knows a database: what is kept (`layout`), stretches of hours (`hours`), buckets for percentiles (`buckets`),
and the planner."""
