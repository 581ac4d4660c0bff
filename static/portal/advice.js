// Puts what is worth a second look beside the field it is about, as each save answers.
//
//   <div data-advice="FIELD"> ... </div>     answer: {"advice": {"FIELD": ["sentence", ...]}}

document.addEventListener("autosave:answer", (event) => {
  const said = event.detail.advice;
  if (!said) return;
  for (const place of event.target.querySelectorAll("[data-advice]")) {
    const sentences = said[place.dataset.advice] ?? [];
    const shown = [...place.children].map((line) => line.textContent);
    // Unchanged lines stay as they are: a screen reader need not hear them again.
    if (sentences.join("\n") === shown.join("\n")) continue;
    place.replaceChildren(
      ...sentences.map((sentence) => {
        const line = document.createElement("p");
        line.textContent = sentence;
        return line;
      }),
    );
  }
});
