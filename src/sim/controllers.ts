export { CONTROLLERS } from '../tcp/controllers.js'
