"""The page "Alerts": who reads and who acts, what is shown of what is open, and that reading changes nothing."""

from __future__ import annotations

import html
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask, g

from callbacks.charts import answer_chart
from dashapp.accounts import Accounts
from dashapp.alerts.evaluating import Evaluator
from dashapp.alerts.muting import Mutes
from dashapp.alerts.pages.desk import now
from dashapp.alerts.round import Round
from dashapp.alerts.wording import Links
from tests.web.alert_scene import AI, RULES, AlertScene
from tests.web.conftest import Person
from tests.web.test_administration import SCRIPT, send


@pytest.fixture
def scene(app: Flask) -> AlertScene:
    found = AlertScene(app)
    found.fail()
    return found


def text_of(person: Person, path: str = "/alerts") -> str:
    answer = person.client.get(path)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def test_without_rules_it_says_how_to_begin(viewer: Person) -> None:
    page = text_of(viewer)
    assert "There is no rule yet" in page
    assert "dashapp alert example" in page and "DASHAPP_ALERTS_FILE" in page
    assert "nobody is written to" in page


def test_it_shows_what_is_open_and_the_rules(scene: AlertScene, viewer: Person) -> None:
    page = text_of(viewer)
    assert "AI requests fail (provider b)" in page
    assert "30.0 %" in page and "limit > 20 %" in page
    assert "Nobody has taken it yet." in page
    assert "from rules.toml, line 2" in page and "conf/" not in page
    assert "1 open" in page
    assert "ops" in page and "no alert was sent yet" in page
    assert "Send test" not in page and "csrf_token" not in page, "a viewer has no buttons"


def test_a_late_source_is_shown_without_a_figure(scene: AlertScene, eve: Person) -> None:
    late = '[[rule]]\nid = "source-late"\ntitle = "A source is late"\nkind = "late"\nnotify = ["ops"]\n'
    scene.desk.rulebook.apply(late, "app/source-late", "test")
    trouble = Mutes(sources={"app_log": "Application log: last read well 3 h ago"})
    book, evaluator = scene.desk.rulebook.read(), Evaluator(scene.store, scene.desk.database, Links())
    for second in range(4):
        failed = {"ai-errors": "InfluxDB does not answer"}
        this = Round(book, trouble, now() + timedelta(seconds=second), 2, failed=failed)
        evaluator.round(this)
    page = text_of(eve)
    assert "a collector has not read its source well for three of its intervals" in page
    assert "A source is late (collector app_log)" in page and "Alert rules can't be judged" in page
    for path in ("/alerts/source-late/1?labels=app_log", "/alerts/_not-judged/1?labels="):
        assert "since" in text_of(eve, path)
    assert eve.client.get("/alerts/rules/source-late/edit").status_code == 200


def test_it_says_when_nobody_judges(app: Flask, scene: AlertScene, viewer: Person) -> None:
    from dashapp.alerts.leases import Lease

    assert "No rule is judged at the moment" in text_of(viewer)
    Lease(scene.desk.database, "alerts").hold(now())
    assert "No rule is judged at the moment" not in text_of(viewer)


def test_the_link_of_a_message_leads_to_its_alert(scene: AlertScene, viewer: Person) -> None:
    message = scene.outbox.latest()[0]["message"]
    parts = urlsplit(message.acknowledge_link)
    assert parts.fragment == "acknowledge"
    page = text_of(viewer, f"{parts.path}?{parts.query}")
    assert message.sentence in page
    assert "/generation?" in page and "provider=b" in page
    assert "<form" not in page.split("<main")[1], "a viewer has no forms"


def test_reading_takes_nothing(scene: AlertScene, eve: Person) -> None:
    page = text_of(eve, AI)
    assert 'id="acknowledge"' in page and 'id="silence"' in page
    for change in ("acknowledge", "silence"):
        eve.client.get(AI.replace("?", f"/{change}?") + "&reason=x&lasts=2h")
    (group,) = scene.desk.states.opened()
    assert not group.taken and scene.desk.silences.current(now()) == []


def test_an_analyst_takes_it_and_everybody_sees_who(scene: AlertScene, eve: Person, viewer: Person) -> None:
    answer = send(eve, AI.replace("?", "/acknowledge?"), AI, note="calling  the provider")
    assert answer.status_code == 302 and answer.headers["Location"] == AI
    (group,) = scene.desk.states.opened()
    assert (group.taken, group.acknowledged_by, group.note) == (True, "eve", "calling the provider")
    for path in ("/alerts", AI):
        assert "eve: calling the provider" in text_of(viewer, path)


