// On a page of two versions: whoever changes the text in the third box wants that text.

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-merge-text]")) return;
  event.target.closest("fieldset").querySelector("input[type=radio][value=text]").checked = true;
});
