// What is wrong with a page as it is laid out now: what sticks out, what is cut, what lies on something else, what is
// hard to read. Returns sentences.
() => {
  const wrong = [];
  const shown = (text) => JSON.stringify(text.trim().slice(0, 40));
  const parse = (colour) => {
    const parts = colour.match(/[\d.]+/g)?.map(Number);
    return parts && parts.length >= 3 ? [...parts.slice(0, 3), parts[3] ?? 1] : null;
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const dark = matchMedia("(prefers-color-scheme: dark)").matches && !matchMedia("print").matches;
  const canvas = dark ? [18, 18, 18] : [255, 255, 255];
  const room = document.documentElement.clientWidth;

  if (document.documentElement.scrollWidth > room)
    wrong.push(`the page is ${document.documentElement.scrollWidth} wide, and the window ${room}`);
  for (const box of document.querySelectorAll("body *")) {
    const style = getComputedStyle(box);
    if (style.overflowX !== "visible" && !box.closest("svg") && box.scrollWidth > box.clientWidth + 1)
      wrong.push(`cut, or to be scrolled: ${shown(box.innerText)} (${box.scrollWidth} in ${box.clientWidth})`);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || ["STYLE", "TITLE", "DESC"].includes(element.tagName.toUpperCase())) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((r) => r.width > 0 && r.height > 0);
    if (!boxes.length) continue;
    const drawing = element.closest("svg");
    const frame = drawing?.getBoundingClientRect();
    for (const box of boxes) {
      if (box.left < -0.5 || box.right > room + 0.5) wrong.push(`sticks out of the page: ${shown(node.data)}`);
      if (frame && (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1))
        wrong.push(`sticks out of its picture: ${shown(node.data)}`);
    }
    const style = getComputedStyle(element);
    const colour = parse(drawing ? style.fill : style.color);
    let below = canvas;
    const layers = [];
    for (let up = element; up && !up.closest("svg"); up = up.parentElement) {
      const back = parse(getComputedStyle(up).backgroundColor);
      if (back && back[3]) layers.unshift(back);
    }
    for (const layer of layers) below = over(layer, below);
    if (drawing) {
      const middle = [boxes[0].left + boxes[0].width / 2, boxes[0].top + boxes[0].height / 2];
      for (const rect of drawing.querySelectorAll("rect")) {
        const r = rect.getBoundingClientRect();
        const inside = r.left <= middle[0] && middle[0] <= r.right && r.top <= middle[1] && middle[1] <= r.bottom;
        const fill = parse(getComputedStyle(rect).fill);
        if (inside && fill) below = over([...fill.slice(0, 3), Number(getComputedStyle(rect).opacity)], below);
      }
    }
    const ratio = colour ? contrast(over(colour, below), below) : 0;
    if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${shown(node.data)}`);
  }
  for (const drawing of document.querySelectorAll("svg")) {
    const texts = [...drawing.querySelectorAll("text")].filter((t) => t.textContent.trim());
    const boxes = texts.map((t) => t.getBoundingClientRect());
    for (let i = 0; i < texts.length; i++)
      for (let j = 0; j < i; j++) {
        const [a, b] = [boxes[i], boxes[j]];
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > 0.25 * Math.min(a.height, b.height))
          wrong.push(`on each other: ${shown(texts[i].textContent)} and ${shown(texts[j].textContent)}`);
      }
  }
  return [...new Set(wrong)];
}
