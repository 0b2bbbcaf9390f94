// Dates by the tokens of moment.js, which the rules of tags are written with. Pure.

const TOKENS = /\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|DD|D|HH|H|hh|h|mm|m|ss|s|SSS|X|x|A|a|ZZ|Z|[A-Za-z]+/g

/**
 * @param time milliseconds since the epoch
 * @param format default `YYYYMMDD`
 * @param zone of the IANA database; default UTC
 */
export function formatDate(
  time: number,
  format = 'YYYYMMDD',
  zone = 'UTC',
  refuse: (what: string, remedy: string) => Error,
): string {
  const parts = partsOf(time, zone)
  if (parts === undefined) throw refuse(`has the time zone ${zone}`, 'Write one such as Europe/Paris.')
  const get = (type: string) => parts.get(type) ?? ''
  const hour = Number(get('hour'))
  const offset = get('timeZoneName').replace('GMT', '') || '+00:00'
  const values: Record<string, string> = {
    YYYY: get('year'),
    YY: get('year').slice(-2),
    MMMM: MONTHS[Number(get('month')) - 1] ?? '',
    MMM: MONTHS[Number(get('month')) - 1]?.slice(0, 3) ?? '',
    MM: get('month'),
    M: String(Number(get('month'))),
    DD: get('day'),
    D: String(Number(get('day'))),
    HH: get('hour'),
    H: String(hour),
    hh: String(hour % 12 || 12).padStart(2, '0'),
    h: String(hour % 12 || 12),
    mm: get('minute'),
    m: String(Number(get('minute'))),
    ss: get('second'),
    s: String(Number(get('second'))),
    SSS: String(time % 1000).padStart(3, '0'),
    X: String(Math.floor(time / 1000)),
    x: String(time),
    A: hour < 12 ? 'AM' : 'PM',
    a: hour < 12 ? 'am' : 'pm',
    Z: offset,
    ZZ: offset.replace(':', ''),
  }
  return format.replaceAll(TOKENS, (token, literal: string | undefined) => {
    const value = literal ?? values[token]
    if (value !== undefined) return value
    throw refuse(
      `has ${token} in a date`,
      `Write what is no token in [brackets]; tokens: ${Object.keys(values).join(' ')}.`,
    )
  })
}

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)

function partsOf(time: number, zone: string): Map<string, string> | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'longOffset',
    })
    return new Map(format.formatToParts(time).map(({ type, value }) => [type, value]))
  } catch {
    return undefined
  }
}
