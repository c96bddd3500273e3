/** What a group may be called in somebody's data. */
export const HOSTILE_NAMES: readonly string[] = [
  '<script>alert(1)</script>',
  '</title><image href="http://example.org/x.png"/>',
  '&amp; & &lt; &#0;',
  `"quotes" and 'quotes'`,
  'a very long name of a group '.repeat(40),
  '東京都立病院機構本部第二病棟とその他の施設',
  'مستشفى‌ الملك',
  'क्षत्रिय',
  '👩‍⚕️ 🏥',
  'nul \u0000 bell \u0007 escape \u001B[31m line\nfeed \u2028 turned \u202E round \uFFFE',
  'half a letter \uD800',
  '| a | table | `code` **bold** [link](javascript:alert(1)) ![i](x)',
  'www.example.org someone@example.org',
  '# heading',
  '1. one',
  '',
]
