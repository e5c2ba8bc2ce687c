// First: what a view says of its own elements goes before what holds for all.
import './style/all.css';
import { render } from 'preact';
import { App } from './app.tsx';

const place = document.getElementById('app');
if (place !== null) render(<App />, place);
