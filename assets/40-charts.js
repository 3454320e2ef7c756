/* Charts: which answers are drawn, and what a click, a zoom or a selection means. */
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
        if (shown.picture) listen(facts, panel, place);
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

  function listen(facts, panel, plot) {
    if (plot.dataset.listening) return;
    plot.on("plotly_click", (event) => clicked(facts, plot, event));
    plot.on("plotly_legendclick", (event) => legend(facts, event));
    plot.on("plotly_legenddoubleclick", () => false);
    plot.on("plotly_relayout", (change) => zoomed(plot, change));
    plot.on("plotly_selected", (event) => selected(facts, plot, event));
    for (const event of ["plotly_restyle", "plotly_relayout"]) plot.on(event, () => board.lengthTicks(plot));
    board.listenToDays(plot);
    board.walk(facts, plot);
    plot.on("plotly_doubleclick", () => { board.markAction("close"); board.unzoom(); });
    plot.dataset.listening = "true";
    if (window.location.hash === "#" + facts.chart) panel.scrollIntoView({ block: "center" });
  }

  const timed = (plot) => plot._fullLayout && plot._fullLayout.xaxis && plot._fullLayout.xaxis.type === "date";
  const adds = (event) => Boolean(event && (event.shiftKey || event.ctrlKey || event.metaKey));

  function custom(point) {
    const found = point.customdata;
    return Array.isArray(found) ? found : [null, "", ""];
  }

  function clicked(facts, plot, event) {
    const point = event.points.find((candidate) => custom(candidate).some((word) => word !== "" && word !== null)) || event.points[0];
    const { point: nearest, distance } = exact(plot, event, point);
    const onMark = distance <= NEAR;
    showPopover(facts, event.event, nearest, onMark ? aboutOf(nearest) : { ...aboutOf(nearest), value: null }, onMark);
    if (onMark) filterBy(facts, nearest, adds(event.event));
  }

  function aboutOf(point) {
    const [value, start, stop, several] = custom(point);
    return { value, start, stop, several };
  }

  /* Whether the mark stands for anything to filter by. */
  function filterBy(facts, point, add) {
    const { value, several } = aboutOf(point);
    if (several) board.toggleAll(several, add);
    else board.toggle(facts.dimension, value, add);
    return Boolean(several) || (Boolean(facts.dimension) && value !== null && value !== undefined);
  }

  /* What a click, the menu at a mark and its records are, for those who walk by keyboard (47-walk.js). */
  board.chooseMark = function (facts, point, where, add) {
    if (filterBy(facts, point, add)) board.markAction("close");
    else board.openMark(facts, point, where);
  };
  board.openMark = function (facts, point, where) {
    showPopover(facts, where, point, aboutOf(point), true);
    document.querySelector("#mark-popover [data-mark]").focus();
  };
  board.recordsOfMark = function (facts, point) {
    showRecords({ chart: facts.chart, ...(point ? aboutOf(point) : {}) });
  };

  /* On a time axis a click anywhere means its window, and every series is in the event: only a mark under
     the pointer is a choice of its value. A line that is met lies over the bars. */
  const NEAR = 12; // pixels
  const ON_LINE = 6;
  function exact(plot, event, fallback) {
    const area = plot.querySelector(".nsewdrag");
    if (!timed(plot) || !event.event || !area) return { point: fallback, distance: 0 };
    const box = area.getBoundingClientRect();
    const height = event.event.clientY - box.top;
    let best = null;
    let base = 0;
    const stacks = plot._fullLayout.barmode === "stack";
    for (const point of event.points) {
      if (custom(point)[1] === "" && custom(point)[0] === null) continue;
      const axis = point.yaxis || plot._fullLayout.yaxis;
      const stacked = stacks && point.data.type === "bar";
      const value = Number(point.y);
      const from = axis.d2p(stacked ? base : value);
      base += stacked ? value : 0;
      const to = axis.d2p(stacked ? base : value);
      const away = height <= from && height >= to ? 0 : Math.min(Math.abs(height - from), Math.abs(height - to));
      const distance = point.data.type !== "bar" && away <= ON_LINE ? -1 : away;
      if (!best || distance < best.distance) best = { distance, point };
    }
    return best || { point: fallback, distance: 0 };
  }

  function legend(facts, event) {
    const trace = event.data[event.curveNumber];
    const first = trace.customdata && trace.customdata[0];
    const value = Array.isArray(first) ? first[0] : null;
    if (!facts.dimension || value === null || value === undefined) return true;
    board.toggle(facts.dimension, value, adds(event.event));
    return false;
  }

  const wall = (text) => String(text).slice(0, 19).replace(" ", "T");

  function zoomed(plot, change) {
    if (!timed(plot)) return;
    const from = change["xaxis.range[0]"] || (change["xaxis.range"] || [])[0];
    const to = change["xaxis.range[1]"] || (change["xaxis.range"] || [])[1];
    if (from && to && from !== to) board.range(wall(from), wall(to));
    else if (change["xaxis.autorange"]) board.unzoom();
  }

  /* A box or a lasso: on a time axis and over days it is a range, else it is a choice of values. */
  function selected(facts, plot, event) {
    if (event && board.calendar(plot)) return board.daysChosen(plot, event);
    if (!event || !event.points || !event.points.length) return;
    if (timed(plot)) {
      const starts = event.points.map((point) => custom(point)[1]).filter(Boolean).sort();
      const stops = event.points.map((point) => custom(point)[2]).filter(Boolean).sort();
      if (starts.length) board.range(starts[0], stops[stops.length - 1]);
      return;
    }
    const values = [...new Set(event.points.map((point) => custom(point)[0]).filter((value) => value !== null))];
    if (facts.dimension && values.length) board.go({ [facts.dimension]: board.join(values.map(board.literal)) });
  }

  /* Marks of the period compared with stand at our windows, but are about their own. */
  const earlier = (point) => Boolean(point.data && point.data.line && point.data.line.dash === "dot" && custom(point)[1]);
  function shortly(moment, facts) {
    const plot = panelOf(facts.chart).querySelector(".js-plotly-plot");
    const title = plot._fullLayout.xaxis.title;
    const form = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", timeZone: (title && title.text) || "UTC" };
    return new Intl.DateTimeFormat("sv-SE", form).format(new Date(moment)).replace(/ 00:00$/, "");
  }

  /* `4.5 h` where the mark is a length of time. */
  function lengthOf(panel, point) {
    const layout = panel.querySelector(".js-plotly-plot").layout || {};
    return layout.meta && layout.meta.lengths && point.data && point.data.hovertext ? point.data.hovertext[point.pointNumber] : "";
  }

  /* The popover at a clicked mark. */
  let mark = null;
  function showPopover(facts, event, point, about, onMark) {
    const box = document.getElementById("mark-popover");
    if (!box || !event) return;
    const plot = panelOf(facts.chart);
    mark = { chart: facts.chart, dimension: facts.dimension, plot, ...about };
    const name = onMark && point.data && point.data.name ? point.data.name + " · " : "";
    const when = earlier(point) ? shortly(about.start, facts) : point.x;
    const lying = point.data && point.data.orientation === "h";
    const value = lengthOf(plot, point) || (lying ? point.x : point.y);
    const where = lying ? `${point.y}: ${value}` : point.z !== undefined ? `${point.y}, ${point.x}: ${point.z}` : onMark ? `${when}: ${value}` : `${point.x}`;
    const day = point.z !== undefined && board.calendar(plot.querySelector(".js-plotly-plot")) ? board.dayOf(point) : "";
    box.querySelector(".popover-title").textContent = day || board.plain(name + where);
    box.querySelector("[data-mark=zoom]").hidden = !about.start;
    const annotate = box.querySelector("[data-mark=annotate]");
    if (annotate) annotate.hidden = !about.start;
    box.hidden = false;
    const room = box.getBoundingClientRect();
    const left = Math.min(Math.max(8, event.clientX - room.width / 2), window.innerWidth - room.width - 8);
    const above = event.clientY - room.height - 14;
    box.style.left = left + "px";
    box.style.top = (above > 8 ? above : event.clientY + 18) + "px";
    const chart = plot.getBoundingClientRect();
    mark.at = { x: event.clientX - chart.left, y: event.clientY - chart.top };
    mark.box = { x: parseFloat(box.style.left) - chart.left, y: parseFloat(box.style.top) - chart.top };
    follow();
  }

  /* The chart moves when the page is scrolled and when chips or remarks appear above: the popover stays at its mark,
     never over it, and closes when the mark has left the window. */
  function follow() {
    const box = document.getElementById("mark-popover");
    if (!mark || !box || box.hidden) return;
    const chart = mark.plot.getBoundingClientRect();
    const height = chart.top + mark.at.y;
    if (!mark.plot.isConnected || height < 0 || height > window.innerHeight) return board.markAction("close");
    box.style.left = chart.left + mark.box.x + "px";
    box.style.top = chart.top + mark.box.y + "px";
    window.requestAnimationFrame(follow);
  }

  function showRecords({ chart, value, start, stop, several }) {
    const literal = (one) => board.join([board.literal(String(one))]);
    const chosen = Object.entries(several || {}).map(([column, one]) => [column, literal(one)]);
    const at = start ? `${start}~${stop}` : null;
    board.go({ ...Object.fromEntries(chosen), _records: chart, _value: value === null || value === undefined ? null : literal(value), _at: at, _record: null, _post: null });
  }

  /* The form for an annotation, filled with the mark's begin, zone and platform, and leading back here. */
  function annotate(href) {
    const title = mark.plot.querySelector(".js-plotly-plot")._fullLayout.xaxis.title;
    const platform = mark.dimension === "platform" ? mark.value : (board.words(window.location.search).platform || "");
    const words = { start: mark.start, tz: (title && title.text) || "", platform: platform || "", next: window.location.pathname + window.location.search };
    window.location.assign(href + "?" + new URLSearchParams(words));
  }

  board.markAction = function (kind, button) {
    const box = document.getElementById("mark-popover");
    if (!box || box.hidden) return;
    const inside = box.contains(document.activeElement);
    box.hidden = true;
    if (mark && inside && mark.plot.isConnected) mark.plot.querySelector(".js-plotly-plot").focus({ preventScroll: true });
    if (!mark || kind === "close") return;
    if (kind === "records") showRecords(mark);
    if (kind === "zoom") board.range(mark.start, mark.stop);
    if (kind === "annotate") annotate(button.dataset.href);
  };
  document.addEventListener("pointerdown", (event) => {
    const box = document.getElementById("mark-popover");
    if (box && !box.hidden && !box.contains(event.target)) box.hidden = true;
  });
})();
