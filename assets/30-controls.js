/* Filter bar, theme and refresh, and the small behaviours of menus, chips and buttons. */
(function () {
  "use strict";
  const board = window.board;
  const KIOSK_PACE = 10000; // milliseconds
  let silent = false; // whether the store was when it was last asked
  let chosenPace = 2000; // milliseconds, 0: off
  const NO = () => window.dash_clientside.no_update;
  const signs = /^(!|~|>=|<=)/;
  const plain = (text) => board.split(text).filter((word) => !signs.test(word));
  const special = (text) => board.split(text).filter((word) => signs.test(word));

  function listed(column, values, selection) {
    const wanted = values || [];
    if (board.same([...wanted].sort(), plain(selection[column]).sort())) return {};
    const words = [...wanted, ...special(selection[column])];
    return { [column]: words.length ? board.join(words) : null };
  }
  function single(key, value, selection, defaults) {
    const now = selection[key] || defaults[key];
    if (value === null || value === undefined || value === now) return {};
    return { [key]: value === defaults[key] ? null : value };
  }

  /* The chosen comparison as its menu has it: "" is the page's own, which some pages have for their figures. */
  function compared(selection, defaults, path = window.location.pathname) {
    return selection.compare || defaults.compare || (defaults.comparisons[board.page(path)] ? "" : "off");
  }

  /* A menu drops chosen values that it does not offer: what was clicked elsewhere is offered, too. */
  function offering(options, words) {
    const known = options.map((option) => option.value);
    const missing = words.filter((word) => !known.includes(word));
    const label = (word) => (word === '""' ? "not given" : word.replace(/^\\/, ""));
    return [...options, ...missing.map((word) => ({ label: label(word), value: word }))];
  }

  Object.assign(board, {
    showControls(selection, path, defaults, zones, platforms, statuses, comparisons) {
      if (!selection) return Array(9).fill(NO());
      const [platform, status] = [plain(selection.platform), plain(selection.status)];
      const zone = selection.tz || defaults.tz;
      const own = defaults.comparisons[board.page(path)];
      const named = comparisons.filter((option) => option.value);
      return [
        zone, platform, status, selection.every || defaults.every, compared(selection, defaults, path),
        offering(zones, [zone]), offering(platforms, platform), offering(statuses, status), own ? [own, ...named] : named,
      ];
    },
    /* Four hundred zones are made searchable only when somebody is about to choose one. */
    offerZones(wanted, zones, zone) {
      return wanted ? offering(zones.map((name) => ({ label: name, value: name })), zone ? [zone] : []) : NO();
    },
    controlsChanged(zone, platform, status, every, compare, selection, defaults) {
      if (!selection) return;
      const changes = {
        ...single("tz", zone, selection, defaults), ...listed("platform", platform, selection),
        ...listed("status", status, selection), ...single("every", every, selection, defaults),
        ...(compare === compared(selection, defaults) ? {} : { compare: compare || null }),
      };
      if (Object.keys(changes).length) board.go(changes);
    },
    showExplorer(selection, searches, menus, offers, offered) {
      if (!selection) return [searches.map(NO), menus.map(NO), menus.map(NO)];
      const options = (column) => offers[offered.findIndex((id) => id.column === column)] || [];
      return [
        searches.map((id) => special(selection[id.column]).filter((word) => word[0] === "~").map((word) => word.slice(1))[0] || ""),
        menus.map((id) => plain(selection[id.column])),
        menus.map((id) => offering(options(id.column), plain(selection[id.column]))),
      ];
    },
    explorerChanged(texts, choices, searches, menus, selection) {
      if (!selection) return;
      let changes = {};
      searches.forEach((id, place) => {
        const text = (texts[place] || "").trim();
        const now = special(selection[id.column]).filter((word) => word[0] === "~").map((word) => word.slice(1))[0] || "";
        if (text !== now) changes[id.column] = text ? board.join(["~" + text]) : null;
      });
      menus.forEach((id, place) => { changes = { ...changes, ...listed(id.column, choices[place], selection) }; });
      if (Object.keys(changes).length) board.go(changes);
    },
    pace(milliseconds) {
      chosenPace = milliseconds;
      const { interval, disabled } = board.rhythm();
      return [interval, disabled];
    },
    /* How often news are asked for; a screen on a wall does so whatever was chosen in this browser. */
    rhythm: () => ({ interval: chosenPace || (board.kiosk() ? KIOSK_PACE : 60000), disabled: !chosenPace && !board.kiosk() }),

    nextTheme(clicks, choice) {
      const order = ["system", "light", "dark"];
      return order[(order.indexOf(choice || "system") + 1) % order.length];
    },
    applyTheme(choice, stamp, shown) {
      const chosen = choice || "system";
      const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
      const theme = chosen === "system" ? (dark ? "dark" : "light") : chosen;
      if (chosen === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = chosen;
      const button = document.getElementById("theme-button");
      if (button) {
        button.textContent = { system: "◐", light: "☀", dark: "☾" }[chosen];
        button.setAttribute("aria-label", "Theme: " + chosen);
        button.title = "Theme: " + chosen;
      }
      return theme === shown ? NO() : theme;
    },
    beat() {
      document.documentElement.dataset.beat = String(Date.now());
    },
    /* The header is asked for at once when the store falls silent, and when it is back. */
    lookAgain(revisions, beats) {
      const turned = "" in (revisions || {}) !== silent;
      if (turned) silent = !silent;
      return turned ? (beats || 0) + 1 : NO();
    },
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    window.dash_clientside.set_props("theme-choice", { modified_timestamp: Date.now() });
  });

  /* The room that was kept for chips is theirs, or nobody's. */
  document.addEventListener("question-ended", ({ detail }) => {
    if (![detail.request.outputs].flat().some((one) => one.id === "chips")) return;
    window.setTimeout(() => document.documentElement.classList.remove("chips-come"), 500);
  });

  let quiet = null;
  board.announce = function (text) {
    const place = document.getElementById("announce");
    if (!place) return;
    place.textContent = text;
    window.clearTimeout(quiet);
    quiet = window.setTimeout(() => { place.textContent = ""; }, 2500);
  };

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without https there is no clipboard object: the old way still works.
      const field = Object.assign(document.createElement("textarea"), { value: text, className: "sr-only" });
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    board.announce("Link copied");
  }

  function copyFrom(button) {
    const panel = button.closest("[data-chart]");
    const here = window.location;
    const words = board.words(here.search);
    if (panel) Object.keys(words).filter((key) => key.startsWith("_")).forEach((key) => delete words[key]);
    const search = new URLSearchParams(words).toString();
    copy(here.origin + here.pathname + (search ? "?" + search : "") + (panel ? "#" + panel.dataset.chart : ""));
  }

  const actions = {
    "[data-go]": (element) => board.go(JSON.parse(element.dataset.go)),
    "[data-filter]": (element, event) =>
      board.toggle(element.dataset.filter, element.dataset.value, event.shiftKey || event.ctrlKey || event.metaKey),
    "[data-page]": (element, event) => {
      if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // the browser's own ways to open a link
      event.preventDefault();
      window.history.pushState({}, "", element.href);
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
      window.scrollTo(0, 0);
    },
    "[data-reset]": () => board.reset(),
    "[data-copy]": (element) => copyFrom(element),
    "[data-print]": () => board.print(),
    "[data-more]": (element) => {
      const shown = element.previousElementSibling;
      const first = [...shown.querySelectorAll(".panel[data-chart], .records tbody tr")].find((part) => !part.getClientRects().length);
      shown.classList.add("whole");
      if (!first) return;
      first.tabIndex = -1; // the button goes away: reading goes on at what came
      first.focus({ preventScroll: true });
    },
    "[data-kiosk]": (element) => (element.dataset.kiosk === "end" ? board.endKiosk() : board.startKiosk()),
    "[data-again]": (element) => board.again(element),
    "[data-sort]": (element) => board.sortTable(element),
    "[data-step]": (element) => board.pageTable(element),
    "[data-turn]": (element) => board.turnChart(element.closest("[data-chart]")),
    "[data-toggle]": (element) => {
      const open = element.getAttribute("aria-expanded") !== "true";
      element.setAttribute("aria-expanded", String(open));
      document.getElementById(element.dataset.toggle).classList.toggle("open", open);
    },
    "[data-mark]": (element) => board.markAction(element.dataset.mark, element),
    // Pages outside lead back to the view they were opened from.
    // What is on screen, handed out: the view's own words go along.
    "[data-share]": (element) => {
      const target = new URL(element.href);
      target.search = window.location.search;
      if (element.dataset.share !== "records") {
        for (const name of [...target.searchParams.keys()]) if (name.startsWith("_")) target.searchParams.delete(name);
      }
      target.searchParams.set("next", window.location.pathname + window.location.search);
      element.href = target.href;
    },
    "[data-alert]": (element) => {
      const target = new URL(element.href);
      target.search = window.location.search;
      for (const name of [...target.searchParams.keys()]) if (name.startsWith("_")) target.searchParams.delete(name);
      target.searchParams.set("metric", element.dataset.alert);
      target.searchParams.set("next", window.location.pathname + window.location.search);
      element.href = target.href;
    },
    "[data-back]": (element) => {
      const target = new URL(element.href);
      target.searchParams.set("next", window.location.pathname + window.location.search);
      element.href = target.href;
    },
  };

  document.addEventListener("click", (event) => {
    closeMenus(event.target);
    const chosen = Object.keys(actions)
      .map((selector) => [event.target.closest(selector), actions[selector]])
      .filter(([element]) => element)
      .sort(([one], [other]) => (one.contains(other) ? 1 : -1))[0];
    if (!chosen) return;
    if (window.getSelection().toString() && chosen[0].tagName === "TR") return; // text was being selected
    const menu = chosen[0].closest("details.menu");
    if (menu && menu.contains(document.activeElement)) menu.querySelector("summary").focus(); // what had it goes away
    chosen[1](chosen[0], event);
    if (menu) menu.open = false;
  });

  function closeMenus(target) {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(target)) menu.open = false;
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    board.markAction("close");
  });

  /* The two fields of the custom range become the browser's own date and time fields. */
  for (const kind of ["pointerdown", "focusin"]) {
    document.addEventListener(kind, (event) => {
      const found = event.target.closest && event.target.closest("#zone");
      if (!found || found.dataset.offered) return;
      found.dataset.offered = "true";
      window.dash_clientside.set_props("zones-wanted", { data: true });
    });
  }

  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLElement) || menu.dataset.menu !== "range" || !menu.open) return;
    const words = board.words(window.location.search);
    menu.querySelector("#range-typed").value = "";
    menu.querySelectorAll(".moment input").forEach((field) => {
      field.type = "datetime-local";
      const text = words[field.id === "range-from" ? "start" : "stop"] || "";
      field.value = /^\d{4}-\d\d-\d\d/.test(text) ? (text.length === 10 ? text + "T00:00" : text.slice(0, 16)) : "";
    });
  }, true);

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-form=range]");
    if (!form) return;
    event.preventDefault();
    const from = form.querySelector("#range-from").value.trim().replace(" ", "T");
    const to = form.querySelector("#range-to").value.trim().replace(" ", "T");
    const typed = form.querySelector("#range-typed").value;
    const tell = (said) => window.dash_clientside.set_props("range-error", { children: said });
    if (!from && !typed.trim()) return;
    let range = { start: from, stop: to || null };
    try {
      if (typed.trim()) range = board.typedRange(typed, board.words(window.location.search).tz || form.dataset.tz);
      board.requireOrder(range.start, range.stop);
    } catch (error) {
      tell(error.message[0].toUpperCase() + error.message.slice(1) + "."); // nothing else changes
      return;
    }
    tell("");
    board.go(range);
    const menu = form.closest("details");
    if (menu) menu.open = false;
  });

  /* A row of records is opened by Enter as well. */
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("tr[data-go]")) event.target.click();
  });
})();
