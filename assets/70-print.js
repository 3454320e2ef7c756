/* A page on paper or as PDF: all of its charts, drawn light and as wide as the paper, with range and filters on top. */
(function () {
  "use strict";
  const board = window.board;
  const PATIENCE = 60000; // milliseconds for charts that do not come
  const root = document.documentElement;
  const later = (milliseconds) => new Promise((done) => window.setTimeout(done, milliseconds));
  const textOf = (selector) => [...document.querySelectorAll(selector)].map((part) => part.textContent.trim()).filter(Boolean);
  let before = null; // how the page looked, while it is prepared and printed

  /* Range, zone and filters as words, where the filter bar is not shown. */
  board.scope = (chips = ".chip") => [...new Set([...textOf("#range-label"), textOf("#zone")[0], ...textOf(`#chips ${chips} > .chip-text`)])].filter(Boolean);

  function heading() {
    const place = document.querySelector(".print-head");
    if (!place) return;
    const now = new Date().toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
    place.textContent = [...board.scope(), `printed ${now}`].join(" · ");
  }

  function dark() {
    const chosen = root.dataset.theme;
    return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function waiting() {
    return board.chartsPending() || document.querySelector(".panel.is-loading:not(.table-panel), [data-busy], .tile-skeleton, .verdict.waiting");
  }

  async function drawn() {
    const end = Date.now() + PATIENCE;
    await later(100);
    while (waiting() && Date.now() < end) await later(100);
    await later(500); // charts take their new width
  }

  function lighten() {
    root.dataset.theme = "light";
    document.querySelectorAll(".panel[data-chart]:not(.is-failed), .tiles").forEach((part) => board.busy(part, true));
    window.dash_clientside.set_props("theme", { data: "light" });
  }

  function restore() {
    if (!before) return;
    const { chosen, wasDark } = before;
    before = null;
    root.classList.remove("printing");
    board.allCharts(false);
    if (!wasDark) return;
    if (chosen) root.dataset.theme = chosen;
    else delete root.dataset.theme;
    window.dash_clientside.set_props("theme", { data: "dark" });
  }

  board.print = async function () {
    if (before) return;
    before = { chosen: root.dataset.theme, wasDark: dark(), open: false };
    board.announce("Preparing the page for printing …");
    if (before.wasDark) lighten();
    root.classList.add("printing");
    board.allCharts();
    await drawn();
    try {
      before.open = true;
      window.print();
    } catch {
      restore(); // a browser inside of another program that has no paper
    }
  };

  // Some browsers go on before their preview is there: the page looks as before once that is closed, or used again.
  window.addEventListener("afterprint", restore);
  for (const kind of ["pointerdown", "keydown"]) {
    window.addEventListener(kind, () => { if (before && before.open) restore(); });
  }
  // The browser's own keys would print what is not drawn yet. Its menu can't be kept waiting.
  window.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "p") return;
    if (!document.querySelector("[data-print]")) return;
    event.preventDefault();
    board.print();
  });
  window.addEventListener("beforeprint", heading);
})();
