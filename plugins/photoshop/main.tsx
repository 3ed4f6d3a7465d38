/** The entry of the panel. */
document.body.textContent = 'Inlay';
