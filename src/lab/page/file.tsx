import './file/file.css'
import { OpenFile } from './file/open-file.js'

export default OpenFile
