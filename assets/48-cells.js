/* Words in marks that are too small for them would be specks of all sizes, or cover others: they are left out, or shortened. The hover
   and the table have them. */
(function () {
  "use strict";
  const board = window.board;
  const DIGIT = 7; // pixels
  const AROUND = 100; // pixels beside the cells: names, and the strip that says which shade means how much
  const PHONE = 480; // pixels: bars with whiskers say their value alone in a narrower picture

  const told = (trace, name) => (trace.meta || {})[name];
  const cells = (trace) => trace.type === "heatmap" && (trace.texttemplate || told(trace, "numbers"));
  const words = (trace) => (trace.text ? trace.text.flat() : trace.z.flat().map((one) => (one === null ? "" : Math.round(one).toLocaleString("en-GB"))));

  /* All cells of a picture have their numbers, or none. */
  function roomy(traces, place) {
    const longest = Math.max(...traces.flatMap(words).map((one) => String(one).length));
    return (place.clientWidth - AROUND) / traces[0].x.length >= DIGIT * longest;
  }

  /* What each trace should say in a picture of that size: [property, value]; null for what stays as it is. A picture without a size
     is hidden: its words stay until it is seen. */
  function sayings(data, place) {
    const numbered = data.filter(cells);
    const hidden = !place.clientWidth;
    const shown = numbered.length && (hidden || roomy(numbered, place));
    return data.map((trace) => {
      if (cells(trace)) return ["texttemplate", shown ? told(trace, "numbers") || trace.texttemplate : ""];
      if (told(trace, "inside")) return ["text", !hidden && place.clientWidth < PHONE ? told(trace, "values") : told(trace, "whole") || trace.text];
      return null;
    });
  }

  const { fitted } = board;
  board.fitted = function (figure, place) {
    const found = sayings(figure.data, place);
    const data = figure.data.map((trace, number) => {
      if (!found[number]) return trace;
      const [name, value] = found[number];
      const kept = name === "text" ? { whole: told(trace, "whole") || trace.text } : { numbers: told(trace, "numbers") || trace.texttemplate };
      return { ...trace, [name]: value, meta: { ...trace.meta, ...kept } }; // what it says where there is room for all of it
    });
    return fitted({ ...figure, data }, place);
  };

  board.fits.push((plot) => {
    sayings(plot.data, plot).forEach((one, number) => {
      if (one && !board.same(one[1], plot.data[number][one[0]])) window.Plotly.restyle(plot, { [one[0]]: [one[1]] }, [number]);
    });
  });
})();
