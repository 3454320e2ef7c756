/* A range as people type it: "10.11.2026", "3.11. – 10.11.2026", "last week", "last 14 days", "-14d", "2026-11-10 08:00 to now". */
(function () {
  "use strict";
  const board = window.board;
  const DAY = 86400000;
  const HOW = "write 2026-11-10, 10.11.2026, last week, last 14 days or -14d";
  const UNITS = { minute: "m", hour: "h", day: "d", week: "w", month: "mo", quarter: "q", year: "y" };

  /* Today on the page's clock, as a date of UTC: calendar arithmetic on it knows no clock changes. */
  function today(zone) {
    const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(new Date());
    return new Date(parts + "T00:00:00Z");
  }
  const text = (date) => date.toISOString().slice(0, 10);
  const later = (date, days) => new Date(date.getTime() + days * DAY);

  /* [first day, day after the last] of the period `back` before the running one. */
  function period(unit, back, now) {
    const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
    if (unit === "day") return [later(now, -back), later(now, 1 - back)];
    if (unit === "week") {
      const monday = later(now, -((now.getUTCDay() + 6) % 7) - 7 * back);
      return [monday, later(monday, 7)];
    }
    const months = { month: 1, quarter: 3, year: 12 }[unit];
    const first = Math.floor(month / months) * months - back * months;
    return [new Date(Date.UTC(year, first, 1)), new Date(Date.UTC(year, first + months, 1))];
  }

  function date(year, month, day) {
    const found = new Date(Date.UTC(year, month - 1, day));
    if (found.getUTCMonth() !== month - 1 || found.getUTCDate() !== day) throw new Error(`there is no ${day}.${month}.${year}`);
    return found;
  }

  /* {start, stop} of one moment or day: `stop` is where it ends, if it lasts. */
  function moment(typed, now) {
    let match;
    if (/^now$/.test(typed)) return { start: "now", stop: "now" };
    if (/^[-+]\d{1,9}(mo|[mhdwqy])$/.test(typed)) return { start: typed, stop: typed };
    if ((match = /^(\d{4})-(\d\d)-(\d\d)(?:[t ](\d\d:\d\d(?::\d\d)?(?:z|[-+]\d\d:\d\d)?))?$/.exec(typed))) {
      return day(date(+match[1], +match[2], +match[3]), match[4]);
    }
    if ((match = /^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})?(?:,?\s+(\d\d?:\d\d))?$/.exec(typed))) {
      return day(date(+(match[3] || now.getUTCFullYear()), +match[2], +match[1]), match[4] && match[4].padStart(5, "0"));
    }
    throw new Error(`“${typed}” is not understood: ${HOW}`);
  }
  function day(found, time) {
    const start = text(found) + (time ? "T" + time.toUpperCase() : "");
    if (Number.isNaN(Date.parse(time ? start : start + "T00:00"))) throw new Error(`there is no ${time}`);
    return { start, stop: time ? start : text(later(found, 1)) };
  }

  function span(typed, now) {
    let match;
    if (typed === "today") return { start: "day", stop: null };
    if (typed === "yesterday") return words(period("day", 1, now));
    if ((match = /^(this|last) (day|week|month|quarter|year)$/.exec(typed))) {
      return match[1] === "this" ? { start: match[2], stop: null } : words(period(match[2], 1, now));
    }
    if ((match = /^last (\d{1,4}) (minute|hour|day|week|month|quarter|year)s?$/.exec(typed))) {
      return { start: `-${match[1]}${UNITS[match[2]]}`, stop: null };
    }
    const ends = typed.split(/\s+(?:to|until|–|-)\s+|\s*–\s*/);
    if (ends.length > 2) throw new Error(`“${typed}” is not understood: ${HOW}`);
    const year = ends.length === 2 && /^\d{1,2}\.\s?\d{1,2}\.$/.test(ends[0]) && /(\d{4})/.exec(ends[1]);
    const first = moment(year ? ends[0] + year[1] : ends[0], now);
    if (ends.length === 1) return { start: first.start, stop: /^[-+n]/.test(first.start) ? null : first.stop };
    const stop = moment(ends[1], now).stop;
    return { start: first.start, stop: stop === "now" ? null : stop };
  }
  const words = ([first, after]) => ({ start: text(first), stop: text(after) });

  /* Milliseconds, near enough to tell which comes first; null where only the server can say. */
  function about(word) {
    if (word === null || word === "now") return Date.now();
    const match = /^([-+])(\d+)(mo|[mhdwqy])$/.exec(word);
    const size = { m: 60000, h: 3600000, d: DAY, w: 7 * DAY, mo: 30 * DAY, q: 91 * DAY, y: 365 * DAY };
    if (match) return Date.now() + (match[1] === "-" ? -1 : 1) * match[2] * size[match[3]];
    const found = Date.parse(word.length === 10 ? word + "T00:00" : word);
    return Number.isNaN(found) ? null : found;
  }

  /* What typed words mean, as {start, stop} of the address; throws an Error with a sentence for people. */
  board.typedRange = (typed, zone) => span(typed.trim().toLowerCase().replace(/\s+/g, " "), today(zone));

  board.requireOrder = function (start, stop) {
    const [first, last] = [about(start), about(stop)];
    const dated = (word) => /^\d{4}-/.test(word || "");
    if (dated(stop) && /^[-+]/.test(start || "")) return; // counts from that stop: the server tells
    const unsure = dated(start) === dated(stop) ? 0 : DAY; // the page's clock may not be the browser's
    if (first !== null && last !== null && first - unsure >= last) throw new Error("the range ends before it begins");
  };
})();
