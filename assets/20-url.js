/* The URL is the state. Everything that is clicked changes the query string; everything that is shown follows it.
   Keys that begin with "_" say what is opened over the page; all others are the selection. */
(function () {
  "use strict";
  const board = (window.board = window.board || {});

  const DEFAULTED = ["start", "stop", "tz", "every", "compare", "assume"];
  const DISPLAY = ["kiosk", "kiosk_every"]; // how the browser shows it (75-kiosk.js); the server never hears of these

  /* Of these an empty one is the default; an empty filter is a mistake that the filter bar names. */
  board.words = function (search) {
    const found = {};
    for (const [key, value] of new URLSearchParams(search)) {
      if (value !== "" || !(key.startsWith("_") || DEFAULTED.includes(key))) found[key] = value;
    }
    return found;
  };

  /* Object with sorted keys: equal selections are equal texts. */
  board.key = function (value) {
    if (value === null || typeof value !== "object") return JSON.stringify(value) || "null";
    if (Array.isArray(value)) return "[" + value.map(board.key).join() + "]";
    return "{" + Object.keys(value).sort().map((name) => JSON.stringify(name) + ":" + board.key(value[name])).join() + "}";
  };
  board.same = (one, other) => board.key(one) === board.key(other);

  /* Whether a part of the page shows an older answer than what is chosen. */
  board.busy = function (part, yes) {
    if (yes) part.dataset.busy = "true";
    else delete part.dataset.busy;
    part.setAttribute("aria-busy", String(yes));
  };

  board.panelOf = (chart) => document.querySelector(`.panel[data-chart="${CSS.escape(chart)}"]`);

  /* The selection as the address has it, or (`opened`) what is opened over the page. */
  board.chosen = function (opened, search = window.location.search) {
    const all = Object.entries(board.words(search)).filter(([key]) => !DISPLAY.includes(key));
    return Object.fromEntries(all.filter(([key]) => key.startsWith("_") === Boolean(opened)));
  };

  board.split = (text) =>
    ((text || "").match(/(?:\\[\\,]|[^,])+/g) || []).map((word) => word.replace(/\\([\\,])/g, "$1"));
  board.join = (words) => words.map((word) => word.replace(/[\\,]/g, "\\$&")).join(",");

  /* Change some keys (null removes one) and go there; the back button comes back. */
  board.go = function (changes) {
    const words = board.words(window.location.search);
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === undefined || value === "") delete words[key];
      else words[key] = String(value);
    }
    board.goTo(words);
  };

  board.goTo = function (words) {
    const params = new URLSearchParams();
    for (const key of Object.keys(words).sort()) params.set(key, words[key]);
    const text = params.toString().replaceAll("%2C", ",").replaceAll("%2F", "/").replaceAll("%3A", ":");
    const search = text ? "?" + text : "";
    if (search === window.location.search) return;
    window.history.pushState({}, "", window.location.pathname + search);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  };

  /* The word that stands for exactly this value: "" is "not given", a sign at the beginning loses its meaning. */
  board.literal = (value) => (value === "" ? '""' : /^(!|~|>=|<=|\\)|^""$/.test(value) ? "\\" + value : value);

  /* A click filters by a value or, when it did already, no longer. With Shift or Ctrl values are added. */
  board.toggle = function (column, value, add) {
    if (!column || value === null || value === undefined) return;
    const own = board.literal(value);
    const now = board.split(board.words(window.location.search)[column]);
    const chosen = now.includes(own);
    let next;
    if (add) next = chosen ? now.filter((word) => word !== own) : [...now, own];
    else next = chosen && now.length === 1 ? [] : [own];
    board.go({ [column]: next.length ? board.join(next) : null });
  };

  /* As toggle, for a mark that stands for a value of each of several columns. Adding widens every column. */
  board.toggleAll = function (values, add) {
    const words = board.words(window.location.search);
    const wanted = Object.entries(values).map(([column, value]) => [column, board.literal(value), board.split(words[column])]);
    const chosen = wanted.every(([, own, now]) => now.length === 1 && now[0] === own);
    const next = ([, own, now]) => (add ? [...now.filter((word) => word !== own), own] : [own]);
    board.go(Object.fromEntries(wanted.map((one) => [one[0], chosen ? null : board.join(next(one))])));
  };

  board.reset = function () {
    board.goTo({});
  };

  /* Zooming remembers where it came from, so that a double click leads back. */
  board.range = function (start, stop) {
    const words = board.words(window.location.search);
    if (!window.sessionStorage.getItem("zoomed-from")) {
      window.sessionStorage.setItem("zoomed-from", JSON.stringify({ start: words.start || null, stop: words.stop || null }));
    }
    board.go({ start, stop });
  };
  board.unzoom = function () {
    const before = window.sessionStorage.getItem("zoomed-from");
    window.sessionStorage.removeItem("zoomed-from");
    if (before) board.go(JSON.parse(before));
  };

  /* Name -> path of the pages, in the order of the navigation. */
  const bare = (path) => "/" + path.split("?")[0].replace(/^\/+|\/+$/g, "");
  board.pages = () => new Map([...document.querySelectorAll("a.nav-link[id]")].map((link) => [JSON.parse(link.id).page, link.pathname]));
  board.page = (path = window.location.pathname) => ([...board.pages()].find(([, other]) => bare(other) === bare(path)) || [])[0];

  const NO = () => window.dash_clientside.no_update;
  let seen = null;

  Object.assign(board, {
    readUrl(search, selection, view) {
      const next = board.chosen(false, search || "");
      const opened = board.chosen(true, search || "");
      const changed = selection === null || selection === undefined || !board.same(next, selection);
      if (changed && seen !== null) {
        document.querySelectorAll(".panel[data-chart], [data-follows]").forEach((part) => board.busy(part, true));
      }
      seen = next;
      return [changed ? next : NO(), view && board.same(opened, view) ? NO() : opened];
    },

    /* Links of the navigation keep the selection; what is opened over a page stays with it. */
    links(search, path, hrefs) {
      const words = board.words(search || "");
      const kept = new URLSearchParams(Object.entries(words).filter(([key]) => !key.startsWith("_"))).toString();
      const here = bare(path || "/");
      const found = hrefs.map(bare);
      const place = found.indexOf(here);
      const link = document.querySelectorAll("a.nav-link[id]")[place];
      document.querySelectorAll("a.nav-link[id]").forEach((other) => other.removeAttribute("aria-current"));
      if (link) link.setAttribute("aria-current", "page");
      document.title = (link ? link.textContent + " · " : "") + "Content Metrics";
      return [
        hrefs.map((href) => href.split("?")[0] + (kept ? "?" + kept : "")), // with the slash that ends a sub path
        found.map((href) => "nav-link" + (href === here ? " active" : "")),
      ];
    },
  });
})();
