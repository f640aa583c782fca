import { language } from './texts/language'

const LOCALE = { en: 'en-GB', zh: 'zh-CN' }[language]
const TIME = new Intl.DateTimeFormat(LOCALE, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const DAY = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', year: 'numeric' })
const DAY_TIME = new Intl.DateTimeFormat(LOCALE, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})

const NUMBER = new Intl.NumberFormat(LOCALE)

/** "202,990" */
export const number = (value: number): string => NUMBER.format(value)

/** "1 study", "202,990 studies" */
export const plural = (count: number, one: string, many: string): string =>
  `${number(count)} ${count === 1 ? one : many}`

/** "12:03:11" in the reader's own time zone. */
export const clockTime = (iso: string): string => TIME.format(new Date(iso))

export const day = (iso: string): string => DAY.format(new Date(iso))

export const dayTime = (iso: string | null | undefined): string =>
  iso ? DAY_TIME.format(new Date(iso)) : '–'

const UNITS = { en: [' s', ' min', ' h'], zh: [' 秒', ' 分钟', ' 小时'] }[language]

/** "40 s", "3 min", "1 h 20 min": as much as anybody plans by. */
export function duration(seconds: number): string {
  const [second, minute, hour] = UNITS
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))}${second}`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes}${minute}`
  const rest = minutes % 60
  const hours = `${Math.floor(minutes / 60)}${hour}`
  return rest ? `${hours} ${rest}${minute}` : hours
}

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`
  if (size < 1_000_000) return `${(size / 1000).toFixed(1)} kB`
  if (size < 1_000_000_000) return `${(size / 1_000_000).toFixed(1)} MB`
  return `${(size / 1_000_000_000).toFixed(1)} GB`
}

/** DICOM's YYYYMMDD, or an ISO date, for people. */
export function studyDate(value: string | null): string {
  if (!value) return '–'
  const plain = /^(\d{4})(\d{2})(\d{2})$/.exec(value)
  return day(plain ? `${plain[1]}-${plain[2]}-${plain[3]}` : value)
}
