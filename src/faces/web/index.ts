export { Connection, type ConnectionInfo, type ConnectionOptions } from './connection.js'
export { createWeb, type Web, type WebAddress, type WebConnectOptions, type WebListener } from './web.js'
