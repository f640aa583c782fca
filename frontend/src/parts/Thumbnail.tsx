import type { ReactNode } from 'react'
import styles from './Thumbnail.module.css'

/** A small picture beside its name, so it needs no text of its own. */
export function Thumbnail({ src }: { src: string }): ReactNode {
  return <img src={src} alt="" className={styles.thumbnail} loading="lazy" />
}
