import type { Tcb } from './tcb.js'

/**
 * RFC 5682: there is a whole segment of new data, and room for it in the window, to find out by whether a timeout was
 * spurious. Less than that might wait, and everything with it.
 */
export const canProbe = (tcb: Tcb): boolean => tcb.unsent >= tcb.mss && tcb.sndWnd >= tcb.flight + tcb.mss
