// The frame keeps the keys, and the page goes on once the frame says the work has arrived.
"use strict";
(() => {
  const frame = document.getElementById("task");
  const next = document.getElementById("next");
  // The task is worked on by keyboard: a click beside it must not take its keys away.
  addEventListener("click", (event) => {
    if (!event.target.closest("a, button")) frame.focus();
  });
  // A task that came along with the HIT has an origin of its own, and so has its confirmation.
  const ours = "own" in frame.dataset ? "null" : location.origin;
  addEventListener("message", (event) => {
    // Only our own confirmation page counts; the task itself is a foreign site.
    if (event.origin !== ours || event.source !== frame.contentWindow) return;
    if (!event.data || event.data.submitted !== frame.dataset.assignment) return;
    if (next) next.submit();
    else location.assign(frame.dataset.outcome);
  });
})();
