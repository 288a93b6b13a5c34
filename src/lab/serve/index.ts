export * from '../scene/live-messages.js'
export { createLab, type Lab, type LabOptions } from './lab.js'
export { type LabServer, type LabServerOptions, type LiveSource, serveLab } from './server.js'
