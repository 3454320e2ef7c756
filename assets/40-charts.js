/* Charts: which answers are drawn, and what their panels say. */
(function () {
  "use strict";
  const board = window.board;
  const NO = () => window.dash_clientside.no_update;
  const drawn = new Map(); // chart -> what its panel shows now, or will once its picture had its turn
  const UNDRAWN = { type: "P", namespace: "dash_html_components", props: { children: "This chart could not be drawn.", className: "state-text", role: "alert" } };

  const { panelOf } = board;

  /* An answer is drawn only when it answers what is asked now, and no newer one was drawn before. */
  function wanted(answer, selection, mode) {
    if (!answer || !board.same(answer.asked, selection) || answer.mode !== mode) return false;
    const last = drawn.get(answer.chart);
    return !(last && last.panel === panelOf(answer.chart) && last.asked === board.key(answer.asked) && answer.at < last.at);
  }

  function remember(answer, picture) {
    const shown = { asked: board.key(answer.asked), at: answer.at, panel: panelOf(answer.chart), picture };
    drawn.set(answer.chart, shown);
    return shown;
  }

  function stale(answer) {
    const last = drawn.get(answer.chart);
    return Boolean(last) && last.picture && last.panel === panelOf(answer.chart) && last.asked === board.key(answer.asked);
  }

  /* The text for a part of a panel; no update where it stands there already. */
  function unless(panel, part, text) {
    const shown = panel && panel.querySelector(part);
    return shown && shown.textContent === text ? NO() : text;
  }

  let fresh = {}; // what the server last said of its sources
  const of = (kind, names) => (names || []).map((name) => (fresh[kind] || {})[name]).filter(Boolean);
  const troubles = (facts) => of("wrong", facts.collectors);

  /* Data until, drawn at, and when news are expected. The text is nobody else's: Dash never writes it. */
  function clocks(facts) {
    const panel = panelOf(facts.chart);
    const place = panel && panel.querySelector(".panel-clocks");
    if (!place) return;
    const due = of("due", facts.collectors).sort();
    const parts = [["Data until", of("until", [facts.source])[0]], ["drawn", panel.dataset.drawn], ["next reading", due[0]]];
    const text = parts.filter((part) => part[1]).map((part) => part.join(" ")).join(" · ");
    if (place.textContent !== text) place.textContent = text;
  }

  Object.assign(board, {
    async drawChart(answer, facts, selection, mode) {
      const nothing = [NO(), NO(), NO(), NO(), NO()];
      if (!wanted(answer, selection, mode)) return nothing;
      const panel = panelOf(answer.chart);
      const place = panel && panel.querySelector(".panel-graph");
      if (answer.status === "ok") {
        const shown = remember(answer, stale(answer));
        const end = place ? await board.draw(place, answer.figure) : "dropped";
        if (end === "dropped" || drawn.get(answer.chart) !== shown) return nothing; // a newer answer has its say
        shown.picture = end === "drawn";
        if (shown.picture) board.listenToChart(facts, panel, place);
        if (!board.same(answer.asked, board.chosen())) return nothing; // something else was chosen meanwhile
        if (!shown.picture) answer = { ...answer, status: "failed", message: UNDRAWN };
      } else if (place) board.undraw(place);
      if (panel) {
        board.busy(panel, false);
        if (answer.status !== "failed") panel.dataset.drawn = answer.drawn || "";
        clocks(facts);
        panel.querySelector(".panel-summary").textContent = answer.summary || "";
      }
      const late = troubles(facts).length ? " is-late" : "";
      if (answer.status === "failed") {
        const kept = stale(answer);
        remember(answer, kept);
        const name = kept ? "panel is-stale" + (mode === "table" ? " as-table" : "") : "panel is-failed";
        return [name, answer.message, NO(), NO(), NO()];
      }
      if (answer.status === "empty") {
        remember(answer, false);
        // The picture is gone: whoever walked through it stays in the panel.
        if (place && place.contains(document.activeElement)) panel.querySelector(".panel-menu summary").focus();
        return ["panel is-empty" + late, answer.message, [], answer.remark, answer.api];
      }
      const name = "panel is-ok" + late + (mode === "table" ? " as-table" : "");
      // What is hidden or already there is left alone: each change makes Dash look at every component.
      return [name, NO(), answer.table || NO(), unless(panel, ".panel-remark", answer.remark), answer.api];
    },

    /* Ask again when the server has something newer than what was shown. */
    tick(revisions, shown, facts, tick) {
      if (!revisions || !shown) return NO();
      const names = facts.measurements || [facts.measurement];
      const now = {};
      for (const name of names) now[name] = revisions[name];
      if (!("" in revisions) && names.some((name) => now[name] === undefined)) return NO();
      if (board.same(now, shown.revision)) return NO();
      const next = { now, at: shown.at };
      return board.same(next, tick) ? NO() : next;
    },

    ticks: (revisions, shown, facts, ticks) => facts.map((one, place) => board.tick(revisions, shown[place], one, ticks[place])),

    toggleMode(clicks) {
      return clicks % 2 ? ["table", "Show as picture"] : ["picture", "Show as table"];
    },

    /* What is wrong with the sources of each panel, which dims it, and its clocks. */
    staleness(told, panels) {
      fresh = told || {};
      return panels.map((facts) => {
        const wrong = troubles(facts);
        const panel = panelOf(facts.chart);
        if (panel) panel.classList.toggle("is-late", wrong.length > 0);
        clocks(facts);
        return unless(panel, ".panel-stale", wrong.length ? "⚠ " + wrong[0] : "");
      });
    },

    again(element) {
      const panel = element.closest("[data-chart]");
      const table = element.closest("[data-table]");
      if (panel) window.dash_clientside.set_props({ type: "chart-tick", chart: panel.dataset.chart }, { data: { again: Date.now() } });
      else if (table) window.dash_clientside.set_props({ type: "table-tick", table: table.dataset.table }, { data: { again: Date.now() } });
    },
  });
})();
