/* Charts: what their panels show, which answers are drawn, and when they are asked again. */
(function () {
  "use strict";
  const board = window.board;
  const UNDRAWN = { type: "P", namespace: "dash_html_components", props: { children: "This chart could not be drawn.", className: "state-text", role: "alert" } };
  const panels = new Map(); // chart -> its panel on this page: { facts, mode, cause, answer, drawn, show }
  let asking = null; // what all of them are asked for: { words, theme }
  let fresh = {}; // what the server last said of its sources

  const { panelOf } = board;
  const elementOf = (own) => panelOf(own.facts.chart);

  /* The component. Within its panel React writes what has `data-part`; everything else is written here and by Plotly. */
  function Panel({ id, facts, content, data }) {
    const { useEffect, useState } = window.React;
    const [shown, show] = useState({ name: "is-loading", mode: "picture" });
    useEffect(() => enter(facts, show), []);
    useEffect(() => { if (data) board.drawChart(data); }, [data]);
    const parts = {
      panel: { id, className: ["panel", shown.name, shown.late && "is-late", shown.form === "table" && "as-table"].filter(Boolean).join(" ") },
      mode: { children: shown.mode === "table" ? "Show as picture" : "Show as table" },
    };
    if ("message" in shown) parts.state = { children: shown.message };
    if ("table" in shown) parts.table = { children: shown.table };
    return board.element(content[0], parts);
  }
  board.ChartPanel = (props) => window.React.createElement(Panel, { ...props, key: props.facts.chart });

  function enter(facts, show) {
    const own = { facts, mode: "picture", cause: null, answer: null, drawn: null };
    own.show = (change) => show((before) => (Object.keys(change).every((key) => before[key] === change[key]) ? before : { ...before, ...change }));
    panels.set(facts.chart, own);
    want(own);
    freshness(own);
    return () => { if (panels.get(facts.chart) === own) panels.delete(facts.chart); };
  }

  function want(own) {
    if (!asking) return;
    own.show({ mode: own.mode });
    board.wantChart(elementOf(own), own.facts.chart, { ...asking, mode: own.mode }, own.cause);
  }

  /* An answer is drawn only when it answers what is asked now, and no newer one was drawn before. */
  function wanted(own, answer) {
    if (!own || !asking || !board.same(answer.asked, asking.words) || answer.mode !== own.mode) return false;
    return !(own.drawn && own.drawn.asked === board.key(answer.asked) && answer.at < own.drawn.at);
  }

  const stale = (own, answer) => Boolean(own.drawn) && own.drawn.picture && own.drawn.asked === board.key(answer.asked);

  function remember(own, answer, picture) {
    own.drawn = { asked: board.key(answer.asked), at: answer.at, picture };
    return own.drawn;
  }

  const of = (kind, names) => (names || []).map((name) => (fresh[kind] || {})[name]).filter(Boolean);

  function write(place, text) {
    if (place && place.textContent !== text) place.textContent = text;
  }

  /* What is wrong with its sources, which dims the panel; data until, drawn at, and when news are expected. */
  function freshness(own) {
    const panel = elementOf(own);
    if (!panel) return;
    const [wrong] = of("wrong", own.facts.collectors);
    const due = of("due", own.facts.collectors).sort();
    const clocks = [["Data until", of("until", [own.facts.source])[0]], ["drawn", panel.dataset.drawn], ["next reading", due[0]]];
    own.show({ late: Boolean(wrong) });
    write(panel.querySelector(".panel-stale"), wrong ? "⚠ " + wrong : "");
    write(panel.querySelector(".panel-clocks"), clocks.filter((part) => part[1]).map((part) => part.join(" ")).join(" · "));
  }

  /* A picture is drawn in its turn; the answer to go on with, or null when a newer one has its say. */
  async function pictured(own, panel, place, answer) {
    const shown = remember(own, answer, stale(own, answer));
    const end = place ? await board.draw(place, answer.figure) : "dropped";
    if (end === "dropped" || own.drawn !== shown) return null;
    shown.picture = end === "drawn";
    if (shown.picture) board.listenToChart(own.facts, panel, place);
    if (!board.same(answer.asked, board.chosen())) return null; // something else was chosen meanwhile
    return shown.picture ? answer : { ...answer, status: "failed", message: UNDRAWN };
  }

  board.drawChart = async function (given) {
    const own = panels.get(given.chart);
    if (own) own.answer = given;
    if (!wanted(own, given)) return;
    const panel = elementOf(own);
    const place = panel && panel.querySelector(".panel-graph");
    if (given.status !== "ok" && place) board.undraw(place);
    const answer = given.status === "ok" ? await pictured(own, panel, place, given) : given;
    if (!answer || !panel) return;
    board.busy(panel, false);
    if (answer.status !== "failed") panel.dataset.drawn = answer.drawn || "";
    freshness(own);
    panel.querySelector(".panel-summary").textContent = answer.summary || "";
    if (answer.status === "failed") {
      const kept = stale(own, answer);
      remember(own, answer, kept);
      own.show({ name: kept ? "is-stale" : "is-failed", message: answer.message, form: kept ? own.mode : "picture" });
      return;
    }
    if (answer.status === "empty") {
      remember(own, answer, false);
      // The picture is gone: whoever walked through it stays in the panel.
      if (place && place.contains(document.activeElement)) panel.querySelector(".panel-menu summary").focus();
    }
    write(panel.querySelector(".panel-remark"), answer.remark || "");
    panel.querySelector(".api-link").href = answer.api;
    own.show({
      name: "is-" + answer.status, // what is hidden is left as it was
      form: answer.status === "empty" ? "picture" : own.mode,
      ...(answer.status === "empty" ? { message: answer.message, table: null } : answer.table ? { table: answer.table } : {}),
    });
  };

  /* Why it is to be asked again: the server has something newer than what was shown; null when it has not. */
  function cause(revisions, shown, facts, before) {
    if (!revisions || !shown) return null;
    const names = facts.measurements || [facts.measurement];
    const now = {};
    for (const name of names) now[name] = revisions[name];
    if (!("" in revisions) && names.some((name) => now[name] === undefined)) return null;
    if (board.same(now, shown.revision)) return null;
    const next = { now, at: shown.at };
    return board.same(next, before) ? null : next;
  }

  Object.assign(board, {
    wantCharts(words, theme) {
      if (!words || !theme) return;
      asking = { words, theme };
      panels.forEach(want);
    },

    chartsChanged(revisions) {
      for (const own of panels.values()) {
        const next = cause(revisions, own.answer, own.facts, own.cause);
        if (!next) continue;
        own.cause = next;
        want(own);
      }
    },

    chartsFreshness(told) {
      fresh = told || {};
      panels.forEach(freshness);
    },

    cause,
    tick: (revisions, shown, facts, tick) => cause(revisions, shown, facts, tick) || window.dash_clientside.no_update,

    /* Between the picture and its numbers as a table. */
    turnChart(panel) {
      const own = panels.get(panel.dataset.chart);
      own.mode = own.mode === "table" ? "picture" : "table";
      want(own);
    },

    askChart(panel) {
      const own = panels.get(panel.dataset.chart);
      if (!own) return;
      own.cause = { again: Date.now() };
      want(own);
    },

    again(element) {
      const panel = element.closest("[data-chart]");
      const table = element.closest("[data-table]");
      if (panel) board.askChart(panel);
      else if (table) board.askTable(table);
    },
  });
})();
