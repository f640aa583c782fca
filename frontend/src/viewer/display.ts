import type { Board } from './board'
import type { Floor } from './floor'
import type { StackPane } from './pane'

/** How the active pane is shown: what keys and buttons do to its image, whichever it is. */
export abstract class Display {
  protected abstract readonly floor: Floor
  protected abstract get current(): Board | undefined

  protected get pane(): StackPane | undefined {
    return this.current?.pane
  }

  /** What moves or scales acts on the reformat that has the keys, else on the active pane. */
  private act(
    what: (pane: Pick<StackPane, 'fit' | 'oneToOne' | 'zoomBy' | 'panBy'>) => void,
  ): void {
    const pane = this.floor.reformats?.focus ?? this.pane
    if (pane) what(pane)
    this.floor.reformats?.refresh()
  }

  /** Slices say themselves which side is which; a radiograph that is mirrored shows the other knee. */
  protected get mayFlip(): boolean {
    return Boolean(this.pane?.about?.plane) || this.floor.layout.lockFlip === false
  }

  invert = (): void => this.pane?.invert()

  reset(): void {
    this.pane?.reset()
    this.floor.reformats?.fitAll()
  }

  fit = (): void => this.act((pane) => pane.fit())
  oneToOne = (): void => this.act((pane) => pane.oneToOne())
  zoomBy = (factor: number): void => this.act((pane) => pane.zoomBy(factor))
  panBy = (x: number, y: number): void => this.act((pane) => pane.panBy(x, y))
  rotate = (): void => this.pane?.rotate()
  flip = (): void => (this.mayFlip ? this.pane?.flip() : undefined)
  windowBy = (factor: number): void => this.pane?.windowBy(factor, 0)
  levelBy = (share: number): void => this.pane?.windowBy(1, share)
  autoWindow = (): void => this.pane?.autoWindow()
  nextWindow = (): void => this.pane?.nextWindow(this.floor.layout.windows ?? [])
}