@pytest.mark.parametrize(("lasts", "number"), [("8h", 0), ("ended", 1)])
def test_an_analyst_silences_it_and_ends_the_silence(
    scene: AlertScene, eve: Person, viewer: Person, lasts: str, number: int
) -> None:
    assert send(eve, AI.replace("?", "/silence?"), AI, reason="a planned test", lasts=lasts).status_code == 302
    (silence,) = scene.desk.silences.current(now())
    assert (silence.rule, silence.labels, silence.number, silence.author) == ("ai-errors", ("b",), number, "eve")
    if lasts == "8h":
        assert abs(silence.stop - now() - timedelta(hours=8)) < timedelta(minutes=1)
    page = text_of(viewer)
    assert "silenced by eve: a planned test" in page and "Silences in force" in page
    assert send(viewer, f"/alerts/silences/{silence.id}/end").status_code == 403
    assert send(eve, f"/alerts/silences/{silence.id}/end").status_code == 302
    assert scene.desk.silences.current(now()) == []
    assert "silenced by" not in text_of(viewer)


def test_what_is_no_silence_is_told_why(scene: AlertScene, eve: Person) -> None:
    silence = AI.replace("?", "/silence?")
    assert "needs a reason" in send(eve, silence, AI, reason=" ", lasts="2h").text
    assert send(eve, silence, AI, reason="x", lasts="a year").status_code == 400
    long = send(eve, AI.replace("?", "/acknowledge?"), AI, note="x" * 501)
    assert long.status_code == 400 and "at most 500" in long.text
    assert send(eve, f"/alerts/silences/{2**70}/end").status_code == 404
    assert send(eve, "/alerts/silences/99/end").status_code == 302


def test_an_alert_that_has_ended_says_so(scene: AlertScene, eve: Person) -> None:
    scene.recover()
    page = text_of(eve, AI)
    assert "Over: AI requests fail (provider b)" in page and 'id="acknowledge"' not in page
    assert "Ended in the last two days" in text_of(eve)
    taken = send(eve, AI.replace("?", "/acknowledge?"), "/account", note="late")
    assert "ended in the meantime" in text_of(eve, taken.headers["Location"])
    assert send(eve, AI.replace("?", "/silence?"), reason="x", lasts="2h").status_code == 400


def test_an_alert_of_a_removed_rule_is_known_by_its_last_message(scene: AlertScene, viewer: Person) -> None:
    scene.desk.rulebook.remove("conf/rules.toml", "test")
    assert "AI requests fail" not in text_of(viewer, "/alerts").split("Open now")[0]
    scene.round(scene.at(3.4))
    page = text_of(viewer, AI)
    assert "It has ended." in page and "Its rule was removed." in page


@pytest.mark.parametrize(
    "path",
    ["/alerts/ai-errors/2?labels=b", "/alerts/ai-errors/0?labels=b", "/alerts/ai-errors/1?labels=c", "/alerts/ai-errors/1",
     f"/alerts/ai-errors/{2**70}?labels=b", "/alerts/nothing/1", "/alerts/%00/1", "/alerts/ai-errors/1?labels=%00", "/alerts/A%20b/1"],
)  # fmt: skip
def test_what_never_was_is_not_found(scene: AlertScene, viewer: Person, path: str) -> None:
    assert viewer.client.get(path).status_code == 404


def test_a_viewer_acts_on_nothing(scene: AlertScene, viewer: Person) -> None:
    for path in ("/alerts/ai-errors/1/acknowledge?labels=b", "/alerts/ai-errors/1/silence?labels=b", "/alerts/receivers/ops/test"):  # fmt: skip
        assert send(viewer, path, reason="x", lasts="2h").status_code == 403, path
    assert not scene.desk.states.opened()[0].taken


def test_a_form_without_its_token_does_nothing(scene: AlertScene, eve: Person) -> None:
    for path in ("/alerts/ai-errors/1/acknowledge?labels=b", "/alerts/ai-errors/1/silence?labels=b",
                 "/alerts/silences/1/end", "/alerts/receivers/ops/test"):  # fmt: skip
        assert eve.client.post(path, data={"reason": "x", "lasts": "2h"}).status_code == 400, path
    assert not scene.desk.states.opened()[0].taken


