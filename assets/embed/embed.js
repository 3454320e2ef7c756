/* An embed's own script. Uses no storage and no cookie: it works in a sandboxed frame of an opaque origin. */
(function () {
  "use strict";
  const body = document.body;
  const main = document.querySelector("main");
  const chosen = {};
  let asked = 0;
  let told = 0;

  const address = (kind, more = {}) => {
    const url = new URL(window.location.href);
    if (kind) url.pathname += kind;
    for (const [name, value] of Object.entries({ ...chosen, ...more })) {
      if (value === "") url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    return url.toString();
  };

  /* How high the page is, for frames that grow and shrink with it. */
  function tellHeight() {
    const height = Math.ceil(main.getBoundingClientRect().height);
    if (height === told || window.parent === window) return;
    told = height;
    window.parent.postMessage({ type: "dashapp:height", embed: body.dataset.embed, height }, "*");
  }

  /* The same page drawn anew: newer data, another choice. What is shown stays until the new one is here. */
  async function redraw() {
    const mine = ++asked;
    let text;
    try {
      const answer = await fetch(address(""), { credentials: "omit", cache: "no-cache" });
      text = await answer.text();
    } catch (error) {
      return; // the picture that is there is better than none
    }
    if (mine !== asked) return;
    const found = new DOMParser().parseFromString(text, "text/html").querySelector("main");
    if (!found) return;
    const open = [...main.querySelectorAll("details")].map((details) => details.open);
    const focused = document.activeElement && document.activeElement.name;
    main.className = found.className;
    main.replaceChildren(...found.childNodes);
    main.querySelectorAll("details").forEach((details, place) => { details.open = Boolean(open[place]); });
    if (focused) main.querySelector(`[name="${CSS.escape(focused)}"]`)?.focus();
    tellHeight();
  }

  /* Pointing at a picture makes it one that answers: Plotly is fetched then, not before. */
  let plotly = null;
  function loadPlotly() {
    plotly ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = body.dataset.plotly;
      script.onload = () => resolve(window.Plotly);
      script.onerror = reject;
      document.head.append(script);
    });
    return plotly;
  }

  /* Of a calendar, the traces whose texts its cells have room for and no more room than they are made for, as on the pages; boxes
     over days lead nowhere here. */
  function fitting(figure, picture) {
    const grid = figure.layout.meta && figure.layout.meta.calendar;
    if (!grid) return figure.data;
    figure.layout.dragmode = false;
    const room = (picture.clientWidth - 44) / (grid.width || 7);
    return figure.data.filter(({ meta = {} }) => room >= (meta.needs || 0) && (!meta.below || room < meta.below));
  }

  let figures = null;
  async function enliven(picture) {
    if (picture.dataset.lively) return;
    picture.dataset.lively = "true";
    const dark = picture.querySelector(".on-dark");
    const theme = dark && getComputedStyle(dark).display !== "none" ? "dark" : picture.querySelector(".on-light") ? "light" : "";
    try {
      figures ??= fetch(address(".json", theme ? { theme } : {}), { credentials: "omit" }).then((answer) => {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      });
      const [Plotly, found] = await Promise.all([loadPlotly(), figures]);
      const figure = found[picture.dataset.chart];
      if (!figure || !picture.isConnected) return;
      const plot = document.createElement("div");
      plot.className = "plot";
      picture.append(plot);
      await Plotly.newPlot(plot, fitting(figure, picture), { ...figure.layout, autosize: true }, { displayModeBar: false, responsive: true });
      picture.classList.add("live");
    } catch (error) {
      figures = null; // the still picture stays
      delete picture.dataset.lively;
    }
  }

  for (const kind of ["pointerover", "touchstart"]) {
    main.addEventListener(kind, (event) => {
      const picture = event.target instanceof Element && event.target.closest(".picture");
      if (picture) enliven(picture);
    }, { passive: true });
  }
  main.addEventListener("change", (event) => {
    if (!event.target.matches("[data-narrow]")) return;
    chosen[event.target.name] = event.target.value;
    figures = null;
    redraw();
  });
  main.addEventListener("toggle", tellHeight, true);

  new ResizeObserver(tellHeight).observe(main);

  const seconds = Number(body.dataset.refresh);
  if (seconds) {
    window.setInterval(() => {
      if (document.hidden) return;
      figures = null;
      redraw();
    }, seconds * 1000);
  }
  tellHeight();
})();
