/**
 * Why a TUN/TAP device could not be opened or configured. The message says what to do about it. `code` is the
 * name of the system's error (`EPERM`, `EBUSY`, `ENOENT`, `ENAMETOOLONG`, `ENODEV`, …) or one of
 * `ERR_NOT_LINUX`, `ERR_KOFFI_MISSING`, `ERR_TUN_MODE` (the interface is not of the mode asked for, or has several
 * queues where one was asked for, or one where several were).
 */
export class TunError extends Error {
  override readonly name = 'TunError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
