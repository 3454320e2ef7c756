/* Runs before the first paint, so that nobody who chose dark sees a white flash, and that there is room for the chips of what the
   address chooses. */
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
  var words = new URLSearchParams(window.location.search);
  if (words.has("kiosk")) document.documentElement.classList.add("kiosk");
  words.forEach(function (value, key) {
    if (!/^(_.*|kiosk|kiosk_every|tz|every|compare|assume)$/.test(key)) document.documentElement.classList.add("chips-come");
  });
})();
