import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'
import { texts } from './texts'

/** What to do next, and what is ours. */
const teal: MantineColorsTuple = [
  '#e6f6f4',
  '#cdeae6',
  '#9bd5cd',
  '#65bfb3',
  '#3aac9e',
  '#1f9b8c',
  '#0c8577',
  '#0a6e63',
  '#08574e',
  '#05403a',
]

/** What the model proposes: always with a dash or a word as well. */
const amber: MantineColorsTuple = [
  '#fff6e5',
  '#ffeac2',
  '#ffd98f',
  '#fbc55a',
  '#f0ae2f',
  '#d9951a',
  '#a86a08',
  '#855306',
  '#633e05',
  '#422a03',
]

/** What failed; dark enough to be read as text. */
const red: MantineColorsTuple = [
  '#fdeceb',
  '#fad7d4',
  '#f3aca6',
  '#ec7f76',
  '#e0564b',
  '#c93529',
  '#b42318',
  '#931c13',
  '#72150e',
  '#500e09',
]

/** Mantine's greys for the dark scheme, cooler, so that panels and buttons belong together. */
const dark: MantineColorsTuple = [
  '#e6eaec',
  '#c3cbd0',
  '#a3aeb5',
  '#5f6a71',
  '#3a4248',
  '#2b3237',
  '#22292d',
  '#15191c',
  '#101315',
  '#0b0d0f',
]

export const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "PingFang SC", "Microsoft YaHei", "Noto Sans SC", sans-serif'

export const theme = createTheme({
  primaryColor: 'teal',
  // light enough to stand out from a dark panel, dark enough for white words on it
  primaryShade: 6,
  colors: { teal, amber, red, dark },
  fontFamily: FONT,
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '24px', xl: '28px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  defaultRadius: 4,
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '24px', lineHeight: '32px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
    },
  },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    // A dialog opened by a key must be there when the next key comes.
    Modal: {
      defaultProps: {
        transitionProps: { duration: 0 },
        closeButtonProps: { 'aria-label': texts.office.close },
      },
      styles: { title: { fontWeight: 600 }, body: { paddingTop: 8 } },
    },
    Table: { defaultProps: { verticalSpacing: 'xs', horizontalSpacing: 'md' } },
    TableScrollContainer: { defaultProps: { type: 'native' } },
    Card: { defaultProps: { padding: 'lg', withBorder: true, radius: 8 } },
    Badge: { defaultProps: { variant: 'light', radius: 4, tt: 'none', fw: 600 } },
  },
})

/** The few colours of our own, by what they mean. The reading room is the dark scheme, the office the light one. */
export const variables: CSSVariablesResolver = () => ({
  variables: { '--osteon-ours': '#1f9b8c' },
  light: {
    '--osteon-ours': '#0c8577',
    '--osteon-model': '#855306',
    '--osteon-ground': '#f6f8f9',
    '--osteon-panel': '#ffffff',
    '--osteon-line': '#dbe1e5',
    '--osteon-text': '#1c2328',
    '--osteon-quiet': '#5b6770',
    '--osteon-hover': '#eef2f4',
    '--osteon-chosen': '#e6f6f4',
    '--osteon-wrong': '#b42318',
    '--mantine-color-body': '#f6f8f9',
    '--mantine-color-text': '#1c2328',
    '--mantine-color-dimmed': '#5b6770',
    '--mantine-color-placeholder': '#5b6770',
  },
  dark: {
    '--osteon-ours': '#0f8a7c',
    '--osteon-model': '#f0ae2f',
    '--osteon-ground': '#000000',
    '--osteon-panel': '#15191c',
    '--osteon-line': '#3a4248',
    '--osteon-text': '#e6eaec',
    '--osteon-quiet': '#a3aeb5',
    '--osteon-hover': '#20262a',
    '--osteon-chosen': '#123a36',
    '--osteon-wrong': '#ff9384',
    '--mantine-color-body': '#15191c',
    '--mantine-color-text': '#e6eaec',
    '--mantine-color-dimmed': '#a3aeb5',
    '--mantine-color-placeholder': '#a3aeb5',
  },
})
