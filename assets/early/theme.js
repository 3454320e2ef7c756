/* Runs before the first paint, so that nobody who chose dark sees a white flash. */
(function () {
  "use strict";
  var choice = "system";
  try {
    choice = JSON.parse(window.localStorage.getItem("theme-choice")) || "system";
  } catch (error) {
    choice = "system";
  }
  if (choice === "light" || choice === "dark") {
    document.documentElement.dataset.theme = choice;
  }
  if (new URLSearchParams(window.location.search).has("kiosk")) document.documentElement.classList.add("kiosk");
})();
