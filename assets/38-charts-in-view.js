/* Charts are asked for once they are less than a screen away from the window: the nearest first, a few at a time. */
(function () {
  "use strict";
  const board = window.board;
  const NO = () => window.dash_clientside.no_update;
  const AT_ONCE = 3;
  const PATIENCE = 30000; // milliseconds until an answer no longer holds up the others
  const wishes = new Map(); // chart -> what it shall show, not asked for yet
  const asked = new Map(); // chart -> what it was asked for
  const shown = new Map(); // chart -> the panel and what it was last answered
  const near = new Set(); // panels
  let everything = false;
  let offline = false;
  let count = 0;
  let soon = 0;

  const { panelOf } = board;

  const watcher = new IntersectionObserver((seen) => {
    for (const one of seen) one.isIntersecting ? near.add(one.target) : near.delete(one.target);
    next();
  }, { rootMargin: "100% 0px" });

  const pointedAt = (panel) => window.location.hash === "#" + panel.dataset.chart;

  /* Pixels between the panel and the window; the chart that the address points at comes first. */
  function distance(panel) {
    if (pointedAt(panel)) return -1;
    const box = panel.getBoundingClientRect();
    return Math.max(0, box.top - window.innerHeight, -box.bottom) + Math.max(0, box.top) / 1e6;
  }

  function forgetMissing() {
    for (const kept of [wishes, asked, shown]) for (const chart of kept.keys()) if (!panelOf(chart)) kept.delete(chart);
    for (const panel of near) if (!panel.isConnected) near.delete(panel);
  }

  function next() {
    if (offline) return;
    forgetMissing();
    const turn = [...wishes.keys()].map((chart) => [chart, panelOf(chart)])
      .filter(([, panel]) => everything || near.has(panel) || distance(panel) < 0)
      .map(([chart, panel]) => [distance(panel), chart])
      .sort((one, other) => one[0] - other[0]);
    for (const [, chart] of turn) {
      const wait = board.losses.waits(chart);
      if (wait) later(wait);
      else if (asked.has(chart) || [...asked.values()].filter((one) => !one.late).length < AT_ONCE) ask(chart);
    }
  }

  function later(milliseconds) {
    window.clearTimeout(soon);
    soon = window.setTimeout(next, milliseconds);
  }

  function ask(chart) {
    const wish = wishes.get(chart);
    const number = ++count;
    wishes.delete(chart);
    asked.set(chart, { wish, number });
    window.setTimeout(() => {
      const one = asked.get(chart);
      if (!one || one.number !== number) return;
      one.late = true; // its place is free for others; its answer is still welcome
      next();
    }, PATIENCE);
    const { words, mode, theme } = wish;
    window.dash_clientside.set_props({ type: "chart-wanted", chart }, { data: { words, mode, theme, number } });
  }

  /* What it shall show is asked for already, or shown. */
  function known(chart, panel, wish) {
    const last = shown.get(chart);
    const coming = wishes.get(chart) || (asked.get(chart) || {}).wish;
    return coming ? board.same(wish, coming) : Boolean(last) && last.panel === panel && board.same(wish, last.wish);
  }

  Object.assign(board, {
    wantChart(words, tick, mode, theme, facts) {
      if (!words || !theme) return NO();
      const panel = panelOf(facts.chart);
      const wish = { words, mode, theme, tick };
      if (known(facts.chart, panel, wish)) return NO();
      wishes.set(facts.chart, wish);
      if (panel) watcher.observe(panel);
      if (panel && panel.classList.contains("is-loading") && pointedAt(panel)) {
        panel.parentElement.classList.add("whole"); // a phone would leave it out
        panel.scrollIntoView({ block: "center" });
      }
      later(0); // when all charts of the page have said what they want
      return NO();
    },

    /* For paper and for pictures of the whole page: charts far below are drawn, too. */
    allCharts(yes = true) {
      everything = yes;
      next();
    },
    chartsPending: () => wishes.size + asked.size,

    chartsWait(yes) {
      offline = yes;
      next();
    },

    /* Whether the request was one of a chart's; one that was lost is asked again. */
    chartAnswered(request, arrived, ok) {
      const input = request.inputs.find((one) => one.id && one.id.type === "chart-wanted");
      if (!input || !input.value) return false;
      const { chart } = input.id;
      const one = asked.get(chart);
      if (one && one.number === input.value.number) {
        asked.delete(chart);
        if (!arrived) {
          board.losses.note(chart);
          if (!wishes.has(chart)) wishes.set(chart, one.wish);
        } else {
          board.losses.forget(chart);
          if (ok) shown.set(chart, { panel: panelOf(chart), wish: one.wish });
        }
      }
      next();
      return true;
    },
  });

  window.addEventListener("beforeprint", () => board.allCharts());
  window.addEventListener("afterprint", () => board.allCharts(false));
})();
