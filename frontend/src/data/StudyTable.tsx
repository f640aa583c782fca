import { Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { StudyRow } from '../api/archive'
import { number, studyDate } from '../format'
import { Thumbnail } from '../parts/Thumbnail'
import { texts } from '../texts'
import styles from './Data.module.css'

function Row({ study }: { study: StudyRow }): ReactNode {
  return (
    <Table.Tr className={styles.row} data-testid="study">
      <Table.Td>{study.thumbnail && <Thumbnail src={study.thumbnail} />}</Table.Td>
      <Table.Td>
        <Link to={`/data/studies/${study.study_instance_uid}`} className={styles.rowLink}>
          {study.patient}
        </Link>
      </Table.Td>
      <Table.Td>
        <Text size="sm" lineClamp={2}>
          {study.study_description || texts.office.none}
        </Text>
      </Table.Td>
      <Table.Td className={styles.whole}>{studyDate(study.study_date)}</Table.Td>
      <Table.Td>{study.modality}</Table.Td>
      <Table.Td>{study.body_part_examined || texts.office.none}</Table.Td>
      <Table.Td>{texts.data.sides[study.laterality] ?? texts.office.none}</Table.Td>
      <Table.Td ta="right">{number(study.instances)}</Table.Td>
    </Table.Tr>
  )
}

/** A row a study; the whole row opens it. */
export function StudyTable({ studies }: { studies: StudyRow[] }): ReactNode {
  const { data } = texts
  return (
    <Table.ScrollContainer minWidth={800}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={80} />
            <Table.Th w={112}>{data.patient}</Table.Th>
            <Table.Th>{data.study}</Table.Th>
            <Table.Th w={128}>{data.date}</Table.Th>
            <Table.Th w={104}>{data.modality}</Table.Th>
            <Table.Th w={136}>{data.bodyPart}</Table.Th>
            <Table.Th w={80}>{texts.tasks.side}</Table.Th>
            <Table.Th w={88} ta="right">
              {data.images}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {studies.map((study) => (
            <Row key={study.study_instance_uid} study={study} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
