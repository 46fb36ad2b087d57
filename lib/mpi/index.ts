/** Descents and fits over the rows of several processes, by the MPI of the machine. */
export { type World, world } from './world';
