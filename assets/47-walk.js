/* Charts by keyboard: arrows go from mark to mark and from series to series, each is said as its hover says it; Enter filters, R opens
   the records, Space the menu at the mark. Calendars have their own way (46-calendar.js). */
(function () {
  "use strict";
  const board = window.board;
  const at = new WeakMap(); // plot -> { curve, place, row }: row only where marks are cells

  /* Series whose marks mean something; what is only drawn, such as a band behind lines, is left out. */
  const walked = (trace) => trace.visible !== false && trace.visible !== "legendonly" && trace.hoverinfo !== "skip" && Array.isArray(trace.customdata);
  const cells = (trace) => trace.type === "heatmap";
  const lying = (trace) => trace.orientation === "h";
  const curves = (plot) => (plot.data || []).map((trace, curve) => [trace, curve]).filter(([trace]) => walked(trace)).map(([, curve]) => curve);
  const known = (value) => value !== null && value !== undefined && value !== "" && !(typeof value === "number" && Number.isNaN(value));
  const valueOf = (trace, place, row) => (cells(trace) ? (trace.z[row] || [])[place] : (lying(trace) ? trace.x : trace.y)[place]);

  /* The marks of a series in the order they are seen in: from the left, of lying bars from the top. */
  function marksOf(trace, row) {
    const count = cells(trace) ? trace.x.length : (trace.x || []).length;
    const places = Array.from({ length: count }, (_, place) => place).filter((place) => known(valueOf(trace, place, row)));
    return lying(trace) ? places.reverse() : places;
  }

  /* Rows of cells from the top. */
  function rowsOf(plot, trace) {
    const rows = trace.y.map((_, row) => row).filter((row) => marksOf(trace, row).length);
    const [bottom, top] = plot._fullLayout.yaxis.range;
    return bottom > top ? rows : rows.reverse();
  }

  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  function when(text) {
    const found = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d))?/.exec(text);
    if (!found) return String(text);
    const day = `${Number(found[3])} ${MONTHS[Number(found[2]) - 1]} ${found[1]}`;
    return found[4] && found[4] !== "00:00" ? `${day}, ${found[4]}` : day;
  }

  function formatted(value, form) {
    if (typeof value !== "number") return String(value);
    const decimals = Number((/\.(\d)f/.exec(form || "") || [])[1] || 0);
    return value.toLocaleString("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }

  /* What Plotly would put into the mark's hover. */
  function hover(trace, place, row) {
    const parts = { x: trace.x[place], y: cells(trace) ? trace.y[row] : trace.y[place], z: cells(trace) ? trace.z[row][place] : "",
      text: (trace.text || [])[place], hovertext: cells(trace) ? ((trace.hovertext || [])[row] || [])[place] : (trace.hovertext || [])[place],
      "fullData.name": trace.name };
    return (trace.hovertemplate || "%{y}").replace(/<extra>.*?<\/extra>/g, "")
      .replace(/%\{([\w.]+)(?::([^{}]*))?\}/g, (_, name, form) => formatted(parts[name] === undefined ? "" : parts[name], form));
  }

  /* A mark in a sentence part: "LinkedIn, 12 Nov 2026: 5 posts, 3 of 30". */
  function sentence(plot, cursor) {
    const trace = plot.data[cursor.curve];
    const marks = marksOf(trace, cursor.row);
    const said = hover(trace, cursor.place, cursor.row).replaceAll("<br>", ", ");
    const timed = plot._fullLayout.xaxis.type === "date";
    const named = !said.includes(trace.name) && trace.name && curves(plot).length > 1 ? trace.name + ", " : "";
    const whose = timed ? when(trace.x[cursor.place]) + ": " : trace.type === "bar" && !lying(trace) && !said.startsWith(String(trace.x[cursor.place])) ? trace.x[cursor.place] + ": " : "";
    const unit = timed ? unitOf(plot) : "";
    return board.plain(`${named}${whose}${said}${unit ? " " + unit : ""}, ${marks.indexOf(cursor.place) + 1} of ${marks.length}`);
  }
  const unitOf = (plot) => { const place = plot.closest(".panel").querySelector(".panel-unit"); return place ? place.textContent : ""; };

  /* Where to go from a mark: of cells each arrow has its way, of all others left and right are marks, up and down are series. */
  function next(plot, cursor, key) {
    const found = curves(plot);
    if (!found.length) return null;
    const trace = cursor && plot.data[cursor.curve];
    if (!cursor || !trace || !found.includes(cursor.curve)) return first(plot, found[0]);
    const marks = marksOf(trace, cursor.row);
    const among = (list, now, step) => list[Math.min(list.length - 1, Math.max(0, list.indexOf(now) + step))];
    const upright = lying(trace) && found.length === 1 ? { ArrowUp: -1, ArrowDown: 1 } : {};
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity, ...upright }[key];
    if (step !== undefined) return { ...cursor, place: among(marks, cursor.place, step) };
    const turn = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (cells(trace)) {
      const row = among(rowsOf(plot, trace), cursor.row, turn);
      return { ...cursor, row, place: nearest(marksOf(trace, row), cursor.place) };
    }
    const curve = among(found, cursor.curve, turn);
    const other = plot.data[curve];
    const same = placesOf(other).indexOf(placesOf(trace)[cursor.place]);
    return { curve, place: nearest(marksOf(other), same >= 0 ? same : cursor.place) };
  }
  const nearest = (marks, place) => marks.reduce((best, one) => (Math.abs(one - place) < Math.abs(best - place) ? one : best), marks[0]);

  /* Begins with what matters: the newest window, else the first bar or cell. */
  function first(plot, curve) {
    const trace = plot.data[curve];
    const row = cells(trace) ? rowsOf(plot, trace)[0] : undefined;
    const marks = marksOf(trace, row);
    if (!marks.length) return null;
    return { curve, row, place: plot._fullLayout.xaxis.type === "date" ? marks[marks.length - 1] : marks[0] };
  }

  /* The mark as an event of Plotly has it. */
  function pointOf(plot, { curve, place, row }) {
    const trace = plot.data[curve];
    if (cells(trace)) return { data: trace, x: trace.x[place], y: trace.y[row], z: trace.z[row][place], customdata: trace.customdata[row][place] };
    return { data: trace, pointNumber: place, x: trace.x[place], y: trace.y[place], customdata: trace.customdata[place] };
  }

  /* [left, top, right, bottom] of a mark within the plot, in pixels. */
  function edges(plot, { curve, place, row }) {
    const { xaxis, yaxis } = plot._fullLayout;
    const trace = plot.data[curve];
    const spot = ((plot.calcdata || [])[curve] || [])[place] || {};
    let [xs, ys] = [[spot.x], [spot.y]];
    if (cells(trace)) [xs, ys] = [[place - 0.5, place + 0.5], [row - 0.5, row + 0.5]];
    else if (trace.type === "bar") [xs, ys] = lying(trace) ? [[spot.s0, spot.s1], [spot.p0, spot.p1]] : [[spot.p0, spot.p1], [spot.s0, spot.s1]];
    const across = xs.map((value) => xaxis._offset + xaxis.c2p(value));
    const down = ys.map((value) => yaxis._offset + yaxis.c2p(value));
    return [Math.min(...across), Math.min(...down), Math.max(...across), Math.max(...down)];
  }

  function show(plot) {
    plot.querySelectorAll(".mark-cursor").forEach((frame) => frame.remove());
    const cursor = at.get(plot);
    if (!cursor || !plot.data[cursor.curve] || plot !== document.activeElement) return;
    const [left, top, right, bottom] = edges(plot, cursor);
    if (![left, top, right, bottom].every(Number.isFinite)) return;
    const frame = Object.assign(document.createElement("div"), { className: "mark-cursor" });
    Object.assign(frame.style, { left: left - 5 + "px", top: top - 5 + "px", width: right - left + 10 + "px", height: bottom - top + 10 + "px" });
    plot.append(frame);
  }

  /* On the page, as a mouse would be over the mark. */
  function where(plot) {
    const box = plot.getBoundingClientRect();
    const [left, top, right] = edges(plot, at.get(plot));
    return { clientX: box.left + (left + right) / 2, clientY: box.top + top };
  }

  function pressed(facts, plot, event) {
    if (event.target !== plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const days = board.calendar(plot);
    const cursor = at.get(plot);
    if (event.key === "r" || event.key === "R") board.recordsOfMark(facts, days ? board.dayWalkedTo(plot) : cursor && pointOf(plot, cursor));
    else if (days) return;
    else if (/^(Arrow|Home$|End$)/.test(event.key)) {
      const found = next(plot, cursor, event.key);
      if (!found) return;
      const trace = plot.data[found.curve];
      at.set(plot, { ...found, series: trace.name, label: placesOf(trace)[found.place] });
      show(plot);
      board.announce(sentence(plot, found));
    } else if (cursor && event.key === "Enter") board.chooseMark(facts, pointOf(plot, cursor), where(plot), event.shiftKey);
    else if (cursor && event.key === " ") board.openMark(facts, pointOf(plot, cursor), where(plot));
    else if (cursor && event.key === "Escape") { at.delete(plot); show(plot); } else return;
    event.preventDefault();
  }

  const placesOf = (trace) => (lying(trace) ? trace.y : trace.x);

  /* A chart that was drawn anew keeps the mark of the same series and place, wherever it stands now. */
  function kept(plot) {
    const cursor = at.get(plot);
    if (!cursor) return;
    const curve = curves(plot).find((one) => plot.data[one].name === cursor.series);
    const trace = plot.data[curve];
    const place = trace ? placesOf(trace).indexOf(cursor.label) : -1;
    if (place >= 0 && known(valueOf(trace, place, cursor.row))) at.set(plot, { ...cursor, curve, place });
    else at.delete(plot);
    show(plot);
  }

  board.walk = function (facts, plot) {
    const panel = plot.closest(".panel");
    plot.tabIndex = 0;
    plot.setAttribute("role", "application");
    plot.setAttribute("aria-roledescription", "chart");
    plot.setAttribute("aria-labelledby", panel.getAttribute("aria-labelledby"));
    plot.addEventListener("keydown", (event) => pressed(facts, plot, event));
    plot.addEventListener("focus", () => show(plot));
    plot.addEventListener("blur", () => show(plot));
    plot.on("plotly_afterplot", () => { described(panel, plot); kept(plot); });
    described(panel, plot);
  };

  /* What it shows and its keys. The buttons over a picture are for the mouse: the keys do the same. */
  function described(panel, plot) {
    const keys = board.calendar(plot) ? "calendar-keys" : "chart-keys";
    plot.setAttribute("aria-describedby", `${panel.querySelector(".panel-summary").id} ${keys}`);
    plot.querySelectorAll(".modebar-container, .main-svg").forEach((part) => part.setAttribute("aria-hidden", "true"));
    const bar = plot.querySelector(".modebar-container");
    if (!bar || bar.dataset.watched) return;
    bar.dataset.watched = "true";
    const unreachable = () => bar.querySelectorAll("button").forEach((button) => { button.tabIndex = -1; });
    new MutationObserver(unreachable).observe(bar, { childList: true, subtree: true });
    unreachable();
  }
})();
