"""A small history for pages to show: two platforms, a few days, one failure whose place in the log is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from collectors.time_kinds import stored_date
from metricstore.point import Point, nanoseconds

TOPICS = ("AI in hiring", "Pricing, explained", "Data quality")


class History:
    """Collects points; every log record gets the next line of `app.log`."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.line = 0

    def log(self, time: datetime, message: str, level: str = "INFO", event: str = "other") -> int:
        self.line += 1
        fields = {"message": message, "file": "app.log", "line": self.line, "lines": 1, "offset": self.line * 90}
        self.points.append(Point("log_record", nanoseconds(time), {"level": level, "event": event}, fields))
        return self.line

    def generation(self, time: datetime, platform: str, outcome: str, topic: str, number: int) -> None:
        line = self.log(time, f"Generated post {number}/3 for topic: {topic[:30]}...", event="post_generated")
        reason = {} if outcome == "ok" else {"outcome_reason": "http_500"}
        fields = {"outcome": outcome, "log_outcome": outcome, "duration_seconds": 4.5, "topic": topic,
                  "position": number, "batch_size": 3, "batch_id": f"{platform}-{time:%d}", "file": "app.log",
                  "line": line, **reason}  # fmt: skip
        self.points.append(Point("generation", nanoseconds(time), {"platform": platform}, fields))

    def post(self, day: datetime, platform: str, topic: str, number: int) -> None:
        fields = {"post_id": f"{platform}-{day:%d}-{number}", "status": "draft", "content_state": "ok", "topic": topic,
                  "presence": "current", "content": f"About {topic}", "characters": 900 + number, "hashtags": 2,
                  "file": "outputs/content_calendar.json", "line": number}  # fmt: skip
        tags = {"platform": platform, "time_kind": "date"}
        self.points.append(Point("post", stored_date(day.date()) + number, tags, fields))

    def sent(self, time: datetime, platform: str, topic: str, seen: int, reacted: int) -> None:
        """A post that was sent, its figures at two ages, and what it was like."""
        name = f"{platform}-{time:%d%H%M%S}"
        about = {
            "service_post_id": name,
            "post": f"{time:%Y-%m-%d %H:%M} {topic} #{name[-4:]}",
            "topic": topic,
            "prompt_type": "story",
        }
        tags = {"source": "buffer", "platform": platform}
        figures = {"impressions": seen, "reactions": reacted, "comments": 1, "interactions": reacted + 1, "exposures": seen,
                   "rated_interactions": reacted + 1, "interactions_squared": (reacted + 1.0) ** 2, "exposures_squared": float(seen) ** 2,
                   "exposed_interactions": seen * (reacted + 1.0), "rate": 100 * (reacted + 1) / seen, "length_step": "601-900",
                   "hashtags_step": "2", "first_day_exposures": seen // 2, "later_exposures": seen}  # fmt: skip
        self.points.append(Point("post_performance", nanoseconds(time), tags, {**about, **figures}))
        for place, (step, hours) in enumerate((("1 d", 24.0), ("7 d", 168.0)), 1):
            grown = {
                "age_step": step,
                "age_hours": hours,
                "exposures": seen * place // 2,
                "impressions": seen * place // 2,
            }
            self.points.append(Point("post_growth", nanoseconds(time) + place, tags, {**about, **grown}))

    def run(self, time: datetime, collector: str, outcome: str = "ok") -> None:
        fields = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
        self.points.append(
            Point("collector_run", nanoseconds(time), {"collector": collector, "outcome": outcome}, fields)
        )


def history(now: datetime | None = None) -> list[Point]:
    """Ten days: each day three posts for LinkedIn and two for X; the last LinkedIn post of each day failed."""
    moment = now or datetime.now(UTC)
    found = History()
    for back in range(10, 0, -1):
        day = (moment - timedelta(days=back)).replace(hour=10, minute=0, second=0, microsecond=0)
        for platform, count in (("linkedin", 3), ("twitter", 2)):
            for number in range(1, count + 1):
                day += timedelta(seconds=7)
                outcome = "failed" if platform == "linkedin" and number == 3 else "ok"
                if outcome == "failed":
                    found.log(day - timedelta(seconds=1), f"Error posting item of day {back}: 500 Server Error",
                              "ERROR", "scheduling_error")  # fmt: skip
                found.generation(day, platform, outcome, TOPICS[number % 3], number)
                found.post(day, platform, TOPICS[number % 3], number)
                if outcome == "ok":
                    found.sent(day + timedelta(hours=1), platform, TOPICS[number % 3], 200 + 10 * back, number + back)
    for collector in ("app_log", "calendars"):
        found.run(moment - timedelta(seconds=20), collector)
    return found.points
