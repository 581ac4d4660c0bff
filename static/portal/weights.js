// The sum of the weights while they are typed. The server adds them up again.
const form = document.querySelector("[data-weights]");

function add() {
  let sum = 0;
  for (const field of form.querySelectorAll("[data-weight]")) {
    sum += Number.parseInt(field.value, 10) || 0;
  }
  form.querySelector("[data-weights-sum]").textContent = sum;
}

form.addEventListener("input", add);
add();
