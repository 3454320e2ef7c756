/* Labels beside horizontal bars take at most a third of the picture: wrapped, then shortened. The whole text is in the
   hover and in the table. */
(function () {
  "use strict";
  const board = window.board;
  const SHARE = 0.34;
  const LETTER = 6.6; // pixels of a letter of 12 px
  const LINE = 16; // pixels of a line

  const shortened = (text, most) => (text.length <= most ? text : text.slice(0, Math.max(1, most - 1)).trimEnd() + "…");

  /* The text in at most `lines` lines of `most` letters, broken at blanks where there are any. */
  board.wrapped = function (text, most, lines) {
    const words = text.split(/\s+/).filter(Boolean);
    const found = [];
    while (words.length && found.length < lines - 1) {
      let line = words.shift();
      while (words.length && line.length + 1 + words[0].length <= most) line += " " + words.shift();
      if (line.length > most) {
        words.unshift(line.slice(most));
        line = line.slice(0, most);
      }
      found.push(line);
    }
    if (words.length) found.push(shortened(words.join(" "), most));
    return found.join("<br>");
  };

  /* The axis's texts for a picture of that size; null when it has no labels of ours. */
  function texts(axis, width, height) {
    if (!axis || axis.type !== "category" || !axis.tickvals || !width) return null;
    const lines = Math.max(1, Math.min(2, Math.floor((height - 60) / axis.tickvals.length / LINE)));
    return axis.tickvals.map((text) => board.wrapped(String(text), Math.floor((width * SHARE) / LETTER), lines));
  }

  /* The figure with labels that fit into `place`, the element it is drawn into. */
  board.fitted = function (figure, place) {
    const axis = figure.layout.yaxis;
    const found = place && texts(axis, place.clientWidth, place.clientHeight);
    return found ? { ...figure, layout: { ...figure.layout, yaxis: { ...axis, ticktext: found } } } : figure;
  };

  let waiting = null;
  window.addEventListener("resize", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      document.querySelectorAll(".js-plotly-plot").forEach((plot) => {
        const axis = plot.layout && plot.layout.yaxis;
        const found = texts(axis, plot.clientWidth, plot.clientHeight);
        if (found && !board.same(found, axis.ticktext)) window.Plotly.relayout(plot, { "yaxis.ticktext": found });
      });
    }, 200);
  });
})();
