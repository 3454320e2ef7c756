/* Calendars: which days a box is drawn over, what fits into a cell, and how to walk through the days by keyboard. */
(function () {
  "use strict";
  const board = window.board;
  const DAY = 86400000;

  /* What the figure tells of its grid: first (a Monday), begin, end (not included), width (weeks in a row, 0: one). */
  board.calendar = (plot) => (plot && plot.layout && plot.layout.meta && plot.layout.meta.calendar) || null;

  const number = (text) => Math.round(Date.parse(text + "T00:00:00Z") / DAY);
  const text = (day) => new Date(day * DAY).toISOString().slice(0, 10);
  const spoken = (day) => new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(new Date(day * DAY));

  /* A day's number by its cell; null where there is none, or it is beyond the range. Dates only: no clock is changed here. */
  function dayAt(grid, column, row) {
    let place = row * 7 + column;
    if (grid.width) {
      if (row % 8 === 0) return null; // the months' names
      place = (Math.floor(row / 8) * grid.width + column) * 7 + (row % 8) - 1;
    }
    const day = number(grid.first) + place;
    return day >= number(grid.begin) && day < number(grid.end) ? day : null;
  }

  function cellOf(grid, day) {
    const [week, weekday] = [Math.floor((day - number(grid.first)) / 7), (day - number(grid.first)) % 7];
    return grid.width ? [week % grid.width, Math.floor(week / grid.width) * 8 + 1 + weekday] : [weekday, week];
  }

  /* [first, last] of the days whose cells a box touches; null when it touches none. */
  function touched(grid, event) {
    const box = event && (event.range || event.lassoPoints);
    if (!box || !box.x || !box.y) return null;
    const from = (values) => Math.round(Math.min(...values));
    const to = (values) => Math.round(Math.max(...values));
    const days = [];
    for (let row = Math.max(0, from(box.y)); row <= to(box.y); row += 1) {
      for (let column = Math.max(0, from(box.x)); column <= Math.min(to(box.x), grid.width ? grid.width - 1 : 6); column += 1) {
        const day = dayAt(grid, column, row);
        if (day !== null) days.push(day);
      }
    }
    return days.length ? [Math.min(...days), Math.max(...days)] : null;
  }

  function told([first, last]) {
    const count = last - first + 1;
    return count === 1 ? spoken(first) : `${spoken(first)} – ${spoken(last)}: ${count} days`;
  }


  /* From the first day's begin to the end of the last: dates are midnights of the chosen zone. */
  const zoom = ([first, last]) => board.range(text(first), text(last + 1));
  board.daysChosen = function (plot, event) {
    const found = touched(board.calendar(plot), event);
    if (plot.layout.selections && plot.layout.selections.length) {
      const cleared = () => { delete plot.dataset.clearing; };
      plot.dataset.clearing = "true";
      window.Plotly.relayout(plot, { selections: [] }).then(cleared, cleared);
    }
    if (found) zoom(found);
  };

  /* Where boxes are drawn, Plotly tells a double click as the end of a selection. */
  const unboxed = (plot) => {
    if (board.calendar(plot) && !plot.dataset.clearing) {
      board.markAction("close");
      board.unzoom();
    }
  };

  /* A mark's title: its day, and how many. */
  board.dayOf = (point) => String(((point.data.hovertext || [])[point.y] || [])[point.x] || "").split("<br>").map(board.plain)[0];

  /* Texts that need more room than a cell has are left out, and those for cells with less room than it has. */
  const columns = (grid) => grid.width || 7;
  function fits({ meta = {} }, grid, place) {
    const width = (place.clientWidth - 44) / columns(grid);
    return width >= (meta.needs || 0) && (!meta.below || width < meta.below);
  }
  const fitted = board.fitted;
  board.fitted = function (figure, place) {
    const grid = figure.layout.meta && figure.layout.meta.calendar;
    if (!grid) return fitted(figure, place);
    return { ...figure, data: figure.data.map((trace) => ({ ...trace, visible: fits(trace, grid, place) })) };
  };
  board.fits.push((plot) => {
    const grid = board.calendar(plot);
    const wanted = grid && plot.data.map((trace) => fits(trace, grid, plot));
    if (wanted && wanted.some((one, place) => one !== (plot.data[place].visible !== false))) {
      window.Plotly.restyle(plot, { visible: wanted });
    }
  });

  /* By keyboard: arrows go from day to day, with Shift they take days along, Enter opens a day or zooms to several. */
  const steps = (grid) => (grid.width
    ? { ArrowLeft: -7, ArrowRight: 7, ArrowUp: -1, ArrowDown: 1 }
    : { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 });
  const at = new WeakMap(); // plot -> [anchor, day]

  board.listenToDays = function (plot) {
    plot.on("plotly_selecting", (event) => {
      const found = board.calendar(plot) && touched(board.calendar(plot), event);
      if (found) board.announce(told(found));
    });
    plot.on("plotly_deselect", () => unboxed(plot));
    plot.on("plotly_afterplot", () => show(plot));
    plot.addEventListener("keydown", (event) => walked(plot, event));
    plot.addEventListener("blur", () => { at.delete(plot); show(plot); });
  };

  function walked(plot, event) {
    const grid = board.calendar(plot);
    if (!grid || event.target !== plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const [least, most] = [number(grid.begin), number(grid.end) - 1];
    const now = at.get(plot);
    const step = event.key === "Home" ? -Infinity : event.key === "End" ? Infinity : steps(grid)[event.key];
    if (step !== undefined) {
      const today = Math.floor(Date.now() / DAY);
      const day = Math.min(most, Math.max(least, now ? now[1] + step : today));
      at.set(plot, [event.shiftKey && now ? now[0] : day, day]);
    } else if (event.key === "Enter" && now) {
      if (now[0] === now[1]) opened(plot, grid, now[1]);
      else zoom([Math.min(...now), Math.max(...now)]);
    } else if (event.key === "Escape" && now) {
      at.delete(plot);
    } else return;
    event.preventDefault();
    show(plot);
    say(plot, grid);
  }

  function say(plot, grid) {
    const now = at.get(plot);
    if (!now) return;
    if (now[0] !== now[1]) return board.announce(told([Math.min(...now), Math.max(...now)]));
    const [column, row] = cellOf(grid, now[1]);
    const words = ((plot.data[0].hovertext || [])[row] || [])[column] || spoken(now[1]);
    board.announce(new DOMParser().parseFromString(words.replaceAll("<br>", ", "), "text/html").body.textContent);
  }

  const edges = (plot, column, row) => {
    const { xaxis, yaxis } = plot._fullLayout;
    const [left, right] = [column - 0.5, column + 0.5].map((value) => xaxis._offset + xaxis.d2p(value));
    const [top, bottom] = [row - 0.5, row + 0.5].map((value) => yaxis._offset + yaxis.d2p(value));
    return { left, top, width: right - left, height: bottom - top };
  };

  /* The frames of the chosen days, over the picture. */
  function show(plot) {
    const grid = board.calendar(plot);
    plot.querySelectorAll(".day-cursor").forEach((frame) => frame.remove());
    const now = at.get(plot);
    if (!grid || !now) return;
    for (let day = Math.min(...now); day <= Math.max(...now); day += 1) {
      const frame = Object.assign(document.createElement("div"), { className: "day-cursor" });
      for (const [name, value] of Object.entries(edges(plot, ...cellOf(grid, day)))) frame.style[name] = value + "px";
      plot.append(frame);
    }
  }

  const pointAt = (plot, [column, row]) => {
    const trace = plot.data[0];
    return { data: trace, x: column, y: row, z: trace.z[row][column], customdata: trace.customdata[row][column] };
  };
  /* The day that was walked to, as Plotly tells a clicked mark. */
  board.dayWalkedTo = (plot) => (at.has(plot) ? pointAt(plot, cellOf(board.calendar(plot), at.get(plot)[1])) : null);

  /* As a click on its cell. */
  function opened(plot, grid, day) {
    const box = plot.getBoundingClientRect();
    const place = edges(plot, ...cellOf(grid, day));
    const where = { clientX: box.left + place.left + place.width / 2, clientY: box.top + place.top };
    plot.emit("plotly_click", { points: [pointAt(plot, cellOf(grid, day))], event: where });
    const button = document.querySelector("#mark-popover [data-mark]");
    if (button) button.focus();
  }
})();
