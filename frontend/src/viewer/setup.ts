import { cache, init as initCore } from '@cornerstonejs/core'
import { init as initLoader } from '@cornerstonejs/dicom-image-loader'
import {
  addTool,
  init as initTools,
  PanTool,
  Enums as ToolEnums,
  ToolGroupManager,
  type Types as ToolTypes,
  WindowLevelTool,
  ZoomTool,
} from '@cornerstonejs/tools'
import { remember } from './frames'

/** Some 20 detector-sized images; the oldest leave first. */
const CACHE_BYTES = 400 * 1024 * 1024
/** One decodes the case ahead, one is free for the case that is asked for now. */
const DECODERS = 2

const { Primary, Secondary, Auxiliary, Wheel } = ToolEnums.MouseBindings
let ready = false

export function setUp(): void {
  if (ready) return
  initCore()
  initLoader({
    maxWebWorkers: DECODERS,
    beforeSend: (request, imageId) => remember(request, imageId),
  })
  initTools()
  cache.setMaxCacheSize(CACHE_BYTES)
  for (const tool of [WindowLevelTool, ZoomTool, PanTool]) addTool(tool)
  ready = true
}

export function bindMouse(group: ToolTypes.IToolGroup, panning: boolean): void {
  for (const tool of [WindowLevelTool, ZoomTool, PanTool])
    group.setToolPassive(tool.toolName, { removeAllBindings: true })
  const pan = panning ? [{ mouseButton: Auxiliary }, { mouseButton: Primary }] : []
  if (!panning)
    group.setToolActive(WindowLevelTool.toolName, { bindings: [{ mouseButton: Primary }] })
  group.setToolActive(PanTool.toolName, {
    bindings: pan.length ? pan : [{ mouseButton: Auxiliary }],
  })
  group.setToolActive(ZoomTool.toolName, {
    bindings: [{ mouseButton: Secondary }, { mouseButton: Wheel }],
  })
}

export function createTools(id: string): ToolTypes.IToolGroup {
  const group = ToolGroupManager.createToolGroup(id)
  if (!group) throw new Error(`There are two viewers with the id ${id}.`)
  for (const tool of [WindowLevelTool, ZoomTool, PanTool]) group.addTool(tool.toolName)
  bindMouse(group, false)
  return group
}

export const removeTools = (id: string): void => ToolGroupManager.destroyToolGroup(id)
