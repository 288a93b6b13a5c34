/** Adds a style sheet that lies beside the page's code; resolves when it holds, or cannot be had. */
export function styles(name: string): Promise<void> {
  const href = new URL(name, import.meta.url).href
  return new Promise(resolve => {
    const link = document.createElement('link')
    link.rel = 'stylesheet'
    link.href = href
    link.onload = link.onerror = () => resolve()
    document.head.append(link)
  })
}
