import type { SaidBy } from '../texts/server'
import { get, post } from './http'
import type { Job } from './jobs'

/** Weights that a task's trainings may start from. */
export interface StartingWeights {
  id: number
  name: string
  name_said?: SaidBy
  network: string
  sha256: string
  /** Of the file as it was given; empty where it was pre-trained here. */
  file_sha256: string
  source: string
  source_said?: SaidBy
  /** Pre-trained on so many; null: given by somebody. */
  images: number | null
  chosen: boolean
  by: string | null
  created_at: string
}

export interface Starts {
  /** What comes with the platform for the form's network; no name where nothing does. */
  published: { network: string; name: string | null; name_said?: SaidBy }
  /** Whether weights can be given or pre-trained: what reads volumes begins with nothing. */
  takes_weights: boolean
  /** Why no training can start; empty when one can. */
  missing: string
  missing_said?: SaidBy
  /** The number of the current model where its encoder was trained on the task's references. */
  own: number | null
  weights: StartingWeights[]
  networks: string[]
  /** The last pre-training. */
  job: Job | null
}

export const getStarts = (task: number): Promise<Starts> => get(`/api/tasks/${task}/encoders/`)

export const chooseStart = (task: number, id: number | null): Promise<Starts> =>
  post(`/api/tasks/${task}/encoders/choose/`, { id })

export const deleteStart = (task: number, id: number): Promise<Starts> =>
  post(`/api/tasks/${task}/encoders/${id}/delete/`)

export const pretrain = (task: number): Promise<Job> => post(`/api/tasks/${task}/pretrain/`)

export const giveWeights = (
  task: number,
  about: { file: File; network: string; name: string; source: string },
): Promise<StartingWeights & { left_out: string[] }> => {
  const body = new FormData()
  for (const [name, value] of Object.entries(about)) body.append(name, value)
  return post(`/api/tasks/${task}/encoders/`, body)
}
