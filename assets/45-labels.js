/* Labels beside bars and cells take at most a third of the picture, those below no more than their column: wrapped, then
   shortened. The whole text is in the hover and in the table. */
(function () {
  "use strict";
  const board = window.board;
  const SHARE = 0.34;
  const LETTER = 6.6; // pixels of a letter of 12 px
  const LINE = 16; // pixels of a line
  const PAIR = 6; // letters of a number with its unit that stay together
  const NUMBERS = 56; // pixels that an axis of numbers takes
  const SHORT = 12; // letters that are left as they are below a column
  const UPRIGHT = 20; // letters below a column too narrow for that, where labels stand upright

  /* A name without blanks (a model, a host) is told by both of its ends, a sentence by how it begins. */
  function shortened(text, most) {
    if (text.length <= most) return text;
    if (/\s/.test(text) || most < 8) return text.slice(0, Math.max(1, most - 1)).trimEnd() + "…";
    const end = Math.floor((most - 1) / 2);
    return text.slice(0, most - 1 - end) + "…" + text.slice(-end);
  }

  /* Where a line may end: at blanks, and in a name behind its signs, but not within a date or a number: `gpt-4o-` `2024-07-18`. */
  const ENDS = /\s|[-_/:.@](?=[^\d\s])|[a-z][-_/:.@](?=\d{4})/gi; // nothing looks behind: Safari before 16.4 could not read this file
  function parts(text) {
    const ends = [...text.matchAll(ENDS)].map((one) => one.index + one[0].length);
    const found = [];
    for (const part of [0, ...ends].map((from, place) => text.slice(from, ends[place])).filter((one) => one.trim())) {
      const last = found[found.length - 1] || "";
      if (/\d\s$/.test(last) && (last + part).trim().length <= PAIR) found[found.length - 1] += part; // `7 days`
      else found.push(part);
    }
    return found;
  }

  /* Figures come with their texts escaped for Plotly (layouts/charts/plotly_text.py): the text itself, and back. */
  board.plain = (text) => String(text).replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  /* The text in at most `lines` lines of `most` letters, broken where it may be; what does not fit is shortened. */
  board.wrapped = function (text, most, lines) {
    const words = parts(text);
    const found = [];
    while (words.length && found.length < lines - 1) {
      let line = words.shift();
      while (words.length && (line + words[0]).trimEnd().length <= most) line += words.shift();
      found.push(shortened(line.trimEnd(), most));
    }
    if (words.length) found.push(shortened(words.join("").trimEnd(), most));
    return found.map(escaped).join("<br>");
  };

  const ours = (axis) => axis && axis.type === "category" && axis.tickvals;

  /* The texts beside the axis for a picture of that size; null when it has no labels of ours. */
  function beside(axis, width, height) {
    if (!ours(axis) || !width) return null;
    const lines = Math.max(1, Math.min(2, Math.floor((height - 60) / axis.tickvals.length / LINE)));
    return axis.tickvals.map((text) => board.wrapped(board.plain(text), Math.floor((width * SHARE) / LETTER), lines));
  }

  /* Lying, in up to three lines, where each word has room; else upright. */
  function below(axis, width) {
    if (!ours(axis) || !width) return null;
    const most = Math.floor(width / axis.tickvals.length / LETTER);
    const texts = axis.tickvals.map(board.plain);
    if (texts.every((text) => parts(text).every((part) => part.trim().length <= most))) return texts.map((text) => board.wrapped(text, most, 3));
    const cut = (text) => (most < SHORT ? escaped(shortened(text, UPRIGHT)) : board.wrapped(text, most, 2));
    return texts.map((text) => (text.length <= SHORT ? escaped(text) : cut(text)));
  }

  /* What each axis with labels of ours says in a picture of that size. */
  function labels(layout, width, height) {
    const left = ours(layout.yaxis) ? width * (1 - SHARE) : width - NUMBERS;
    const found = { xaxis: below(layout.xaxis, left), yaxis: beside(layout.yaxis, width, height) };
    return Object.entries(found).filter(([, texts]) => texts);
  }

  /* The figure with labels that fit into `place`, the element it is drawn into. */
  board.fitted = function (figure, place) {
    const found = labels(figure.layout, place.clientWidth, place.clientHeight);
    const axes = found.map(([name, texts]) => [name, { ...figure.layout[name], ticktext: texts }]);
    return axes.length ? { ...figure, layout: { ...figure.layout, ...Object.fromEntries(axes) } } : figure;
  };

  /* Ticks of an axis of times in seconds, for the part of it that is in view, by the figure's own units and steps. */
  function ticks(low, high, { units, steps, most }) {
    const [, seconds, sign] = units.find(([least]) => Math.max(high, -low) >= least);
    const step = steps.find((one) => (high - low) / seconds / one <= most) || steps[steps.length - 1];
    const tickvals = [];
    for (let place = Math.ceil(low / seconds / step - 1e-9); place <= high / seconds / step + 1e-9; place += 1) tickvals.push(place * step * seconds);
    const text = (value) => (value ? `${Number((value / seconds).toPrecision(6)).toLocaleString("en-GB")} ${sign}` : "0");
    return { tickvals, ticktext: tickvals.map(text) };
  }

  board.lengthTicks = function (plot) {
    const meta = (plot.layout || {}).meta || {};
    const name = meta.lengths;
    const axis = name && plot._fullLayout[name];
    if (!axis || !axis.range) return;
    const [low, high] = [...axis.range].sort((one, other) => one - other);
    const { tickvals, ticktext } = ticks(low, high, meta);
    if (board.same(ticktext, plot.layout[name].ticktext)) return;
    window.Plotly.relayout(plot, { [name + ".tickvals"]: tickvals, [name + ".ticktext"]: ticktext });
  };

  board.fits.push((plot) => {
    const found = labels(plot.layout || {}, plot.clientWidth, plot.clientHeight);
    const changed = found.filter(([name, texts]) => !board.same(texts, plot.layout[name].ticktext));
    if (!changed.length) return;
    window.Plotly.relayout(plot, Object.fromEntries(changed.map(([name, texts]) => [name + ".ticktext", texts])));
  });
})();
