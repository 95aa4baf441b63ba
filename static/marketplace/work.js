// The strip counts down, the frame keeps the keys, and the page goes on once the frame says the work has arrived.
"use strict";
(() => {
  const frame = document.getElementById("task");
  const left = document.getElementById("time-left");
  const end = performance.now() + 1000 * Number(left.dataset.seconds);
  const tick = () => {
    const seconds = Math.max(0, Math.floor((end - performance.now()) / 1000));
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    left.textContent = seconds
      ? "Time left: " + parts.map((part) => String(part).padStart(2, "0")).join(":")
      : "The time is over.";
    if (seconds) setTimeout(tick, 1000);
  };
  tick();
  // The task is worked on by keyboard: a click beside it must not take its keys away.
  addEventListener("click", (event) => {
    if (!event.target.closest("a, button")) frame.focus();
  });
  addEventListener("message", (event) => {
    // Only our own confirmation page counts; the task itself is a foreign site.
    if (event.origin !== location.origin || event.source !== frame.contentWindow) return;
    if (event.data && event.data.submitted === frame.dataset.assignment) location.assign(frame.dataset.outcome);
  });
})();
