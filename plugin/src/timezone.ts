// The page's time zone as the text that C libraries understand, such as
// CET-1CEST,M3.5.0,M10.5.0/3.
//
// A browser names its zone (Europe/Berlin) but gives its rules only through
// the behaviour of Date, and the zone's table may not be among the kernel's
// files. So the rule is read off this year's and the next years' changes.

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Years that a rule must hold for. */
const yearCount = 3;

interface Change {
  /** UTC, in milliseconds. */
  at: number;
  /** Minutes east of UTC, before and after. */
  before: number;
  after: number;
}

/** Minutes east of UTC at an instant. */
function offsetAt(time: number): number {
  return -new Date(time).getTimezoneOffset();
}

/** The instant of the one change between two instants, to the minute. */
function findChange(start: number, end: number): number {
  const before = offsetAt(start);
  while (end - start > minuteMs) {
    const middle = start + Math.floor((end - start) / 2 / minuteMs) * minuteMs;
    if (offsetAt(middle) === before) {
      start = middle;
    } else {
      end = middle;
    }
  }
  return end;
}

function changesOf(year: number): Change[] {
  const changes: Change[] = [];
  const end = Date.UTC(year + 1, 0, 1);
  for (let day = Date.UTC(year, 0, 1); day < end; day += dayMs) {
    const before = offsetAt(day);
    const after = offsetAt(day + dayMs);
    if (before !== after) {
      changes.push({ at: findChange(day, day + dayMs), before, after });
    }
  }
  return changes;
}

/** The n-th weekday of its month, n from 1; 5 where it is the last. */
function weekOf(date: Date, useLast: boolean): number {
  const day = date.getUTCDate();
  const monthEnd = new Date(
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0),
  ).getUTCDate();
  return useLast && day + 7 > monthEnd ? 5 : Math.ceil(day / 7);
}

function formatTime(totalMinutes: number): string {
  const sign = totalMinutes < 0 ? '-' : '';
  const minutes = Math.abs(totalMinutes);
  const rest = minutes % 60;
  const tail = rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`;
  return `${sign}${Math.floor(minutes / 60)}${tail}`;
}

/** Mmonth.week.weekday/time, on the clock that was right before the change. */
function formatRule(change: Change, useLast: boolean): string {
  const local = new Date(change.at + change.before * minuteMs);
  const minutes = local.getUTCHours() * 60 + local.getUTCMinutes();
  const day = `M${local.getUTCMonth() + 1}.${weekOf(local, useLast)}`;
  const time = minutes === 120 ? '' : `/${formatTime(minutes)}`;
  return `${day}.${local.getUTCDay()}${time}`;
}

/** The rule that all years agree on, or that of the first year. */
function commonRule(changes: Change[]): string {
  for (const useLast of [true, false]) {
    const rules = changes.map((change) => formatRule(change, useLast));
    if (rules.every((rule) => rule === rules[0])) {
      return rules[0] ?? '';
    }
  }
  return changes[0] === undefined ? '' : formatRule(changes[0], true);
}

/** Each of these knows letters (CET, IST) for zones of its own region only. */
const locales = ['en-US', 'en-GB', 'en-IE', 'en-IN', 'en-AU', 'en-NZ'];

/** CET, or <+0530> where the zone has no letters of its own. */
function nameAt(time: number): string {
  for (const locale of locales) {
    const name = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' })
      .formatToParts(new Date(time))
      .find((part) => part.type === 'timeZoneName')?.value;
    if (name !== undefined && /^[A-Z]{3,6}$/.test(name)) {
      return name;
    }
  }
  const offset = offsetAt(time);
  const minutes = Math.abs(offset);
  const digits =
    String(Math.floor(minutes / 60)).padStart(2, '0') +
    (minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0'));
  return `<${offset < 0 ? '-' : '+'}${digits}>`;
}

/** This environment's time zone for the variable TZ. */
export function posixTimeZone(now: number = Date.now()): string {
  const year = new Date(now).getUTCFullYear();
  const years = Array.from({ length: yearCount }, (_, i) =>
    changesOf(year + i),
  );
  // Without one change each way a year there is no rule to tell, only the
  // offset. POSIX counts it west of Greenwich.
  if (years.some((ofYear) => ofYear.length !== 2)) {
    return nameAt(now) + formatTime(-offsetAt(now));
  }
  // By the clocks: the summer has the greater offset.
  const changes = years.flat();
  const toSummer = changes.filter((change) => change.after > change.before);
  const toWinter = changes.filter((change) => change.after < change.before);
  const [begin] = toSummer;
  const [end] = toWinter;
  if (begin === undefined || end === undefined) {
    return nameAt(now) + formatTime(-offsetAt(now));
  }
  const summer =
    begin.after - begin.before === 60
      ? nameAt(begin.at)
      : nameAt(begin.at) + formatTime(-begin.after);
  return (
    nameAt(end.at) +
    formatTime(-end.after) +
    `${summer},${commonRule(toSummer)},${commonRule(toWinter)}`
  );
}
