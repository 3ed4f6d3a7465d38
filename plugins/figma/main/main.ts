/** The entry of the part that has Figma's document. */
figma.showUI(__html__);
