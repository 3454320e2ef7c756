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
  for (const [name, find] of [["data-copy-next", (button) => button.closest(".snippet").querySelector("pre")],
                              ["data-copy-before", (button) => button.previousElementSibling]]) {
    document.querySelectorAll(`[${name}]`).forEach((button) => {
      if (!navigator.clipboard) return;
      button.hidden = false;
      button.addEventListener("click", () => {
        navigator.clipboard.writeText(find(button).textContent).then(() => { button.textContent = "Copied"; });
      });
    });
  }
  document.querySelectorAll("[data-send]").forEach((field) => {
    field.addEventListener("change", () => field.form.submit());
  });
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button && button.classList.contains("danger") && !window.confirm(button.getAttribute("aria-label") + "?")) {
      event.preventDefault();
    }
  });
})();
