import { ActionIcon, Tooltip } from '@mantine/core'
import {
  IconAngle,
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconContrast2,
  IconCube,
  IconFlipVertical,
  IconHistory,
  IconPlayerPause,
  IconPlayerPlay,
  IconRotateClockwise,
  IconRulerMeasure,
  IconWand,
  IconZoomIn,
  type TablerIcon,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { texts } from '../texts'
import type { View, Viewer } from '../viewer'
import styles from './Toolbar.module.css'
import type { Ruler } from './useRulers'

interface ToolbarProps {
  viewer: Viewer
  view: View
  ruler: Ruler | null
  magnifying: boolean
  onRuler: (shape: Ruler | null) => void
  onMagnify: (on: boolean) => void
  /** Why something was not done. */
  onRefused: (sentence: string) => void
}

interface ToolProps {
  icon: TablerIcon
  name: string
  onClick: () => void
  pressed?: boolean
  disabled?: boolean
  /** It looks as if it were disabled, but can be asked why. */
  dimmed?: boolean
}

function Tool({
  icon: Icon,
  name,
  onClick,
  pressed,
  disabled = false,
  dimmed,
}: ToolProps): ReactNode {
  return (
    <Tooltip label={name} position="left">
      <ActionIcon
        variant={pressed ? 'filled' : 'subtle'}
        color={pressed ? 'teal' : 'gray'}
        aria-label={name}
        aria-pressed={pressed}
        disabled={disabled}
        data-dimmed={dimmed || undefined}
        onClick={onClick}
      >
        <Icon size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  )
}

/** What can be done to the image besides what the mouse does. Nothing comes or goes: what cannot be done is dimmed. */
export function Toolbar(props: ToolbarProps): ReactNode {
  const { viewer, view, ruler, magnifying, onRuler, onMagnify } = props
  const { tools } = texts.viewer
  const arm = (shape: Ruler): void => onRuler(ruler === shape ? null : shape)
  const refused = (sentence: string | null): void => {
    if (sentence) props.onRefused(sentence)
  }
  return (
    <div className={styles.tools} role="toolbar" aria-orientation="vertical" aria-label={tools.all}>
      <Tool icon={IconWand} name={tools.auto} onClick={() => viewer.autoWindow()} />
      <Tool icon={IconContrast2} name={tools.window} onClick={() => viewer.nextWindow()} />
      <Tool
        icon={IconZoomIn}
        name={tools.magnify}
        pressed={magnifying}
        onClick={() => onMagnify(!magnifying)}
      />
      <Tool icon={IconRotateClockwise} name={tools.rotate} onClick={() => viewer.rotate()} />
      <Tool
        icon={IconFlipVertical}
        name={view.mayFlip ? tools.flip : tools.noFlip}
        disabled={!view.mayFlip}
        onClick={() => viewer.flip()}
      />
      <Tool
        icon={IconRulerMeasure}
        name={tools.length}
        pressed={ruler === 'length'}
        onClick={() => arm('length')}
      />
      <Tool
        icon={IconAngle}
        name={tools.angle}
        pressed={ruler === 'angle'}
        onClick={() => arm('angle')}
      />
      <Tool
        icon={IconHistory}
        name={tools.priors[view.priors]}
        pressed={view.priors === 'shown'}
        dimmed={view.priors === 'none'}
        onClick={() => refused(viewer.togglePriors())}
      />
      <Tool
        icon={IconCube}
        name={view.reformatted ? tools.acquired : (view.noReformat ?? tools.reformat)}
        pressed={view.reformatted}
        dimmed={view.noReformat !== null}
        onClick={() => refused(viewer.reformat())}
      />
      <Tool
        icon={view.playing ? IconPlayerPause : IconPlayerPlay}
        name={view.playing ? tools.stop : tools.play}
        disabled={view.images < 2}
        onClick={() => viewer.play()}
      />
      <Tool
        icon={view.maximised ? IconArrowsMinimize : IconArrowsMaximize}
        name={view.maximised ? tools.allPanes : tools.onePane}
        disabled={view.panes < 2}
        onClick={() => viewer.maximise()}
      />
    </div>
  )
}
