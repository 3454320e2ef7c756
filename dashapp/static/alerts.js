/* The form of a rule: fields that a kind needs, groupings of the chosen metric, a limit that can be moved. All of it works without. */
(function () {
  "use strict";
  const form = document.getElementById("rule");
  if (!form) return;
  const metric = form.elements.metric;
  const groupings = ["by", "by2", "by3"].map((name) => form.elements[name]);
  const kind = form.elements.kind;

  function fit() {
    form.querySelectorAll("[data-kinds]").forEach((part) => {
      part.hidden = !part.dataset.kinds.split(" ").includes(kind.value);
    });
    const unit = form.querySelector(".unit");
    const percent = kind.value === "change" && form.elements.percent.checked;
    const named = { band: "usual spreads", burn: "% of the allowance in 3 days" }[kind.value];
    unit.textContent = named || (percent ? "%" : metric.selectedOptions[0].dataset.unit);
  }
  function regroup() {
    groupings.forEach((by) => {
      const chosen = by.value;
      while (by.options.length > 1) by.remove(1);
      metric.selectedOptions[0].dataset.by.split(" ").filter(Boolean).forEach((name) => {
        const text = name.replace(/_/g, " ");
        by.add(new Option(text[0].toUpperCase() + text.slice(1), name, false, name === chosen));
      });
    });
    fit();
  }
  metric.addEventListener("change", regroup);
  kind.addEventListener("change", fit);
  form.elements.percent.addEventListener("change", fit);
  fit();

  const range = document.getElementById("range");
  if (!range) return;
  const shown = form.querySelector("output");
  let waiting = 0;
  ["slide", "drag"].forEach((id) => { document.getElementById(id).hidden = false; });
  const limits = [...form.querySelectorAll(".course-limits")];
  function moved() {  // the form, the word beside the control and the line in the pictures say the same
    form.elements.number.value = range.value;
    shown.textContent = range.value;
    clearTimeout(waiting);
    limits.forEach((limit) => {
      const { low, high, top, bottom, sign, unit } = limit.dataset;
      const share = Math.min(1, Math.max(0, (range.value - low) / (high - low)));
      const y = Number(bottom) + share * (top - bottom);
      limit.querySelectorAll("line").forEach((line) => { line.setAttribute("y1", y); line.setAttribute("y2", y); });
      const text = limit.querySelector("text");
      text.setAttribute("y", y - 5);
      text.textContent = `limit ${sign} ${range.value}${unit}`;
    });
  }
  range.addEventListener("input", moved);
  /* The line itself can be dragged; whoever has no pointer moves the control below. */
  limits.forEach((limit) => {
    const grip = limit.querySelector(".course-grip");
    grip.classList.add("movable");
    const drag = (event) => {
      const { low, high, top, bottom } = limit.dataset;
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(limit.getScreenCTM().inverse());
      range.value = Number(low) + (point.y - bottom) / (top - bottom) * (high - low);  // within its ends, in whole steps
      moved();
    };
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      grip.addEventListener("pointermove", drag);
    });
    const end = () => {
      grip.removeEventListener("pointermove", drag);
      range.dispatchEvent(new Event("change"));
    };
    grip.addEventListener("pointerup", end);
    grip.addEventListener("pointercancel", end);
  });
  range.addEventListener("change", () => {  // each step of the keyboard is a change: the last one counts
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      form.setAttribute("action", `${location.pathname}#range`);  // where the focus is when the answer is there
      form.requestSubmit(form.querySelector("[value=try]"));
    }, 500);
  });
  if (location.hash !== "#range") document.getElementById("result").focus();
})();
