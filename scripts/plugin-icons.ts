/** Makes the icons of Photoshop's plugin out of `plugins/icon.svg`: `npx tsx scripts/plugin-icons.ts`. */
import { readFileSync } from 'node:fs';
import sharp from 'sharp';

const svg = readFileSync('plugins/icon.svg', 'utf8');
const folder = 'plugins/photoshop/icons';

/** Side at 1x, and the colour: of panels, light on Photoshop's dark themes and dark on its light ones. */
const icons = [
  { name: 'panel-dark', side: 23, color: '#d8d8d8' },
  { name: 'panel-light', side: 23, color: '#484848' },
  { name: 'plugin', side: 24, color: '#6e56cf' },
] as const;

for (const { name, side, color } of icons) {
  for (const scale of [1, 2]) {
    const size = side * scale;
    const picture = Buffer.from(
      svg.replaceAll('#000', color).replace('<svg ', `<svg width="${size}" height="${size}" `),
    );
    await sharp(picture).png({ compressionLevel: 9 }).toFile(`${folder}/${name}@${scale}x.png`);
  }
}
