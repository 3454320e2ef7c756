/* What a click on a mark, a zoom or a selection in a chart means: filters and ranges in the address. */
(function () {
  "use strict";
  const board = window.board;

  board.listenToChart = function (facts, panel, plot) {
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
  };

  const timed = (plot) => plot._fullLayout && plot._fullLayout.xaxis && plot._fullLayout.xaxis.type === "date";
  const adds = (event) => Boolean(event && (event.shiftKey || event.ctrlKey || event.metaKey));

  /* What a mark stands for: its value, the begin and the end of its window, and several values by dimension. */
  function custom(point) {
    const found = point.customdata;
    return Array.isArray(found) ? found : [null, "", ""];
  }
  board.aboutMark = function (point) {
    const [value, start, stop, several] = custom(point);
    return { value, start, stop, several };
  };

  function clicked(facts, plot, event) {
    const point = event.points.find((candidate) => custom(candidate).some((word) => word !== "" && word !== null)) || event.points[0];
    const { point: nearest, distance } = exact(plot, event, point);
    const onMark = distance <= NEAR;
    board.showMark(facts, event.event, nearest, onMark ? board.aboutMark(nearest) : { ...board.aboutMark(nearest), value: null }, onMark);
    if (onMark) filterBy(facts, nearest, adds(event.event));
  }

  /* Whether the mark stands for anything to filter by. */
  function filterBy(facts, point, add) {
    const { value, several } = board.aboutMark(point);
    if (several) board.toggleAll(several, add);
    else board.toggle(facts.dimension, value, add);
    return Boolean(several) || (Boolean(facts.dimension) && value !== null && value !== undefined);
  }

  /* What a click is, for those who walk by keyboard (47-walk.js). */
  board.chooseMark = function (facts, point, where, add) {
    if (filterBy(facts, point, add)) board.markAction("close");
    else board.openMark(facts, point, where);
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
})();
