/** The entry of the page: renders it into the one element of `index.html`. */
import { render } from 'preact';

const root = document.getElementById('inlay');
if (root === null) throw new Error('Expected an element "inlay" in index.html, found none.');
render(<h1>Inlay</h1>, root);
