import '@mantine/core/styles.css'
import './base.css'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { language } from './texts/language'

document.documentElement.lang = language

const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
