/* Links to the parts of a long page: the panel a part begins with comes to the top and takes the focus. */
(function () {
  "use strict";
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-section]");
    if (!link) return;
    const name = CSS.escape(link.dataset.section);
    const panel = document.querySelector(`.panel[data-chart="${name}"], .panel[data-table="${name}"]`);
    if (!panel) return;
    if (panel.matches("[data-chart]")) panel.parentElement.classList.add("whole"); // a phone may have left it out
    panel.tabIndex = -1;
    panel.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "start" });
  });
})();
