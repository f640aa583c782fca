import { Modal, type ModalProps } from '@mantine/core'
import type { ReactNode } from 'react'

const CONTENT = {
  zoom: 'var(--osteon-scale)',
  maxHeight: 'calc((100dvh - 96px) / var(--osteon-scale))',
}

/** A dialog as large as what is around it. */
export function Dialog(props: ModalProps): ReactNode {
  return <Modal centered styles={{ content: CONTENT }} {...props} />
}
