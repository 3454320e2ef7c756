/* Dash gives the tab stop of a menu to a hidden field that hands it on: here the menu's own button is the tab stop. */
(function () {
  "use strict";
  const reach = () => document.querySelectorAll('button.dash-dropdown[tabindex="-1"]').forEach((button) => { button.tabIndex = 0; });
  new MutationObserver(reach).observe(document.documentElement, { childList: true, subtree: true });
})();
