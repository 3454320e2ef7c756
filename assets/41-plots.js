/* Plotly: its code is run when the browser has nothing else to do, at the latest with the first question for a chart. Charts are drawn
   one at a time, each as large as its place, and let go with it. */
(function () {
  "use strict";
  const board = window.board;
  const CONFIG = { displaylogo: false, doubleClick: false, modeBarButtons: [["zoom2d", "pan2d", "select2d", "lasso2d"]] };
  const AGAIN = 2000; // milliseconds until a bundle that was lost on its way is asked for again
  const waiting = []; // { place, figure, done }: what is to be drawn
  let loading = null;
  let drawing = false;

  function load(done) {
    const script = Object.assign(document.createElement("script"), { src: document.getElementById("plotly-bundle").href });
    script.onload = done;
    script.onerror = () => { script.remove(); window.setTimeout(load, AGAIN, done); };
    document.head.append(script);
  }

  board.loadPlotly = () => (loading = loading || new Promise(load));
  const whenIdle = window.requestIdleCallback || ((run) => window.setTimeout(run, 0));
  window.addEventListener("load", () => whenIdle(board.loadPlotly, { timeout: 2000 })); // browsers complain of what was fetched for nothing

  const sizes = new ResizeObserver((seen) => {
    for (const { target } of seen) {
      if (target.isConnected) resized(target);
      else letGo(target);
    }
  });

  board.fits = []; // what adapts a picture to the size it has got: functions of its element

  async function resized(plot) {
    if (!plot.clientWidth || !plot.clientHeight || !plot._fullLayout) return;
    const { width, height } = plot._fullLayout;
    const other = Math.abs(width - plot.clientWidth) >= 1 || Math.abs(height - plot.clientHeight) >= 1;
    const well = !other || (await window.Plotly.Plots.resize(plot).then(() => true, () => false)); // it may be hidden again
    if (well && plot.isConnected && plot._fullLayout) board.fits.forEach((fit) => fit(plot));
  }

  function letGo(plot) {
    sizes.unobserve(plot);
    window.Plotly.purge(plot);
  }

  /* Whether it is drawn. */
  async function draw(place, figure) {
    try {
      const { data, layout } = board.fitted(figure, place); // for the size it has now: it may have been hidden when the figure came
      await window.Plotly.react(place, { data, layout, config: CONFIG });
      sizes.observe(place);
      return true;
    } catch (error) {
      console.error(error); // the others are drawn
      return false;
    }
  }

  async function drawNext() {
    drawing = true;
    await board.loadPlotly();
    while (waiting.length) {
      const { place, figure, done } = waiting.shift();
      const well = place.isConnected && (await draw(place, figure));
      done(!place.isConnected ? "dropped" : well ? "drawn" : "failed");
      await new Promise((go) => window.setTimeout(go, 0)); // the browser answers whoever clicks in between
    }
    drawing = false;
  }

  /* What waits to be drawn into that element is not wanted any more. */
  board.undraw = function (place) {
    const earlier = waiting.findIndex((one) => one.place === place);
    if (earlier >= 0) waiting.splice(earlier, 1)[0].done("dropped");
  };

  /* `drawn` or `failed` once the figure had its turn; `dropped` when a later one took it, or the page is left. */
  board.draw = (place, figure) => new Promise((done) => {
    board.undraw(place);
    waiting.push({ place, figure, done });
    if (!drawing) drawNext();
  });
})();
