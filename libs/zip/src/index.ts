export { zipOf, type ZipContent, type ZipEntry } from './zip-of.js';
