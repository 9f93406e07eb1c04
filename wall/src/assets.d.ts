/** Modules that Vite understands and TypeScript does not. */
declare module '*.css'
declare module '@fontsource-variable/noto-sans-sc'
