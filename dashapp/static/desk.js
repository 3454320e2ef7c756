/* What helps and is not needed: copying, selecting a secret, asking before something is gone. */
(function () {
  "use strict";
  document.querySelectorAll(".secret").forEach((box) => {
    const text = box.querySelector("input");
    const copy = box.querySelector("[data-copy]");
    text.select();
    text.addEventListener("focus", () => text.select());
    if (!navigator.clipboard) return;
    copy.hidden = false;
    copy.addEventListener("click", () => {
      navigator.clipboard.writeText(text.value).then(() => { copy.textContent = "Copied"; });
    });
  });
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button && button.classList.contains("danger") && !window.confirm(button.getAttribute("aria-label") + "?")) {
      event.preventDefault();
    }
  });
})();
