// Keeps the progress of background work on the page current, and reloads when it has ended.
"use strict";
for (const row of document.querySelectorAll("[data-job]")) watch(row);

async function watch(row) {
  const bar = row.querySelector("progress"), text = row.querySelector("[data-job-text]");
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    let job;
    try {
      const answer = await fetch(row.dataset.job, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      job = await answer.json();
    } catch { continue; }
    if (job.state === "done" || job.state === "failed") return location.reload();
    if (job.total) { bar.max = job.total; bar.value = job.done; } else bar.removeAttribute("value");
    text.textContent = job.label + (job.total ? `, ${job.done} of ${job.total}` : "") + (job.message ? `: ${job.message}` : "");
  }
}
