/** Which page the lab serves: that of another folder if ESTAB_LAB_PAGE names one, for who works on the page, and for tests. */
export function labPage(): { directory?: string } {
  const directory = process.env['ESTAB_LAB_PAGE']
  return directory === undefined ? {} : { directory }
}
