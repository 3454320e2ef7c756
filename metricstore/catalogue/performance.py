"""What sent posts brought: one point a post with its latest figures and its traits, and its figures as they grew."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from metricstore.catalogue.model import LONG_DELAY, PLATFORM, Field, Measurement
from metricstore.catalogue.social import CHANNEL, SOURCE

AGES = (
    ("3 h", 3), ("6 h", 6), ("12 h", 12), ("1 d", 24), ("2 d", 48), ("3 d", 72), ("4 d", 96), ("5 d", 120), ("6 d", 144),
    ("7 d", 168), ("10 d", 240), ("14 d", 336), ("21 d", 504), ("30 d", 720), ("60 d", 1440), ("90 d", 2160),
)  # fmt: skip
"""Steps of age and the hours each ends at."""
OLDER = "over 90 d"


@dataclass(frozen=True)
class Trait:
    """Something that can be counted in a post. `steps` are (name, last number of the step), ascending."""

    field: str
    meaning: str
    steps: tuple[tuple[str, int], ...]

    @property
    def values(self) -> tuple[str, ...]:
        return (*(name for name, _ in self.steps), self.beyond)

    @property
    def beyond(self) -> str:
        return f"over {self.steps[-1][1]}"

    def step(self, number: int) -> str:
        """The step a number falls into."""
        return self.values[bisect_left([last for _, last in self.steps], number)]


def _steps(*ends: int, first: int = 0) -> tuple[tuple[str, int], ...]:
    """Named by what they hold: `0`, `1-3`, `4-9`."""
    begins = (first, *(end + 1 for end in ends[:-1]))
    return tuple((f"{end}" if begin == end else f"{begin}-{end}", end) for begin, end in zip(begins, ends, strict=True))


TRAITS = {
    "length_step": Trait("characters", "characters of the text", _steps(140, 280, 600, 900, 1_200, 1_500, 3_000)),
    "hashtags_step": Trait("hashtags", "hashtags in the text", _steps(0, 1, 2, 3, 5, 10)),
    "emoji_step": Trait("emoji", "emoji in the text", _steps(0, 2, 5, 10)),
    "links_step": Trait("links", "links in the text", _steps(0, 1, 2)),
    "questions_step": Trait("questions", "question marks in the text", _steps(0, 1, 2)),
    "thread_step": Trait("tweets", "tweets of the thread it belongs to", _steps(1, 3, 5, 8, 12, first=1)),
}
"""By the dimension that holds the step."""

_POST = Field("post", "string", "when it was sent, its topic, and the end of its id", dimension=True)
_POST_ID = Field("service_post_id", "string", "the post's id at the source")
_ABOUT = (
    Field("topic", "string", "topic, as its calendar says", dimension=True),
    Field("prompt_type", "string", "prompt type or style, as its calendar says", dimension=True),
)
_LATEST = (
    Field("impressions", "int", "times shown", "impressions"),
    Field("reach", "int", "people reached", "people"),
    Field("reactions", "int", "likes and other reactions", "reactions"),
    Field("comments", "int", "comments and replies", "comments"),
    Field("reposts", "int", "reposts, retweets and shares within the network", "reposts"),
    Field("clicks", "int", "clicks on links", "clicks"),
    Field("saves", "int", "saves and bookmarks", "saves"),
    Field("views", "int", "views of the media", "views"),
)

POST_PERFORMANCE = Measurement(
    "post_performance",
    "Figures of sent posts",
    "when the post was sent; the last digits name the post",
    (SOURCE, PLATFORM),
    (
        _POST_ID,
        _POST,
        CHANNEL,
        *_ABOUT,
        *_LATEST,
        Field("interactions", "int", "reactions + comments + reposts; only where at least reactions are reported", "interactions"),
        Field("exposures", "int", "impressions, else views, else reach; only where interactions are reported, too", "exposures"),
        Field("rated_interactions", "int", "interactions; only where exposures are reported, too", "interactions"),
        Field("rate", "float", "rated interactions / exposures of this post", "%"),
        Field("interactions_squared", "float", "rated interactions × rated interactions: for intervals"),
        Field("exposures_squared", "float", "exposures × exposures: for intervals"),
        Field("exposed_interactions", "float", "exposures × rated interactions: for intervals"),
        Field("first_day_exposures", "int", "exposures about 24 hours after it was sent", "exposures"),
        Field("later_exposures", "int", "latest exposures of a post whose first day is known", "exposures"),
        Field("first_day_share", "float", "first-day exposures / latest exposures", "%"),
        Field("first_day_age_seconds", "int", "age of the figures that stand for the first day", "s"),
        Field("age_seconds", "int", "age of the latest figures", "s"),
        Field("snapshots", "int", "how often figures were read", "snapshots"),
        Field("not_reported", "string", "of impressions, reactions, comments, reposts, clicks and saves those that the source does "
              "not report, separated by commas"),
        Field("also_told_by", "string", "other sources that report the post, separated by commas; their figures are not used"),
        Field("post_id", "string", "the calendar's post it was made from"),
        Field("characters", "int", "characters of its text", "characters"),
        Field("words", "int", "words of its text", "words"),
        Field("hashtags", "int", "hashtags in its text", "hashtags"),
        Field("emoji", "int", "emoji in its text", "emoji"),
        Field("links", "int", "links in its text", "links"),
        Field("questions", "int", "question marks in its text", "questions"),
        Field("tweets", "int", "tweets of the thread it belongs to", "tweets"),
        Field("tweet", "int", "which of them it is, counted from 1"),
        *(Field(name, "string", f"{trait.meaning}, as a step", dimension=True, values=trait.values)
          for name, trait in TRAITS.items()),
    ),
    exact="s",
    partial=True,
    settle=LONG_DELAY,
)  # fmt: skip

POST_GROWTH = Measurement(
    "post_growth",
    "Growth of sent posts",
    "when the post was sent; the last digits name the post and the step of age",
    (SOURCE, PLATFORM),
    (
        _POST_ID,
        _POST,
        CHANNEL,
        *_ABOUT,
        Field("age_step", "string", "age of the figures, as a step; the latest figures of each step are kept", dimension=True,
              values=(*(name for name, _ in AGES), OLDER)),
        Field("age_hours", "float", "age of the figures", "h"),
        Field("impressions", "int", "times shown until then", "impressions"),
        Field("interactions", "int", "reactions + comments + reposts until then", "interactions"),
        Field("exposures", "int", "impressions, else views, else reach, until then", "exposures"),
    ),
    exact="s",
    settle=LONG_DELAY,
)  # fmt: skip


def age_step(hours: float) -> str:
    """The step an age falls into; each includes its end."""
    place = bisect_left([end for _, end in AGES], hours)
    return AGES[place][0] if place < len(AGES) else OLDER


MEASUREMENTS = (POST_PERFORMANCE, POST_GROWTH)