def test_the_menu_leads_there_and_counts(scene: AlertScene, viewer: Person) -> None:
    assert 'href="/alerts"' in viewer.client.get("/account").text
    assert "Alerts (1 open)" in viewer.client.get("/_dash-layout").text
    scene.recover()
    assert "open)" not in viewer.client.get("/_dash-layout").text


def test_a_test_message_brings_the_receivers_own_answer(scene: AlertScene, eve: Person, accounts: Accounts) -> None:
    answer = send(eve, "/alerts/receivers/ops/test", "/alerts")
    assert answer.status_code == 200
    assert "not taken" in answer.text and "Test message to ops" in answer.text
    assert send(eve, "/alerts/receivers/nobody/test", "/alerts").status_code == 404
    assert "alert receiver tested" in {entry.action for entry in accounts.audit()}


def test_messages_that_were_given_up_are_shown(scene: AlertScene, viewer: Person) -> None:
    assert "could not be delivered" not in text_of(viewer)
    claimed = scene.outbox.claim(now() + timedelta(minutes=1))
    scene.outbox.failed(claimed, now(), "410 Gone", permanent=True, retry_after=None)
    page = text_of(viewer)
    assert "1 message could not be delivered" in page and "410 Gone" in page and "not taken" in page


def test_hostile_texts_are_texts(app: Flask, eve: Person, viewer: Person) -> None:
    scene = AlertScene(app)
    scene.fail(SCRIPT, RULES.replace('title = "AI requests fail"', f'title = "{SCRIPT}"'))
    (group,) = scene.desk.states.opened()
    assert group.labels == (SCRIPT,)
    path = f"/alerts/ai-errors/1?labels={SCRIPT}"
    assert send(eve, path.replace("?", "/acknowledge?"), path, note=SCRIPT).status_code == 302
    assert send(eve, path.replace("?", "/silence?"), path, reason=SCRIPT, lasts="2h").status_code == 302
    for person in (eve, viewer):
        for address in ("/alerts", path):
            answer = person.client.get(address)
            assert answer.status_code == 200 and SCRIPT not in answer.text and "&lt;script&gt;" in answer.text


def test_an_alert_is_a_band_in_charts_of_its_metric_for_those_who_see_all_of_it(
    app: Flask, scene: AlertScene, accounts: Accounts
) -> None:
    many = '[[rule]]\nid = "many"\ntitle = "Many"\nmetric = "ai_requests"\nby = ["provider"]\nevery = "1h"\nfire = ">= 10"\n'
    scene.desk.rulebook.apply(many, "app/many", "test")
    scene.round(scene.at(3.3))

    def bands(name: str, chart: str) -> list[str]:
        with app.test_request_context("/"):
            g._login_user = accounts.find(name)
            told = answer_chart({"start": "-7d"}, "picture", "light", {"chart": chart})
            found = told["figure"]["layout"].get("annotations", []) if told["status"] == "ok" else []
            return [one["hovertext"].partition("<br>")[0] for one in found if one.get("name") == "alert"]

    assert bands("root", "ai_requests_by_status")[0] == "Alert: Many (provider b)"
    assert bands("root", "log_records_by_level") == []
    accounts.set_platforms("ann", ["linkedin"])
    assert bands("ann", "ai_requests_by_status") == []


def test_a_preview_of_a_silence_changes_nothing(scene: AlertScene, eve: Person) -> None:
    answer = send(eve, AI.replace("?", "/silence?"), AI, do="preview", reason="a <test>", lasts="8h", covers="rule")
    assert answer.status_code == 200
    page = html.unescape(answer.text)
    assert "Open now: AI requests fail (provider b). Not notified: ops." in page
    assert 'value="a <test>"' in page and '<option value="rule" selected' in page
    assert scene.desk.silences.current(now()) == []
    assert send(eve, AI.replace("?", "/silence?"), AI, reason="x", lasts="8h", covers="rule").status_code == 302
    (made,) = scene.desk.silences.current(now())
    assert (made.rule, made.labels) == ("ai-errors", None)


def test_maintenance_is_listed_with_its_next_time(scene: AlertScene, eve: Person) -> None:
    text = '[[maintenance]]\nname = "move"\nbegin = "00:00"\nend = "23:59"\nreason = "we move"\nrules = ["no-posts"]\n'
    scene.desk.rulebook.apply(text, "maintenance.toml", "test")
    page = text_of(eve)
    assert "we move" in page and "Maintenance" in page and "00:00 to 23:59 UTC" in page
