// A very small chart library, in the manner of large ones: traces of plain
// arrays and objects go in, an SVG comes out.

window.Chart = {
  drawn: null,

  plot(element, traces, layout) {
    const size = { width: 420, height: 240, margin: 24 };
    const range = (values) => [Math.min(...values), Math.max(...values)];
    const scale = ([low, high], from, to) => (value) =>
      from + (to - from) * (value - low) / (high - low || 1);
    const x = scale(range(traces.flatMap((trace) => trace.x)),
                    size.margin, size.width - size.margin);
    const y = scale(range(traces.flatMap((trace) => trace.y)),
                    size.height - size.margin, size.margin);
    const make = (name, attributes, text = '') => {
      const node = document.createElementNS('http://www.w3.org/2000/svg', name);
      for (const [key, value] of Object.entries(attributes)) {
        node.setAttribute(key, value);
      }
      node.textContent = text;
      return node;
    };
    const colours = ['#5b3a96', '#c0504d', '#2e7d6b', '#b8860b'];
    const svg = make('svg', { class: 'chart', width: size.width,
                              height: size.height });
    svg.append(make('text', { x: size.margin, y: 16 }, layout.title));
    traces.forEach((trace, index) => {
      trace.x.forEach((value, i) => {
        const dot = make('circle', {
          cx: x(value), cy: y(trace.y[i]), r: trace.marker.size / 2,
          fill: colours[index % colours.length] });
        dot.append(make('title', {}, trace.text[i]));
        svg.append(dot);
      });
    });
    element.append(svg);
    Chart.drawn = { traces, layout };
  },
};
