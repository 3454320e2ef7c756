"""What a month will have cost: by weekday, with an honest width, and only where enough days are known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from layouts.charts import ChartData
from layouts.charts.forecast import month_outlook, month_spending
from layouts.pages import CHARTS
from metricstore import nothing
from metricstore.assumptions import USUAL
from metricstore.evaluation import Answer
from metricstore.forecast import Forecast, forecast
from metricstore.metrics import metric
from metricstore.selection import Selection
from metricstore.windows import Window
from tests.grids import grid_of

TODAY = date(2026, 11, 23)  # a Monday
WHOLE = {TODAY - timedelta(days=back): 1.0 for back in range(29)}


def test_days_that_cost_the_same_leave_no_doubt() -> None:
    assert forecast({**WHOLE, TODAY: 0.0}, TODAY) == Forecast(30.0, 30.0, 30.0)


def test_weekends_are_not_taken_for_weekdays() -> None:
    costs = {day: 0.0 if day.weekday() >= 5 else 2.0 for day in WHOLE}
    found = forecast(costs, TODAY)
    weekdays = sum(date(2026, 11, day).weekday() < 5 for day in range(1, 31))
    assert found is not None
    assert (found.expected, found.low, found.high) == pytest.approx((weekdays * 2.0,) * 3)


def test_what_today_has_cost_already_counts_once() -> None:
    usual, dear = forecast(WHOLE, TODAY), forecast({**WHOLE, TODAY: 5.0}, TODAY)
    assert usual is not None
    assert dear is not None
    assert (usual.expected, dear.expected) == (30.0, 34.0)


def test_days_that_vary_widen_it_and_never_below_what_is_spent() -> None:
    costs = {day: float(10 * (day.toordinal() // 7 % 2)) for day in WHOLE}
    found = forecast(costs, TODAY)
    assert found is not None
    spent = sum(cost for day, cost in costs.items() if day.month == 11)
    assert spent <= found.low < found.expected < found.high


def test_too_few_days_give_no_forecast() -> None:
    assert forecast({TODAY - timedelta(days=back): 1.0 for back in range(14)}, TODAY) is None
    assert forecast({TODAY - timedelta(days=back): 1.0 for back in range(15)}, TODAY) is not None


def drawn(days: int, budget: float = 0.0, zone: str = "UTC") -> ChartData:
    stop = datetime(2026, 11, 23, 15, tzinfo=UTC)
    times = pd.date_range(end="2026-11-23", periods=days, freq="D", tz=zone).tz_convert("UTC")
    frame = pd.DataFrame({"time": times, "value": 1.0, nothing.COLUMN: ""})
    answer = Answer(
        metric("ai_cost"), "sum", times[0].to_pydatetime(), stop, Window.parse("1d"), zone, (), grid_of(frame)
    )
    selection = Selection(timezone=zone, assume=USUAL.with_values({"ai_budget": budget} if budget else {}))
    return ChartData(answer, {}, selection, "light")


def test_the_picture_holds_this_month_its_forecast_and_the_budget() -> None:
    figure = month_spending(drawn(62, 25, "Europe/Berlin"))
    names = [trace["name"] for trace in figure.data]
    assert names == ["spent", "expected", "low", "high", "budget"]
    assert figure.data[0]["y"] == [float(day) for day in range(1, 24)]
    assert figure.data[0]["x"][0] == "2026-11-01T00:00:00"
    assert figure.data[1]["y"] == [23.0, 30.0]
    assert [trace["name"] for trace in month_spending(drawn(10)).data] == ["spent"]


@pytest.mark.parametrize(
    ("days", "budget", "said"),
    [(62, 0, "No budget is set"), (62, 25, "over it even at best"), (62, 40, "within it even at worst"),
     (5, 40, "too few days for a forecast, 14 are needed")],
)  # fmt: skip
def test_the_sentence_says_spent_expected_and_what_that_means(days: int, budget: float, said: str) -> None:
    assert said in month_outlook(drawn(days, budget))
    assert CHARTS["ai_month"].says is month_outlook
