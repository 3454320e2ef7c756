/* A page on paper or as PDF: all of its charts, drawn light and as wide as the paper, with range and filters on top. */
(function () {
  "use strict";
  const board = window.board;
  const PATIENCE = 60000; // milliseconds for charts that do not come
  const root = document.documentElement;
  const later = (milliseconds) => new Promise((done) => window.setTimeout(done, milliseconds));
  const waiting = () => document.querySelector(".panel.is-loading, [data-busy], .tile-skeleton, .verdict.waiting");
  const textOf = (selector) => [...document.querySelectorAll(selector)].map((part) => part.textContent.trim()).filter(Boolean);

  function heading() {
    const place = document.querySelector(".print-head");
    if (!place) return;
    const now = new Date().toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
    const zone = textOf("#zone")[0];
    place.textContent = [...textOf("#range-label"), zone, ...textOf("#chips .chip-text"), `printed ${now}`].filter(Boolean).join(" · ");
  }

  function dark() {
    const chosen = root.dataset.theme;
    return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  }

  async function drawn() {
    const end = Date.now() + PATIENCE;
    await later(100);
    while (waiting() && Date.now() < end) await later(100);
  }

  board.print = async function () {
    const chosen = root.dataset.theme;
    const wasDark = dark();
    board.announce("Preparing the page for printing …");
    if (wasDark) {
      root.dataset.theme = "light";
      window.dash_clientside.set_props("theme", { data: "light" });
    }
    root.classList.add("printing");
    board.allCharts();
    await drawn();
    await later(500); // charts take their new width
    window.print();
    root.classList.remove("printing");
    if (!wasDark) return;
    if (chosen) root.dataset.theme = chosen;
    else delete root.dataset.theme;
    window.dash_clientside.set_props("theme", { data: "dark" });
  };

  window.addEventListener("beforeprint", heading);
})();
