/* The popover at a chart's mark: its name, its records, a zoom, an annotation. */
(function () {
  "use strict";
  const board = window.board;

  /* Marks of the period compared with stand at our windows, but are about their own. */
  const earlier = (point) => Boolean(point.data && point.data.line && point.data.line.dash === "dot" && board.aboutMark(point).start);
  function shortly(moment, facts) {
    const plot = board.panelOf(facts.chart).querySelector(".js-plotly-plot");
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
  board.showMark = function (facts, event, point, about, onMark) {
    const box = document.getElementById("mark-popover");
    if (!box || !event) return;
    const plot = board.panelOf(facts.chart);
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
  };

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

  /* The popover and the records for those who walk by keyboard (47-walk.js). */
  board.openMark = function (facts, point, where) {
    board.showMark(facts, where, point, board.aboutMark(point), true);
    document.querySelector("#mark-popover [data-mark]").focus();
  };
  board.recordsOfMark = function (facts, point) {
    showRecords({ chart: facts.chart, ...(point ? board.aboutMark(point) : {}) });
  };

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
