/* Charts and tables are asked for once they are less than a screen away from the window: the nearest first, a few at a time. */
(function () {
  "use strict";
  const board = window.board;
  const TYPES = { chart: "chart-answer", table: "table-body" }; // of their panels' ids
  const AT_ONCE = 3;
  const PATIENCE = 30000; // milliseconds until an answer no longer holds up the others
  const APPEARS = 5000; // milliseconds within which a panel is put in place
  const wishes = new Map(); // part -> what it shall show, not asked for yet
  const since = new Map(); // part -> when that was said
  const asked = new Map(); // part -> what it was asked for
  const shown = new Map(); // part -> the panel and what it was last answered
  const near = new Set(); // panels
  let everything = false;
  let offline = false;
  let count = 0;
  let soon = 0;

  /* A part is a chart or a table: `chart posts_by_status`, `table batches`. */
  function panelOf(part) {
    const [kind, name] = part.split(" ");
    return document.querySelector(`.panel[data-${kind}="${CSS.escape(name)}"]`);
  }

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
    for (const kept of [asked, shown]) for (const part of kept.keys()) if (!panelOf(part)) kept.delete(part);
    for (const part of wishes.keys()) if (!panelOf(part) && performance.now() > since.get(part) + APPEARS) wishes.delete(part);
    for (const part of since.keys()) if (!wishes.has(part)) since.delete(part);
    for (const panel of near) if (!panel.isConnected) near.delete(panel);
  }

  function next() {
    if (offline) return;
    forgetMissing();
    const wanted = [...wishes.keys()].map((part) => [part, panelOf(part)]);
    if (wanted.some(([, panel]) => !panel)) later(50); // a drawer's, say, that is not put in place yet
    const there = wanted.filter(([, panel]) => panel);
    for (const [, panel] of there) watcher.observe(panel);
    const turn = there
      .filter(([, panel]) => everything || near.has(panel) || distance(panel) < 0)
      .map(([part, panel]) => [distance(panel), part])
      .sort((one, other) => one[0] - other[0]);
    for (const [, part] of turn) {
      const wait = board.losses.waits(part);
      if (wait) later(wait);
      else if (asked.has(part) || [...asked.values()].filter((one) => !one.late).length < AT_ONCE) ask(part);
    }
  }

  function later(milliseconds) {
    window.clearTimeout(soon);
    soon = window.setTimeout(next, milliseconds);
  }

  function ask(part) {
    const wish = wishes.get(part);
    const number = ++count;
    wishes.delete(part);
    asked.set(part, { wish, number });
    window.setTimeout(() => {
      const one = asked.get(part);
      if (!one || one.number !== number) return;
      one.late = true; // its place is free for others; its answer is still welcome
      next();
    }, PATIENCE);
    const [kind, name] = part.split(" ");
    window.dash_clientside.set_props({ type: TYPES[kind], [kind]: name }, { wanted: { ...wish.question, number } });
    if (kind === "chart") board.loadPlotly();
  }

  /* What it shall show is asked for already, or shown. */
  function known(part, panel, wish) {
    const last = shown.get(part);
    const coming = wishes.get(part) || (asked.get(part) || {}).wish;
    return coming ? board.same(wish, coming) : Boolean(last) && last.panel === panel && board.same(wish, last.wish);
  }

  /* `question` goes to the server; when one of `causes` has changed it is asked again. */
  function want(part, question, causes) {
    const panel = panelOf(part);
    const wish = { question, causes };
    if (known(part, panel, wish)) return;
    wishes.set(part, wish);
    since.set(part, performance.now());
    later(0); // when all parts of the page have said what they want
  }

  /* A phone would leave it out. */
  function pointAt(panel) {
    panel.parentElement.classList.add("whole");
    panel.scrollIntoView({ block: "center" });
  }

  Object.assign(board, {
    /* It is asked for `question` when it is its turn; again when `cause` is another. */
    wantChart(panel, chart, question, cause) {
      if (panel && panel.classList.contains("is-loading") && pointedAt(panel)) pointAt(panel);
      want("chart " + chart, question, [cause]);
    },

    wantTable: (table, question, causes) => want("table " + table, question, causes),

    /* For paper and for pictures of the whole page: what is far below is drawn, too. */
    allCharts(yes = true) {
      everything = yes;
      next();
    },
    chartsPending: () => [...wishes.keys()].filter(panelOf).length + asked.size,

    chartsWait(yes) {
      offline = yes;
      next();
    },

    /* Whether the request was one of a chart's or a table's; one that was lost is asked again. */
    partAnswered(request, arrived, ok) {
      const input = request.inputs.find((one) => one.id && one.property === "wanted" && Object.values(TYPES).includes(one.id.type));
      if (!input || !input.value) return false;
      const part = input.id.chart ? `chart ${input.id.chart}` : `table ${input.id.table}`;
      const one = asked.get(part);
      if (one && one.number === input.value.number) {
        asked.delete(part);
        if (!arrived) {
          board.losses.note(part);
          if (!wishes.has(part)) {
            wishes.set(part, one.wish);
            since.set(part, performance.now());
          }
        } else {
          board.losses.forget(part);
          if (ok) shown.set(part, { panel: panelOf(part), wish: one.wish });
        }
      }
      next();
      return true;
    },
  });

  window.addEventListener("beforeprint", () => board.allCharts());
  window.addEventListener("afterprint", () => board.allCharts(false));
})();
