import { render } from 'preact';
import { App } from './app.tsx';
import './style/all.css';

const place = document.getElementById('app');
if (place !== null) render(<App />, place);
