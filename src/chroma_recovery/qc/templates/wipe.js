(() => {
  "use strict";
  const stills = [...document.querySelectorAll(".still")].filter((s) => s.querySelectorAll("img").length > 1);
  const place = document.getElementById("wipe-place");
  if (!place || !stills.length) return;
  place.append(document.getElementById("wipe-template").content.cloneNode(true));
  document.documentElement.classList.add("wiping");

  const one = (name) => place.querySelector(name);
  const wipe = one(".wipe"), slider = one("input"), left = one(".left"), right = one(".right");
  const under = one(".under"), over = one(".over"), frames = one(".frames");
  let current = 0;

  const pictures = (still) => new Map([...still.querySelectorAll("img")].map((i) => [i.dataset.label, i]));

  const move = (value) => {
    const share = Math.min(100, Math.max(0, value));
    slider.value = String(share);
    wipe.style.setProperty("--x", share + "%");
    slider.setAttribute("aria-valuetext", Math.round(share) + " % " + left.value);
  };

  const options = (list, names, wanted) => {
    const kept = names.includes(list.value) ? list.value : wanted;
    list.replaceChildren(...names.map((n) => new Option(n, n, n === kept, n === kept)));
  };

  const draw = () => {
    const found = pictures(stills[current]);
    for (const [list, image, tag] of [[left, over, ".at-left"], [right, under, ".at-right"]]) {
      const shown = found.get(list.value);
      image.src = shown.src;
      image.alt = shown.alt;
      one(tag).textContent = list.value;
    }
    [...frames.children].forEach((b, n) => b.setAttribute("aria-pressed", String(n === current)));
    move(Number(slider.value));
  };

  const show = (number) => {
    current = (number + stills.length) % stills.length;
    const names = [...pictures(stills[current]).keys()];
    options(left, names, names[0]);
    options(right, names, names.includes("Recovered") ? "Recovered" : names[names.length - 1]);
    draw();
  };

  stills.forEach((still, number) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = still.dataset.frame;
    button.addEventListener("click", () => show(number));
    frames.append(button);
  });
  left.addEventListener("change", draw);
  right.addEventListener("change", draw);
  slider.addEventListener("input", () => move(Number(slider.value)));
  slider.addEventListener("keydown", (event) => {
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      show(current + (event.key === "ArrowDown" ? 1 : -1));
    }
  });

  const at = (event) => {
    const box = wipe.getBoundingClientRect();
    move(((event.clientX - box.left) / box.width) * 100);
  };
  wipe.addEventListener("pointerdown", (event) => {
    wipe.setPointerCapture(event.pointerId);
    slider.focus({ preventScroll: true });
    at(event);
  });
  wipe.addEventListener("pointermove", (event) => {
    if (wipe.hasPointerCapture(event.pointerId)) at(event);
  });
  window.addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details:not(.long)")) fold.open = true;
  });
  show(Math.max(0, stills.findIndex((s) => "held" in s.dataset)));
})();
