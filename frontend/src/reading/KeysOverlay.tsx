import type { ReactNode } from 'react'
import { Dialog } from '../parts/Dialog'
import { texts } from '../texts'
import styles from './KeysOverlay.module.css'
import { type KeyLine, keyGroups, type OwnKeys } from './keys'

interface KeysOverlayProps {
  opened: boolean
  onClose: () => void
  digits: string
  own: OwnKeys
  model: boolean
}

const MOUSE: KeyLine[] = [
  { keys: [texts.keys.mouseWindow], does: texts.keys.mouseWindowIs },
  { keys: [texts.keys.mouseZoom], does: texts.keys.zoom },
  { keys: [texts.keys.mousePan], does: texts.keys.pan },
]

function Lines({ title, lines }: { title: string; lines: KeyLine[] }): ReactNode {
  return (
    <section>
      <h3 className={styles.title}>{title}</h3>
      <dl className={styles.lines}>
        {lines.map((line) => (
          <div key={line.does}>
            <dt>
              {line.keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{line.does}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** Every key and mouse move of the reading room. */
export function KeysOverlay(props: KeysOverlayProps): ReactNode {
  const { opened, onClose, digits, own, model } = props
  const { answer, regions, image, page } = keyGroups(digits, own)
  const columns = [[answer, page], [regions], [image]]
  const visible = (lines: KeyLine[]): KeyLine[] => lines.filter((line) => model || !line.model)
  return (
    <Dialog opened={opened} onClose={onClose} title={texts.reading.allKeys} size={1120}>
      <div className={styles.columns} data-testid="keys-overlay">
        {columns.map((groups, at) => (
          <div key={groups[0]?.title}>
            {groups.map((group) => (
              <Lines key={group.title} title={group.title} lines={visible(group.lines)} />
            ))}
            {at === 1 && <Lines title={texts.keys.mouse} lines={MOUSE} />}
          </div>
        ))}
      </div>
    </Dialog>
  )
}
