/** The entry of the panel, in the iframe. */
document.body.textContent = 'Inlay';
