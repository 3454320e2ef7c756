/* The page as the server sent it makes room for the one that works, or for Dash's word on why there is none. */
(function () {
  "use strict";
  const skeleton = document.querySelector(".app-skeleton");
  const entry = document.getElementById("react-entry-point");
  if (!skeleton || !entry) return;
  const watcher = new MutationObserver(() => {
    if (!entry.querySelector(".app, ._dash-error")) return;
    watcher.disconnect();
    skeleton.remove();
    document.querySelector(".app-late").remove();
  });
  watcher.observe(entry, { childList: true, subtree: true });
})();
