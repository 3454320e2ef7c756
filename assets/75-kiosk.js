/* A screen on a wall: with `kiosk` in the address the pages of charts turn by themselves, screen by screen, in large type and
   without controls. `kiosk=overview,ai` names pages, `kiosk_every=2m` says how long a screen stays once it is drawn. */
(function () {
  "use strict";
  const board = window.board;
  const root = document.documentElement;
  const USUAL = 30; // seconds
  const LONGEST = 86400; // seconds: timers hold no more than 24 days
  const PATIENCE = 20000; // milliseconds until a screen counts as drawn, whatever is missing
  const LOOK = [5000, 60000]; // milliseconds between looks whether somebody has logged in again: at first, at most
  const MARGIN = 12; // pixels above a screen's first part
  let run = null; // { pages: [name, path] each, mistakes, seconds, place, paused } while the kiosk is on
  let timer = 0;
  let talk = 0;
  let signedOut = false;

  const later = (milliseconds) => new Promise((done) => window.setTimeout(done, milliseconds));
  const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const base = () => JSON.parse(document.getElementById("_dash-config").textContent).requests_pathname_prefix;
  const plain = (path) => path.replace(/\/+$/, "");

  /* How long a screen stays, and what is wrong with the text that says so. */
  function secondsOf(text) {
    if (!text) return [USUAL, ""];
    const found = /^(\d{1,9})(s|m)?$/.exec(text);
    const seconds = found ? Number(found[1]) * (found[2] === "m" ? 60 : 1) : 0;
    if (!seconds) return [USUAL, `kiosk_every=${text} isn't a time such as 45s or 2m: each screen stays for ${USUAL} seconds`];
    return seconds > LONGEST ? [LONGEST, `kiosk_every=${text} is longer than a day: each screen stays for a day`] : [seconds, ""];
  }

  /* What the address asks for; null without `kiosk` in it, or before the navigation is there. */
  function asked() {
    const words = new URLSearchParams(window.location.search);
    const all = board.pages();
    if (!words.has("kiosk") || !all.size) return null;
    const names = board.split(words.get("kiosk")).filter((name) => name !== "all");
    const pages = names.filter((name) => all.has(name)).map((name) => [name, all.get(name)]);
    const unknown = names.filter((name) => !all.has(name)).map((name) => `There is no page "${name}". Pages: ${[...all.keys()].join(", ")}`);
    const [seconds, mistake] = secondsOf(words.get("kiosk_every"));
    return { pages: pages.length ? pages : [...all], seconds, mistakes: [...unknown, mistake].filter(Boolean) };
  }

  /* What the address asks for and nobody knows, as chips beside those of unknown filters. */
  function name(mistakes) {
    document.getElementById("kiosk-chips").replaceChildren(...mistakes.map((text) => {
      const chip = Object.assign(document.createElement("span"), { className: "chip wrong", role: "alert" });
      chip.append(Object.assign(document.createElement("span"), { className: "chip-text", textContent: text }));
      return chip;
    }));
  }

  const onPage = (path) => plain(window.location.pathname) === plain(path);

  function begin(wanted) {
    run = { ...wanted, paused: false };
    run.place = run.pages.findIndex(([, path]) => onPage(path));
    root.classList.add("kiosk");
    name(run.mistakes);
    window.dispatchEvent(new Event("resize")); // charts take their new width
    window.dash_clientside.set_props("pulse", board.rhythm());
    talk = window.setInterval(say, 1000);
    if (run.place < 0) open(0);
    else stay();
  }

  function end() {
    run = null;
    window.clearTimeout(timer);
    window.clearInterval(talk);
    root.classList.remove("kiosk");
    name([]);
    if (document.fullscreenElement) document.exitFullscreen();
    window.dispatchEvent(new Event("resize"));
    window.dash_clientside.set_props("pulse", board.rhythm());
    board.renewal.end(signedOut);
  }

  function leave() {
    if (board.renewal.leave()) return;
    if (signedOut) {
      window.location.assign(document.querySelector("#kiosk-notice a").href); // the page behind would look as if it were current
      return;
    }
    board.go({ kiosk: null, kiosk_every: null });
    board.announce("Kiosk mode is over");
  }

  /* The address rules: it can be opened, left by the back button, and sent on. */
  function follow() {
    const wanted = asked();
    if (wanted && !run) begin(wanted);
    else if (!wanted && run) end();
  }

  /* A screen's parts, from top to bottom. */
  const parts = () => [...document.querySelectorAll(".page .briefing, .page .tiles, .page .attention, .page .panel")].filter((part) => part.getClientRects().length);
  const ceiling = () => document.querySelector(".header").getBoundingClientRect().bottom + MARGIN;

  /* How far down the next screen begins: at the first part that is cut off; 0 where all has been seen. */
  function further() {
    const cut = parts().map((part) => part.getBoundingClientRect()).filter((box) => box.bottom > window.innerHeight + 2);
    if (!cut.length) return 0;
    const first = Math.min(...cut.map((box) => box.top)) - ceiling();
    return first > 2 ? first : window.innerHeight - ceiling(); // a part that is taller than the window
  }

  function drawing() {
    const inView = (part) => {
      const box = part.getBoundingClientRect();
      return box.top < window.innerHeight && box.bottom > 0;
    };
    const waiting = [...document.querySelectorAll(".panel.is-loading, .page [data-busy], .tile-skeleton, .verdict.waiting")];
    const here = run.place < 0 || document.querySelector(`.page > .page-${run.pages[run.place][0]}`);
    return !here || !parts().length || waiting.some((part) => part.getClientRects().length && inView(part));
  }

  /* A screen stays for its seconds from when it is drawn. */
  async function stay() {
    const mine = run;
    window.clearTimeout(timer);
    if (run.resting) return;
    const latest = Date.now() + PATIENCE;
    do await later(200); while (run === mine && drawing() && (board.renewal.trying() || Date.now() < latest));
    if (run !== mine) return;
    window.clearTimeout(timer);
    if (!drawing()) board.renewal.drawn();
    if (!run.paused && !signedOut) timer = window.setTimeout(turn, run.seconds * 1000);
  }

  function turn() {
    const distance = further();
    if (!distance) return open(run.place + 1);
    window.scrollBy({ top: distance, behavior: still() ? "auto" : "smooth" });
    return stay();
  }

  /* The page at that place of the round. While the server is gone the one that is there stays: another would be empty. */
  function open(place) {
    const next = (place + run.pages.length) % run.pages.length;
    const rounded = place >= run.pages.length;
    if (rounded) board.renewal.whenDue(run.pages[0][1], signedIn);
    window.scrollTo(0, 0);
    const path = run.pages[next][1];
    if (onPage(path)) renew();
    else if (!root.hasAttribute("data-unreachable")) {
      run.place = next;
      // In the place of the page before: days of turning must not fill the history.
      window.history.replaceState({}, "", path + window.location.search);
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    }
    return stay();
  }

  /* A page that is not left is asked anew: its range ends now, whether or not there is news. */
  function renew() {
    const again = () => ({ data: { again: Date.now() } });
    const set = window.dash_clientside.set_props;
    document.querySelectorAll(".panel[data-chart]").forEach(board.askChart);
    document.querySelectorAll(".tiles[id]").forEach((row) => set({ type: "tiles-tick", page: JSON.parse(row.id).page }, again()));
    if (document.getElementById("briefing")) set("briefing-tick", again());
  }

  /* What the picture is of, and where in the round it stands: the controls that say so are hidden. */
  function say() {
    const place = document.getElementById("kiosk-line");
    if (!place || !run) return;
    const round = run.pages.length > 1 && run.place >= 0 ? `page ${run.place + 1} of ${run.pages.length}` : "";
    const text = [...board.scope(".chip:not(.wrong)"), round, run.paused ? "paused: press Space to go on" : "", "Esc ends"].filter(Boolean).join(" · ");
    if (place.textContent !== text) place.textContent = text;
  }

  /* True or false as the server says; null where it does not answer. */
  async function signedIn() {
    try {
      return (await window.fetch(base() + "login", { redirect: "manual" })).type === "opaqueredirect";
    } catch {
      return null;
    }
  }

  /* Whoever walks by must see that the figures stand still, and since when; nobody is there to log in on a login page. */
  document.addEventListener("session-ended", async (event) => {
    if (!run) return;
    event.preventDefault();
    if (signedOut || run.resting) return;
    signedOut = true;
    window.clearTimeout(timer);
    for (const pulse of ["pulse", "slow-pulse"]) window.dash_clientside.set_props(pulse, { disabled: true });
    const notice = document.getElementById("kiosk-notice");
    const time = new Date().toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
    notice.querySelector("span").textContent = `Logged out on ${time}: the figures are from then.`;
    notice.querySelector("a").href = event.detail.login;
    notice.hidden = false;
    // Here or in another window of this browser; seldom when it stays so for days.
    // A document over this one has its own login to look after; one that does not come is tried again.
    for (let pause = LOOK[0]; run && !run.resting; pause = Math.min(LOOK[1], 1.5 * pause)) {
      if ((await signedIn()) && (await board.renewal.now(window.location.pathname))) return;
      await later(pause);
    }
  });

  const KEYS = {
    Escape: leave,
    ArrowRight: () => open(run.place + 1),
    ArrowLeft: () => open(Math.max(0, run.place) - 1),
    " ": () => { run.paused = !run.paused; stay(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.closest("button, a")) return; // it presses what has the focus
    if (!run || !KEYS[event.key] || ((signedOut || run.resting) && event.key !== "Escape") || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  // Escape ends the browser's own full screen first, and no key is heard then.
  document.addEventListener("fullscreenchange", () => { if (run && !document.fullscreenElement) leave(); });

  board.startKiosk = function () {
    if (root.requestFullscreen) root.requestFullscreen().catch(() => {}); // a browser that has none shows it in its window
    board.go({ kiosk: "all", ...Object.fromEntries(Object.keys(board.chosen(true)).map((key) => [key, null])) });
  };
  board.endKiosk = leave;
  /* This document stands still: a newer one is over it. */
  board.restKiosk = function () {
    window.clearTimeout(timer);
    window.clearInterval(talk);
    for (const pulse of ["pulse", "slow-pulse"]) window.dash_clientside.set_props(pulse, { disabled: true });
    run = { ...run, resting: true };
  };
  board.kiosk = () => run !== null;

  for (const kind of ["popstate", "_dashprivate_pushstate"]) window.addEventListener(kind, () => window.setTimeout(follow, 0));
  const ready = new MutationObserver(() => {
    if (!document.querySelector("a.nav-link[id]")) return;
    ready.disconnect();
    window.setTimeout(follow, 0);
  });
  ready.observe(root, { childList: true, subtree: true });
})();
