import { type PointerEvent, type ReactNode, useRef, useState } from 'react'
import type { Hold, PixelBox } from '../../api/holds'
import { texts } from '../../texts'
import { between, type MarkedBox } from './boxes'
import styles from './Stage.module.css'

type Point = [x: number, y: number]

interface StageProps {
  hold: Hold
  /** Counted from 1, as people do. */
  frame: number
  boxes: readonly MarkedBox[]
  chosen: number | null
  onChoose: (id: number | null) => void
  onDraw: (box: PixelBox) => void
}

/** Where the pointer is, in pixels of the image. */
function pixelAt(event: PointerEvent, drawing: SVGSVGElement): Point {
  const toImage = drawing.getScreenCTM()?.inverse()
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(toImage)
  return [x, y]
}

function Box(props: { box: PixelBox; name?: string | undefined }): ReactNode {
  const [x, y, width, height] = props.box
  return <rect x={x} y={y} width={width} height={height} className={props.name} />
}

/** The whole image, with outlines over what is to be blacked out. Drag draws a box. */
export function Stage(props: StageProps): ReactNode {
  const { hold, frame, boxes, chosen, onChoose, onDraw } = props
  const drawing = useRef<SVGSVGElement>(null)
  const [from, setFrom] = useState<Point | null>(null)
  const [to, setTo] = useState<Point | null>(null)
  const [broken, setBroken] = useState('')
  const picture = hold.number_of_frames > 1 ? `${hold.picture}?frame=${frame - 1}` : hold.picture
  const open = from && to ? between(from, to, hold.columns, hold.rows) : null

  const down = (event: PointerEvent<SVGSVGElement>): void => {
    if (event.button !== 0 || !drawing.current) return
    event.currentTarget.setPointerCapture(event.pointerId)
    setFrom(pixelAt(event, drawing.current))
    setTo(null)
  }
  const move = (event: PointerEvent<SVGSVGElement>): void => {
    if (from && drawing.current) setTo(pixelAt(event, drawing.current))
  }
  const up = (event: PointerEvent<SVGSVGElement>): void => {
    if (open) onDraw(open)
    else if (from) onChoose(at(from, boxes))
    setFrom(null)
    setTo(null)
    event.currentTarget.releasePointerCapture(event.pointerId)
  }
  return (
    <div className={styles.stage}>
      <svg
        ref={drawing}
        viewBox={`0 0 ${hold.columns} ${hold.rows}`}
        className={styles.drawing}
        role="img"
        aria-label={texts.holds.image(hold.patient)}
        data-testid="stage"
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
      >
        <image
          href={picture}
          width={hold.columns}
          height={hold.rows}
          preserveAspectRatio="none"
          onError={() => setBroken(picture)}
        />
        {boxes.map(({ id, found, box }) => (
          <g
            key={id}
            className={found ? styles.found : styles.drawn}
            data-chosen={id === chosen || undefined}
            data-testid="box"
          >
            {/* dark under bright, so that an outline is seen on black and on white */}
            <Box box={box} name={styles.under} />
            <Box box={box} />
          </g>
        ))}
        {open && (
          <g className={styles.drawn}>
            <Box box={open} name={styles.under} />
            <Box box={open} />
          </g>
        )}
      </svg>
      {broken === picture && (
        <p className={styles.broken} role="alert">
          {texts.holds.noPicture}
        </p>
      )}
    </div>
  )
}

/** The box under a point: of several the last drawn. */
function at([x, y]: Point, boxes: readonly MarkedBox[]): number | null {
  const hit = boxes.findLast(
    ({ box: [left, top, width, height] }) =>
      x >= left && x <= left + width && y >= top && y <= top + height,
  )
  return hit?.id ?? null
}
