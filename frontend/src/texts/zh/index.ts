import type { Texts } from '..'
import { data } from './data'
import { datasets } from './datasets'
import { errors } from './errors'
import { holds } from './holds'
import { jobs } from './jobs'
import { keys } from './keys'
import { kinds } from './kinds'
import { losses } from './losses'
import { models } from './models'
import { office } from './office'
import { reading } from './reading'
import { settings } from './settings'
import { starts } from './starts'
import { study } from './study'
import { tasks } from './tasks'
import { training } from './training'
import { upload } from './upload'
import { viewer } from './viewer'

export const zh: Texts = {
  errors,
  viewer,
  reading,
  keys,
  kinds,
  losses,
  office,
  tasks,
  training,
  models,
  starts,
  datasets,
  jobs,
  data,
  settings,
  study,
  holds,
  upload,
}
