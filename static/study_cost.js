// Shows what the study costs while its numbers are being typed.
"use strict";
const place = document.getElementById("study-cost");
const names = ["reward", "trials_per_hit", "raters_per_trial"];
if (place) {
  let last = 0;
  for (const name of names) {
    const field = document.getElementById(`id_${name}`);
    if (field) field.addEventListener("input", update);
  }
  async function update() {
    const mine = ++last;
    const query = new URLSearchParams(names.map((name) => [name, document.getElementById(`id_${name}`).value]));
    const answer = await fetch(`${place.dataset.url}?${query}`);
    if (mine !== last || !answer.ok) return;
    const { lines } = await answer.json();
    place.replaceChildren(...lines.flatMap((line, i) => (i ? [document.createElement("br"), line] : [line])));
  }
}
