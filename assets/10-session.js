/* Around every request to Dash: an ended session leads to the login page and back to this very view;
   a server that does not answer is told once, and the last picture stays. */
(function () {
  "use strict";
  const plainFetch = window.fetch.bind(window);
  let leaving = false;
  window.addEventListener("pagehide", () => { leaving = true; });

  /* The path that everything is below, with a slash at its end. */
  const base = () => JSON.parse(document.getElementById("_dash-config").textContent).requests_pathname_prefix;

  function toLogin() {
    if (leaving) return;
    const ended = new CustomEvent("session-ended", { cancelable: true, detail: { login: loginHref() } });
    if (!document.dispatchEvent(ended)) return; // a screen on a wall stays as it is
    leaving = true;
    assignLogin();
    // What is still chosen until the login page is here is part of the view to come back to.
    window.addEventListener("_dashprivate_pushstate", assignLogin);
  }

  function loginHref() {
    const here = window.location.pathname + window.location.search + window.location.hash;
    return base() + "login?next=" + encodeURIComponent(here);
  }

  function assignLogin() {
    window.location.assign(loginHref());
  }

  function unreachable(yes) {
    document.documentElement.toggleAttribute("data-unreachable", yes);
  }

  /* Who waits for what was asked hears that it was answered (`arrived`) or lost on its way. */
  function ended(url, options, arrived, ok) {
    if (!url.includes("/_dash-update-component") || !options || typeof options.body !== "string") return;
    document.dispatchEvent(new CustomEvent("question-ended", { detail: { request: JSON.parse(options.body), arrived, ok } }));
  }

  window.fetch = function (input, options) {
    const url = typeof input === "string" ? input : input.url;
    if (!url.includes("/_dash-")) return plainFetch(input, options);
    const early = window.askedEarly && window.askedEarly(url, options);
    const promise = early ? early.catch(() => plainFetch(input, options)) : plainFetch(input, options);
    return promise.then(
      (answer) => {
        if (answer.status === 401 || (answer.redirected && new URL(answer.url).pathname === base() + "login")) {
          toLogin();
          return new Promise(() => {}); // nobody waits for an answer on a page that is being left
        }
        unreachable(answer.status >= 500);
        ended(url, options, ![502, 503, 504].includes(answer.status), answer.ok);
        return answer;
      },
      (error) => {
        if (leaving) return new Promise(() => {});
        unreachable(true);
        ended(url, options, false, false);
        throw error;
      },
    );
  };
})();
