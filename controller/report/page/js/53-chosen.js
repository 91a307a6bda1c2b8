/* Of many runs those that one chart shows, and buttons to choose others. */

/* At most so many runs share one chart of hosts. */
const SIDE_BY_SIDE = 6;

class ChosenRuns {
  constructor(runs) {
    this.runs = runs;
    this.places = runs.map((s, i) => i).slice(0, SIDE_BY_SIDE); /* in `runs`, the longest chosen first */
  }

  shown() {
    return [...this.places].sort((a, b) => a - b).map((i) => this.runs[i]);
  }

  /* A chart of those chosen; where they are not all, it says so. */
  figure(parts) {
    if (this.runs.length <= SIDE_BY_SIDE)
      return chartFigure(parts);
    this.buttons = this.runs.map((s, i) => html('button', { type: 'button', class: 'toggle',
      onclick: () => this.toggle(i) }, s.name));
    this.told = html('span');
    this.chart = chartFigure({ ...parts, note: [parts.note, ' ', this.told],
      controls: html('details', { class: 'controls' }, html('summary', {}, 'Choose runs'),
        html('p', { class: 'choice' }, this.buttons)) });
    this.tell();
    return this.chart;
  }

  /* One more: the one chosen longest ago makes room. The last one stays. */
  toggle(place) {
    if (!this.places.includes(place))
      this.places = [...this.places, place].slice(-SIDE_BY_SIDE);
    else if (this.places.length > 1)
      this.places = this.places.filter((p) => p !== place);
    this.tell();
    redraw(this.chart);
  }

  tell() {
    this.told.textContent = `${this.places.length} of ${plural(this.runs.length, 'run')} shown: ${
      this.shown().map((s) => s.name).join(', ')}.`;
    this.buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(this.places.includes(i))));
  }
}
