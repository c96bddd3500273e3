/**
 * The National Provider Identifier: ten digits, the first a 1 or a 2, the last the Luhn check digit over the nine before it with `80840` in front
 * (ISO 7812, 45 CFR 162.406).
 */
const PREFIX_SUM = 24

export function isNpi(text: string): boolean {
  return /^[12]\d{9}$/.test(text) && checkDigitOf(text.slice(0, 9)) === Number(text[9])
}

/** Of the first nine digits. The doubled places are every second from the right, so the prefix adds 24 whatever follows. */
export function checkDigitOf(nine: string): number {
  let sum = PREFIX_SUM
  for (let i = 0; i < 9; i += 1) {
    const digit = nine.charCodeAt(i) - 48
    const weighed = i % 2 === 0 ? digit * 2 : digit
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return (10 - (sum % 10)) % 10
}
