import { parentPort, workerData } from 'node:worker_threads'
import { type DrillTask, runTask, type WorkerSettings } from './drill-task.js'

// Runs scripts for `estab drill`, one at a time, in a thread of its own.
parentPort!.on('message', (task: DrillTask) => {
  parentPort!.postMessage(runTask(task, workerData as WorkerSettings))
})
