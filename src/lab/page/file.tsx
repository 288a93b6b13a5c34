import { OpenFile } from './file/open-file.js'
import { styles } from './styles.js'

await styles('./file.css')

export default OpenFile
