"""What is imported about the audience."""

from metricstore.catalogue.model import BY_TIME_KIND, LONG_DELAY, PLATFORM, TIME_KIND, Field, Measurement, Tag, origin

ENGAGEMENT = Measurement(
    "engagement",
    "Engagement figures",
    "date of the row; time of a snapshot",
    (
        PLATFORM,
        Tag("provenance", "how far the numbers can be trusted", ("imported", "placeholder", "modelled")),
        Tag("grain", "what one row stands for; `rest`: figures of a week's or day's row that no single post of that week "
            "reports (sums add posts and rest); `watched`: snapshot of somebody else's account",
            ("post", "rest", "week", "day", "account", "watched")),
        TIME_KIND,
    ),
    (
        Field("impressions", "int", "times shown", "impressions"),
        Field("views", "int", "views", "views"),
        Field("reach", "int", "people reached", "people"),
        Field("clicks", "int", "clicks", "clicks"),
        Field("likes", "int", "likes", "likes"),
        Field("comments", "int", "comments", "comments"),
        Field("shares", "int", "shares", "shares"),
        Field("saves", "int", "saves", "saves"),
        Field("followers", "int", "followers", "followers"),
        Field("following", "int", "accounts followed", "accounts"),
        Field("account_posts", "int", "posts the account has made", "posts"),
        Field("account", "string", "account a snapshot is of", dimension=True),
        Field("engagements", "int", "likes + comments + shares, those that are given; the source's own total where it gives "
              "that alone", "engagements"),
        Field("exposures", "int", "impressions, else views, else reach: what the rate divides by", "exposures"),
        Field("reported_rate", "float", "engagement rate as the source wrote it", "%"),
        Field("topic", "string", "topic or post text, first 200 characters", dimension=True),
        Field("media_type", "string", "media type", dimension=True),
        Field("post_number", "int", "number in its calendar"),
        Field("conflicting_rows", "int", "rows of the file that claim this identity with other figures and are not counted",
              "rows"),
        Field("row_id", "string", "what the row is about, hashed: the same when it is imported again"),
        *origin(what="the row"),
    ),
    dates=BY_TIME_KIND,
    exact="s",
    reach="newest",
    partial=True,
    conflicts="conflicting_rows",
    settle=LONG_DELAY,
)  # fmt: skip

MEASUREMENTS = (ENGAGEMENT,)
